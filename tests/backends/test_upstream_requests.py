"""What is sent to an upstream: the turn, the key in its place, and nothing that is not noted."""

import asyncio
import json
import logging
import traceback
from collections.abc import Iterable

import aiohttp
import pytest

from jisr.backends.upstream import Upstream
from jisr.bench.behaviours import Behaviour, Cue, Step, plain
from jisr.bench.upstream import ScriptedUpstream
from jisr.clock import FakeClock
from jisr.departure import Departure, Errand, Manifest, Noted
from jisr.door import unaudited
from jisr.errors import BackendError, JisrError, PrivacyError
from jisr.types import Delta, Outbound, Sampling
from tests.backends.services import KEY, serving, settings
from tests.backends.upstream_turns import told
from tests.contracts.backend import MESSAGES


class Untold(ScriptedUpstream):
    """Does not say what it serves."""

    untold: Iterable[Step] = ()

    def steps(self, path: bytes, body: bytes) -> Iterable[Step]:
        return self.untold if path.endswith(b"/models") else super().steps(path, body)


async def told_by(untold: Iterable[Step], sampling: Sampling) -> tuple[Delta, JisrError | None]:
    """Return the last delta of a service that does not say what it takes, and its failure."""
    async with Untold() as server:
        server.untold = untold
        upstream = Upstream(
            settings(server.base_url, read_timeout_s=0.2),
            None,
            FakeClock(),
            unaudited(server.base_url),
        )
        turn = Outbound(messages=MESSAGES, sampling=sampling)
        deltas, failure = await told(upstream, turn)
        await upstream.close()
        return (deltas or [Delta("")])[-1], failure


UNTOLD = ([plain("404 Not Found", {})], [plain("500 Broken", {})], [Cue.HANG], [Cue.CLOSE])


@pytest.mark.parametrize("untold", UNTOLD)
def test_a_service_that_does_not_say_what_it_takes_is_sent_what_all_take(
    untold: Iterable[Step],
) -> None:
    last, failure = asyncio.run(told_by(untold, Sampling(top_k=4, min_p=0.1)))

    assert failure is None
    assert last.finish_reason is not None
    assert last.missing == ("top_k", "min_p")


@pytest.mark.parametrize("untold", UNTOLD)
def test_a_grammar_is_not_left_out(untold: Iterable[Step]) -> None:
    _, failure = asyncio.run(told_by(untold, Sampling(grammar="root ::= [0-9]")))

    assert isinstance(failure, BackendError)


def everything(failure: BaseException) -> str:
    """Return all that a log of this failure could show, local variables included."""
    shown = traceback.TracebackException.from_exception(failure, capture_locals=True)
    return "".join(shown.format()) + repr(failure) + repr(failure.__context__)


@pytest.mark.parametrize(
    "behaviour",
    [
        Behaviour.WRONG_KEY,
        Behaviour.FAIL,
        Behaviour.HANG,
        Behaviour.CLOSE_FIRST,
        Behaviour.CLOSE_MIDWAY,
        Behaviour.WRONG_TYPE,
        Behaviour.GARBAGE,
    ],
)
def test_the_key_is_in_one_header_and_nowhere_else(
    behaviour: Behaviour, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)

    async def turn() -> tuple[str, bytes]:
        async with serving(behaviour) as served:
            failure = (await told(served.upstream))[1]
            assert failure
            assert not isinstance(failure.__context__, aiohttp.ClientError)  # it holds headers
            return everything(failure) + repr(served.upstream), served.server.captured[0]

    shown, sent = asyncio.run(turn())

    assert KEY not in shown + caplog.text
    assert sent.count(KEY.encode()) == 1
    assert f"Authorization: Bearer {KEY}\r\n".encode() in sent


def test_what_is_sent_is_the_turn_and_no_more() -> None:
    async def turn() -> bytes:
        async with serving(key=None) as served:
            await told(served.upstream)
            return served.server.captured[0]

    head, _, body = asyncio.run(turn()).partition(b"\r\n\r\n")
    names = {line.split(b":")[0].lower() for line in head.split(b"\r\n")[1:]}

    assert json.loads(body).keys() == {
        *("model", "messages", "stream", "stream_options", "temperature", "max_tokens")
    }
    assert names == {
        *(b"host", b"content-type", b"accept-encoding", b"accept", b"user-agent"),
        b"content-length",
    }


def test_each_try_is_told_before_it_is_sent_with_what_was_private() -> None:
    noted = Noted()
    manifest = Manifest("turn_1", {"EMAIL_ADDRESS": {"replace": 1}})

    async def run() -> list[bytes]:
        turn = Outbound(messages=MESSAGES, sampling=Sampling(), manifest=manifest)
        async with serving(Behaviour.FAIL, told=noted) as served:
            await told(served.upstream, turn)
            await served.upstream.close()
            return served.server.captured

    captured = asyncio.run(run())
    bodies = [it.partition(b"\r\n\r\n")[2] for it in captured]
    assert [it.body for it in noted.departures] == bodies
    assert b"aiohttp" not in captured[0]
    assert len(captured) == 3
    assert {it.manifest.turn_id for it in noted.departures} == {"turn_1"}
    assert {(it.errand, it.path) for it in noted.departures} == {
        (Errand.COMPLETION, "chat/completions")
    }


class Full(Noted):
    """An auditor whose disk is full."""

    def note_at_once(self, departure: Departure) -> bool:
        raise PrivacyError("The audit log cannot be written. Nothing was sent.")


def test_what_cannot_be_written_down_is_not_sent_nor_tried_again() -> None:
    async def run() -> tuple[JisrError | None, list[float], int, bool]:
        async with serving(told=Full()) as served:
            failure = (await told(served.upstream))[1]
            number = served.server.num_connections_ever
            return failure, served.sleeps.asked_s, number, served.upstream.is_healthy()

    failure, slept_s, num_connections, is_healthy = asyncio.run(run())
    assert isinstance(failure, PrivacyError)
    assert (slept_s, num_connections, is_healthy) == ([], 0, True)
