"""Faults that users of hybrids have reported, each by its name: none of them is ours."""

import socket
from collections.abc import Iterator
from pathlib import Path

import pytest

from jisr.assemble import assemble
from jisr.bench.upstream import ScriptedUpstream
from jisr.config import CloudSettings, DeviceSettings, Settings
from jisr.server.app import create_app
from jisr.server.run import bind, free_port, in_thread
from jisr.server.service import device_gate, device_service
from jisr.types import Wish
from tests.journeys.served import Home, ask, connected, question, seconds_until, serving, upstream
from tests.runtimes import cloud_at, runtime, saying
from tests.weights import small_model

PREFER_CLOUD = {"wish": Wish.PREFER_CLOUD}


@pytest.fixture(scope="module")
def cloud() -> Iterator[ScriptedUpstream]:
    with upstream(pieces=("I don't know.",)) as server:
        yield server


def test_silent_fallback(cloud: ScriptedUpstream) -> None:
    with serving(runtime(device=saying(), cloud=cloud_at(cloud.base_url, "fail"))) as url:
        told = ask(url, jisr=PREFER_CLOUD).json()["jisr"]

    assert (told["failed_places"], told["reason"]) == (["cloud"], "cloud_failed")


def test_unknown_provenance_shown_as_local(cloud: ScriptedUpstream) -> None:
    with serving(runtime(device=saying(), cloud=cloud_at(cloud.base_url))) as url:
        here, there = ask(url).json(), ask(url, jisr=PREFER_CLOUD).json()

    assert (here["jisr"]["place"], here["jisr"]["left_device"]) == ("device", False)
    assert (there["jisr"]["place"], there["jisr"]["left_device"]) == ("cloud", True)
    assert here["model"] != there["model"]


def test_follow_up_turns_stuck_at_the_place_of_the_first(home: Home) -> None:
    history = [{"role": "user", "content": "Hi"}, {"role": "assistant", "content": "Hello"}]
    reasons = [
        ask(home.url, jisr=PREFER_CLOUD).json()["jisr"]["reason"],
        ask(home.url, messages=[*history, {"role": "user", "content": "And?"}]).json()["jisr"][
            "reason"
        ],
        ask(home.url, jisr=PREFER_CLOUD).json()["jisr"]["reason"],
        ask(home.url).json()["jisr"]["reason"],
    ]

    assert reasons == ["prefer_cloud", "default", "prefer_cloud", "default"]


def test_an_api_key_needed_for_a_purely_local_router(tmp_path: Path) -> None:
    settings = Settings(
        home=tmp_path,
        device=DeviceSettings(model=str(small_model()), context_tokens=256, threads=1),
    )
    assembled = assemble(settings, {})
    app = create_app(device_service(assembled, settings, device_gate(settings, {})))

    with in_thread(app, bind("127.0.0.1", 0), on_stop=assembled.close) as url:
        told = ask(url, max_tokens=2).json()["jisr"]

    assert (told["place"], told["reason"]) == ("device", "no_cloud")


def test_connection_refused_not_falling_back() -> None:
    nobody = cloud_at(f"http://127.0.0.1:{free_port()}/v1")

    with serving(runtime(device=saying(), cloud=nobody)) as url:
        answer = ask(url, jisr=PREFER_CLOUD)

    assert (answer.status, answer.text()) == (200, "hello")


def test_a_confidence_that_was_a_random_number(home: Home) -> None:
    told = ask(home.url).json()["jisr"]

    assert told["confidence"] is None
    assert told["confidence_reason"]


def test_an_offline_switch_that_still_resolved_names(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    looked_up: list[object] = []
    look_up = socket.getaddrinfo

    def note(host: object, *more: object, **named: object) -> object:
        looked_up.append(host)
        return look_up(host, *more, **named)  # type: ignore[arg-type]

    monkeypatch.setattr(socket, "getaddrinfo", note)
    settings = Settings(
        home=tmp_path,
        offline=True,
        device=DeviceSettings(model=str(small_model()), context_tokens=256, threads=1),
        cloud=CloudSettings(base_url="https://cloud.example/v1", model="big"),
    )
    assembled = assemble(settings, {"JISR_CLOUD_API_KEY": "sk-cloud"})
    app = create_app(device_service(assembled, settings, device_gate(settings, {})))

    with in_thread(app, bind("127.0.0.1", 0), on_stop=assembled.close) as url:
        reason = ask(url, max_tokens=2, jisr=PREFER_CLOUD).json()["jisr"]["reason"]
        refused = ask(url, model="jisr/cloud")

    assert (reason, refused.error["code"]) == ("offline", "no_place")
    assert "turn the offline switch off" in refused.error["message"]
    assert {host for host in looked_up if host not in ("127.0.0.1", b"127.0.0.1", None)} == set()


def test_a_stop_in_the_middle_of_a_stream_that_left_the_engine_running(home: Home) -> None:
    with connected(home.url, question("Tell a story.", stream=True, max_tokens=800)) as client:
        assert client.recv(1024)
        seconds_until(lambda: home.num_working > 0)

    seconds_until(lambda: home.num_working == 0, limit_s=5)
