"""A source that is a model hub: one HTTPS file, resumed where it broke off.

Where the hub points to its own storage it is followed, hop by hop; to no other host.

Source: RFC 9110, HTTP Semantics, section 14 (range requests).
"""

from __future__ import annotations

import time
from collections.abc import Iterator
from dataclasses import dataclass
from http import HTTPStatus
from typing import TYPE_CHECKING
from urllib.parse import quote, urljoin

from jisr.departure import Auditor, Errand
from jisr.errors import PrivacyError, PullFailed
from jisr.models.base import Model
from jisr.models.staging import PIECE_BYTES, Staging

if TYPE_CHECKING:
    from jisr.door import Answer

HUGGING_FACE = "https://huggingface.co"
ITS_STORAGE = ("https://*.huggingface.co", "https://*.hf.co")
"""Where it points to for the files themselves."""
MOST_HOPS = 5
FOUND = {HTTPStatus.OK, HTTPStatus.PARTIAL_CONTENT}
ELSEWHERE = {301, 302, 303, 307, 308}


@dataclass(frozen=True, slots=True, kw_only=True)
class HubSource:
    """Files of Hugging Face, or of a mirror with its paths."""

    auditor: Auditor
    """Is told of each request before it is sent."""
    base_url: str = HUGGING_FACE
    storage: tuple[str, ...] = ITS_STORAGE
    """Other services that it may point to; the host may be `*.name`."""
    timeout_s: float = 30.0
    """Longest wait for the connection, and for each piece."""
    retries: int = 4
    """Tries in a row that may get no further than the ones before."""
    pause_s: float = 1.0
    """Wait before the first of them; it doubles."""
    needs_network: bool = True

    def room_bytes(self, model: Model) -> int:
        """Return the disk space it takes for a while: none."""
        return 0

    def fetch(self, model: Model, staging: Staging) -> None:
        """Get the rest of the file, over as many connections as that takes."""
        if not model.hub:
            raise PullFailed(f"{model.name} is on no hub.")
        hub = model.hub
        url = f"{self.base_url}/{hub.repository}/resolve/{hub.revision}/{quote(hub.file)}"
        furthest, in_vain = staging.size(), 0
        while staging.size() < model.size_bytes:
            problem = self._get_more(url, staging)
            in_vain = 0 if staging.size() > furthest else in_vain + 1
            furthest = max(furthest, staging.size())
            if in_vain > self.retries:
                raise PullFailed(f"{url} cannot be fetched: {problem}")
            if in_vain:
                time.sleep(self.pause_s * 2 ** (in_vain - 1))

    def _get_more(self, url: str, staging: Staging) -> str:
        """Take what one connection gives, and return what ended it."""
        start = staging.size()
        try:
            with self._open(url, start) as response:
                if start and not _goes_on_from(start, response):
                    staging.cut(0)
                staging.append(_pieces(response, staging.total_bytes - staging.size()))
        except _NoSuchRange:
            staging.cut(0)  # what is staged is not of this file
            return "it has no such range"
        except _BrokeOff as error:
            return str(error)
        return "the connection ended early"

    def _open(self, url: str, start: int) -> Answer:
        """Return the answer that has the file, at most so many hops away and nowhere else."""
        from jisr.door import Door  # heavy, and only a pull from here needs it

        door = Door(self.auditor, (self.base_url, *self.storage))
        headers = {"Range": f"bytes={start}-"} if start else {}
        target = url
        for _ in range(MOST_HOPS):
            try:
                answer = door.get(target, Errand.PULL, headers, self.timeout_s)
            except PrivacyError as error:
                raise PullFailed(f"{url} cannot be fetched: {error}") from None
            except OSError as error:
                raise _BrokeOff(_reason(error)) from None
            if answer.status in FOUND:
                return answer
            with answer:
                if answer.status not in ELSEWHERE:
                    raise _refusal(url, answer)
                target = urljoin(target, answer.header("Location"))
        raise PullFailed(f"{url} points from one place to the next, and never to the file.")


class _BrokeOff(Exception):
    """A connection ended for a reason that another try may not meet."""


class _NoSuchRange(Exception):
    """The server's file ends before the place to go on from."""


def _goes_on_from(start: int, response: Answer) -> bool:
    found = response.header("Content-Range")
    return response.status == HTTPStatus.PARTIAL_CONTENT and found.startswith(f"bytes {start}-")


def _pieces(response: Answer, wanted_bytes: int) -> Iterator[bytes]:
    """Yield no more than is wanted, though the server might never end."""
    while wanted_bytes > 0:
        try:
            piece = response.read(min(PIECE_BYTES, wanted_bytes))
        except OSError as error:
            raise _BrokeOff(_reason(error)) from None
        if not piece:
            return
        wanted_bytes -= len(piece)
        yield piece


def _refusal(url: str, answer: Answer) -> Exception:
    status = answer.status
    if status == HTTPStatus.REQUESTED_RANGE_NOT_SATISFIABLE:
        return _NoSuchRange()
    if status == HTTPStatus.TOO_MANY_REQUESTS or status >= HTTPStatus.INTERNAL_SERVER_ERROR:
        return _BrokeOff(f"it answered {status} {answer.reason}")
    return PullFailed(f"{url} answered {status} {answer.reason}.")


def _reason(error: Exception) -> str:
    return str(getattr(error, "reason", "") or error or type(error).__name__)
