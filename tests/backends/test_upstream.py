import asyncio
import json
import logging
import socket
import traceback
from collections.abc import Iterable

import aiohttp
import pytest

from jisr.backends.upstream import Upstream, parse_base_url
from jisr.bench.behaviours import Behaviour, Cue, Step, plain
from jisr.bench.upstream import ScriptedUpstream
from jisr.clock import FakeClock, SystemClock
from jisr.departure import Departure, Errand, Manifest, Noted
from jisr.door import unaudited
from jisr.errors import (
    BackendBroken,
    BackendError,
    BackendRefused,
    BackendTimeout,
    BackendUnavailable,
    ConfigError,
    ContextOverflow,
    InvalidRequest,
    JisrError,
    PrivacyError,
)
from jisr.types import Delta, Outbound, Sampling
from tests.backends.services import KEY, serving, settings
from tests.contracts.backend import LIMIT_S, MESSAGES, OUTBOUND, first_of, joined

SHORT = Outbound(messages=MESSAGES, sampling=Sampling(max_output_tokens=16))


async def told(upstream: Upstream, turn: Outbound = SHORT) -> tuple[list[Delta], JisrError | None]:
    """Return what came, and how it failed."""
    deltas: list[Delta] = []
    try:
        async with asyncio.timeout(LIMIT_S):
            async for delta in upstream.stream(turn):
                deltas.append(delta)
    except JisrError as error:
        return deltas, error
    return deltas, None


@pytest.mark.parametrize(
    ("behaviour", "error", "words", "num_requests", "text"),
    [
        (Behaviour.HANG, BackendTimeout, "said nothing for 0.2 s", 1, ""),
        (Behaviour.HANG_MIDWAY, BackendTimeout, "said nothing for 0.2 s", 1, "piece 0 "),
        (Behaviour.CLOSE_FIRST, BackendBroken, "closed the connection", 3, ""),
        (Behaviour.CLOSE_MIDWAY, BackendBroken, "closed the connection", 1, "piece 0 "),
        (Behaviour.FAIL, BackendUnavailable, "answered 500: It broke.", 3, ""),
        (Behaviour.BUSY, BackendUnavailable, "answered 429", 3, ""),
        (Behaviour.WRONG_KEY, BackendRefused, "JISR_CLOUD_API_KEY", 1, ""),
        (Behaviour.FORBIDDEN, BackendRefused, "JISR_CLOUD_API_KEY", 1, ""),
        (Behaviour.BAD_REQUEST, BackendRefused, "No such thing.", 1, ""),
        (Behaviour.NO_SUCH_MODEL, BackendRefused, "There is no such model.", 1, ""),
        (Behaviour.TOO_LONG, ContextOverflow, "longer than the context", 1, ""),
        (Behaviour.TOO_LARGE, InvalidRequest, "larger than", 1, ""),
        (Behaviour.REDIRECT, BackendRefused, "Redirects are never followed", 1, ""),
        (Behaviour.ERROR_EVENT, BackendBroken, "The model fell over.", 1, "piece 0 "),
        (Behaviour.GARBAGE, BackendBroken, "UTF-8", 1, ""),
        (Behaviour.INVALID_JSON, BackendBroken, "no chat completion", 1, "piece 0 "),
        (Behaviour.ODD_JSON, BackendBroken, "no chat completion", 1, "piece 0 "),
        (Behaviour.ENDLESS, BackendBroken, "far longer", 1, None),
        (Behaviour.ENDLESS_COMMENTS, BackendBroken, "far longer", 1, ""),
        (Behaviour.HUGE_LINE, BackendBroken, "longer than", 1, ""),
        (Behaviour.WRONG_TYPE, BackendBroken, "text/html", 1, ""),
    ],
)
def test_each_fault_of_a_service_is_its_own_error(
    behaviour: Behaviour, error: type[JisrError], words: str, num_requests: int, text: str | None
) -> None:
    async def turn() -> tuple[list[Delta], JisrError | None, int, int]:
        async with serving(behaviour) as served:
            deltas, failure = await told(served.upstream)
            return deltas, failure, served.server.num_requests[behaviour], len(str(failure))

    deltas, failure, asked, length = asyncio.run(turn())

    assert type(failure) is error
    assert words in str(failure)
    assert length < 500
    assert asked == num_requests
    assert text is None or joined(deltas) == text
    assert all(delta.finish_reason is None for delta in deltas)


@pytest.mark.parametrize(
    "behaviour",
    [
        Behaviour.HANG,
        Behaviour.HANG_MIDWAY,
        Behaviour.ENDLESS,
        Behaviour.ENDLESS_COMMENTS,
        Behaviour.HUGE_LINE,
    ],
)
def test_a_service_that_goes_on_after_its_fault_is_hung_up_on(behaviour: Behaviour) -> None:
    async def turn() -> None:
        async with serving(behaviour) as served:
            await told(served.upstream)
            async with asyncio.timeout(1):
                await served.server.until_no_connection()

    asyncio.run(turn())


@pytest.mark.parametrize("behaviour", [Behaviour.FAIL_ONCE, Behaviour.BUSY_ONCE])
def test_a_passing_fault_is_tried_again(behaviour: Behaviour) -> None:
    async def turn() -> tuple[list[Delta], JisrError | None, list[float], bool]:
        async with serving(behaviour, script={"retry_after": "2"}) as served:
            deltas, failure = await told(served.upstream)
            return deltas, failure, served.sleeps.asked_s, served.upstream.is_healthy()

    deltas, failure, asked_s, is_healthy = asyncio.run(turn())

    assert failure is None
    assert joined(deltas).endswith("piece 9 ")
    assert asked_s == ([2.0] if behaviour is Behaviour.BUSY_ONCE else [0.25])
    assert is_healthy


@pytest.mark.parametrize("asked", ["60", "Thu, 01 Jan 2026 01:00:00 GMT"])
def test_a_service_that_asks_for_a_long_wait_is_given_up(asked: str) -> None:
    async def turn() -> tuple[JisrError | None, list[float]]:
        async with serving(Behaviour.BUSY_ONCE, script={"retry_after": asked}) as served:
            return (await told(served.upstream))[1], served.sleeps.asked_s

    failure, asked_s = asyncio.run(turn())

    assert isinstance(failure, BackendUnavailable)
    assert asked_s == []


def test_no_try_begins_after_the_turns_deadline() -> None:
    async def turn() -> list[float]:
        script = {"retry_after": "10"}
        async with serving(Behaviour.BUSY, turn_timeout_s=5, script=script) as served:
            await told(served.upstream)
            return served.sleeps.asked_s

    assert asyncio.run(turn()) == []


def test_a_turn_that_drips_ends_at_its_deadline() -> None:
    async def turn() -> JisrError | None:
        script = {"pieces": ["drip "] * 1000, "pause_s": 0.01}
        async with serving(
            Behaviour.SLOW, clock=SystemClock(), turn_timeout_s=0.2, script=script
        ) as served:
            return (await told(served.upstream))[1]

    assert isinstance(asyncio.run(turn()), BackendTimeout)


def test_cancelling_a_turn_closes_its_connection() -> None:
    async def turn() -> None:
        async with serving(Behaviour.HANG_MIDWAY, read_timeout_s=60) as served:
            task = asyncio.ensure_future(told(served.upstream))
            while not served.server.num_requests:
                await asyncio.sleep(0.001)
            task.cancel()
            async with asyncio.timeout(1):
                await served.server.until_no_connection()
            with pytest.raises(asyncio.CancelledError):
                await task
            assert served.upstream.is_healthy()

    asyncio.run(turn())


def test_a_turn_that_ended_leaves_its_connection_for_the_next() -> None:
    async def turns() -> int:
        async with serving() as served:
            for _ in range(5):
                await told(served.upstream)
            return served.server.num_connections_ever

    assert asyncio.run(turns()) == 1


def test_leaving_at_the_last_delta_keeps_the_connection_too() -> None:
    async def turns() -> int:
        async with serving() as served:
            for _ in range(3):
                stream = served.upstream.stream(OUTBOUND)
                while (await first_of(stream)).finish_reason is None:
                    pass
                await stream.aclose()
            return served.server.num_connections_ever

    assert asyncio.run(turns()) == 1


def test_health_is_lost_by_a_failure_and_comes_back_with_time() -> None:
    clock = FakeClock()

    async def turn() -> list[bool]:
        async with serving(Behaviour.FAIL, clock=clock) as served:
            seen = [served.upstream.is_healthy()]
            await told(served.upstream)
            for _ in range(3):
                seen.append(served.upstream.is_healthy())
                clock.advance(7.5)
            return seen

    assert asyncio.run(turn()) == [True, False, False, True]


def test_health_comes_back_with_an_answer() -> None:
    async def turn() -> list[bool]:
        async with serving(Behaviour.CLOSE_FIRST, retries=0) as served:
            await told(served.upstream)
            seen = [served.upstream.is_healthy()]
            assert await served.upstream.check() == ("scripted",)
            return [*seen, served.upstream.is_healthy()]

    assert asyncio.run(turn()) == [False, True]


@pytest.mark.parametrize("behaviour", [Behaviour.BAD_REQUEST, Behaviour.TOO_LONG])
def test_a_turn_that_is_refused_says_nothing_of_the_services_health(behaviour: Behaviour) -> None:
    async def turn() -> bool:
        async with serving(behaviour) as served:
            await told(served.upstream)
            return served.upstream.is_healthy()

    assert asyncio.run(turn())


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


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


def of_base_url(base_url: str) -> tuple[JisrError | None, bool]:
    """Return how a turn and a check there fail, and the health after them."""

    async def turn() -> tuple[JisrError | None, bool]:
        upstream = Upstream(settings(base_url, retries=0), KEY, FakeClock(), unaudited(base_url))
        try:
            failure = (await told(upstream))[1]
            with pytest.raises(BackendUnavailable):
                await upstream.check()
            return failure, upstream.is_healthy()
        finally:
            await upstream.close()

    return asyncio.run(turn())


def test_a_port_where_nobody_listens_is_unavailable() -> None:
    failure, is_healthy = of_base_url(f"http://127.0.0.1:{free_port()}/v1")

    assert isinstance(failure, BackendUnavailable)
    assert "could not be reached" in str(failure)
    assert not is_healthy


@pytest.mark.parametrize("host", ["cloud.example.com", "203.0.113.7", "[2001:db8::7]"])
def test_offline_a_service_elsewhere_is_unavailable_and_the_switch_is_named(host: str) -> None:
    failure, is_healthy = of_base_url(f"https://{host}/v1")

    assert isinstance(failure, BackendUnavailable)
    assert "the offline switch is on" in str(failure)
    assert is_healthy


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


def test_text_of_every_script_comes_back_whole() -> None:
    text = "حجز طاولة لشخصين 🙂 at eight, " * 20

    async def turn() -> list[Delta]:
        async with serving(Behaviour.ECHO, script={"piece_chars": 1}) as served:
            message = type(MESSAGES[0])(MESSAGES[0].role, text)
            turn = Outbound(messages=(message,), sampling=Sampling())
            return (await told(served.upstream, turn))[0]

    assert joined(asyncio.run(turn())) == text


def test_many_turns_at_once_are_answered() -> None:
    async def turns() -> int:
        async with serving() as served:
            answers = await asyncio.gather(*(told(served.upstream) for _ in range(200)))
            return sum(failure is None for _, failure in answers)

    assert asyncio.run(turns()) == 200


def test_a_closed_upstream_fails_and_opens_nothing() -> None:
    async def turn() -> tuple[JisrError | None, int]:
        async with serving() as served:
            await served.upstream.close()
            return (await told(served.upstream))[1], served.server.num_connections_ever

    failure, num_connections = asyncio.run(turn())

    assert isinstance(failure, BackendError)
    assert num_connections == 0


@pytest.mark.parametrize(
    ("text", "url"),
    [
        ("https://api.openai.com/v1", "https://api.openai.com/v1"),
        (" https://api.openai.com/v1/ ", "https://api.openai.com/v1"),
        ("http://[::1]:80/v1", "http://[::1]/v1"),
        ("http://host", "http://host"),
    ],
)
def test_a_base_url_is_read(text: str, url: str) -> None:
    assert str(parse_base_url(text)).rstrip("/") == url


@pytest.mark.parametrize(
    ("text", "words"),
    [
        (None, "No base URL"),
        ("", "No base URL"),
        ("ftp://host/v1", "http:// or https://"),
        ("host/v1", "http:// or https://"),
        ("http://", "http:// or https://"),
        ("http://host:port/v1", "http:// or https://"),
        ("http://exa\u2100mple.com/v1", "http:// or https://"),
        ("https://user:hunter2@host/v1", "user name or password"),
        ("https://hunter2@host/v1", "user name or password"),
        ("https://host/v1?key=hunter2", "no ? and no #"),
        ("https://host/v1#hunter2", "no ? and no #"),
    ],
)
def test_a_base_url_that_cannot_be_is_refused_without_its_secrets(
    text: str | None, words: str
) -> None:
    with pytest.raises(ConfigError, match="URL") as caught:
        parse_base_url(text)

    assert words in str(caught.value)
    assert "hunter2" not in str(caught.value)


def test_a_service_without_a_model_is_refused() -> None:
    with pytest.raises(ConfigError, match="Which model"):
        Upstream(settings("http://127.0.0.1:1/v1", None), None, FakeClock(), unaudited())


def test_making_an_upstream_opens_nothing() -> None:
    async def make() -> int:
        async with ScriptedUpstream() as server:
            Upstream(settings(server.base_url), KEY, FakeClock(), unaudited(server.base_url))
            return server.num_connections_ever

    assert asyncio.run(make()) == 0


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
