"""A cloud that fails in every known way: the device answers and says so, or the client is told."""

from collections.abc import Iterator

import pytest

from jisr.bench.behaviours import Behaviour
from jisr.bench.upstream import ScriptedUpstream
from jisr.clock import FakeClock
from jisr.errors import BackendUnavailable
from jisr.server.run import free_port
from jisr.types import Wish
from tests.journeys.served import ask, serving, upstream
from tests.runtimes import Kept, cloud_at, runtime, saying

TO_THE_CLOUD = {"wish": Wish.PREFER_CLOUD}
SILENT = (
    Behaviour.HANG,
    Behaviour.CLOSE_FIRST,
    Behaviour.FAIL,
    Behaviour.BUSY,
    Behaviour.WRONG_KEY,
    Behaviour.FORBIDDEN,
    Behaviour.NO_SUCH_MODEL,
    Behaviour.REDIRECT,
    Behaviour.GARBAGE,
    Behaviour.ENDLESS_COMMENTS,
    Behaviour.HUGE_LINE,
    Behaviour.WRONG_TYPE,
)
"""Nothing of an answer comes."""
CUT_OFF = (
    Behaviour.HANG_MIDWAY,
    Behaviour.CLOSE_MIDWAY,
    Behaviour.ERROR_EVENT,
    Behaviour.INVALID_JSON,
    Behaviour.ODD_JSON,
)
"""One piece comes, and then no end."""


@pytest.fixture(scope="module")
def cloud() -> Iterator[ScriptedUpstream]:
    with upstream(pieces=("half ", "whole")) as server:
        yield server


@pytest.mark.parametrize("behaviour", SILENT)
def test_a_cloud_that_gives_nothing_is_replaced_by_the_device_not_silently(
    cloud: ScriptedUpstream, behaviour: Behaviour
) -> None:
    clock = FakeClock()
    failing = cloud_at(cloud.base_url, behaviour, clock)

    with serving(runtime(device=saying(), cloud=failing, clock=clock)) as url:
        whole = ask(url, jisr=TO_THE_CLOUD)
        clock.advance(60)  # or it would not be asked again yet
        streamed = ask(url, jisr=TO_THE_CLOUD, stream=True)

    assert (whole.status, whole.text()) == (streamed.status, streamed.text()) == (200, "hello")
    for told in (whole.json()["jisr"], streamed.events()[-1]["jisr"]):
        assert (told["place"], told["reason"]) == ("device", "cloud_failed")
        assert told["failed_places"] == ["cloud"]
        assert len(told["failures"]) == 1


@pytest.mark.parametrize(
    ("behaviour", "status"), [(Behaviour.WRONG_KEY, 401), (Behaviour.FORBIDDEN, 403)]
)
def test_a_refused_key_is_told_with_its_remedy_in_answer_and_log(
    cloud: ScriptedUpstream, behaviour: Behaviour, status: int, caplog: pytest.LogCaptureFixture
) -> None:
    failing = cloud_at(cloud.base_url, behaviour, api_key_env="MY_CLOUD_KEY")
    with serving(runtime(device=saying(), cloud=failing)) as url:
        told = ask(url, jisr=TO_THE_CLOUD).json()["jisr"]

    (why,) = told["failures"]
    assert why.startswith("backend_refused: ")
    assert f"refused the key ({status}): set the right one in" in why
    assert "keyring set jisr MY_CLOUD_KEY" in why
    assert f"the cloud gave no answer: {why}" in caplog.messages
    assert "sk-cloud" not in caplog.text + why


def test_a_connection_that_is_refused_falls_back_too() -> None:
    nobody = f"http://127.0.0.1:{free_port()}/v1"

    with serving(runtime(device=saying(["from here"]), cloud=cloud_at(nobody))) as url:
        answer = ask(url, jisr=TO_THE_CLOUD)

    assert answer.text() == "from here"
    assert answer.json()["jisr"]["failed_places"] == ["cloud"]


@pytest.mark.parametrize(
    ("behaviour", "status", "code"),
    [
        (Behaviour.HANG, 504, "backend_timeout"),
        (Behaviour.CLOSE_FIRST, 502, "backend_broken"),
        (Behaviour.FAIL, 503, "backend_unavailable"),
        (Behaviour.WRONG_KEY, 502, "backend_refused"),
        (Behaviour.GARBAGE, 502, "backend_broken"),
        (Behaviour.TOO_LONG, 400, "context_length_exceeded"),
    ],
)
def test_who_allows_the_cloud_only_is_told_what_it_did(
    cloud: ScriptedUpstream, behaviour: Behaviour, status: int, code: str
) -> None:
    device, kept = saying(["from here"]), Kept()
    jisr = runtime(device=device, cloud=cloud_at(cloud.base_url, behaviour), recorder=kept)

    with serving(jisr) as url:
        answers = [ask(url, model="jisr/cloud", stream=it) for it in (False, True)]

    assert [(it.status, it.error["code"]) for it in answers] == [(status, code)] * 2
    assert b"sk-cloud" not in answers[0].body + answers[1].body
    assert device.seen == []
    assert kept.last.error == code


@pytest.mark.parametrize("behaviour", CUT_OFF)
def test_a_cloud_that_breaks_off_ends_in_an_error_event_and_nothing_is_repeated(
    cloud: ScriptedUpstream, behaviour: Behaviour
) -> None:
    device, kept = saying(["from here"]), Kept()
    jisr = runtime(device=device, cloud=cloud_at(cloud.base_url, behaviour), recorder=kept)

    with serving(jisr) as url:
        answer = ask(url, jisr=TO_THE_CLOUD, stream=True)

    *before, last = answer.events()
    pieces = [choice["delta"].get("content") for it in before for choice in it["choices"]]
    assert pieces == ["", "half "]
    assert last["error"]["code"] in ("backend_broken", "backend_timeout")
    assert b"[DONE]" not in answer.body
    assert device.seen == []
    assert kept.last.error == last["error"]["code"]


def test_an_endless_answer_is_cut_off(cloud: ScriptedUpstream) -> None:
    with serving(runtime(cloud=cloud_at(cloud.base_url, Behaviour.ENDLESS))) as url:
        answer = ask(url, stream=True, max_tokens=1)

    assert "far longer than was asked for" in answer.events()[-1]["error"]["message"]
    assert len(answer.body) < 2**20


def test_a_cloud_that_failed_is_left_alone_for_a_while_and_then_asked_again(
    cloud: ScriptedUpstream,
) -> None:
    clock = FakeClock()
    failing = cloud_at(cloud.base_url, Behaviour.FAIL_ONCE, clock)
    reasons = []

    with serving(runtime(device=saying(), cloud=failing, clock=clock)) as url:
        for pause_s in (0, 0, 60):
            clock.advance(pause_s)
            reasons.append(ask(url, jisr=TO_THE_CLOUD).json()["jisr"]["reason"])

    assert reasons == ["cloud_failed", "cloud_unhealthy", "prefer_cloud"]


def test_a_device_that_fails_is_replaced_by_the_cloud_not_silently(cloud: ScriptedUpstream) -> None:
    device = saying([BackendUnavailable("The engine was shut down.")])

    with serving(runtime(device=device, cloud=cloud_at(cloud.base_url))) as url:
        told = ask(url).json()

    assert told["choices"][0]["message"]["content"] == "half whole"
    assert (told["jisr"]["reason"], told["jisr"]["failed_places"]) == ("device_failed", ["device"])
