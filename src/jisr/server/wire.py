"""OpenAI's chat wire, server side: JSON in, our nouns out, and back.

OpenAI's field names live here and in the client's half, `backends.openai_wire`.
What a request may say is written down as a closed model: a field nobody knows
is an error that names the nearest one, not something silently ignored.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from decimal import Decimal
from difflib import get_close_matches
from textwrap import shorten
from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from jisr.arbiter.policy import Decision
from jisr.arbiter.signals import Signals
from jisr.errors import InvalidRequest, UnknownModel
from jisr.types import (
    Delta,
    FinishReason,
    Message,
    Request,
    Role,
    Sampling,
    TokenLogprob,
    TurnRecord,
    Usage,
    Wish,
)

Number = Annotated[float, Field(allow_inf_nan=False)]
SHOWN_CHARACTERS = 80
"""Of a value that does not fit, in the message that says so."""
ROLES = {"developer": Role.SYSTEM, **{role.value: role for role in Role}}


class _Model(BaseModel):
    model_config = ConfigDict(strict=True, extra="forbid", frozen=True)


class _Part(_Model):
    type: Literal["text"]
    text: str


class _Message(_Model):
    role: Literal["system", "developer", "user", "assistant"]
    content: str | tuple[_Part, ...] | None = None
    name: str | None = None
    refusal: None = None


class _JsonSchema(_Model):
    name: str | None = None
    description: str | None = None
    schema_: dict[str, Any] = Field(default_factory=dict, alias="schema")
    strict: bool | None = None


class _ResponseFormat(_Model):
    type: Literal["text", "json_object", "json_schema"]
    json_schema: _JsonSchema | None = None


class _StreamOptions(_Model):
    include_usage: bool = False
    include_obfuscation: bool = False


class _Jisr(_Model):
    wish: Literal["prefer_device", "prefer_cloud", "only_device", "only_cloud"] | None = None
    private: bool = False


class _ChatRequest(_Model):
    model: str
    messages: tuple[_Message, ...]
    stream: bool | None = False
    stream_options: _StreamOptions | None = None
    temperature: Number | None = None
    top_p: Number | None = None
    top_k: int | None = None
    min_p: Number | None = None
    seed: int | None = None
    stop: str | tuple[str, ...] | None = None
    max_tokens: int | None = None
    max_completion_tokens: int | None = None
    logprobs: bool | None = None
    top_logprobs: int | None = None
    response_format: _ResponseFormat | None = None
    grammar: str | None = None
    jisr: _Jisr = _Jisr()
    # What changes nothing here, or only at values that change nothing.
    n: Literal[1] | None = None
    frequency_penalty: Literal[0] | None = None
    presence_penalty: Literal[0] | None = None
    logit_bias: dict[str, Literal[0]] | None = None
    tools: tuple[()] | None = None
    tool_choice: Literal["none", "auto"] | None = None
    parallel_tool_calls: bool | None = None
    user: str | None = None
    safety_identifier: str | None = None
    prompt_cache_key: str | None = None
    metadata: dict[str, str] | None = None
    store: bool | None = None
    service_tier: str | None = None


@dataclass(frozen=True, slots=True)
class Asked:
    """A request as it was read."""

    request: Request
    model: str
    is_stream: bool
    includes_usage: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Defaults:
    """What a request means where it says nothing."""

    models: Mapping[str, Wish | None]
    """Every name that is served; None leaves the choice to `wish`."""
    wish: Wish
    temperature: float
    max_output_tokens: int


def read(body: bytes, defaults: Defaults) -> Asked:
    """Return the request that a body holds.

    Raises:
        InvalidRequest: It is not JSON, or a field is unknown or has a value it cannot have.
        UnknownModel: It names a model that is not served here.
    """
    try:
        asked = _ChatRequest.model_validate_json(body)
    except ValidationError as error:
        raise _explain(error) from None
    if asked.model not in defaults.models:
        served = ", ".join(defaults.models)
        raise UnknownModel(f"There is no model {asked.model!r} here; try {served}.", param="model")
    if not asked.messages:
        raise InvalidRequest("messages must hold at least one message.", param="messages")
    named = Wish(asked.jisr.wish) if asked.jisr.wish else defaults.wish
    request = Request(
        messages=tuple(_message(message) for message in asked.messages),
        sampling=_sampling(asked, defaults),
        wish=defaults.models[asked.model] or named,
        is_private=asked.jisr.private,
    )
    options = asked.stream_options or _StreamOptions()
    return Asked(request, asked.model, bool(asked.stream), options.include_usage)


def completion(
    record: TurnRecord, text: str, logprobs: tuple[TokenLogprob, ...], created: int
) -> dict[str, object]:
    """Return the whole answer of a turn that was not streamed."""
    choice = {
        "index": 0,
        "message": {"role": "assistant", "content": text, "refusal": None},
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
        "jisr": jisr(record),
    }


@dataclass(frozen=True, slots=True)
class Chunks:
    """Builds the chunks of one streamed answer, as server-sent events."""

    turn_id: str
    model: str
    created: int

    def first(self) -> bytes:
        """Return the chunk that says who speaks."""
        return self._event([_choice({"role": "assistant", "content": ""})])

    def next(self, delta: Delta) -> bytes:
        """Return the chunk of a piece of the answer."""
        return self._event([_choice({"content": delta.text}, _logprobs(delta.logprobs))])

    def last(self, record: TurnRecord, includes_usage: bool) -> bytes:
        """Return the end of the stream: why it ended, what was used, and how it came about."""
        end = [_choice({}, None, _finish(record.finish_reason))]
        if not includes_usage:
            return self._event(end, jisr=jisr(record)) + DONE
        return (
            self._event(end) + self._event([], usage=usage(record.usage), jisr=jisr(record)) + DONE
        )

    def _event(self, choices: list[dict[str, object]], **more: object) -> bytes:
        chunk = {
            "id": self.turn_id,
            "object": "chat.completion.chunk",
            "created": self.created,
            "model": self.model,
            "choices": choices,
            **more,
        }
        return event(chunk)


DONE = b"data: [DONE]\n\n"


def event(payload: Mapping[str, object]) -> bytes:
    """Return one server-sent event."""
    return b"data: " + encode(payload) + b"\n\n"


def encode(payload: object) -> bytes:
    """Return compact JSON in UTF-8."""
    return json.dumps(payload, ensure_ascii=False, separators=(",", ":")).encode()


def jisr(record: TurnRecord) -> dict[str, object]:
    """Return how an answer came about; nothing of its text."""
    return {
        "turn_id": record.turn_id,
        "place": record.place.value,
        "reason": record.reason,
        "model": record.model,
        "confidence": record.confidence,
        "confidence_reason": record.confidence_reason,
        "usd": None if record.usd is None else str(record.usd),
        "joules": _joules(record),
        "private_spans": dict(record.private_spans),
        "left_device": record.left_device,
        "failed_places": [place.value for place in record.failed_places],
        "ttft_ms": None if record.ttft_ms is None else round(record.ttft_ms, 3),
        "stages": {stage: round(ms, 3) for stage, ms in record.stages.items()},
    }


def route(signals: Signals, decision: Decision) -> dict[str, object]:
    """Return a decision with every signal and every rule that was asked."""
    return {
        "place": decision.place.value,
        "reason": decision.reason.value,
        "sentence": decision.sentence,
        "asked": [
            {
                "reason": asked.rule.value,
                "question": asked.question,
                "applies": asked.has_applied,
                "place": asked.place.value,
            }
            for asked in decision.asked
        ],
        "signals": {name: _plain(value) for name, value in asdict(signals).items()},
    }


def _plain(value: object) -> object:
    if isinstance(value, Decimal):
        return str(value)
    return sorted(value) if isinstance(value, frozenset) else value


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


def _message(message: _Message) -> Message:
    content = message.content
    if content is None:
        content = ""
    elif not isinstance(content, str):
        content = "".join(part.text for part in content)
    return Message(ROLES[message.role], content)


def _sampling(asked: _ChatRequest, defaults: Defaults) -> Sampling:
    most = asked.max_completion_tokens if asked.max_tokens is None else asked.max_tokens
    stop = (asked.stop,) if isinstance(asked.stop, str) else asked.stop
    return Sampling(
        temperature=defaults.temperature if asked.temperature is None else asked.temperature,
        top_k=asked.top_k or 0,
        top_p=1.0 if asked.top_p is None else asked.top_p,
        min_p=asked.min_p or 0.0,
        seed=asked.seed,
        stop=stop or (),
        max_output_tokens=defaults.max_output_tokens if most is None else most,
        num_top_logprobs=(asked.top_logprobs or 0) if asked.logprobs else None,
        json_schema=_json_schema(asked.response_format),
        grammar=asked.grammar,
    )


def _json_schema(form: _ResponseFormat | None) -> str | None:
    if form is None or form.type == "text":
        return None
    if form.type == "json_schema":
        if form.json_schema is None:
            raise InvalidRequest("json_schema is missing.", param="response_format.json_schema")
        return json.dumps(form.json_schema.schema_, ensure_ascii=False)
    return "{}"


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


def _explain(error: ValidationError) -> InvalidRequest:
    problem = error.errors(include_url=False, include_context=False)[0]
    loc = [part for part in problem["loc"] if isinstance(part, int) or part in _KNOWN]
    param = ".".join(map(str, loc)) or None
    if problem["type"] == "json_invalid":
        return InvalidRequest(f"The body is not JSON: {problem['msg']}")
    if problem["type"] == "extra_forbidden":
        name = str(problem["loc"][-1])
        near = get_close_matches(name, sorted(_KNOWN), n=1)
        hint = f" Did you mean {near[0]}?" if near else ""
        return InvalidRequest(f"There is no field {name!r}.{hint}", param=name)
    if param == "tools":
        return InvalidRequest("tools are not supported in this version.", param="tools")
    given = shorten(repr(problem["input"]), SHOWN_CHARACTERS)
    return InvalidRequest(f"{param or 'The body'}: {problem['msg']}; got {given}", param=param)


_KNOWN = {
    field.alias or name
    for model in (
        _ChatRequest,
        _Message,
        _Part,
        _ResponseFormat,
        _JsonSchema,
        _StreamOptions,
        _Jisr,
    )
    for name, field in model.model_fields.items()
}
