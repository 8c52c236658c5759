import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import pytest

from jisr.backends.base import Backend
from jisr.backends.fallback import FallbackBackend
from jisr.backends.scripted import ScriptedBackend
from jisr.errors import (
    BackendBroken,
    BackendError,
    BackendRefused,
    BackendTimeout,
    BackendUnavailable,
    ConfigError,
    InvalidRequest,
)
from jisr.types import Delta, FinishReason, Request
from tests.contracts.backend import REQUEST, BackendContract, complete, joined


def down(error: BackendError | InvalidRequest | None = None) -> ScriptedBackend:
    return ScriptedBackend([[error or BackendUnavailable("down")]] * 8, model="down")


class TestFallbackBackend(BackendContract[Request]):
    turn = REQUEST

    @asynccontextmanager
    async def serving(self, *pieces: str) -> AsyncIterator[Backend[Request]]:
        self.second = ScriptedBackend([pieces] * 4)
        yield FallbackBackend([down(), self.second])

    @asynccontextmanager
    async def failing(self) -> AsyncIterator[Backend[Request]]:
        yield FallbackBackend([down(), down()])

    async def until_stopped(self) -> None:
        assert self.second.num_streaming == 0


def test_each_turn_says_who_answered_and_who_failed_before() -> None:
    flaky = ScriptedBackend([[BackendTimeout("late")], ["first"]], model="flaky")
    backend = FallbackBackend([flaky, ScriptedBackend([["second"]], model="spare")])

    told = [asyncio.run(complete(backend, REQUEST)) for _ in range(2)]

    assert [joined(deltas) for deltas in told] == ["second", "first"]
    for delta in (told[0][0], told[0][-1]):  # the first too, for a turn that is cancelled
        assert (delta.model, delta.answered_by, delta.failed_models) == ("spare", 1, ("flaky",))
    assert (told[1][-1].model, told[1][-1].failed_models) == ("flaky", ())


def test_why_a_backend_gave_nothing_is_logged(caplog: pytest.LogCaptureFixture) -> None:
    refused = BackendRefused("told: secret words", cause="the key was refused")
    backend = FallbackBackend([down(refused), ScriptedBackend([["there"]])])
    asyncio.run(complete(backend, REQUEST))

    assert caplog.messages == ["down gave nothing: backend_refused: the key was refused"]


def test_a_model_that_names_itself_is_called_so() -> None:
    dated = Delta("", finish_reason=FinishReason.STOP, model="spare-2026-01-01")
    backend = FallbackBackend([down(), ScriptedBackend([["hi", dated]], model="spare")])

    deltas = asyncio.run(complete(backend, REQUEST))

    assert deltas[1].model == "spare-2026-01-01"


def test_who_failed_lately_is_asked_last() -> None:
    ill = ScriptedBackend([["ill"]] * 2, model="ill", is_well=False)
    well = ScriptedBackend([["well"], [BackendTimeout("late")]], model="well")
    backend = FallbackBackend([ill, well])

    told = [asyncio.run(complete(backend, REQUEST)) for _ in range(2)]

    assert [joined(deltas) for deltas in told] == ["well", "ill"]
    assert [deltas[-1].answered_by for deltas in told] == [1, 0]
    assert told[1][-1].failed_models == ("well",)


@pytest.mark.parametrize(("first", "second"), [(True, False), (False, True), (False, False)])
def test_it_is_healthy_while_one_of_them_is(first: bool, second: bool) -> None:
    backend = FallbackBackend([ScriptedBackend([], is_well=it) for it in (first, second)])

    assert backend.is_healthy() is (first or second)


def test_a_failure_in_mid_answer_is_raised_and_nothing_repeated() -> None:
    breaking = ScriptedBackend([["half", BackendBroken("cut")]])
    spare = ScriptedBackend([["whole"]])
    said: list[Delta] = []

    async def turn() -> None:
        async for delta in FallbackBackend([breaking, spare]).stream(REQUEST):
            said.append(delta)

    with pytest.raises(BackendBroken):
        asyncio.run(turn())
    assert joined(said) == "half"
    assert spare.seen == []


def test_a_turn_that_no_backend_can_do_is_not_handed_on() -> None:
    spare = ScriptedBackend([["never"]])

    with pytest.raises(InvalidRequest):
        asyncio.run(complete(FallbackBackend([down(InvalidRequest("no")), spare]), REQUEST))
    assert spare.seen == []


def test_when_all_fail_the_last_error_is_raised() -> None:
    backend = FallbackBackend([down(), down(BackendTimeout("late"))])

    with pytest.raises(BackendTimeout):
        asyncio.run(complete(backend, REQUEST))


def test_a_fallback_may_stand_in_a_fallback() -> None:
    inner = FallbackBackend([down(), down()])
    backend = FallbackBackend[Request]([inner, ScriptedBackend([["there"]])])

    assert joined(asyncio.run(complete(backend, REQUEST))) == "there"


def test_a_fallback_of_nothing_is_refused() -> None:
    with pytest.raises(ConfigError):
        FallbackBackend[Request]([])
