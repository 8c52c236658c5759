"""What a failure of an HTTP service means: which error, and whether to try again.

Pure: it is told a status or an exception and says what follows. No key can get
into a message here, because none is handed in.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from http import HTTPStatus
from math import isnan

import aiohttp

from jisr.backends.openai_wire import Complaint
from jisr.errors import (
    BackendBroken,
    BackendError,
    BackendRefused,
    BackendTimeout,
    BackendUnavailable,
    ContextOverflow,
    InvalidRequest,
    JisrError,
    OfflineError,
)

FIRST_WAIT_S = 0.25
MAX_WAIT_S = 8.0
MAX_RETRY_AFTER_S = 20.0
"""Who asks to wait longer is not waited for: another place answers sooner."""

CONTEXT_WORDS = re.compile(
    r"context_length|exceed_context|context (length|size|window)|too many (input )?tokens", re.I
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Service:
    """Which service failed, for messages."""

    host: str
    model: str
    api_key_env: str | None
    """Where its key is looked for; None: nowhere."""
    has_key: bool
    takes_key: bool = True
    """False: it is on this machine, and is sent no key whatever it says."""
    read_timeout_s: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Failure:
    """One try that gave nothing, or not all."""

    error: JisrError
    is_retryable: bool = False
    """Whether the same try may do better a moment later."""
    is_unhealthy: bool = True
    """Whether it tells of the service; False: it tells of this turn only."""
    retry_after_s: float | None = None
    """How long the service asks to wait."""


def of_status(
    status: int, complaint: Complaint, service: Service, retry_after_s: float | None = None
) -> Failure:
    """Return what an answer with this HTTP status means."""
    answered, said = _answered(status, complaint, service)
    if status in (HTTPStatus.UNAUTHORIZED, HTTPStatus.FORBIDDEN):
        return Failure(error=_about_key(status, complaint, service))
    if status == HTTPStatus.TOO_MANY_REQUESTS or status >= HTTPStatus.INTERNAL_SERVER_ERROR:
        return Failure(
            error=BackendUnavailable(said, cause=answered),
            is_retryable=True,
            retry_after_s=retry_after_s,
        )
    if HTTPStatus.MULTIPLE_CHOICES <= status < HTTPStatus.BAD_REQUEST:
        cause = f"{answered} Redirects are never followed: set the base URL to the final address."
        return Failure(error=BackendRefused(cause, cause=cause))
    return Failure(error=_about_turn(status, complaint, service), is_unhealthy=False)


def _answered(status: int, complaint: Complaint, service: Service) -> tuple[str, str]:
    """Return what a service answered, without its own words and with them."""
    answered = f"{service.host} answered {status}"
    said = f"{answered}: {complaint.message}" if complaint.message else f"{answered}."
    return f"{answered}.", said


def _about_key(status: int, complaint: Complaint, service: Service) -> BackendRefused:
    cause = f"{service.host} {_key_wanted(status, service)}"
    # 401 is of the key alone, and services quote it; 403 may be of anything.
    is_told = status == HTTPStatus.FORBIDDEN and service.has_key and complaint.message
    said = f"{cause} It said: {complaint.message}" if is_told else cause
    return BackendRefused(said, cause=cause)


def _key_wanted(status: int, service: Service) -> str:
    """Return what a service wants, and how the user sets it."""
    variable = service.api_key_env
    if not service.takes_key:
        return f"wants a key ({status}); a server on this machine is sent none."
    if variable is None:
        remedy = "name the variable that holds it as api_key_env in its [[cloud.fallbacks]]"
        return f"wants a key ({status}), and none is set for it: {remedy}."
    if not service.has_key:
        return f"wants a key ({status}), and there is none: set it {place_of_key(variable)}."
    return f"refused the key ({status}): set the right one {place_of_key(variable)}."


def place_of_key(variable: str | None) -> str:
    """Return where a key is set, to be read after `set it`; None: in no variable as yet."""
    if variable is None:
        return "in a variable that api_key_env names"
    return (
        f"in the environment variable {variable}, or in the keyring (keyring set jisr {variable}), "
        "and start Jisr again"
    )


def _about_turn(status: int, complaint: Complaint, service: Service) -> JisrError:
    answered, said = _answered(status, complaint, service)
    if status in (400, 413, 422) and CONTEXT_WORDS.search(f"{complaint.code} {complaint.message}"):
        return ContextOverflow(
            f"The turn is longer than the context of {service.model}. {said} {_longest(service)}",
            param="messages",
        )
    if status == HTTPStatus.REQUEST_ENTITY_TOO_LARGE:
        return InvalidRequest(f"The turn is larger than the service takes. {said}")
    if status == HTTPStatus.NOT_FOUND:
        remedy = f"Is {service.model!r} a model there, and the base URL right, /v1 included?"
        return BackendRefused(f"{said} {remedy}", cause=f"{answered} {remedy}")
    return BackendRefused(said, cause=answered)


def _longest(service: Service) -> str:
    """Return where it is set how long a turn may be that a service takes."""
    there = f"How long a turn may be is set at {service.host}, not here"
    if not service.takes_key:
        return f"{there}."
    return (
        f"{there} (if a Jisr serves it, by device.context_tokens there). Shorten the turn, or set "
        "the service's context_tokens here (cloud.context_tokens) to what it takes, so that none "
        "that is longer is sent to it unless you allow the cloud only."
    )


@dataclass(frozen=True, slots=True)
class _Meaning:
    """What one kind of exception means."""

    kinds: tuple[type[BaseException], ...]
    error: type[BackendError]
    words: str
    is_retryable: bool = False


MEANINGS = (
    _Meaning(
        (aiohttp.ConnectionTimeoutError,), BackendUnavailable, "{host} could not be reached in time"
    ),
    _Meaning(
        (aiohttp.SocketTimeoutError,), BackendTimeout, "{host} said nothing for {timeout_s:g} s"
    ),
    _Meaning((TimeoutError,), BackendTimeout, "{host} did not end its answer in time"),
    _Meaning(
        (aiohttp.ClientSSLError, aiohttp.ClientConnectorCertificateError),
        BackendUnavailable,
        "{host} could not prove who it is: TLS failed",
    ),
    _Meaning(
        (aiohttp.ClientConnectorError,),
        BackendUnavailable,
        "{host} could not be reached: {reason}",
        is_retryable=True,
    ),
    _Meaning(
        (aiohttp.ClientConnectionError, aiohttp.ClientPayloadError, OSError),
        BackendBroken,
        "{host} closed the connection before the end of its answer",
        is_retryable=True,
    ),
    _Meaning((BaseException,), BackendBroken, "{host} does not speak HTTP as it should"),
)
"""The first that fits tells; special kinds stand before those they are kinds of."""


def of_exception(error: BaseException, service: Service) -> Failure:
    """Return what an exception of the HTTP client, or of the reader, means."""
    if any(isinstance(it, OfflineError) for it in _causes(error)):
        said = (
            f"{service.host} was not asked: the offline switch is on (offline = true, --offline "
            "or JISR_OFFLINE=1)."
        )
        return Failure(error=BackendUnavailable(said, cause=said), is_unhealthy=False)
    if isinstance(error, JisrError):
        # What is refused in mid-answer, by a filter, is the turn.
        is_unhealthy = isinstance(error, BackendError) and not isinstance(error, BackendRefused)
        return Failure(error=error, is_unhealthy=is_unhealthy)
    meaning = next(it for it in MEANINGS if isinstance(error, it.kinds))
    os_error = getattr(error, "os_error", None)
    words = meaning.words.format(
        host=service.host,
        timeout_s=service.read_timeout_s,
        reason=getattr(os_error, "strerror", None) or "no such host, or no network",
    )
    said = f"{words}."
    return Failure(error=meaning.error(said, cause=said), is_retryable=meaning.is_retryable)


def _causes(error: BaseException) -> Iterator[BaseException]:
    """Yield an exception and all it was raised from, those of groups too."""
    waiting: list[BaseException | None] = [error]
    seen: set[int] = set()
    while waiting:
        it = waiting.pop()
        if it is None or id(it) in seen:
            continue
        seen.add(id(it))
        yield it
        waiting += [it.__cause__, it.__context__, getattr(it, "os_error", None)]
        if isinstance(it, BaseExceptionGroup):
            waiting += it.exceptions


def wait_s(attempt: int, failure: Failure, luck: float) -> float | None:
    """Return how long to wait before the next try, None if none is worth it.

    Args:
        attempt: 0 after the first try.
        failure: What the last try came to.
        luck: 0 to 1, so that many clients do not come back at one moment.
    """
    if not failure.is_retryable:
        return None
    asked = failure.retry_after_s
    if asked is not None and asked > MAX_RETRY_AFTER_S:
        return None
    grown = min(MAX_WAIT_S, FIRST_WAIT_S * 2**attempt) * (0.5 + luck / 2)
    return grown if asked is None else max(asked, 0.0)


def read_retry_after(header: str | None, now: datetime) -> float | None:
    """Return the seconds a Retry-After header asks for; None if it cannot be read."""
    if not header:
        return None
    try:
        seconds = float(header)
        return None if isnan(seconds) else max(0.0, seconds)
    except ValueError:
        pass
    try:
        at = parsedate_to_datetime(header)
    except ValueError:
        return None
    return max(0.0, ((at if at.tzinfo else at.replace(tzinfo=UTC)) - now).total_seconds())
