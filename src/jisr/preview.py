"""What a turn would send: made as it would be to be sent, and shown instead."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field

from jisr.arbiter.policy import Decision
from jisr.arbiter.signals import Signals
from jisr.privacy.plan import Action, Plan, Planned
from jisr.privacy.redact import placeholder_of
from jisr.privacy.vault import Vault
from jisr.types import Outbound, Request


@dataclass(frozen=True, slots=True)
class Finding:
    """One private span, and what would leave in its place."""

    message: int | None
    """Number of the message whose text it is in, from 0; None: it is in a call of a tool, in its
    result, or in what is said of tools or of the answer's form."""
    planned: Planned
    """Its range is in the text of the message, if there is one."""
    value: str = field(repr=False)
    leaves_as: str | None
    """None: the turn stays."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Preview:
    """What a turn would send; nothing was sent."""

    request: Request
    plan: Plan | None
    """None: what is private in it could not be told, so it stays."""
    outbound: Outbound | None
    """None: it may not leave."""
    vault: Vault
    """What the placeholders of `outbound` stand for."""
    signals: Signals
    decision: Decision | None
    """None: the user's limits leave no place for it."""

    def findings(self) -> Iterator[Finding]:
        """Yield what was found, message by message, then in all else."""
        if self.plan is None:
            return
        shown = set()
        for number, message in enumerate(self.request.messages):
            shown.add(message.text)
            for planned in self.plan.spans.get(message.text, ()):
                yield self._finding(number, message.text, planned)
        for text, spans in self.plan.spans.items():
            if text not in shown:
                yield from (self._finding(None, text, planned) for planned in spans)

    def _finding(self, number: int | None, text: str, planned: Planned) -> Finding:
        value = text[planned.span.start : planned.span.end]
        return Finding(number, planned, value, self._leaves_as(planned, value))

    def _leaves_as(self, planned: Planned, value: str) -> str | None:
        if self.outbound is None:
            return None
        if planned.action is Action.KEEP:
            return value
        if planned.action is Action.GENERALISE:
            return planned.words
        return placeholder_of(planned, value, self.vault)
