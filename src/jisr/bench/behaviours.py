"""What a scripted upstream says: each behaviour as the steps of one HTTP answer.

A behaviour is a pure function from what was asked and a script to steps: bytes
to send, seconds to wait, or a cue. `jisr.bench.upstream` plays them on a socket.
The field names are OpenAI's, because this is the other side of that wire.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from enum import Enum, StrEnum
from functools import lru_cache


class Behaviour(StrEnum):
    """How the upstream answers; a request names one as its model."""

    OK = "ok"
    """The pieces of the script, at once."""
    SLOW = "slow"
    """The pieces, with a pause before each."""
    ECHO = "echo"
    """The text of the last message, cut into pieces."""
    CALL = "call"
    """Calls of the first tool that is offered, one with the text of the last message as its
    argument `text`, one with the script's pieces as its arguments; both cut into pieces."""
    EMPTY = "empty"
    """A completion without text."""
    LOGPROBS = "logprobs"
    """The pieces, each with its log-probability."""
    HANG = "hang"
    """Nothing, not even headers."""
    HANG_MIDWAY = "hang_midway"
    """One piece, then nothing."""
    CLOSE_FIRST = "close_first"
    """The connection closes before any answer."""
    CLOSE_MIDWAY = "close_midway"
    """One piece, then the connection closes."""
    UNFINISHED = "unfinished"
    """All pieces and `[DONE]`, but no finish reason."""
    FAIL = "fail"
    FAIL_ONCE = "fail_once"
    """500 the first time, then the pieces."""
    BUSY = "busy"
    """429 with Retry-After, always."""
    BUSY_ONCE = "busy_once"
    """429 with Retry-After the first time, then the pieces."""
    WRONG_KEY = "wrong_key"
    FORBIDDEN = "forbidden"
    BAD_REQUEST = "bad_request"
    NO_SUCH_MODEL = "no_such_model"
    TOO_LONG = "too_long"
    TOO_LARGE = "too_large"
    REDIRECT = "redirect"
    ERROR_EVENT = "error_event"
    """One piece, then an error in place of the next."""
    GARBAGE = "garbage"
    """An event stream of random bytes."""
    INVALID_JSON = "invalid_json"
    """Events whose JSON is cut off."""
    ODD_JSON = "odd_json"
    """Events that are JSON of another form."""
    ENDLESS = "endless"
    """Pieces without end."""
    ENDLESS_COMMENTS = "endless_comments"
    """Events that say nothing, without end."""
    HUGE_LINE = "huge_line"
    """A line without end."""
    WRONG_TYPE = "wrong_type"
    """A web page, with status 200."""


class Cue(Enum):
    """What is neither bytes nor a pause."""

    HANG = "hang"
    CLOSE = "close"


Step = bytes | float | Cue


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """What a behaviour sees of a request."""

    model: str
    text: str
    """Text of the last message."""
    is_stream: bool
    wants_usage: bool
    tool: str = ""
    """Name of the first tool that is offered; empty: none is."""
    attempt: int
    """1 for the first request of this behaviour, 2 for the second."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Script:
    """What the behaviours say."""

    pieces: tuple[str, ...]
    pause_s: float = 0.02
    retry_after: str = "0.01"
    piece_chars: int = 3
    """Length of an echo's pieces."""
    location: str = "http://127.0.0.1:9/v1/chat/completions"
    """Where a redirect points."""


STREAM_HEAD = (
    b"HTTP/1.1 200 OK\r\ncontent-type: text/event-stream\r\n"
    b"cache-control: no-cache\r\ntransfer-encoding: chunked\r\n\r\n"
)
STREAM_END = b"0\r\n\r\n"
DONE = b"[DONE]"


def answer(behaviour: Behaviour, asked: Asked, script: Script) -> Iterable[Step]:
    """Return the steps of one answer, in order."""
    if behaviour in FAILURES:
        return [_failure(*FAILURES[behaviour], script)]
    return SPEAKERS[behaviour](asked, script)


def plain(status: str, body: Mapping[str, object], *headers: str) -> bytes:
    """Return a whole HTTP answer with a JSON body."""
    return _whole(status, "application/json", json.dumps(body).encode(), *headers)


def _whole(status: str, content_type: str, body: bytes, *headers: str) -> bytes:
    lines = [
        f"HTTP/1.1 {status}",
        f"content-type: {content_type}",
        f"content-length: {len(body)}",
        *headers,
    ]
    return "\r\n".join(lines).encode() + b"\r\n\r\n" + body


def _event(payload: bytes) -> bytes:
    line = b"data: " + payload + b"\n\n"
    return b"%x\r\n%b\r\n" % (len(line), line)


def _chunk(model: str, choices: list[object], **more: object) -> bytes:
    """Return one event of a streamed completion."""
    shape = {
        "id": "chatcmpl-0",
        "object": "chat.completion.chunk",
        "created": 0,
        "model": model,
        "choices": choices,
        **more,
    }
    return _event(json.dumps(shape, ensure_ascii=False).encode())


def _choice(delta: Mapping[str, object], finish: str | None = None, **more: object) -> object:
    return {"index": 0, "delta": delta, "finish_reason": finish, **more}


def _usage(num_pieces: int) -> Mapping[str, object]:
    return {
        "prompt_tokens": 7,
        "completion_tokens": num_pieces,
        "total_tokens": 7 + num_pieces,
        "prompt_tokens_details": {"cached_tokens": 2},
    }


def _piece(model: str, text: str) -> bytes:
    return _chunk(model, [_choice({"content": text})])


def _tail(model: str, num_pieces: int, wants_usage: bool, finish: str = "stop") -> bytes:
    usage = _chunk(model, [], usage=_usage(num_pieces)) if wants_usage else b""
    return _chunk(model, [_choice({}, finish)]) + usage + _event(DONE) + STREAM_END


def _opening(model: str) -> bytes:
    return STREAM_HEAD + _chunk(model, [_choice({"role": "assistant", "content": ""})])


@lru_cache(maxsize=256)
def _completion(model: str, pieces: tuple[str, ...], is_stream: bool, wants_usage: bool) -> bytes:
    """Return a whole completion as the bytes of its HTTP answer."""
    if is_stream:
        told = b"".join(_piece(model, text) for text in pieces)
        return _opening(model) + told + _tail(model, len(pieces), wants_usage)
    message = {"role": "assistant", "content": "".join(pieces)}
    body = {
        "id": "chatcmpl-0",
        "object": "chat.completion",
        "created": 0,
        "model": model,
        "choices": [{"index": 0, "message": message, "finish_reason": "stop"}],
        "usage": _usage(len(pieces)),
    }
    return plain("200 OK", body)


def _ok(asked: Asked, script: Script) -> Iterable[Step]:
    return [_completion(asked.model, script.pieces, asked.is_stream, asked.wants_usage)]


def _empty(asked: Asked, _: Script) -> Iterable[Step]:
    return [_completion(asked.model, (), asked.is_stream, asked.wants_usage)]


def _echo(asked: Asked, script: Script) -> Iterable[Step]:
    size = script.piece_chars
    pieces = tuple(asked.text[at : at + size] for at in range(0, len(asked.text), size))
    return [_completion(asked.model, pieces, asked.is_stream, asked.wants_usage)]


def _call(asked: Asked, script: Script) -> Iterator[Step]:
    told = json.dumps({"text": asked.text}, ensure_ascii=False)
    yield _opening(asked.model)
    for index, arguments in enumerate((told, "".join(script.pieces))):
        first = {"index": index, "id": f"id-{index}", "type": "function"}
        function = {"name": asked.tool, "arguments": ""}
        yield _chunk(asked.model, [_choice({"tool_calls": [{**first, "function": function}]})])
        size = script.piece_chars
        for piece in (arguments[at : at + size] for at in range(0, len(arguments), size)):
            call = {"index": index, "function": {"arguments": piece}}
            yield _chunk(asked.model, [_choice({"tool_calls": [call]})])
    yield _tail(asked.model, 0, asked.wants_usage, "tool_calls")


def _slow(asked: Asked, script: Script) -> Iterator[Step]:
    if not asked.is_stream:
        yield script.pause_s * len(script.pieces)
        yield from _ok(asked, script)
        return
    yield _opening(asked.model)
    for text in script.pieces:
        yield script.pause_s
        yield _piece(asked.model, text)
    yield _tail(asked.model, len(script.pieces), asked.wants_usage)


def _logprobs(asked: Asked, script: Script) -> Iterator[Step]:
    yield _opening(asked.model)
    for text in script.pieces:
        raw = list(text.encode())
        entry = {"token": text, "logprob": -0.5, "bytes": raw}
        likely = [entry, {"token": "?", "logprob": -1.5, "bytes": None}]
        logprobs = {"content": [{**entry, "top_logprobs": likely}]}
        yield _chunk(asked.model, [_choice({"content": text}, logprobs=logprobs)])
    yield _tail(asked.model, len(script.pieces), asked.wants_usage)


def _unfinished(asked: Asked, script: Script) -> Iterable[Step]:
    told = b"".join(_piece(asked.model, text) for text in script.pieces)
    return [_opening(asked.model) + told + _event(DONE) + STREAM_END]


def _then(*after: Step) -> Callable[[Asked, Script], Iterable[Step]]:
    """Return the speaker of one piece and then these steps."""

    def speak(asked: Asked, script: Script) -> Iterable[Step]:
        return [_opening(asked.model) + _piece(asked.model, script.pieces[0]), *after]

    return speak


def _only(*steps: Step) -> Callable[[Asked, Script], Iterable[Step]]:
    def speak(_: Asked, __: Script) -> Iterable[Step]:
        return steps

    return speak


def _once(failure: Behaviour) -> Callable[[Asked, Script], Iterable[Step]]:
    """Return the speaker that fails the first time."""

    def speak(asked: Asked, script: Script) -> Iterable[Step]:
        return answer(failure if asked.attempt == 1 else Behaviour.OK, asked, script)

    return speak


def _endless(asked: Asked, script: Script) -> Iterator[Step]:
    yield _opening(asked.model)
    piece = _piece(asked.model, script.pieces[0])
    while True:
        yield piece
        yield 0.0


def _endless_comments(_: Asked, __: Script) -> Iterator[Step]:
    yield STREAM_HEAD
    comment = b": still here\n\n" * 64
    while True:
        yield b"%x\r\n%b\r\n" % (len(comment), comment)
        yield 0.0


def _huge_line(_: Asked, __: Script) -> Iterator[Step]:
    yield STREAM_HEAD
    yield b"6\r\ndata: \r\n"
    block = b"10000\r\n" + b"x" * 0x10000 + b"\r\n"
    while True:
        yield block
        yield 0.0


GARBAGE = bytes((at * 73 + 11) % 256 for at in range(997)) + b"\n\n"

SPEAKERS: Mapping[Behaviour, Callable[[Asked, Script], Iterable[Step]]] = {
    Behaviour.OK: _ok,
    Behaviour.SLOW: _slow,
    Behaviour.ECHO: _echo,
    Behaviour.CALL: _call,
    Behaviour.EMPTY: _empty,
    Behaviour.LOGPROBS: _logprobs,
    Behaviour.HANG: _only(Cue.HANG),
    Behaviour.HANG_MIDWAY: _then(Cue.HANG),
    Behaviour.CLOSE_FIRST: _only(Cue.CLOSE),
    Behaviour.CLOSE_MIDWAY: _then(Cue.CLOSE),
    Behaviour.UNFINISHED: _unfinished,
    Behaviour.FAIL_ONCE: _once(Behaviour.FAIL),
    Behaviour.BUSY_ONCE: _once(Behaviour.BUSY),
    Behaviour.ERROR_EVENT: _then(
        _event(b'{"error": {"message": "The model fell over.", "code": 500}}') + STREAM_END
    ),
    Behaviour.GARBAGE: _only(
        STREAM_HEAD + b"%x\r\n%b\r\n" % (len(GARBAGE), GARBAGE) + _event(b"\xff\xfe") + STREAM_END
    ),
    Behaviour.INVALID_JSON: _then(_event(b'{"choices": [{"delta": {"con') + STREAM_END),
    Behaviour.ODD_JSON: _then(_event(b'{"choices": {"delta": 7}}') + STREAM_END),
    Behaviour.ENDLESS: _endless,
    Behaviour.ENDLESS_COMMENTS: _endless_comments,
    Behaviour.HUGE_LINE: _huge_line,
    Behaviour.WRONG_TYPE: _only(_whole("200 OK", "text/html", b"<h1>Please log in</h1>")),
}

FAILURES: Mapping[Behaviour, tuple[str, str, str]] = {
    Behaviour.FAIL: ("500 Internal Server Error", "It broke.", "server_error"),
    Behaviour.BUSY: ("429 Too Many Requests", "Too many requests.", "rate_limit_exceeded"),
    Behaviour.WRONG_KEY: ("401 Unauthorized", "Wrong API key.", "invalid_api_key"),
    Behaviour.FORBIDDEN: ("403 Forbidden", "Not for this key.", "forbidden"),
    Behaviour.BAD_REQUEST: ("400 Bad Request", "No such thing. " * 200, "invalid_value"),
    Behaviour.NO_SUCH_MODEL: ("404 Not Found", "There is no such model.", "model_not_found"),
    Behaviour.TOO_LONG: (
        "400 Bad Request",
        "This model's maximum context length is 64 tokens.",
        "context_length_exceeded",
    ),
    Behaviour.TOO_LARGE: ("413 Content Too Large", "Too large.", "too_large"),
    Behaviour.REDIRECT: ("307 Temporary Redirect", "Elsewhere.", "moved"),
}


def _failure(status: str, message: str, code: str, script: Script) -> bytes:
    body = {"error": {"message": message, "type": "error", "param": None, "code": code}}
    headers = {"429": f"retry-after: {script.retry_after}", "307": f"location: {script.location}"}
    more = [line for start, line in headers.items() if status.startswith(start)]
    return plain(status, body, *more)
