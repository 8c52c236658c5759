import asyncio
import socket
import time
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from jisr import offline
from jisr.assemble import (
    assemble,
    cloud_backends,
    cloud_rates,
    cloud_upstreams,
    find_server_key,
    name_of,
    store,
    verify_link,
)
from jisr.backends.cloud import CloudBackend
from jisr.backends.fallback import FallbackBackend
from jisr.backends.joint import JointBackend
from jisr.backends.local_server import LocalServerBackend
from jisr.bench.behaviours import Behaviour
from jisr.bench.upstream import ScriptedUpstream
from jisr.clock import FakeClock, SystemClock
from jisr.config import (
    BudgetSettings,
    CloudSettings,
    DeviceSettings,
    JointSettings,
    PrivacySettings,
    Settings,
    UpstreamSettings,
)
from jisr.errors import AskFirst, BackendTimeout, ConfigError, ModelDamaged, ModelNotFound, NoPlace
from jisr.runtime import Runtime
from jisr.turn import TurnEnded
from jisr.types import Place, TurnRecord, Wish
from tests.runtimes import asked, outputs
from tests.weights import small_model

SERVER = DeviceSettings(url="http://127.0.0.1:11434/v1", server_model="small")
CLOUD = CloudSettings(base_url="https://cloud.example/v1", model="large")
KEY = {"JISR_CLOUD_API_KEY": "sk-cloud"}


def assembled(tmp_path: Path, environ: dict[str, str] | None = None, **more: Any) -> Runtime:
    settings = Settings(**{"home": tmp_path / "home", "device": SERVER, **more})
    return assemble(settings, environ or {}).runtime


def place(jisr: Runtime, text: str = "hi", **more: Any) -> tuple[Place, str]:
    _, decision = asyncio.run(jisr.decide(asked(text, **more)))
    return decision.place, decision.reason.value


def test_with_no_cloud_every_turn_stays(tmp_path: Path) -> None:
    jisr = assembled(tmp_path)

    assert jisr.cloud is None
    assert place(jisr, wish=Wish.PREFER_CLOUD) == (Place.DEVICE, "no_cloud")


def test_with_no_device_every_turn_goes_and_no_weights_are_asked_for(tmp_path: Path) -> None:
    jisr = assembled(
        tmp_path, KEY, cloud=CLOUD, device=DeviceSettings(enabled=False), models_dir=tmp_path
    )

    assert jisr.device is None
    assert place(jisr) == (Place.CLOUD, "no_device")


def test_a_server_on_this_machine_can_be_the_device(tmp_path: Path) -> None:
    jisr = assembled(tmp_path)

    assert jisr.device
    assert isinstance(jisr.device.backend, LocalServerBackend)
    assert jisr.device.backend.model == "small"
    assert jisr.device.context_tokens is None


def test_a_server_elsewhere_cannot(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="not loopback"):
        assembled(
            tmp_path, device=DeviceSettings(url="http://box.local:11434/v1", server_model="small")
        )


def test_one_cloud_is_itself_and_several_stand_in_for_each_other(tmp_path: Path) -> None:
    more = UpstreamSettings(base_url="http://127.0.0.1:8485/v1", model="other", context_tokens=9000)
    several = CLOUD.model_copy(update={"fallbacks": (more,)})

    one, two = (assembled(tmp_path, KEY, cloud=cloud).cloud for cloud in (CLOUD, several))

    assert one
    assert two
    assert isinstance(one.backend, CloudBackend)
    assert isinstance(two.backend, FallbackBackend)
    assert two.backend.model == "large"
    assert (one.context_tokens, two.context_tokens) == (128_000, 9000)
    assert not two.is_loopback  # one of them is elsewhere


@pytest.mark.parametrize(
    ("base_url", "variable", "key"),
    [
        ("https://elsewhere.example/v1", None, None),
        ("http://cloud.example/v1", None, None),  # what is not encrypted is another host
        ("https://cloud.example:8443/v1", None, None),
        ("https://cloud.example/v2", None, "JISR_CLOUD_API_KEY"),
        ("https://CLOUD.example:443/v1", None, "JISR_CLOUD_API_KEY"),
        ("https://elsewhere.example/v1", "OTHER_KEY", "OTHER_KEY"),
        ("https://cloud.example/v1", "OTHER_KEY", "OTHER_KEY"),
    ],
)
def test_the_clouds_key_goes_to_no_other_host(
    base_url: str, variable: str | None, key: str | None
) -> None:
    fallback = UpstreamSettings(base_url=base_url, model="m", api_key_env=variable)

    told = cloud_upstreams(CLOUD.model_copy(update={"fallbacks": (fallback,)}))

    assert [it.api_key_env for it in told] == ["JISR_CLOUD_API_KEY", key]


def test_a_fallback_elsewhere_is_sent_no_key_of_the_cloud(tmp_path: Path) -> None:
    async def turn() -> tuple[TurnRecord, list[bytes]]:
        async with ScriptedUpstream(keeps=True) as down, ScriptedUpstream(keeps=True) as spare:
            more = UpstreamSettings(base_url=spare.base_url, model=Behaviour.OK)
            cloud = CloudSettings(
                base_url=down.base_url, model=Behaviour.FAIL, retries=0, fallbacks=(more,)
            )
            whole = assemble(Settings(home=tmp_path, device=SERVER, cloud=cloud), KEY)
            ended = (await outputs(whole.runtime, asked(wish=Wish.ONLY_CLOUD)))[-1]
            await whole.close()
            assert isinstance(ended, TurnEnded)
            return ended.record, down.captured + spare.captured

    record, (first, second) = asyncio.run(turn())

    assert b"Bearer sk-cloud" in first
    assert b"authorization" not in second.lower()
    assert record.failed_models == (Behaviour.FAIL,)
    assert record.usd == 0  # both are on this machine


def test_each_cloud_is_billed_by_its_own_row_and_only_what_is_here_is_free() -> None:
    dear = UpstreamSettings(base_url="https://elsewhere.example/v1", model="gpt-4o")
    here = UpstreamSettings(base_url="http://127.0.0.1:8485/v1", model="gpt-4o")
    cloud = CLOUD.model_copy(update={"price_model": "gpt-4o-mini", "fallbacks": (here, dear)})

    rates = cloud_rates(cloud)

    assert [(it.model, it.is_free) for it in rates] == [
        ("gpt-4o-mini", False),
        ("gpt-4o", True),
        ("gpt-4o", False),
    ]


def test_a_cloud_on_this_machine_is_free_and_may_be_asked_offline(tmp_path: Path) -> None:
    cloud = CloudSettings(base_url="http://127.0.0.1:8485/v1", model="large")
    jisr = assembled(
        tmp_path, cloud=cloud, offline=True, budget=BudgetSettings(usd_per_day=Decimal(0))
    )

    assert jisr.cloud
    assert jisr.cloud.is_loopback
    assert place(jisr, wish=Wish.PREFER_CLOUD) == (Place.CLOUD, "prefer_cloud")


def test_the_offline_switch_is_turned_on_and_bars_the_cloud(tmp_path: Path) -> None:
    offline.online_again()

    jisr = assembled(tmp_path, KEY, cloud=CLOUD, offline=True)

    assert offline.is_offline()
    assert place(jisr, wish=Wish.PREFER_CLOUD) == (Place.DEVICE, "offline")
    with pytest.raises(NoPlace, match="offline"):
        place(jisr, wish=Wish.ONLY_CLOUD)


def test_what_must_stay_and_what_may_be_spent_come_from_the_settings(tmp_path: Path) -> None:
    stay = assembled(tmp_path, KEY, cloud=CLOUD, privacy=PrivacySettings(stay=("EMAIL_ADDRESS",)))
    poor = assembled(tmp_path, KEY, cloud=CLOUD, budget=BudgetSettings(usd_per_day=Decimal(0)))

    assert place(stay, "I am a@example.com", wish=Wish.PREFER_CLOUD) == (Place.DEVICE, "private")
    assert place(poor, wish=Wish.PREFER_CLOUD) == (Place.DEVICE, "budget")


def test_a_price_row_of_another_name_can_bill_the_cloud(tmp_path: Path) -> None:
    cloud = CLOUD.model_copy(update={"price_model": "gpt-4o-mini"})
    jisr = assembled(tmp_path, KEY, cloud=cloud, budget=BudgetSettings(usd_per_day=Decimal(1)))

    assert place(jisr, wish=Wish.PREFER_CLOUD) == (Place.CLOUD, "prefer_cloud")


@pytest.mark.parametrize(
    ("cloud", "words"),
    [
        ({"base_url": "https://cloud.example/v1"}, "model"),
        ({"base_url": "https://", "model": "m"}, "base URL"),
    ],
)
def test_a_cloud_that_cannot_be_is_said_before_weights_are_loaded(
    tmp_path: Path, cloud: dict[str, Any], words: str
) -> None:
    with pytest.raises(ConfigError, match=words):
        assembled(tmp_path, KEY, cloud=CloudSettings(**cloud), device=DeviceSettings())


def test_what_may_leave_comes_from_the_policy_and_the_words_that_the_settings_name(
    tmp_path: Path,
) -> None:
    own = tmp_path / "own.txt"
    own.write_text("IBAN_CODE\tZZ-TOP-77\n")
    privacy = PrivacySettings(policy="strict", own_words=own)
    strict = assembled(tmp_path, KEY, cloud=CLOUD, privacy=privacy)
    asks = assembled(tmp_path, KEY, cloud=CLOUD, privacy=privacy.model_copy(update={"ask": True}))

    assert place(strict, "I have ZZ-TOP-77", wish=Wish.PREFER_CLOUD) == (Place.DEVICE, "private")
    with pytest.raises(AskFirst, match="IBAN_CODE"):
        asyncio.run(outputs(asks, asked("I have ZZ-TOP-77", wish=Wish.PREFER_CLOUD)))


@pytest.mark.parametrize(
    ("privacy", "words"),
    [
        ({"policy": "stirct"}, "did you mean strict"),
        ({"stay": ("IBAN",)}, "did you mean IBAN_CODE"),
        ({"own_words": Path("none.txt")}, "none.txt: No such file"),
    ],
)
def test_a_policy_that_cannot_be_is_said_before_weights_are_loaded(
    tmp_path: Path, privacy: dict[str, Any], words: str
) -> None:
    with pytest.raises(ConfigError, match=words):
        assembled(tmp_path, KEY, privacy=PrivacySettings(**privacy), device=DeviceSettings())


def test_weights_that_are_not_here_are_said_with_the_remedy(tmp_path: Path) -> None:
    with pytest.raises(ModelNotFound, match=r"jisr models pull qwen2\.5-coder-0\.5b"):
        assembled(tmp_path, device=DeviceSettings(), models_dir=tmp_path)


def test_weights_that_are_damaged_are_said(tmp_path: Path) -> None:
    damaged = tmp_path / "damaged.gguf"
    damaged.write_bytes(small_model().read_bytes()[:1_000_000])

    with pytest.raises(ModelDamaged):
        assembled(tmp_path, device=DeviceSettings(model=str(damaged)))


def test_the_engine_is_the_device_and_closes_with_everything_else(tmp_path: Path) -> None:
    device = DeviceSettings(model=str(small_model()), context_tokens=256, threads=1)
    whole = assemble(Settings(home=tmp_path, device=device), {})

    assert whole.engine
    assert whole.runtime.device
    assert whole.runtime.device.context_tokens == 256
    assert whole.runtime.device.backend.model == small_model().stem
    asyncio.run(whole.close())
    asyncio.run(whole.close())


SMALL: dict[str, Any] = {"context_tokens": 64, "num_sequences": 1, "threads": 1}


@pytest.mark.parametrize(
    ("change", "has_joint"),
    [
        ({}, True),
        ({"joint": JointSettings(enabled=False)}, False),
        ({"cloud": CloudSettings()}, False),
        ({"device": SERVER}, False),  # it tells no tokens
        ({"device": DeviceSettings(enabled=False)}, False),
    ],
    ids=["both", "off", "no cloud", "a server", "no device"],
)
def test_joint_needs_the_engine_here_and_a_cloud(
    tmp_path: Path, change: dict[str, Any], has_joint: bool
) -> None:
    device = DeviceSettings(model=str(small_model()), **SMALL)
    given: dict[str, Any] = {"home": tmp_path, "device": device, "cloud": CLOUD}
    settings = Settings(**given | change)
    whole = assemble(settings, KEY)
    joint = whole.runtime.joint
    asyncio.run(whole.close())

    assert (joint is not None) is has_joint
    if joint is not None:
        assert isinstance(joint.backend, JointBackend)
        assert joint.backend.is_healthy()


def test_the_link_to_a_verifier_waits_as_long_as_the_settings_say() -> None:
    async def seconds(port: int) -> float:
        cloud = CloudSettings(base_url=f"http://127.0.0.1:{port}/v1", model="m")
        settings = Settings(cloud=cloud, joint=JointSettings(connect_timeout_s=0.2))
        link = verify_link(settings, KEY, SystemClock())
        start = time.monotonic()
        with pytest.raises(BackendTimeout):
            await link.open()
        await link.close()
        return time.monotonic() - start

    with socket.create_server(("127.0.0.1", 0)) as silent:
        assert 0.2 <= asyncio.run(seconds(silent.getsockname()[1])) < 3


def test_nothing_is_sent_and_nothing_written_by_assembling(tmp_path: Path) -> None:
    assembled(tmp_path, KEY, cloud=CLOUD)  # the suite's offline switch would refuse any socket

    assert list(tmp_path.iterdir()) == []


def test_a_key_comes_from_the_variable_the_settings_name() -> None:
    assert find_server_key("MY_KEY", {"MY_KEY": "sk-1"}) == "sk-1"


def test_no_base_url_is_no_cloud() -> None:
    assert cloud_backends(Settings(), {}, FakeClock()) == []


@pytest.mark.parametrize(
    ("model", "name"),
    [("qwen2.5-coder-0.5b", "qwen2.5-coder-0.5b"), ("/models/big.q4.gguf", "big.q4")],
)
def test_a_model_is_called_by_its_name_or_its_file(model: str, name: str) -> None:
    assert name_of(model) == name


def test_weights_are_kept_where_the_settings_say(tmp_path: Path) -> None:
    assert store(Settings(models_dir=tmp_path)).models_dir == tmp_path
