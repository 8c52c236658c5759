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

from dataclasses import replace

from jisr.errors import PrivacyError
from jisr.privacy.lookalikes import Piece, kept_apart
from jisr.privacy.plan import Action, Plan, Planned, replacing
from jisr.privacy.sight import ONLY_WHERE_FOUND, Sighting, is_worth_searching, occurrences
from jisr.privacy.vault import Vault
from jisr.types import Message, Outbound, Request, Wish


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
        self._types = plan.placeholder_types | vault.types
        self._private: set[str] = set()
        self._left: list[str] = []

    def redact(self, text: str) -> str:
        """Return `text` with its spans and look-alikes replaced."""
        planned = self._plan.spans.get(text)
        if planned is None:
            raise PrivacyError("The plan does not cover this turn: look at it again.")
        pieces, done = [], 0
        for it in planned:
            if it.action is Action.KEEP:
                continue
            pieces.append(Piece(text[done : it.span.start]))
            pieces.append(self._stand_in(it, text[it.span.start : it.span.end]))
            done = it.span.end
        pieces.append(Piece(text[done:]))
        apart = kept_apart(pieces, self._types, self._vault)
        self._left += (piece.text for piece in apart if piece.is_the_users)
        return "".join(piece.text for piece in apart)

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

    def _stand_in(self, it: Planned, value: str) -> Piece:
        """Return what leaves in the place of a value."""
        if it.action is Action.STAY:
            raise PrivacyError("A private value may not leave, so this turn may not.")
        if it.span.entity_type not in ONLY_WHERE_FOUND:
            self._private.add(value)
        if it.action is Action.GENERALISE:
            return Piece(it.words, is_words=True)
        return Piece(self._vault.placeholder_for(it.name, value), is_ours=True)
