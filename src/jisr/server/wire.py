"""OpenAI's chat wire, server side: JSON in, our nouns out.

OpenAI's field names live here, in `wire_tools`, in `wire_answer` (the way out) and in the
client's half, `backends.openai_wire`.
What a request may say is written down as a closed model: a field nobody knows
is an error that names the nearest one, not something silently ignored.
"""

from __future__ import annotations

import json
import reprlib
from collections.abc import Mapping
from dataclasses import dataclass
from difflib import get_close_matches
from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from jisr.errors import InvalidRequest, UnknownModel
from jisr.server import wire_tools
from jisr.server.clients import NAME, conversation_of
from jisr.types import Exact, Goal, JointOptions, Message, Purpose, Request, Role, Sampling, Wish

Number = Annotated[float, Field(allow_inf_nan=False)]
SHOWN_CHARACTERS = 80
"""Of a field that nobody knows, in the message that says so."""
ROLES = {"developer": Role.SYSTEM, **{role.value: role for role in Role}}


class _Model(BaseModel):
    model_config = ConfigDict(strict=True, extra="forbid", frozen=True)


class _Part(_Model):
    type: Literal["text"]
    text: str


class _Message(_Model):
    role: Literal["system", "developer", "user", "assistant", "tool"]
    content: str | Annotated[tuple[_Part, ...], Field(fail_fast=True)] | None = None
    name: str | None = None
    refusal: None = None
    audio: None = None
    function_call: None = None
    annotations: tuple[()] | None = None
    tool_calls: Annotated[tuple[wire_tools.Called, ...], Field(fail_fast=True)] | None = None
    tool_call_id: str | None = None


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
    wish: (
        Literal["prefer_device", "prefer_cloud", "prefer_joint", "only_device", "only_cloud"] | None
    ) = None
    private: bool = False
    goal: Literal["fast", "cheap"] | None = None
    exact: Literal["strict", "fast"] | None = None
    purpose: Literal["answer", "write", "translate", "code", "personal"] | None = None
    allow: bool = False
    conversation: Annotated[str, Field(pattern=f"^{NAME}$")] | None = None


class _ChatRequest(_Model):
    model: str
    messages: Annotated[tuple[_Message, ...], Field(fail_fast=True)]
    stream: bool | None = False
    stream_options: _StreamOptions | None = None
    temperature: Number | None = None
    top_p: Number | None = None
    top_k: int | None = None
    min_p: Number | None = None
    seed: int | None = None
    stop: str | Annotated[tuple[str, ...], Field(fail_fast=True)] | None = None
    max_tokens: int | None = None
    max_completion_tokens: int | None = None
    logprobs: bool | None = None
    top_logprobs: int | None = None
    response_format: _ResponseFormat | None = None
    grammar: str | None = None
    tools: Annotated[tuple[wire_tools.Offered, ...], Field(fail_fast=True)] | None = None
    tool_choice: wire_tools.Choice | None = None
    parallel_tool_calls: bool | None = None
    jisr: _Jisr = _Jisr()
    # What changes nothing here, or only at values that change nothing.
    n: Literal[1] | None = None
    frequency_penalty: Literal[0] | None = None
    presence_penalty: Literal[0] | None = None
    logit_bias: dict[str, Literal[0]] | None = None
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
    """What a request means where it says nothing, and what it may ask for."""

    models: Mapping[str, Wish | None]
    """Every name that is served; None leaves the choice to `wish`."""
    wish: Wish
    temperature: float
    max_output_tokens: int
    allows_grammar: bool
    """False where strangers may ask: working out a hostile grammar can hold the engine."""
    joint: JointOptions


def read(body: bytes, defaults: Defaults, client: str = "") -> Asked:
    """Return the request that a body holds.

    Args:
        body: The body.
        defaults: What it means where it says nothing.
        client: Who asks: a conversation's name is its client's own.

    Raises:
        InvalidRequest: It is not JSON, a field is unknown or has a value it cannot have, or it
            brings a grammar where none is taken.
        UnknownModel: It names a model that is not served here.
    """
    try:
        asked = _ChatRequest.model_validate_json(body)
    except ValidationError as error:
        raise _explain(error) from None
    if asked.model not in defaults.models:
        served = ", ".join(defaults.models)
        raise UnknownModel(
            f"There is no model {reprlib.repr(asked.model)} here; try {served}.", param="model"
        )
    if not asked.messages:
        raise InvalidRequest("messages must hold at least one message.", param="messages")
    if asked.grammar is not None and not defaults.allows_grammar:
        raise InvalidRequest(
            "A grammar is not taken from other machines, because a hostile one can hold the "
            "engine: ask for a response_format, or set server.allow_grammar = true there.",
            param="grammar",
        )
    named = Wish(asked.jisr.wish) if asked.jisr.wish else defaults.wish
    request = Request(
        messages=tuple(_message(*numbered) for numbered in enumerate(asked.messages)),
        sampling=_sampling(asked, defaults),
        wish=defaults.models[asked.model] or named,
        is_private=asked.jisr.private,
        purpose=Purpose(asked.jisr.purpose or Purpose.ANSWER),
        may_leave=asked.jisr.allow,
        conversation_id=conversation_of(client, asked.user, asked.jisr.conversation),
        toolbox=wire_tools.read_toolbox(asked.tools, asked.tool_choice, asked.parallel_tool_calls),
        joint=JointOptions(
            Goal(asked.jisr.goal) if asked.jisr.goal else defaults.joint.goal,
            Exact(asked.jisr.exact) if asked.jisr.exact else defaults.joint.exact,
        ),
    )
    options = asked.stream_options or _StreamOptions()
    return Asked(request, asked.model, bool(asked.stream), options.include_usage)


def _message(index: int, message: _Message) -> Message:
    content = message.content
    if content is None:
        content = ""
    elif not isinstance(content, str):
        content = "".join(part.text for part in content)
    role = ROLES[message.role]
    if (role is Role.TOOL) is not bool(message.tool_call_id):
        raise InvalidRequest(
            "A result of a tool, and only that, says by tool_call_id which call it is of.",
            param=f"messages.{index}.tool_call_id",
        )
    if message.tool_calls and role is not Role.ASSISTANT:
        raise InvalidRequest(
            "Only the assistant calls tools.", param=f"messages.{index}.tool_calls"
        )
    calls = wire_tools.read_calls(message.tool_calls)
    return Message(role, content, calls, message.tool_call_id or "")


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
        try:
            return json.dumps(form.json_schema.schema_, ensure_ascii=False, allow_nan=False)
        except ValueError:
            raise InvalidRequest(
                "The schema holds a number that JSON does not know.",
                param="response_format.json_schema.schema",
            ) from None
    return "{}"


def _explain(error: ValidationError) -> InvalidRequest:
    problem = error.errors(include_url=False, include_context=False)[0]
    loc = [part for part in problem["loc"] if isinstance(part, int) or part in _KNOWN]
    param = ".".join(map(str, loc)) or None
    if problem["type"] == "json_invalid":
        return InvalidRequest(f"The body is not JSON: {problem['msg']}")
    if problem["type"] == "extra_forbidden":
        return _about_unknown(str(problem["loc"][-1]))
    if problem["type"] == "missing":
        return InvalidRequest(f"{param} is missing.", param=param)
    given = reprlib.repr(problem["input"])
    return InvalidRequest(f"{param or 'The body'}: {problem['msg']}; got {given}", param=param)


def _about_unknown(name: str) -> InvalidRequest:
    near = get_close_matches(name[:SHOWN_CHARACTERS], sorted(_KNOWN), n=1)
    hint = f" Did you mean {near[0]}?" if near else ""
    return InvalidRequest(
        f"There is no field {reprlib.repr(name)}.{hint}", param=name[:SHOWN_CHARACTERS]
    )


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
        *wire_tools.MODELS,
    )
    for name, field in model.model_fields.items()
}
