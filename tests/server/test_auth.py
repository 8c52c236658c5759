import pytest
from hypothesis import given
from hypothesis import strategies as st

from jisr.errors import ConfigError
from jisr.server.auth import Gate

VARIABLE = "JISR_SERVER_API_KEY"


def gate(host: str = "127.0.0.1", key: str | None = None, **more: tuple[str, ...]) -> Gate:
    return Gate.build(host, key, key_variable=VARIABLE, **more)


def code(gate: Gate, needs_key: bool = True, **headers: str) -> str | None:
    refusal = gate.check(headers, needs_key=needs_key)
    return refusal.code if refusal else None


@pytest.mark.parametrize(
    "host",
    ["127.0.0.1", "127.0.0.1:8484", "localhost:1", "LocalHost", "[::1]", "[::1]:8484"],
)
def test_loopback_may_be_called_by_its_names(host: str) -> None:
    assert code(gate(), host=host) is None


@pytest.mark.parametrize(
    "host",
    [
        "evil.example",  # a name that was pointed to 127.0.0.1: DNS rebinding
        "127.0.0.1.evil.example",
        "localhost.evil.example:8484",
        "192.168.1.7",
        "0.0.0.0",
        "",
        "[::1",
        "مثال",
    ],
)
def test_any_other_host_is_refused(host: str) -> None:
    assert code(gate(), host=host) == "host_not_allowed"


def test_a_request_without_a_host_is_refused() -> None:
    assert code(gate()) == "host_not_allowed"


def test_more_hosts_may_be_allowed() -> None:
    assert code(gate(hosts=("Box.Local",)), host="box.local:8484") is None


@pytest.mark.parametrize("bound", ["192.168.1.7", "0.0.0.0", "::"])
@pytest.mark.parametrize("host", ["192.168.1.7:8484", "box:8484", "box.example", "localhost", ""])
def test_beyond_loopback_any_name_may_be_called_and_the_key_decides(bound: str, host: str) -> None:
    open_gate = gate(bound, "sk-1")

    assert code(open_gate, host=host, authorization="Bearer sk-1") is None
    assert code(open_gate, host=host) == "invalid_api_key"
    assert code(open_gate, host=host, authorization="Bearer sk-2") == "invalid_api_key"
    assert code(open_gate, False, host=host) is None


def test_a_page_from_elsewhere_may_not_call_there_either() -> None:
    told = code(
        gate("0.0.0.0", "sk-1"),
        host="box:8484",
        origin="https://evil.example",
        authorization="Bearer sk-1",
    )

    assert told == "origin_not_allowed"


@pytest.mark.parametrize(
    ("origin", "expected"),
    [
        ("http://127.0.0.1:8484", None),
        ("http://127.0.0.1:9999", "origin_not_allowed"),
        ("https://evil.example", "origin_not_allowed"),
        ("https://app.example", None),
        ("null", "origin_not_allowed"),
        ("", "origin_not_allowed"),
        ("http://127.0.0.1:8484.evil.example", "origin_not_allowed"),
    ],
)
def test_a_page_may_call_if_it_is_ours_or_allowed(origin: str, expected: str | None) -> None:
    allowing = gate(origins=("https://app.example",))

    assert code(allowing, host="127.0.0.1:8484", origin=origin) == expected


@pytest.mark.parametrize(
    ("authorization", "expected"),
    [
        ("Bearer sk-1", None),
        ("bearer  sk-1 ", None),
        ("Bearer sk-2", "invalid_api_key"),
        ("Bearer sk-", "invalid_api_key"),
        ("Bearer sk-11", "invalid_api_key"),
        ("Bearer", "invalid_api_key"),
        ("sk-1", "invalid_api_key"),
        ("Basic sk-1", "invalid_api_key"),
        ("Bearer مفتاح", "invalid_api_key"),
        ("", "invalid_api_key"),
    ],
)
def test_the_key_must_be_the_key(authorization: str, expected: str | None) -> None:
    assert code(gate(key="sk-1"), host="localhost", authorization=authorization) == expected


def test_loopback_needs_no_key() -> None:
    assert code(gate(), host="localhost") is None


@pytest.mark.parametrize("host", ["0.0.0.0", "::", "192.168.1.7", "box.local", "127.1"])
@pytest.mark.parametrize("key", [None, ""])
def test_any_other_address_is_not_bound_without_a_key(host: str, key: str | None) -> None:
    with pytest.raises(ConfigError, match=VARIABLE):
        gate(host, key)


@given(st.dictionaries(st.sampled_from(["host", "origin", "authorization"]), st.text()))
def test_no_headers_make_it_fail(headers: dict[str, str]) -> None:
    gate(key="sk-1").check(headers)
