"""Errors as HTTP: which status each of ours has, and its body in OpenAI's shape."""

from __future__ import annotations

from http import HTTPStatus

from jisr.errors import (
    BackendBusy,
    BackendError,
    BackendTimeout,
    BackendUnavailable,
    BodyTooLarge,
    EngineBusy,
    EngineClosed,
    InvalidRequest,
    JisrError,
    NoPlace,
    UnknownModel,
)
from jisr.masking import mask
from jisr.server import wire_answer

STATUS: tuple[tuple[type[JisrError], int], ...] = (
    (UnknownModel, 404),
    (BodyTooLarge, 413),
    (InvalidRequest, 400),
    (NoPlace, 403),
    (EngineBusy, 503),
    (EngineClosed, 503),
    (BackendTimeout, 504),
    (BackendUnavailable, 503),
    (BackendBusy, 503),
    (BackendError, 502),
)
"""The first that fits; what is not here is our own fault: 500."""


def status_of(error: JisrError) -> int:
    """Return the HTTP status of an error."""
    fits = (status for kind, status in STATUS if isinstance(error, kind))
    return next(fits, 500)


def failure(error: JisrError) -> dict[str, object]:
    """Return the body of an error; its message is safe to show, and no key is in it."""
    status = status_of(error)
    kind = "invalid_request_error" if status < HTTPStatus.INTERNAL_SERVER_ERROR else "server_error"
    return wire_answer.error(mask(str(error)), kind, error.code, getattr(error, "param", None))
