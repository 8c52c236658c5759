import pytest

from jisr import errors
from jisr.errors import ContextOverflow, InvalidRequest, JisrError
from jisr.server.failures import failure, status_of


def kinds(base: type[JisrError] = JisrError) -> list[type[JisrError]]:
    ours = [kind for kind in base.__subclasses__() if kind.__module__ == errors.__name__]
    return [base, *(kind for it in ours for kind in kinds(it))]


EXPECTED = {
    "invalid_request": 400,
    "context_length_exceeded": 400,
    "model_not_found": 404,
    "body_too_large": 413,
    "no_place": 403,
    "ask_first": 403,
    "engine_busy": 503,
    "engine_closed": 503,
    "backend": 502,
    "backend_timeout": 504,
    "backend_unavailable": 503,
    "backend_busy": 503,
    "backend_refused": 502,
    "backend_broken": 502,
}
"""Every other is a fault of ours."""


@pytest.mark.parametrize("kind", kinds(), ids=lambda kind: kind.code)
def test_every_error_has_its_status_and_openais_shape(kind: type[JisrError]) -> None:
    error = kind("what to do")
    status = EXPECTED.get(kind.code, 500)

    assert status_of(error) == status
    assert failure(error) == {
        "error": {
            "message": "what to do",
            "type": "server_error" if status >= 500 else "invalid_request_error",
            "param": None,
            "code": kind.code,
        }
    }


def test_the_field_at_fault_is_named() -> None:
    assert failure(InvalidRequest("no", param="seed"))["error"]["param"] == "seed"  # type: ignore[index]


def test_a_prompt_too_long_has_the_code_that_clients_know() -> None:
    assert failure(ContextOverflow("by 7"))["error"]["code"] == "context_length_exceeded"  # type: ignore[index]
