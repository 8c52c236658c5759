"""Replace private text as planned: the one way for a turn to leave the device.

What is covered:
- every span of the plan, in messages, stop strings, JSON schema and grammar;
- the same value gets the same placeholder all through a conversation;
- words that say less, where the plan has them, instead of a placeholder;
- text of the user's that looks like a placeholder is kept apart from ours.

What is not covered: what the plan does not hold, or says may leave.

Source: entity types and replacement by spans as in Microsoft Presidio's anonymizer.
"""

from __future__ import annotations

import re
from bisect import bisect_left
from collections.abc import Iterable, Sequence
from dataclasses import replace
from math import inf

from jisr.errors import PrivacyError
from jisr.privacy.base import Span
from jisr.privacy.plan import Action, Plan, Planned, replacing
from jisr.privacy.sight import (
    ONLY_WHERE_FOUND,
    Sighting,
    is_worth_searching,
    occurrences,
    resolve,
)
from jisr.privacy.vault import LITERAL, Vault, lookalikes
from jisr.types import Message, Outbound, Request, Wish

_NUMBERED = re.compile(r"_[0-9]")  # in every look-alike, and fast to search for


def redact(request: Request, plan: Plan | Sighting, vault: Vault) -> Outbound:
    """Return the one form of a turn that may leave the device.

    The vault takes up the values that were replaced. A sighting in the place of a plan has
    every span replaced.

    Raises:
        PrivacyError: The plan is of another turn, has it stay on the device, or would leave
            a private value standing.
    """
    if isinstance(plan, Sighting):
        plan = replacing(plan)
    if plan.must_stay:
        raise PrivacyError(f"This turn may not leave the device: {plan.stay_reason}.")
    redactor = _Redactor(plan, vault)
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

    def __init__(self, plan: Plan, vault: Vault) -> None:
        self._plan, self._vault = plan, vault
        types = plan.placeholder_types | vault.types
        self._lookalikes = lookalikes(types | {LITERAL}) if types else None
        self._private: set[str] = set()
        self._left: list[str] = []

    def redact(self, text: str) -> str:
        """Return `text` with its spans and look-alikes replaced."""
        planned = self._plan.spans.get(text)
        if planned is None:
            raise PrivacyError("The plan does not cover this turn: look at it again.")
        pieces, done = [], 0
        for it in self._with_lookalikes(text, planned):
            self._left.append(text[done : it.span.start])
            pieces += [self._left[-1], self._stand_in(it, text[it.span.start : it.span.end])]
            done = it.span.end
        self._left.append(text[done:])
        return "".join([*pieces, self._left[-1]])

    def redact_some(self, text: str | None) -> str | None:
        """Return a text redacted, None as it is."""
        return None if text is None else self.redact(text)

    def check(self) -> None:
        """Raise if a private value stands in what was not replaced."""
        left = "\0".join(self._left)
        if is_worth_searching(len(self._private), [left]):
            has_leak = any(any(True for _ in occurrences(it, left)) for it in self._private)
        else:
            has_leak = not self._private.isdisjoint(left.replace("\0", " ").split())
        if has_leak:
            raise PrivacyError("A private value would leave with this turn, so it may not leave.")

    def _stand_in(self, it: Planned, value: str) -> str:
        """Return what leaves in the place of a value."""
        if it.action is Action.STAY:
            raise PrivacyError("A private value may not leave, so this turn may not.")
        if it.span.entity_type not in {LITERAL, *ONLY_WHERE_FOUND}:
            self._private.add(value)
        if it.action is Action.GENERALISE:
            return it.words
        return self._vault.placeholder_for(it.name, value)

    def _with_lookalikes(self, text: str, planned: Iterable[Planned]) -> list[Planned]:
        """Return what is not kept, with the user's own look-alikes, none overlapping."""
        planned = [it for it in planned if it.action is not Action.KEEP]
        if self._lookalikes is None or not _NUMBERED.search(text):
            return planned
        literals = [Span(*match.span(), LITERAL, -inf) for match in self._lookalikes.finditer(text)]
        if not literals:
            return planned
        by_range = {(it.span.start, it.span.end): it for it in planned}
        starts = [it.span.start for it in planned]
        return [
            by_range.get((span.start, span.end))
            or _widened(
                span, planned[bisect_left(starts, span.start) : bisect_left(starts, span.end)]
            )
            for span in resolve([*(it.span for it in planned), *literals])
        ]


def _widened(span: Span, inside: Sequence[Planned]) -> Planned:
    """Return a look-alike, or what one has grown into, as what is replaced."""
    is_barred = any(it.action is Action.STAY for it in inside)
    name = next((it.name for it in inside), "")
    return Planned(span, Action.STAY if is_barred else Action.REPLACE, placeholder_type=name)
