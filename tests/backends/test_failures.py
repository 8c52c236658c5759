import ssl
from dataclasses import replace
from datetime import UTC, datetime
from unittest.mock import sentinel

import aiohttp
import pytest

from jisr.backends.failures import (
    Failure,
    Service,
    of_exception,
    of_status,
    read_retry_after,
    wait_s,
)
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

SERVICE = Service(
    host="cloud.test", model="big", api_key_env="A_KEY", has_key=True, read_timeout_s=60
)
NOW = datetime(2026, 1, 1, tzinfo=UTC)


@pytest.mark.parametrize(
    ("status", "complaint", "error", "is_retryable", "is_unhealthy"),
    [
        (400, Complaint("no"), BackendRefused, False, False),
        (400, Complaint("", "context_length_exceeded"), ContextOverflow, False, False),
        (400, Complaint("the maximum context length is 9"), ContextOverflow, False, False),
        (400, Complaint("", "exceed_context_size_error"), ContextOverflow, False, False),
        (401, Complaint("no"), BackendRefused, False, True),
        (403, Complaint("no"), BackendRefused, False, True),
        (404, Complaint("no"), BackendRefused, False, False),
        (302, Complaint(""), BackendRefused, False, True),
        (413, Complaint("no"), InvalidRequest, False, False),
        (413, Complaint("too many tokens"), ContextOverflow, False, False),
        (422, Complaint("no"), BackendRefused, False, False),
        (429, Complaint("no"), BackendUnavailable, True, True),
        (500, Complaint(""), BackendUnavailable, True, True),
        (503, Complaint("no"), BackendUnavailable, True, True),
        (529, Complaint("no"), BackendUnavailable, True, True),
        (204, Complaint(""), BackendRefused, False, False),
    ],
)
def test_a_status_has_a_meaning(
    status: int,
    complaint: Complaint,
    error: type[JisrError],
    is_retryable: bool,
    is_unhealthy: bool,
) -> None:
    failure = of_status(status, complaint, SERVICE)

    assert type(failure.error) is error
    assert (failure.is_retryable, failure.is_unhealthy) == (is_retryable, is_unhealthy)
    assert "cloud.test" in str(failure.error)
    assert str(status) in str(failure.error)


@pytest.mark.parametrize(
    ("error", "kind", "words", "is_retryable"),
    [
        (aiohttp.ConnectionTimeoutError(), BackendUnavailable, "in time", False),
        (aiohttp.SocketTimeoutError(), BackendTimeout, "nothing for 60 s", False),
        (TimeoutError(), BackendTimeout, "did not end", False),
        (
            aiohttp.ClientConnectorError(sentinel.key, ConnectionRefusedError(111, "refused")),
            BackendUnavailable,
            "refused",
            True,
        ),
        (
            aiohttp.ClientConnectorDNSError(sentinel.key, OSError()),
            BackendUnavailable,
            "no such host",
            True,
        ),
        (
            aiohttp.ClientConnectorCertificateError(sentinel.key, ssl.CertificateError()),
            BackendUnavailable,
            "TLS",
            False,
        ),
        (aiohttp.ServerDisconnectedError(), BackendBroken, "closed", True),
        (ConnectionResetError(), BackendBroken, "closed", True),
        (aiohttp.ClientPayloadError(), BackendBroken, "closed", True),
        (aiohttp.ClientError(), BackendBroken, "HTTP", False),
        (BackendBroken("as it is"), BackendBroken, "as it is", False),
    ],
)
def test_an_exception_has_a_meaning(
    error: Exception, kind: type[JisrError], words: str, is_retryable: bool
) -> None:
    failure = of_exception(error, SERVICE)

    assert type(failure.error) is kind
    assert words in str(failure.error)
    assert failure.is_retryable is is_retryable


def wrapped() -> Exception:
    try:
        try:
            raise OfflineError("off")
        except OfflineError as error:
            raise OSError("look-up failed") from error
    except OSError as error:
        return error


@pytest.mark.parametrize(
    "error",
    [
        OfflineError("off"),
        wrapped(),
        ExceptionGroup("several addresses", [OSError(), OfflineError("off")]),
    ],
)
def test_the_offline_switch_is_named_however_it_was_wrapped(error: Exception) -> None:
    failure = of_exception(error, SERVICE)

    assert type(failure.error) is BackendUnavailable
    assert "the offline switch is on" in str(failure.error)
    assert not failure.is_retryable
    assert not failure.is_unhealthy  # the service itself did nothing wrong


@pytest.mark.parametrize(
    ("error", "is_unhealthy"),
    [
        (BackendRefused("the filter cut it off"), False),
        (InvalidRequest("no grammar"), False),
        (BackendBroken("no event"), True),
        (OSError(), True),
    ],
)
def test_what_is_refused_tells_of_the_turn_and_not_of_the_service(
    error: Exception, is_unhealthy: bool
) -> None:
    assert of_exception(error, SERVICE).is_unhealthy is is_unhealthy


def test_what_a_service_forbids_is_told_in_its_words() -> None:
    failure = of_status(403, Complaint("The Host box:8484 is not allowed."), SERVICE)

    assert "The Host box:8484 is not allowed." in str(failure.error)


@pytest.mark.parametrize("status", [302, 400, 401, 403, 404, 429, 503])
def test_the_cause_repeats_nothing_that_a_service_said(status: int) -> None:
    error = of_status(status, Complaint("words of the turn"), SERVICE).error

    assert isinstance(error, BackendError)
    assert str(status) in error.cause
    assert "words of the turn" not in error.cause
    assert error.reason == f"{error.code}: {error.cause}"


def test_an_error_without_a_cause_is_told_by_its_code() -> None:
    assert BackendBroken("half an answer").reason == "backend_broken"


@pytest.mark.parametrize("takes_key", [True, False])
def test_a_turn_too_long_there_names_the_setting_of_there(takes_key: bool) -> None:
    full = Complaint("Shorten it, or raise device.context_tokens.", "context_length_exceeded")
    said = str(of_status(400, full, replace(SERVICE, takes_key=takes_key)).error)

    assert "is set at cloud.test, not here" in said
    assert ("cloud.context_tokens" in said) is takes_key


@pytest.mark.parametrize(
    ("has_key", "takes_key", "variable", "words"),
    [
        (True, True, "A_KEY", "refused the key"),
        (False, True, "A_KEY", "there is none"),
        (False, True, None, "name the variable that holds it"),
        (False, False, None, "sent none"),
    ],
)
def test_a_refused_key_is_told_with_the_place_to_put_it(
    has_key: bool, takes_key: bool, variable: str | None, words: str
) -> None:
    service = Service(
        host="h",
        model="m",
        api_key_env=variable,
        has_key=has_key,
        takes_key=takes_key,
        read_timeout_s=1,
    )
    error = of_status(401, Complaint("secret words"), service).error
    said = str(error)

    assert isinstance(error, BackendRefused)
    assert error.cause == said
    assert words in said
    assert variable is None or f"environment variable {variable}" in said
    assert variable is None or f"keyring set jisr {variable}" in said
    assert "secret words" not in said


DOWN = Failure(error=BackendUnavailable("x"), is_retryable=True)


def test_waits_grow_up_to_a_bound() -> None:
    assert [wait_s(attempt, DOWN, 1.0) for attempt in (0, 1, 2, 9)] == [0.25, 0.5, 1.0, 8.0]
    assert wait_s(0, DOWN, 0.0) == 0.125


@pytest.mark.parametrize(
    ("asked_s", "wait"), [(0.0, 0.0), (3.0, 3.0), (20.0, 20.0), (21.0, None), (1e9, None)]
)
def test_a_service_that_asks_for_a_wait_gets_it_if_it_is_short(
    asked_s: float, wait: float | None
) -> None:
    busy = Failure(error=DOWN.error, is_retryable=True, retry_after_s=asked_s)

    assert wait_s(0, busy, 1.0) == wait


def test_what_cannot_get_better_is_not_waited_for() -> None:
    assert wait_s(0, Failure(error=BackendRefused("x")), 1.0) is None


@pytest.mark.parametrize(
    ("header", "seconds"),
    [
        ("2", 2.0),
        ("0.5", 0.5),
        ("-3", 0.0),
        ("Thu, 01 Jan 2026 00:00:30 GMT", 30.0),
        ("Wed, 31 Dec 2025 23:00:00 GMT", 0.0),
        ("soon", None),
        ("nan", None),
        ("", None),
        (None, None),
    ],
)
def test_retry_after_is_seconds_or_a_date(header: str | None, seconds: float | None) -> None:
    assert read_retry_after(header, NOW) == seconds
