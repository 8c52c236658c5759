"""What an independent benchmark of gateways says of this one, with its own captured upstream.

The benchmark's second profile also asks a gateway to take out of an answer what only the
cloud said. Jisr does not: the cloud knew it, and the answer is the user's.

Source: pii-leak-benchmark 0.6.0 (Phalak, 2026), whose capture server and checks run here.
"""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from random import Random
from typing import Any

import pytest
from pii_leak_benchmark import v2_emitter
from pii_leak_benchmark.http_profile import (
    capture_session,
    run_http_conformance,
)
from pii_leak_benchmark.selfcheck import verdict_for

from jisr.bench.behaviours import Behaviour
from jisr.server.run import free_port
from tests.journeys.served import ask, serving, upstream
from tests.runtimes import cloud_at, runtime

MODEL = "jisr/cloud"
SEED = "a1b2c3d4e5f60001"
PROMPT = (
    "Contact {EMAIL}, SSN {SSN}, card {CARDPAN}, phone {USPHONE}; "
    "راسل {EMAIL} 🙂 <{EMAIL}> [{SSN}]({EMAIL})."
)


@contextmanager
def gateway(capture_port: int) -> Iterator[str]:
    """Serve a Jisr whose cloud is the benchmark's capture."""
    cloud = cloud_at(f"http://127.0.0.1:{capture_port}/v1", "any")
    with serving(runtime(cloud=cloud)) as url:
        yield f"{url}/v1"


def checked(target: str | None) -> Any:
    """Return the benchmark's report on a gateway, or on no gateway at all."""
    port = free_port()
    with capture_session(capture_port=port) as session, gateway(port) as url:
        return run_http_conformance(
            target or url, session=session, model=MODEL, fixture_seed=SEED, include_credentials=True
        )


def test_no_value_leaks_and_each_is_restored() -> None:
    report = checked(None)

    assert verdict_for(report)[0] == "CLEAN", verdict_for(report)
    assert all(check["passed"] for check in report["checks"].values())


def test_the_same_check_sees_a_leak_where_there_is_no_gateway() -> None:
    report = checked("capture://self")

    assert verdict_for(report)[0] == "LEAK"


def case_of(site: str) -> dict[str, str]:
    """Return one of the second profile's cases with its values at this place of a request."""
    cases: list[dict[str, str]] = v2_emitter.covering_array()
    return next(it for it in cases if it["request_site"] == site)


def driven(site: str) -> tuple[Any, dict[str, str]]:
    """Return what came of a case, and the values that were sent in it."""
    port = free_port()
    segments = v2_emitter.build_segments(SEED)
    with gateway(port) as url:
        result = v2_emitter.run_case(
            segments,
            "jisr",
            case_of(site),
            iterations=1,
            gateway_url=f"{url}/chat/completions",
            upstream_port=port,
            model=MODEL,
        )
    return result, segments.echo


@pytest.mark.parametrize("site", ["chat-content", "system-content", "tool-description"])
def test_values_are_kept_and_restored_wherever_they_stand_in_a_request(site: str) -> None:
    result, values = driven(site)

    assert result.transport_error is None
    assert result.echo_recovered == dict.fromkeys(values, True)
    assert not [kind for kind, value in values.items() if value in "".join(result.upstream_bodies)]


def test_values_in_a_field_that_nobody_knows_are_refused_and_not_forwarded() -> None:
    result, _ = driven("unrecognised-key")

    assert result.status_codes == [400]
    assert result.upstream_bodies == []


def sent(captured: bytes) -> str:
    body = json.loads(captured.partition(b"\r\n\r\n")[2])
    return str(body["messages"][0]["content"])


def test_every_split_of_the_stream_gives_every_value_back() -> None:
    fixture = v2_emitter.make_seeded_fixture(Random(SEED))
    prompt = PROMPT.format(**fixture)
    wrong = []
    with (
        upstream(Behaviour.ECHO, piece_chars=1) as cloud,
        serving(runtime(cloud=cloud_at(cloud.base_url, "any"))) as echoing,
        serving(runtime(cloud=cloud_at(cloud.base_url, Behaviour.SLOW))) as cutting,
    ):
        assert ask(echoing, prompt, stream=True, model=MODEL).text() == prompt
        left = sent(cloud.captured[0])
        for at in range(1, len(left)):
            cloud.script = replace(cloud.script, pieces=(left[:at], left[at:]), pause_s=0.002)
            is_right = ask(cutting, prompt, stream=True, model=MODEL).text() == prompt
            wrong += [] if is_right else [at]

    assert wrong == []
    assert not any(value in left for value in fixture.values())
