"""Log-probabilities of an answer: what the check asks for, and what the client sees of them."""

import asyncio
from pathlib import Path

from jisr.checker import checker_for
from jisr.config import Settings
from jisr.scripted_checker import ScriptedChecker
from jisr.types import Delta, FinishReason, Sampling, TokenLogprob
from tests.checks import QUESTION, record_of, told
from tests.runtimes import USAGE, asked, outputs, runtime, saying

LIKELY = tuple((bytes([97 + n]), -1.0 - n) for n in range(5))
TOLD = Delta("yes", (TokenLogprob(b"yes", -0.1, LIKELY),))


def test_the_device_is_asked_for_logprobs_that_the_client_does_not_see() -> None:
    checker, device = ScriptedChecker(), saying([TOLD])
    got = asyncio.run(outputs(runtime(device=device, checker=checker), asked(QUESTION)))

    assert device.seen[0].sampling.num_top_logprobs == 20
    assert checker.seen[0][1].logprobs == TOLD.logprobs
    assert not any(it.logprobs for it in got if isinstance(it, Delta))
    assert record_of(got).missing == ()


def test_a_device_is_asked_for_no_logprobs_that_nothing_of_the_check_reads() -> None:
    device = saying()
    jisr = runtime(device=device, checker=ScriptedChecker(reads_logprobs=False))
    for sampling in (Sampling(), Sampling(num_top_logprobs=2)):
        record = record_of(asyncio.run(outputs(jisr, asked(QUESTION, sampling=sampling))))
        assert record.verdict == "keep"

    assert [it.sampling.num_top_logprobs for it in device.seen] == [None, 2]


def test_of_a_server_on_this_machine_which_no_calibration_is_of_none_are_read(
    tmp_path: Path,
) -> None:
    checker = checker_for(Settings(home=tmp_path), engine=None, weights=None)

    assert checker is not None
    assert not checker.reads_logprobs


def test_the_client_sees_as_many_logprobs_as_it_asked_for() -> None:
    request = asked(QUESTION, sampling=Sampling(num_top_logprobs=2))
    got = told(request=request, device=[[TOLD]])

    (seen,) = [it.logprobs for it in got if isinstance(it, Delta) and it.logprobs]
    assert seen == (TokenLogprob(b"yes", -0.1, LIKELY[:2]),)


def test_what_a_server_could_not_tell_is_missing_only_if_it_was_asked_for() -> None:
    end = Delta("", finish_reason=FinishReason.STOP, usage=USAGE, missing=("logprobs",))

    assert record_of(told(device=[["yes", end]])).missing == ()
