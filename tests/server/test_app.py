import asyncio
from collections.abc import AsyncGenerator
from typing import Any

import pytest

from jisr.backends.scripted import ScriptedBackend
from jisr.bench.behaviours import Behaviour
from jisr.errors import BackendBroken, BackendBusy, BackendTimeout, BackendUnavailable
from jisr.types import Delta, FinishReason, Outbound, Request, TokenLogprob
from tests.runtimes import Kept, clouded, runtime, saying
from tests.server.asgi import Answer, Exchange, app, call, chat

KEYS = {
    "turn_id",
    "place",
    "reason",
    "model",
    "confidence",
    "confidence_reason",
    "support",
    "verdict",
    "withdrawn_model",
    "usd",
    "joules",
    "private_spans",
    "private_actions",
    "left_device",
    "failed_places",
    "failures",
    "failed_models",
    "missing",
    "joint",
    "ttft_ms",
    "stages",
}


def asked(body: bytes, *said: Any, **more: Any) -> Answer:
    return asyncio.run(call(app(runtime(device=saying(said or ("Hel", "lo"))), **more), body=body))


def test_a_whole_answer_has_openais_form_and_ours_beside_it() -> None:
    answer = asked(chat())

    shape = answer.json()
    assert answer.status == 200
    assert answer.headers["content-type"] == "application/json"
    assert shape["object"] == "chat.completion"
    assert shape["choices"] == [
        {
            "index": 0,
            "message": {"role": "assistant", "content": "Hello", "refusal": None},
            "logprobs": None,
            "finish_reason": "stop",
        }
    ]
    assert shape["usage"]["total_tokens"] == 7
    assert set(shape["jisr"]) == KEYS
    assert shape["id"] == shape["jisr"]["turn_id"]


def test_a_stream_begins_with_the_role_and_ends_with_how_it_came_about() -> None:
    answer = asked(chat(stream=True))

    first, one, two, last = answer.events()
    assert answer.headers["content-type"].startswith("text/event-stream")
    assert first["choices"][0]["delta"] == {"role": "assistant", "content": ""}
    assert [it["choices"][0]["delta"]["content"] for it in (one, two)] == ["Hel", "lo"]
    assert last["choices"][0]["finish_reason"] == "stop"
    assert set(last["jisr"]) == KEYS
    assert "usage" not in last
    assert answer.body.endswith(b"data: [DONE]\n\n")
    assert answer.is_whole


def test_usage_comes_in_a_chunk_of_its_own_only_if_it_is_asked_for() -> None:
    answer = asked(chat(stream=True, stream_options={"include_usage": True}))

    *_, end, last = answer.events()
    assert end["choices"][0]["finish_reason"] == "stop"
    assert "jisr" not in end
    assert last["choices"] == []
    assert last["usage"]["completion_tokens"] == 2
    assert set(last["jisr"]) == KEYS


def test_all_chunks_of_a_stream_name_one_turn_and_model() -> None:
    events = asked(chat(stream=True)).events()

    assert len({(it["id"], it["model"], it["created"], it["object"]) for it in events}) == 1


def test_an_answer_without_text_is_still_a_whole_stream() -> None:
    first, last = asked(chat(stream=True), "").events()

    assert first["choices"][0]["delta"]["role"] == "assistant"
    assert last["choices"][0]["finish_reason"] == "stop"


class Certain(ScriptedBackend):
    """Tells log-probabilities, of tokens without text too."""

    async def stream(self, turn: Request | Outbound) -> AsyncGenerator[Delta, None]:
        yield Delta("", (TokenLogprob(b"\xd9", -0.5),))
        yield Delta("م", (TokenLogprob(b"\x85", -0.25, ((b"\x85", -0.25), (b"x", float("-inf")))),))
        yield Delta("", (TokenLogprob(b"<end>", -0.125),), FinishReason.STOP)


@pytest.mark.parametrize("is_stream", [False, True])
def test_log_probabilities_of_every_token_arrive(is_stream: bool) -> None:
    certain = app(runtime(device=Certain([])))

    answer = asyncio.run(call(certain, body=chat(stream=is_stream, logprobs=True)))

    events = answer.events() if is_stream else [answer.json()]
    told = [choice.get("logprobs") for event in events for choice in event["choices"]]
    tokens = [token for it in told if it for token in it["content"]]
    assert [token["logprob"] for token in tokens] == [-0.5, -0.25, -0.125]
    assert tokens[1]["bytes"] == [0x85]
    assert tokens[1]["top_logprobs"][1]["logprob"] is None  # JSON has no infinity


def test_text_of_every_script_arrives_as_it_was() -> None:
    for is_stream in (False, True):
        assert asked(chat(stream=is_stream), "مر", "حبا ", "🙂").text() == "مرحبا 🙂"


@pytest.mark.parametrize(
    ("error", "status", "code"),
    [
        (BackendUnavailable("off"), 503, "backend_unavailable"),
        (BackendTimeout("late"), 504, "backend_timeout"),
        (BackendBroken("cut"), 502, "backend_broken"),
        (BackendBusy("256 turns wait already"), 503, "backend_busy"),
    ],
)
@pytest.mark.parametrize("is_stream", [False, True])
def test_a_turn_that_gives_nothing_is_an_error_with_a_status(
    error: Any, status: int, code: str, is_stream: bool
) -> None:
    answer = asked(chat(stream=is_stream), error)

    assert (answer.status, answer.error["code"]) == (status, code)
    assert answer.error["message"] == str(error)
    assert answer.headers.get("retry-after") == ("1" if status == 503 else None)


def test_a_failure_in_mid_stream_is_an_event_and_the_stream_ends_without_its_mark() -> None:
    answer = asked(chat(stream=True), "half", BackendBroken("cut"))

    assert answer.status == 200
    assert answer.events()[1]["choices"][0]["delta"]["content"] == "half"
    assert answer.events()[-1]["error"]["code"] == "backend_broken"
    assert b"[DONE]" not in answer.body
    assert answer.is_whole


def test_a_failure_in_the_middle_of_an_answer_that_is_not_streamed_is_an_error() -> None:
    answer = asked(chat(), "half", BackendBroken("cut"))

    assert (answer.status, answer.error["code"]) == (502, "backend_broken")


class Faulty(ScriptedBackend):
    """A backend with a mistake in it."""

    def stream(self, turn: Request | Outbound) -> AsyncGenerator[Delta, None]:
        raise ZeroDivisionError


def test_a_mistake_of_ours_has_openais_shape_and_tells_no_inside() -> None:
    exchange = Exchange(chat())

    with pytest.raises(ZeroDivisionError):  # for the log of the web server
        asyncio.run(call(app(runtime(device=Faulty([]))), exchange=exchange))

    assert exchange.answer.status == 500
    assert exchange.answer.error["code"] == "internal"
    assert b"Zero" not in exchange.answer.body


@pytest.mark.parametrize("is_stream", [False, True])
@pytest.mark.parametrize("behaviour", [Behaviour.HANG, Behaviour.HANG_MIDWAY])
def test_a_client_that_leaves_ends_its_turn(is_stream: bool, behaviour: Behaviour) -> None:
    kept = Kept()

    async def leave() -> Answer:
        async with clouded(behaviour, patience={"read_timeout_s": 60}) as (server, cloud):
            exchange = Exchange(chat(stream=is_stream))
            endpoint = app(runtime(cloud=cloud, recorder=kept))
            asking = asyncio.ensure_future(call(endpoint, exchange=exchange))
            while not server.captured:
                await asyncio.sleep(0.001)
            if is_stream and behaviour is Behaviour.HANG_MIDWAY:
                await exchange.has_begun.wait()
            exchange.has_left.set()
            answer = await asking
            async with asyncio.timeout(5):
                await server.until_no_connection()
            return answer

    answer = asyncio.run(leave())
    assert not answer.is_whole
    assert kept.last.error == "cancelled"


def test_a_client_that_leaves_before_its_request_is_whole_asks_nothing() -> None:
    device = saying()
    exchange = Exchange(b'{"model":', is_cut=True)

    answer = asyncio.run(call(app(runtime(device=device)), exchange=exchange))

    assert (answer.status, device.seen) == (0, [])


def test_a_server_that_stops_cancels_what_runs_and_says_so() -> None:
    kept = Kept()

    async def stop() -> Answer:
        async with clouded(Behaviour.HANG, patience={"read_timeout_s": 60}) as (server, cloud):
            endpoint = app(runtime(cloud=cloud, recorder=kept))
            asking = asyncio.ensure_future(call(endpoint, body=chat()))
            while not server.captured:
                await asyncio.sleep(0.001)
            asking.cancel()
            return await asking

    answer = asyncio.run(stop())
    assert (answer.status, answer.json()["error"]["code"]) == (503, "backend_unavailable")
    assert kept.last.error == "cancelled"


def test_more_requests_than_may_be_answered_at_once_are_told_to_try_again() -> None:
    async def crowd() -> tuple[Answer, Answer, Answer]:
        endpoint = app(runtime(device=saying()), max_connections=1)
        slow = Exchange()  # its body does not come
        first = asyncio.ensure_future(call(endpoint, exchange=slow))
        await asyncio.sleep(0)
        full = await call(endpoint, body=chat())
        health = await call(endpoint, "/healthz")
        slow.has_left.set()
        await first
        return full, health, await call(endpoint, body=chat())

    full, health, later = asyncio.run(crowd())

    assert (full.status, full.error["code"]) == (503, "server_busy")
    assert full.headers["retry-after"] == "1"
    assert "server.max_connections" in full.error["message"]
    assert (health.status, later.status) == (200, 200)


@pytest.mark.parametrize(("status", "expected"), [("ok", 200), ("the engine has stopped", 503)])
def test_whether_all_is_well_is_the_status_of_its_health(status: str, expected: int) -> None:
    answer = asyncio.run(call(app(runtime(device=saying()), status=status), "/healthz"))

    assert (answer.status, answer.json()["status"]) == (expected, status)


@pytest.mark.parametrize("cut", [1, 7, 40])
def test_a_body_may_come_in_any_pieces(cut: int) -> None:
    body = chat("مرحبا")
    pieces = [body[at : at + cut] for at in range(0, len(body), cut)]

    answer = asyncio.run(call(app(runtime(device=saying())), exchange=Exchange(*pieces)))

    assert answer.text() == "hello"


def test_a_body_beyond_the_limit_is_refused_before_it_is_all_read() -> None:
    exchange = Exchange(*[b"x" * 1000] * 10)

    answer = asyncio.run(
        call(app(runtime(device=saying()), max_body_bytes=2048), exchange=exchange)
    )

    assert (answer.status, answer.error["code"]) == (413, "body_too_large")
    assert "2048 bytes" in answer.error["message"]


def test_deciding_alone_answers_with_every_signal_and_every_rule_asked() -> None:
    device = saying()
    jisr = app(runtime(device=device, cloud=saying()))

    answer = asyncio.run(call(jisr, "/v1/jisr/route", chat("my text", jisr={"wish": "only_cloud"})))

    shape = answer.json()
    assert (shape["place"], shape["reason"]) == ("cloud", "only_cloud")
    assert shape["asked"][-1]["applies"]
    assert shape["signals"]["wish"] == "only_cloud"
    assert b"my text" not in answer.body
    assert device.seen == []


def test_deciding_about_what_is_no_request_is_an_error() -> None:
    jisr = app(runtime(device=saying()))

    assert asyncio.run(call(jisr, "/v1/jisr/route", b"{")).status == 400
    assert asyncio.run(call(jisr, "/v1/jisr/route", exchange=Exchange(b"{", is_cut=True)))


def test_what_is_served_is_listed() -> None:
    jisr = app(runtime(device=saying()))
    listed = asyncio.run(call(jisr, "/v1/models")).json()["data"]

    assert [row["id"] for row in listed] == ["jisr", "jisr/device", "jisr/cloud", "jisr/joint"]
    assert asyncio.run(call(jisr, "/v1/models/jisr/cloud")).json()["id"] == "jisr/cloud"
    assert asyncio.run(call(jisr, "/v1/models/gpt-4o")).error["code"] == "model_not_found"


@pytest.mark.parametrize(
    ("path", "method"), [("/v1/embeddings", "POST"), ("/v1/chat/completions", "GET"), ("/x", "GET")]
)
def test_what_is_not_served_says_what_is(path: str, method: str) -> None:
    answer = asyncio.run(call(app(runtime(device=saying())), path, method=method))

    assert (answer.status, answer.error["code"]) == (404, "not_found")
    assert "/v1/chat/completions" in answer.error["message"]


def test_a_person_who_opens_it_is_told_what_it_is() -> None:
    answer = asyncio.run(call(app(runtime(device=saying())), "/"))

    assert answer.status == 200
    assert "curl http://127.0.0.1:8484/v1/chat/completions" in answer.body.decode()


def test_health_needs_no_key_and_all_else_does() -> None:
    jisr = app(runtime(device=saying()), key="sk-1")

    assert asyncio.run(call(jisr, "/healthz")).status == 200
    refused = asyncio.run(call(jisr, body=chat()))
    assert (refused.status, refused.error["code"]) == (401, "invalid_api_key")
    allowed = asyncio.run(call(jisr, body=chat(), headers={"authorization": "Bearer sk-1"}))
    assert allowed.status == 200


def test_a_page_that_may_call_is_told_so_and_another_is_refused() -> None:
    jisr = app(runtime(device=saying()), origins=("https://app.example",))

    def preflight(origin: str) -> Answer:
        headers = {"origin": origin, "access-control-request-method": "POST"}
        return asyncio.run(call(jisr, method="OPTIONS", headers=headers))

    assert preflight("https://app.example").headers["access-control-allow-origin"]
    refused = preflight("https://evil.example")
    assert (refused.status, refused.error["code"]) == (403, "origin_not_allowed")
