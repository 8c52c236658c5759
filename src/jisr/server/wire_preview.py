"""A preview as JSON: what was written beside what would leave, and why."""

from __future__ import annotations

from collections.abc import Iterable

from jisr.arbiter.policy import explain
from jisr.preview import Finding, Preview
from jisr.server import wire_tools
from jisr.types import Message


def preview(it: Preview) -> dict[str, object]:
    """Return what a turn would send; it holds private text, for its owner."""
    decision, signals, outbound = it.decision, it.signals, it.outbound
    return {
        "object": "jisr.preview",
        "purpose": it.request.purpose.value,
        "messages": _messages(it.request.messages),
        "outbound": None if outbound is None else _messages(outbound.messages),
        "findings": [_finding(finding) for finding in it.findings()],
        "must_stay": signals.must_stay,
        "stay_reason": signals.stay_reason,
        "stay_reason_arabic": signals.stay_reason_arabic,
        "redaction_loss": round(signals.redaction_loss, 4),
        "risk": round(signals.risk, 4),
        "risk_sentence": signals.risk_sentence,
        "place": decision and decision.place.value,
        "reason": decision and decision.reason.value,
        "sentence": decision and decision.sentence,
        "sentence_arabic": decision and explain(decision, "ar"),
    }


def _messages(messages: Iterable[Message]) -> list[dict[str, object]]:
    return [_message(message) for message in messages]


def _message(message: Message) -> dict[str, object]:
    told: dict[str, object] = {"role": message.role.value, "content": message.text}
    if message.tool_calls:
        told["tool_calls"] = wire_tools.calls(message.tool_calls)
    return told


def _finding(finding: Finding) -> dict[str, object]:
    span = finding.planned.span
    is_in_message = finding.message is not None
    return {
        "message": finding.message,
        "start": span.start if is_in_message else None,
        "end": span.end if is_in_message else None,
        "text": finding.value,
        "entity_type": span.entity_type,
        "score": round(span.score, 4),
        "why": span.why,
        "action": finding.planned.action.value,
        "leaves_as": finding.leaves_as,
    }
