"""Chat templates: a conversation as the one text its model was trained to read.

The template is the GGUF's own Jinja source, run in a sandbox. What a person
writes is text, never structure: where a message spells a control token, such
as `<|im_end|>`, it is tokenized letter by letter.
"""

from __future__ import annotations

import hashlib
import re
import secrets
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import NoReturn

from jinja2 import Template, TemplateError
from jinja2.sandbox import ImmutableSandboxedEnvironment

from jisr.engine.llama import Vocabulary
from jisr.errors import InvalidRequest, ModelDamaged
from jisr.types import Message

CHATML = (
    "{% for message in messages %}<|im_start|>{{ message.role }}\n"
    "{{ message.content }}<|im_end|>\n{% endfor %}"
    "{% if add_generation_prompt %}<|im_start|>assistant\n{% endif %}"
)
"""Used when a model brings no template."""
MAX_SOURCE_BYTES = 64 << 10
"""Of a template that another machine sent."""


def template_fingerprint(source: str) -> str:
    """Return 128 bits of the SHA-256 of a template's source."""
    return hashlib.sha256(source.encode("utf-8", "replace")).hexdigest()[:32]


@dataclass(frozen=True, slots=True)
class ChatTemplate:
    """Renders conversations for one model."""

    template: Template
    vocabulary: Vocabulary
    control: re.Pattern[str] | None
    """Finds what is written like a control token."""

    @classmethod
    def of(cls, source: str | None, vocabulary: Vocabulary) -> ChatTemplate:
        """Compile a template.

        Raises:
            ModelDamaged: It is not valid Jinja.
        """
        texts = sorted(vocabulary.control_texts(), key=len, reverse=True)
        control = re.compile("|".join(map(re.escape, texts))) if texts else None
        try:
            return cls(_compile(source or CHATML), vocabulary, control)
        except TemplateError as error:
            raise ModelDamaged(f"The model's chat template does not compile: {error}") from error

    def of_other(self, source: str) -> ChatTemplate:
        """Return another model's template, for the same vocabulary.

        Raises:
            InvalidRequest: It is too long, or not valid Jinja.
        """
        if len(source.encode("utf-8", "replace")) > MAX_SOURCE_BYTES:
            raise InvalidRequest(
                f"The other model's chat template has more than {MAX_SOURCE_BYTES:,} bytes."
            )
        try:
            return replace(self, template=_compile(source))
        except (TemplateError, RecursionError) as error:
            raise InvalidRequest(
                f"The other model's chat template does not compile: {error}"
            ) from error

    def tokens(self, messages: Sequence[Message]) -> list[int]:
        """Return the tokens of a conversation, up to where the answer begins.

        Raises:
            InvalidRequest: The template refuses the conversation.
        """
        quotes: dict[str, str] = {}
        turns = [
            {"role": message.role.value, "content": self._quote(message.text, quotes)}
            for message in messages
        ]
        try:
            text = self.template.render(
                messages=turns,
                add_generation_prompt=True,
                bos_token=self.vocabulary.special("bos"),
                eos_token=self.vocabulary.special("eos"),
            )
        except Exception as error:  # a template is a program, and fails like one
            raise InvalidRequest(
                f"The model's chat template refuses this conversation: {error}", param="messages"
            ) from error
        return [token for piece in _cut(text, quotes) for token in self._tokenize(*piece)]

    def _quote(self, text: str, quotes: dict[str, str]) -> str:
        """Put a mark in the place of what is written like a control token."""
        if self.control is None or not self.control.search(text):
            return text

        def mark(match: re.Match[str]) -> str:
            key = f"\ue000{nonce}-{len(quotes)}\ue001"
            quotes[key] = match[0]
            return key

        nonce = secrets.token_hex(8)  # nobody can write a mark of his own
        return self.control.sub(mark, text)

    def _tokenize(self, text: str, is_quoted: bool) -> list[int]:
        return self.vocabulary.tokenize(text, parse_special=not is_quoted)


def _cut(text: str, quotes: dict[str, str]) -> Iterator[tuple[str, bool]]:
    """Yield the pieces of a rendered text, and whether each is a person's own spelling."""
    done = 0
    for match in re.finditer("\ue000[0-9a-f]+-\\d+\ue001", text):
        if match[0] in quotes:
            yield text[done : match.start()], False
            yield quotes[match[0]], True
            done = match.end()
    yield text[done:], False


def _compile(source: str) -> Template:
    environment = ImmutableSandboxedEnvironment(
        trim_blocks=True, lstrip_blocks=True, extensions=["jinja2.ext.loopcontrols"]
    )
    environment.globals["raise_exception"] = _refuse
    environment.globals["strftime_now"] = lambda form: datetime.now().strftime(form)
    return environment.from_string(source)


def _refuse(message: str) -> NoReturn:
    raise TemplateError(message)
