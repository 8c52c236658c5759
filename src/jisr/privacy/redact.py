"""Replace private text by placeholders: the one way for a turn to leave the device.

What is covered:
- every span of the sighting, in messages, stop strings, JSON schema and grammar;
- the same value gets the same placeholder all through a conversation;
- text of the user's that looks like a placeholder is kept apart from ours.

What is not covered: what the sighting does not mark.

Source: entity types and replacement by spans as in Microsoft Presidio's anonymizer.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import replace
from math import inf

from jisr.errors import PrivacyError
from jisr.privacy.base import Span
from jisr.privacy.sight import Sighting, is_worth_searching, resolve
from jisr.privacy.vault import LITERAL, Vault, lookalikes
from jisr.types import Message, Outbound, Request, Wish

_NUMBERED = re.compile(r"_[0-9]")  # in every look-alike, and fast to search for


def redact(request: Request, sighting: Sighting, vault: Vault) -> Outbound:
    """Return the one form of a turn that may leave the device.

    The vault takes up the values that were replaced.

    Raises:
        PrivacyError: The sighting is of another turn, or a private value would be left.
    """
    redactor = _Redactor(sighting, vault)
    sampling = request.sampling
    outbound = Outbound(
        messages=tuple(Message(m.role, redactor.redact(m.text)) for m in request.messages),
        sampling=replace(
            sampling,
            stop=tuple(map(redactor.redact, sampling.stop)),
            json_schema=redactor.redact_some(sampling.json_schema),
            grammar=redactor.redact_some(sampling.grammar),
        ),
        joint=replace(request.joint, may_end_on_device=request.wish is not Wish.ONLY_CLOUD),
    )
    redactor.check()
    return outbound


class _Redactor:
    """Redacts the texts of one turn and remembers what it left standing."""

    def __init__(self, sighting: Sighting, vault: Vault) -> None:
        self._sighting, self._vault = sighting, vault
        types = sighting.types | vault.types
        self._lookalikes = lookalikes(types | {LITERAL}) if types else None
        self._private: set[str] = set()
        self._left: list[str] = []

    def redact(self, text: str) -> str:
        """Return `text` with its spans and look-alikes replaced."""
        spans = self._sighting.spans.get(text)
        if spans is None:
            raise PrivacyError("The sighting does not cover this turn: look at it again.")
        if self._lookalikes is None:
            return text
        pieces, done = [], 0
        for span in self._with_lookalikes(text, spans):
            value = text[span.start : span.end]
            if span.entity_type != LITERAL:
                self._private.add(value)
            self._left.append(text[done : span.start])
            pieces += [self._left[-1], self._vault.placeholder_for(span.entity_type, value)]
            done = span.end
        self._left.append(text[done:])
        return "".join([*pieces, self._left[-1]])

    def redact_some(self, text: str | None) -> str | None:
        """Return a text redacted, None as it is."""
        return None if text is None else self.redact(text)

    def check(self) -> None:
        """Raise if a private value stands in what was not replaced."""
        left = "\0".join(self._left)
        if is_worth_searching(len(self._private), [left]):
            has_leak = any(value in left for value in self._private)
        else:
            has_leak = not self._private.isdisjoint(left.replace("\0", " ").split())
        if has_leak:
            raise PrivacyError("A private value would leave with this turn, so it may not leave.")

    def _with_lookalikes(self, text: str, spans: Iterable[Span]) -> Iterable[Span]:
        if self._lookalikes is None or not _NUMBERED.search(text):
            return spans
        literals = [Span(*match.span(), LITERAL, -inf) for match in self._lookalikes.finditer(text)]
        return resolve([*spans, *literals]) if literals else spans
