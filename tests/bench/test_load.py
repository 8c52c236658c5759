import asyncio
import math

import pytest

from jisr.bench.behaviours import Behaviour
from jisr.bench.load import Load, Report, quantile, run
from jisr.bench.upstream import ScriptedUpstream


def loaded(behaviour: Behaviour, **more: float) -> tuple[Report, ScriptedUpstream]:
    async def load() -> tuple[Report, ScriptedUpstream]:
        async with ScriptedUpstream(keeps=True, pause_s=0.001) as server:
            asked = Load(
                base_url=server.base_url,
                model=behaviour,
                num_connections=4,
                num_requests=20,
                key="sk-1",
                timeout_s=more.get("timeout_s", 5.0),
            )
            return await run(asked), server

    return asyncio.run(load())


@pytest.mark.parametrize("behaviour", [Behaviour.OK, Behaviour.SLOW, Behaviour.ECHO])
def test_each_whole_answer_is_a_sample(behaviour: Behaviour) -> None:
    report, server = loaded(behaviour)

    assert (len(report.samples), report.failures) == (20, ())
    assert all(0 < it.first_ms <= it.last_ms for it in report.samples)
    assert server.num_connections_ever == 4
    assert b"authorization: Bearer sk-1" in server.captured[0]


@pytest.mark.parametrize(
    ("behaviour", "words"),
    [
        (Behaviour.FAIL, "status 500"),
        (Behaviour.CLOSE_MIDWAY, "closed"),
        (Behaviour.CLOSE_FIRST, "closed"),
        (Behaviour.WRONG_TYPE, "status 200, ends in"),
        (Behaviour.INVALID_JSON, "status 200, ends in"),
        (Behaviour.HANG_MIDWAY, "timeout"),
    ],
)
def test_an_answer_that_is_not_whole_is_counted_apart(behaviour: Behaviour, words: str) -> None:
    report, _ = loaded(behaviour, timeout_s=0.02)

    assert report.samples == ()
    assert len(report.failures) == 20
    assert words in report.failures[0]


def test_figures_have_flat_names() -> None:
    figures = loaded(Behaviour.OK)[0].figures()

    assert figures["num_whole"] == 20
    assert figures["rps"] > 0
    assert figures["first_p50_ms"] <= figures["first_p99_ms"] <= figures["last_p99_ms"]


def test_a_quantile_is_one_of_the_values() -> None:
    values = [float(value) for value in range(100, 0, -1)]

    assert [quantile(values, share) for share in (0.0, 0.5, 0.99, 1.0)] == [1, 51, 100, 100]
    assert math.isnan(quantile([], 0.5))


def test_nobody_to_ask_is_an_error() -> None:
    with pytest.raises(ExceptionGroup):
        asyncio.run(run(Load(base_url="http://127.0.0.1:9/v1")))
