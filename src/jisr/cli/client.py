"""A client of a Jisr that already runs: what `jisr ask` talks to when there is one.

Plain standard library, because `jisr ask` should be on its way before anything
heavy is imported. It reads no more of the wire than it needs.
"""

from __future__ import annotations

import http.client
import json
from collections.abc import Generator, Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

from jisr.errors import BackendBroken, BackendUnavailable, JisrError, ServerError
from jisr.types import Message

FIND_TIMEOUT_S = 0.5
ANSWER_TIMEOUT_S = 600.0


@dataclass(frozen=True, slots=True)
class Ended:
    """The end of an answer, and how it came about."""

    finish_reason: str | None
    jisr: Mapping[str, object]
    usage: Mapping[str, object] | None


@dataclass(frozen=True, slots=True)
class State:
    """What is known of an answer before its end."""

    name: str
    """`checking`: its check is still to come; `withdrawn`: what came so far is void."""
    jisr: Mapping[str, object]


@dataclass(frozen=True, slots=True)
class Client:
    """A Jisr that listens at some address."""

    url: str
    key: str | None = None

    def health(self, role: str = "device") -> Mapping[str, object] | None:
        """Return what a Jisr of that role tells of itself; None if none answers there."""
        try:
            told = self._call("GET", "/healthz", None, FIND_TIMEOUT_S)
        except (JisrError, OSError, ValueError):
            return None
        is_one = isinstance(told, dict) and told.get("service") == "jisr"
        return told if is_one and told.get("role") == role else None

    def ask(self, body: Mapping[str, object]) -> Generator[str | State | Ended, None, None]:
        """Yield the pieces of an answer as they come, and its states, then its end.

        Closing the generator closes the connection, which stops the work behind it.

        Raises:
            ServerError: The server answered with an error.
            BackendUnavailable: It cannot be reached.
            BackendBroken: It broke off.
        """
        stream = {**body, "stream": True, "stream_options": {"include_usage": True}}
        connection = self._connect(ANSWER_TIMEOUT_S)
        try:
            response = self._send(connection, "POST", "/v1/chat/completions", stream)
            finish_reason = None
            for chunk in _events(response):
                if "error" in chunk:
                    raise ServerError(chunk["error"]["message"])
                jisr = chunk.get("jisr")
                if jisr is not None and "state" in jisr:
                    yield State(jisr["state"], jisr)
                    continue  # its text is for clients that know no states
                for choice in chunk["choices"]:
                    finish_reason = choice["finish_reason"] or finish_reason
                    if text := choice["delta"].get("content"):
                        yield text
                if jisr is not None:
                    yield Ended(finish_reason, jisr, chunk.get("usage"))
                    return
            raise BackendBroken(f"{self.url} closed the stream before the answer's end.")
        finally:
            connection.close()

    def route(self, body: Mapping[str, object]) -> dict[str, object]:
        """Return what would be decided for a request.

        Raises:
            ServerError: The server answered with an error.
            BackendUnavailable: It cannot be reached.
        """
        return self._call("POST", "/v1/jisr/route", body, ANSWER_TIMEOUT_S)

    def preview(self, body: Mapping[str, object]) -> dict[str, Any]:
        """Return what of a request would leave; nothing does.

        Raises:
            ServerError: The server answered with an error.
            BackendUnavailable: It cannot be reached.
        """
        return self._call("POST", "/v1/jisr/preview", body, ANSWER_TIMEOUT_S)

    def forget(self, conversation: str) -> None:
        """End a conversation: what its placeholders stand for is forgotten there.

        Raises:
            ServerError: The server answered with an error.
            BackendUnavailable: It cannot be reached.
        """
        self._call("DELETE", f"/v1/jisr/conversations/{conversation}", None, ANSWER_TIMEOUT_S)

    def _call(
        self, method: str, path: str, body: Mapping[str, object] | None, timeout_s: float
    ) -> dict[str, object]:
        connection = self._connect(timeout_s)
        try:
            payload: dict[str, object] = json.load(self._send(connection, method, path, body))
            return payload
        finally:
            connection.close()

    def _connect(self, timeout_s: float) -> http.client.HTTPConnection:
        address = urlsplit(self.url)
        return http.client.HTTPConnection(address.hostname or "", address.port, timeout=timeout_s)

    def _send(
        self,
        connection: http.client.HTTPConnection,
        method: str,
        path: str,
        body: Mapping[str, object] | None,
    ) -> http.client.HTTPResponse:
        headers = {"Content-Type": "application/json"}
        if self.key:
            headers["Authorization"] = f"Bearer {self.key}"
        payload = None if body is None else json.dumps(body).encode()
        try:
            connection.request(method, path, payload, headers)
            response = connection.getresponse()
        except (OSError, http.client.HTTPException) as error:
            raise BackendUnavailable(f"{self.url} cannot be reached: {error}") from error
        if response.status != http.HTTPStatus.OK:
            raise _failure(response.read(), response.status)
        return response


def messages_of(messages: Iterable[Message]) -> list[dict[str, str]]:
    """Return messages under OpenAI's names."""
    return [{"role": it.role.value, "content": it.text} for it in messages]


def _events(response: http.client.HTTPResponse) -> Iterator[dict[str, Any]]:
    try:
        for line in response:
            if line.startswith(b"data: ") and line.strip() != b"data: [DONE]":
                yield json.loads(line[6:])
    except (OSError, http.client.HTTPException, ValueError) as error:
        raise BackendBroken(f"The stream broke off: {error}") from error


def _failure(body: bytes, status: int) -> ServerError:
    try:
        error = json.loads(body)["error"]
        return ServerError(str(error["message"]), told=error.get("code"))
    except (ValueError, KeyError, TypeError, AttributeError):
        return ServerError(f"The server answered {status}.")
