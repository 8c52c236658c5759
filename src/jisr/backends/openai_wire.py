"""The client side of OpenAI's chat wire: turns to payloads, event streams to deltas.

OpenAI's field names stand here and in `openai_tools`, and nowhere else in `backends`.
Everything is pure: bytes and records in, bytes and records out.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from jisr.backends.event_stream import EventReader
from jisr.backends.openai_tools import CallReader, message_fields, toolbox_fields
from jisr.backends.surrogates import Mender
from jisr.errors import BackendBroken, BackendRefused, InvalidRequest, JisrError
from jisr.tools import ToolCallPiece
from jisr.types import Delta, FinishReason, Outbound, Request, Sampling, TokenLogprob, Usage

DONE = "[DONE]"
SPARE_BYTES = 2**18
MAX_BYTES_PER_TOKEN = 2**12
"""More than one event with twenty log-probabilities takes."""
SPARE_CHUNKS = 1024
CHUNKS_PER_TOKEN = 4

FINISH_REASONS: Mapping[str, FinishReason] = {
    "length": FinishReason.LENGTH,
    "max_tokens": FinishReason.LENGTH,
    "model_length": FinishReason.LENGTH,
    "tool_calls": FinishReason.TOOL_CALLS,
    "function_call": FinishReason.TOOL_CALLS,
}
"""Every other word says that the model ended its turn."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Dialect:
    """What a family of servers takes beyond OpenAI's own fields."""

    takes_top_k: bool = False
    takes_min_p: bool = False
    takes_grammar: bool = False


OPENAI = Dialect()
LM_STUDIO = Dialect(takes_top_k=True)
LLAMA_CPP = Dialect(takes_top_k=True, takes_min_p=True, takes_grammar=True)

DIALECTS: Mapping[str, Dialect] = {
    "jisr": LLAMA_CPP,
    "llamacpp": LLAMA_CPP,
    "organization_owner": LM_STUDIO,
}
"""By what a server calls the owner of its models."""


def encode(turn: Request | Outbound, model: str, dialect: Dialect = OPENAI) -> bytes:
    """Return the body that asks for a streamed completion of a turn.

    `top_k` and `min_p` are left out for a service that does not know them.

    Raises:
        InvalidRequest: The turn needs a grammar and the service takes none, or its
            schema is not JSON.
    """
    payload = {
        "model": model,
        "messages": list(map(message_fields, turn.messages)),
        "stream": True,
        "stream_options": {"include_usage": True},
        **_sampling_fields(turn.sampling),
        **_dialect_fields(turn.sampling, dialect),
        **toolbox_fields(turn.toolbox),
    }
    return json.dumps(payload, ensure_ascii=False).encode("utf-8", "replace")


def left_out(sampling: Sampling, dialect: Dialect) -> tuple[str, ...]:
    """Return what was asked for and is not sent, because the service does not know it."""
    asked = {"top_k": sampling.top_k, "min_p": sampling.min_p}
    taken = {"top_k": dialect.takes_top_k, "min_p": dialect.takes_min_p}
    return tuple(name for name, value in asked.items() if value and not taken[name])


def _sampling_fields(sampling: Sampling) -> dict[str, Any]:
    fields: dict[str, Any] = {
        "temperature": sampling.temperature,
        "max_tokens": sampling.max_output_tokens,
    }
    if sampling.top_p < 1:
        fields["top_p"] = sampling.top_p
    if sampling.seed is not None:
        fields["seed"] = sampling.seed
    if sampling.stop:
        fields["stop"] = list(sampling.stop)
    if sampling.num_top_logprobs is not None:
        fields |= {"logprobs": True, "top_logprobs": sampling.num_top_logprobs}
    if sampling.json_schema is not None:
        fields["response_format"] = _response_format(sampling.json_schema)
    return fields


def _response_format(json_schema: str) -> dict[str, Any]:
    try:
        schema = json.loads(json_schema)
    except ValueError as error:
        raise InvalidRequest(
            f"The schema of response_format is not JSON: {error}", param="response_format"
        ) from None
    if schema == {}:
        return {"type": "json_object"}
    return {"type": "json_schema", "json_schema": {"name": "answer", "schema": schema}}


def _dialect_fields(sampling: Sampling, dialect: Dialect) -> dict[str, Any]:
    fields: dict[str, Any] = {}
    if sampling.top_k and dialect.takes_top_k:
        fields["top_k"] = sampling.top_k
    if sampling.min_p and dialect.takes_min_p:
        fields["min_p"] = sampling.min_p
    if sampling.grammar is not None:
        if not dialect.takes_grammar:
            raise InvalidRequest(
                "This service takes no grammar: ask the device, or give a JSON schema instead.",
                param="grammar",
            )
        fields["grammar"] = sampling.grammar
    return fields


class CompletionReader:
    """Reads one streamed completion: bytes in, deltas out, the last with its finish reason.

    Args:
        sampling: What was asked for: log-probabilities are read only if they were, and an
            answer far beyond `max_output_tokens` is an error.
        secret: The key, struck out of what an error quotes.
    """

    def __init__(self, sampling: Sampling, secret: str | None = None) -> None:
        self._events = EventReader()
        self._secret = secret
        self._wants_logprobs = sampling.num_top_logprobs is not None
        self._bytes_left = SPARE_BYTES + MAX_BYTES_PER_TOKEN * sampling.max_output_tokens
        self._chunks_left = SPARE_CHUNKS + CHUNKS_PER_TOKEN * sampling.max_output_tokens
        self._text = Mender()
        self._calls = CallReader()
        self._finish_reason: FinishReason | None = None
        self._usage: Usage | None = None
        self._model: str | None = None
        self._has_text = False
        self._named: object = None
        """The model as the last event named it: most name the same one again."""
        self.is_done = False
        """Whether the last delta was yielded; what is fed afterwards is read over."""

    def feed(self, received: bytes) -> Iterator[Delta]:
        """Yield the deltas that `received` completes.

        Raises:
            BackendBroken: It cannot be understood, or is endless.
            BackendRefused: The service's filter cut the answer off.
        """
        self._bytes_left -= len(received)
        for event in self._events.feed(received):
            if self.is_done:
                return
            if event == DONE:
                yield self.end(is_marked=True)
            else:
                yield from self._read(event)
        if self._bytes_left < 0 and not self.is_done:
            raise BackendBroken("The answer is far longer than was asked for; it was cut off.")

    def end(self, *, is_marked: bool = False) -> Delta:
        """Return the last delta: there is no more to come.

        Args:
            is_marked: Whether the service said that this is the end. Some say no reason; it is
                then taken that the model ended its turn, and the delta says what is missing.

        Raises:
            BackendBroken: No finish reason came, and no mark of an end; or it came after nothing,
                or after calls of tools, which would be dangerous in halves.
        """
        missing: tuple[str, ...] = ()
        if self._finish_reason is None:
            if not (is_marked and self._has_text) or self._calls.has_any:
                raise BackendBroken("The answer broke off before its end.")
            self._finish_reason, missing = FinishReason.STOP, ("finish_reason",)
        self.is_done = True
        if self._calls.has_any and self._finish_reason is FinishReason.STOP:
            self._finish_reason = FinishReason.TOOL_CALLS  # some servers say stop of these too
        return Delta(
            self._text.end(),
            finish_reason=self._finish_reason,
            tool_calls=self._calls.end(),
            usage=self._usage,
            model=self._model,
            missing=missing,
        )

    def _read(self, event: str) -> Iterator[Delta]:
        self._chunks_left -= 1
        if self._chunks_left < 0:
            raise BackendBroken("The answer is far longer than was asked for; it was cut off.")
        try:
            chunk = json.loads(event)
            if error := chunk.get("error"):
                raise BackendBroken(f"The service broke off: {self._quote(_message(error))}")
            self._usage = _usage(chunk.get("usage")) or self._usage
            if (name := chunk.get("model")) != self._named:
                self._named, self._model = name, _name(name) or self._model
            choices = chunk.get("choices") or ()
            delta = self._delta(choices[0]) if choices else None
        except (ValueError, KeyError, TypeError, AttributeError, RecursionError):
            raise BackendBroken(
                f"The service sent an event that is no chat completion: {self._quote(event, 80)}"
            ) from None
        if delta:
            yield delta

    def _delta(self, choice: Any) -> Delta | None:
        """Return what a choice adds, None if that is nothing; note its finish reason."""
        added = choice.get("delta") or {}
        text = self._text.mend(added.get("content") or "")
        calls = self._calls.read(added.get("tool_calls"))
        logprobs = _logprobs(choice.get("logprobs")) if self._wants_logprobs else ()
        if finish := choice.get("finish_reason"):
            if finish == "content_filter":
                raise BackendRefused("The service's content filter cut the answer off.")
            self._finish_reason = FINISH_REASONS.get(finish, FinishReason.STOP)
        if not (text or logprobs or calls):
            return None
        self._has_text = self._has_text or bool(text)
        return Delta(text, logprobs, tool_calls=calls)

    def _quote(self, text: str, num_chars: int = 200) -> str:
        return one_line(_strike(text, self._secret), num_chars)


def at_once(deltas: Iterable[Delta]) -> Iterator[Delta]:
    """Yield deltas that came at one moment as one; the last of a completion stays its own.

    What goes wrong after some of them is raised after they were yielded.
    """
    texts: list[str] = []
    logprobs: list[TokenLogprob] = []
    calls: list[ToolCallPiece] = []
    last, failure = None, None
    try:
        for delta in deltas:
            if delta.finish_reason is not None:
                last = delta
                break
            texts.append(delta.text)
            logprobs += delta.logprobs
            calls += delta.tool_calls
    except JisrError as error:
        failure = error
    if texts:
        yield Delta("".join(texts), tuple(logprobs), tool_calls=tuple(calls))
    if failure is not None:
        raise failure
    if last is not None:
        yield last


def _name(shape: Any) -> str | None:
    return one_line(shape, 100) if isinstance(shape, str) and shape.strip() else None


def _logprobs(shape: Any) -> tuple[TokenLogprob, ...]:
    return tuple(
        TokenLogprob(
            _token(entry),
            float(entry["logprob"]),
            tuple((_token(it), float(it["logprob"])) for it in entry.get("top_logprobs") or ()),
        )
        for entry in (shape or {}).get("content") or ()
    )


def _token(entry: Any) -> bytes:
    raw = entry.get("bytes")
    return bytes(raw) if raw is not None else str(entry["token"]).encode("utf-8", "replace")


def _usage(shape: Any) -> Usage | None:
    """Return the usage, None if the service did not tell, or told no numbers."""
    if not shape:
        return None
    cached = (shape.get("prompt_tokens_details") or {}).get("cached_tokens") or 0
    counts = (shape.get("prompt_tokens"), shape.get("completion_tokens"), cached)
    if not all(isinstance(count, int) and count >= 0 for count in counts):
        return None
    return Usage(input_tokens=counts[0], output_tokens=counts[1], cached_tokens=cached)


@dataclass(frozen=True, slots=True)
class Complaint:
    """What a service says of a request it did not do."""

    message: str
    """Short, one line; empty if it said nothing that can be shown."""
    code: str = ""


def read_complaint(body: bytes, secret: str | None = None) -> Complaint:
    """Return what the body of a failed request says, `secret` struck out."""
    try:
        error = json.loads(body)
        error = error.get("error", error) if isinstance(error, dict) else {}
    except (ValueError, RecursionError):
        return Complaint("")
    words = [str(error.get(key) or "") for key in ("code", "type")] if _is_map(error) else []
    message = one_line(_strike(_message(error), secret))
    return Complaint(message, " ".join(words).strip())


def _is_map(shape: Any) -> bool:
    return isinstance(shape, dict)


def _message(error: Any) -> str:
    return str(error.get("message") or "") if _is_map(error) else str(error)


def _strike(text: str, secret: str | None) -> str:
    return text.replace(secret, "[key]") if secret else text


def one_line(text: str, num_chars: int = 200) -> str:
    """Return the text as one short line without control characters."""
    line = " ".join("".join(c if c.isprintable() else " " for c in text[: 4 * num_chars]).split())
    return line if len(line) <= num_chars else line[: num_chars - 1] + "…"


@dataclass(frozen=True, slots=True)
class Served:
    """What a service says it serves."""

    models: tuple[str, ...]
    dialect: Dialect


def read_models(body: bytes) -> Served:
    """Return the models of a service, and its dialect as far as their owner tells.

    Raises:
        BackendBroken: The body is no list of models.
    """
    try:
        rows = json.loads(body)["data"] or []
        names = tuple(str(row["id"]) for row in rows)
        owners = [row.get("owned_by") for row in rows]
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError):
        raise BackendBroken("What the service sent is no list of models.") from None
    known = [DIALECTS[owner] for owner in owners if owner in DIALECTS]
    return Served(names, known[0] if known else OPENAI)
