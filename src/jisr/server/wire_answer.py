"""OpenAI's chat wire, server side: our nouns out as JSON and server-sent events.

OpenAI's field names live here, in `wire_tools`, in `wire` (the way in) and in the client's
half, `backends.openai_wire`.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict

from pydantic_core import to_json

from jisr.arbiter.policy import Decision, explain
from jisr.arbiter.signals import Signals, as_plain
from jisr.guard.sentences import sentence
from jisr.guard.verdicts import Action, Verdict
from jisr.server import wire_tools
from jisr.tools import ToolCall
from jisr.turn import TurnEnded, TurnWithdrawn
from jisr.types import Delta, FinishReason, JointUse, TokenLogprob, TurnRecord, Usage, Wish

DONE = b"data: [DONE]\n\n"


WITHDRAWN = {
    "en": "[The answer above is withdrawn.]",
    "ar": "[سُحبت الإجابة أعلاه.]",
}
"""What clients that know nothing of Jisr show between an answer and what takes its place."""


def completion(
    ended: TurnEnded,
    text: str,
    logprobs: tuple[TokenLogprob, ...],
    created: int,
    calls: tuple[ToolCall, ...] = (),
) -> dict[str, object]:
    """Return the whole answer of a turn that was not streamed."""
    record = ended.record
    message: dict[str, object] = {"role": "assistant", "content": text, "refusal": None}
    if calls:
        message |= {"content": text or None, "tool_calls": wire_tools.calls(calls)}
    choice = {
        "index": 0,
        "message": message,
        "logprobs": _logprobs(logprobs),
        "finish_reason": _finish(record.finish_reason),
    }
    return {
        "id": record.turn_id,
        "object": "chat.completion",
        "created": created,
        "model": record.model,
        "choices": [choice],
        "usage": usage(record.usage),
        "jisr": jisr(record, ended.verdict, ended.language),
    }


class Chunks:
    """Builds the chunks of one streamed answer, as server-sent events."""

    def __init__(self, turn_id: str, model: str, created: int) -> None:
        same = {
            "id": turn_id,
            "object": "chat.completion.chunk",
            "created": created,
            "model": model,
        }
        self._start = b"data: " + encode(same)[:-1] + b","

    def first(self, *, is_checking: bool = False) -> bytes:
        """Return the chunk that says who speaks, and whether its check is still to come."""
        choices = [_choice({"role": "assistant", "content": ""})]
        if is_checking:
            return self._event(choices, jisr={"state": "checking"})
        return self._event(choices)

    def withdrawn(self, told: TurnWithdrawn) -> bytes:
        """Return the chunk that says that the answer up to here does not stand."""
        line = WITHDRAWN[told.language]
        state = {"state": "withdrawn", **verdict(told.verdict, told.language)}
        return self._event([_choice({"content": f"\n\n{line}\n\n"})], jisr=state)

    def next(self, delta: Delta) -> bytes:
        """Return the chunk of a piece of the answer."""
        added: dict[str, object] = {"content": delta.text}
        if delta.tool_calls:
            added = {"content": delta.text} if delta.text else {}
            added["tool_calls"] = wire_tools.pieces(delta.tool_calls)
        return self._event([_choice(added, _logprobs(delta.logprobs))])

    def last(self, ended: TurnEnded, includes_usage: bool) -> bytes:
        """Return the end of the stream: why it ended, what was used, and how it came about."""
        record, told = ended.record, jisr(ended.record, ended.verdict, ended.language)
        end = [_choice({}, None, _finish(record.finish_reason))]
        if not includes_usage:
            return self._event(end, jisr=told) + DONE
        return self._event(end) + self._event([], usage=usage(record.usage), jisr=told) + DONE

    def _event(self, choices: list[dict[str, object]], **more: object) -> bytes:
        return self._start + encode({"choices": choices, **more})[1:] + b"\n\n"


def event(payload: Mapping[str, object]) -> bytes:
    """Return one server-sent event."""
    return b"data: " + encode(payload) + b"\n\n"


def encode(payload: object) -> bytes:
    """Return compact JSON in UTF-8; a number that JSON cannot say is null."""
    return to_json(payload, inf_nan_mode="null")


def jisr(
    record: TurnRecord, checked: Verdict | None = None, language: str = "en"
) -> dict[str, object]:
    """Return how an answer came about, and what the guard made of the device's.

    Args:
        record: What the turn did.
        checked: What the guard said; None: the answer was not checked.
        language: Of the words for it, `en` or `ar`.
    """
    return {
        "turn_id": record.turn_id,
        "place": record.place.value,
        "reason": record.reason,
        "model": record.model,
        "confidence": record.confidence,
        "confidence_reason": record.confidence_reason,
        "support": None if checked is None or checked.withdraws else checked.support,
        "verdict": checked and verdict(checked, language),
        "withdrawn_model": record.withdrawn_model,
        "usd": None if record.usd is None else str(record.usd),
        "joules": _joules(record),
        "private_spans": dict(record.private_spans),
        "private_actions": {it: dict(them) for it, them in record.private_actions.items()},
        "left_device": record.left_device,
        "failed_places": [place.value for place in record.failed_places],
        "failures": list(record.failures),
        "failed_models": list(record.failed_models),
        "missing": list(record.missing),
        "joint": record.joint and joint(record.joint, record.usage),
        "ttft_ms": None if record.ttft_ms is None else round(record.ttft_ms, 3),
        "stages": {stage: round(ms, 3) for stage, ms in record.stages.items()},
    }


def verdict(checked: Verdict, language: str) -> dict[str, object]:
    """Return what became of the device's answer, and why; `said` is there if it is the answer."""
    said = {"said": checked.said} if checked.action in (Action.ASK, Action.ABSTAIN) else {}
    return {
        "action": checked.action.value,
        "reason": checked.reason,
        "sentence": sentence(checked.reason, language),
        **said,
        "claims": [
            {"text": it.text, "passage": it.passage, "is_grounded": it.is_grounded}
            for it in checked.claims
        ],
    }


def joint(use: JointUse, used: Usage | None) -> dict[str, object]:
    """Return what a joint turn took; a share of nothing is null.

    Passes are shared out among the tokens that the cloud model made.
    """
    num_tokens = used.output_tokens - use.on_device if used else 0
    return {
        **asdict(use),
        "acceptance": round(use.accepted / use.drafted, 4) if use.drafted else None,
        "passes_per_token": round(use.passes / num_tokens, 4) if num_tokens > 0 else None,
        "rtt_ms": None if use.rtt_ms is None else round(use.rtt_ms, 3),
    }


def route(signals: Signals, decision: Decision) -> dict[str, object]:
    """Return a decision with every signal and every rule that was asked."""
    return {
        "place": decision.place.value,
        "reason": decision.reason.value,
        "sentence": decision.sentence,
        "sentence_arabic": explain(decision, "ar"),
        "asked": [
            {
                "reason": asked.rule.value,
                "question": asked.question,
                "applies": asked.has_applied,
                "place": asked.place.value,
            }
            for asked in decision.asked
        ],
        "signals": as_plain(signals),
    }


def usage(used: Usage | None) -> dict[str, object] | None:
    """Return token counts under OpenAI's names; None where they are not known."""
    if used is None:
        return None
    return {
        "prompt_tokens": used.input_tokens,
        "completion_tokens": used.output_tokens,
        "total_tokens": used.input_tokens + used.output_tokens,
        "prompt_tokens_details": {"cached_tokens": used.cached_tokens},
    }


def models(names: Mapping[str, Wish | None], created: int) -> dict[str, object]:
    """Return the list of what is served."""
    return {"object": "list", "data": [model(name, created) for name in names]}


def model(name: str, created: int) -> dict[str, object]:
    """Return one row of the list of models."""
    return {"id": name, "object": "model", "created": created, "owned_by": "jisr"}


def error(message: str, kind: str, code: str, param: str | None = None) -> dict[str, object]:
    """Return OpenAI's shape of an error."""
    return {"error": {"message": message, "type": kind, "param": param, "code": code}}


def _choice(
    delta: Mapping[str, object], logprobs: object = None, finish: str | None = None
) -> dict[str, object]:
    return {"index": 0, "delta": delta, "logprobs": logprobs, "finish_reason": finish}


def _finish(reason: FinishReason | None) -> str | None:
    return None if reason is None else reason.value


def _joules(record: TurnRecord) -> dict[str, float | None]:
    return {"measured": record.joules_measured, "estimated": record.joules_estimated}


def _logprobs(tokens: tuple[TokenLogprob, ...]) -> dict[str, object] | None:
    if not tokens:
        return None
    content = [
        _token(token.token, token.logprob)
        | {"top_logprobs": [_token(top, logprob) for top, logprob in token.top]}
        for token in tokens
    ]
    return {"content": content, "refusal": None}


def _token(token: bytes, logprob: float) -> dict[str, object]:
    return {"token": token.decode("utf-8", "replace"), "logprob": logprob, "bytes": list(token)}
