import asyncio
from pathlib import Path

import pytest

from jisr.assemble import Assembled, load_engine, open_ledger
from jisr.clock import FakeClock
from jisr.config import DeviceSettings, JointSettings, ServerSettings, Settings
from jisr.errors import ConfigError
from jisr.runtime import Runtime
from jisr.server.service import defaults, device_gate, device_service, health
from jisr.types import Exact, Goal, JointOptions, Wish
from tests.runtimes import OFFER, asked, drafting, runtime, saying
from tests.weights import small_model

GATE = device_gate(Settings(), {})


def assembled(tmp_path: Path, runtime: Runtime) -> Assembled:
    return Assembled(runtime, open_ledger(Settings(home=tmp_path), FakeClock()), None)


def test_the_device_serves_four_names_of_which_one_decides(tmp_path: Path) -> None:
    jisr = assembled(tmp_path, runtime(device=saying()))

    service = device_service(jisr, Settings(home=tmp_path), GATE)

    assert service.defaults.models == {
        "jisr": None,
        "jisr/device": Wish.ONLY_DEVICE,
        "jisr/cloud": Wish.ONLY_CLOUD,
        "jisr/joint": Wish.PREFER_JOINT,
    }
    assert service.max_body_bytes == Settings().server.max_body_bytes
    assert service.max_connections == Settings().server.max_connections
    assert service.gate is GATE


def test_a_request_that_says_nothing_means_the_settings() -> None:
    settings = Settings(
        wish=Wish.PREFER_CLOUD, joint=JointSettings(goal=Goal.CHEAP, exact=Exact.STRICT)
    )

    told = defaults(settings, {"jisr": None}, host="127.0.0.1")

    assert told.wish is Wish.PREFER_CLOUD
    assert told.max_output_tokens == settings.device.max_output_tokens
    assert told.temperature == 0
    assert told.joint == JointOptions(Goal.CHEAP, Exact.STRICT)


def test_health_tells_of_both_places_and_asks_neither(tmp_path: Path) -> None:
    device, cloud = saying(model="small"), saying(model="large")

    told = health(assembled(tmp_path, runtime(device=device, cloud=cloud)), "device", GATE)

    assert (told["status"], told["service"], told["role"]) == ("ok", "jisr", "device")
    assert told["device"] == {"model": "small", "running": None, "waiting": None}
    assert told["cloud"] == {"model": "large", "is_healthy": True}
    assert (device.seen, cloud.seen) == ([], [])


def test_health_tells_what_the_cloud_offered_when_a_turn_last_asked(tmp_path: Path) -> None:
    joint = drafting("hello")
    jisr = runtime(device=saying(), cloud=saying(), joint=joint, offer=OFFER)
    before = health(assembled(tmp_path, jisr), "device", GATE)

    asyncio.run(jisr.decide(asked(wish=Wish.PREFER_CLOUD)))

    assert before["joint"] is None
    assert health(assembled(tmp_path, jisr), "device", GATE)["joint"] == {
        "model": "large",
        "joint_ms": 20.0,
        "alone_ms": 50.0,
        "passes_per_token": 0.4,
        "strict_block": 8,
    }
    assert joint.seen == []


def test_health_says_that_a_place_is_not_there(tmp_path: Path) -> None:
    told = health(assembled(tmp_path, runtime(cloud=saying())), "device", GATE)

    assert told["device"] is None


def test_health_says_that_the_engine_has_stopped(tmp_path: Path) -> None:
    device = DeviceSettings(model=str(small_model()), context_tokens=64, num_sequences=1, threads=1)
    jisr = assembled(tmp_path, runtime(device=saying()))
    jisr.engine = load_engine(Settings(), device)
    assert health(jisr, "device", GATE)["status"] == "ok"

    jisr.engine.close()

    assert health(jisr, "device", GATE)["status"] == "the engine has stopped: start Jisr again"


@pytest.mark.parametrize(("key", "expected"), [({}, False), ({"MY_KEY": "sk-1"}, True)])
def test_health_says_whether_a_key_is_needed(
    tmp_path: Path, key: dict[str, str], expected: bool
) -> None:
    gate = device_gate(Settings(server=ServerSettings(api_key_env="MY_KEY")), key)

    told = health(assembled(tmp_path, runtime(device=saying())), "device", gate)

    assert told["needs_key"] is expected


@pytest.mark.parametrize(
    ("host", "is_allowed", "expected"),
    [
        ("127.0.0.1", False, True),
        ("::1", False, True),
        ("192.168.1.7", False, False),
        ("0.0.0.0", False, False),
        ("0.0.0.0", True, True),
    ],
)
def test_a_grammar_is_taken_from_this_machine_or_where_it_is_allowed(
    host: str, is_allowed: bool, expected: bool
) -> None:
    settings = Settings(server=ServerSettings(allow_grammar=is_allowed))

    assert defaults(settings, {"jisr": None}, host=host).allows_grammar is expected


def test_an_open_address_needs_the_key_that_the_settings_name() -> None:
    settings = Settings(server=ServerSettings(host="0.0.0.0", api_key_env="MY_KEY"))

    with pytest.raises(ConfigError, match="MY_KEY"):
        device_gate(settings, {})
    assert device_gate(settings, {"MY_KEY": "sk-1"}).key == "sk-1"


def test_allowed_names_and_pages_come_from_the_settings() -> None:
    server = ServerSettings(allowed_hosts=("box.local",), allowed_origins=("https://app.example",))

    gate = device_gate(Settings(server=server), {})

    assert gate.hosts and "box.local" in gate.hosts
    assert gate.origins == {"https://app.example"}
