"""What is known of a turn before it is decided."""

import asyncio

from jisr.arbiter.machine import Machine
from jisr.arbiter.scorer import Estimate
from jisr.arbiter.signals import Signals
from jisr.clock import FakeClock
from jisr.question import TaskKind
from jisr.scripted_checker import ScriptedChecker
from tests.checks import QUESTION
from tests.runtimes import asked, runtime, saying


def test_the_signals_have_the_kind_of_the_question_and_what_is_expected() -> None:
    checker = ScriptedChecker(expected=Estimate(0.6, 0.9))
    jisr = runtime(device=saying(), checker=checker)
    signals, _ = asyncio.run(jisr.decide(asked("Which town has the oldest well?")))

    assert signals.kind == TaskKind.SHORT
    assert (signals.estimate_device, signals.estimate_cloud) == (0.6, 0.9)


def test_how_the_machine_is_is_read_once_for_a_while() -> None:
    clock, num_read = FakeClock(), 0

    def read() -> Machine:
        nonlocal num_read
        num_read += 1
        return Machine(on_battery=True, battery_share=0.5)

    jisr = runtime(device=saying(), clock=clock)
    jisr._gathering.read_machine = read

    async def signals() -> Signals:
        return (await jisr.decide(asked(QUESTION)))[0]

    seen = [asyncio.run(signals()) for _ in range(2)]
    clock.advance(60)
    seen.append(asyncio.run(signals()))

    assert {(it.on_battery, it.battery_share) for it in seen} == {(True, 0.5)}
    assert num_read == 2
