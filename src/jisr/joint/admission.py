"""Whether a verifier takes a session: all that can be said before anything runs.

What does not fit is refused with a code for the device and words for people, and so
is all else that goes wrong later: every refusal has its code here.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from jisr.errors import (
    BackendBroken,
    ContextOverflow,
    EngineBusy,
    InvalidRequest,
    JisrError,
)
from jisr.joint.session import Session
from jisr.joint.wire import MAX_BLOCK, TOKEN_BYTES, Hello, Open, unpack
from jisr.types import Sampling

CODES: tuple[tuple[type[JisrError], str], ...] = (
    (EngineBusy, "busy"),
    (ContextOverflow, "too_long"),
    (InvalidRequest, "invalid"),
    (BackendBroken, "invalid"),
    (JisrError, "engine"),
)
"""The first that an error is an instance of counts."""


class Refusal(Exception):
    """Why a session cannot begin, or cannot go on."""

    def __init__(self, code: str, message: str) -> None:
        super().__init__(message)
        self.code = code
        """As in `Refused`."""

    @classmethod
    def of(cls, error: JisrError) -> Refusal:
        """Return what an error means for the session it came up in."""
        return cls(next(code for kind, code in CODES if isinstance(error, kind)), str(error))


@dataclass(frozen=True, slots=True, kw_only=True)
class Offer:
    """What a verifier has to offer, for one that wants to open a session."""

    hello: Hello
    template: str
    """Fingerprint of the template."""
    num_tokens: int
    """Token ids are below it."""
    is_end: Callable[[int], bool]
    """Whether a token ends the model's turn."""

    def admit(self, message: Open) -> Session:
        """Return the session that a device asks for.

        Raises:
            Refusal: It cannot be had.
        """
        self._check_fingerprints(message)
        self._check_length(message)
        prompt, output = self.read(message.prompt), self.read(message.output)
        if not prompt:
            raise Refusal("invalid", "There is nothing to complete: the prompt is empty.")
        if message.session < 0 or message.until < 0:
            raise Refusal("invalid", "A session's number and `until` are 0 or more.")
        return Session(
            number=message.session,
            num_prompt=len(prompt),
            tokens=prompt + output,
            sampling=_sampling(message),
            seed=message.seed,
            is_strict=message.is_strict,
            max_tokens=message.max_tokens,
            max_block=self.hello.strict_block if message.is_strict else MAX_BLOCK,
            until=message.until,
            is_ended=any(map(self.is_end, output)),
        )

    def read(self, packed: bytes) -> list[int]:
        """Return token ids.

        Raises:
            Refusal: The bytes are none of this vocabulary.
        """
        try:
            tokens = unpack(packed)
        except BackendBroken as error:
            raise Refusal.of(error) from None
        self._check_ids(tokens)
        return tokens

    def _check_ids(self, tokens: Sequence[int]) -> None:
        if tokens and max(tokens) >= self.num_tokens:
            raise Refusal("invalid", f"Token ids are from 0 to {self.num_tokens - 1}.")

    def _check_fingerprints(self, message: Open) -> None:
        if message.vocabulary != self.hello.vocabulary:
            raise Refusal(
                "tokenizer",
                f"The device's tokenizer is not that of {self.hello.model}: draft with a model of "
                "the same family, or leave drafting off.",
            )
        if message.template != self.template:
            raise Refusal(
                "template",
                f"The prompt was rendered with another chat template than that of "
                f"{self.hello.model}: take the one that the verifier tells.",
            )

    def _check_length(self, message: Open) -> None:
        context = self.hello.context_tokens
        if not 0 < message.max_tokens <= context:
            raise Refusal(
                "too_long",
                f"A session of {message.max_tokens} tokens was asked for; the verifier's context "
                f"has room for {context}. Shorten the prompt or the answer.",
            )
        num_prompt = len(message.prompt) // TOKEN_BYTES
        num_tokens = num_prompt + len(message.output) // TOKEN_BYTES
        if num_prompt >= message.max_tokens or num_tokens > message.max_tokens:
            raise Refusal(
                "too_long",
                f"{num_tokens} tokens leave no room in a session of {message.max_tokens}. "
                "Shorten the prompt.",
            )


def _sampling(message: Open) -> Sampling:
    try:
        return Sampling(
            temperature=message.temperature,
            top_k=message.top_k,
            top_p=message.top_p,
            min_p=message.min_p,
            seed=message.seed,
        )
    except InvalidRequest as error:
        raise Refusal.of(error) from None
