import os
import signal
import time
from pathlib import Path

import pytest

from jisr.cli.client import Client, Ended
from jisr.cli.context import Run
from jisr.cli.up import _cloud
from tests.cli.jisr import LIMIT_S, Command
from tests.cli.test_ask import turns

STOPS_IN_S = 30
QUESTION = ("--question", "Is the sky blue? Answer yes or no.")


def test_the_stand_in_is_the_one_cloud_of_the_run(tmp_path: Path) -> None:
    file = tmp_path / "config.toml"
    file.write_text(
        "[cloud]\nbase_url = 'https://api.example/v1'\nmodel = 'big'\nprice_model = 'dear'\n"
        "context_tokens = 99\n[[cloud.fallbacks]]\nbase_url = 'https://other.example/v1'\n"
        "model = 'other'\n[device]\ncontext_tokens = 256\n"
    )
    run = Run(config_path=file)

    cloud = run.with_arguments(_cloud(run.settings, "http://127.0.0.1:9")).settings.cloud

    assert (cloud.base_url, cloud.fallbacks) == ("http://127.0.0.1:9/v1", ())
    assert (cloud.price_model, cloud.context_tokens) == (None, 256)


@pytest.fixture
def quick(alone: Command) -> Command:
    """The command on contexts that are soon made."""
    return alone.but(JISR_DEVICE__CONTEXT_TOKENS="256", JISR_DEVICE__NUM_SEQUENCES="1")


def children_of(parent: int) -> set[int]:
    """Return the processes whose parent this is."""
    found = set()
    for stat in Path("/proc").glob("[0-9]*/stat"):
        try:
            fields = stat.read_text().rpartition(") ")[2].split()
        except OSError:
            continue  # it has ended
        if int(fields[1]) == parent:
            found.add(int(stat.parent.name))
    return found


def until_gone(pid: int) -> None:
    """Wait until a process has ended."""
    until = time.monotonic() + STOPS_IN_S
    while Path(f"/proc/{pid}").exists() and time.monotonic() < until:
        state = Path(f"/proc/{pid}/stat").read_text().rpartition(") ")[2][0]
        if state == "Z":
            return  # ended, and nobody has asked how
        time.sleep(0.02)
    assert not Path(f"/proc/{pid}").exists()


def until_line(stream: object, start: str) -> str:
    """Return the first line that starts so."""
    for line in stream:  # type: ignore[attr-defined]  # a pipe of bytes
        if line.decode().startswith(start):
            return str(line.decode())
    raise AssertionError(f"no line begins with {start!r}")


def test_once_prints_both_answers_and_leaves_nothing_behind(quick: Command) -> None:
    with quick.started("up", "--once", "--port", "0", *QUESTION) as child:
        out, err = child.communicate(timeout=LIMIT_S)

    assert child.returncode == 0
    assert f"\n[device] {QUESTION[1]}\n" in out.decode()
    assert f"\n[cloud] {QUESTION[1]}\n" in out.decode()
    assert f"\n[joint] {QUESTION[1]}\n" in out.decode()
    assert "joint (prefer_joint)" in err.decode()
    assert "device (only_device)" in err.decode() and "cloud (only_cloud)" in err.decode()
    assert err.decode().count("nothing left this machine") == 3
    assert {turn.place for turn in turns(quick.home)} == {"device", "cloud", "joint"}
    assert (quick.home / "cloud-ledger.sqlite3").exists()
    log = (quick.home / "stand-in-cloud.log").read_text()
    assert log.startswith("Jisr's cloud role serves") and log.count("\n") == 1


def test_it_serves_on_and_tells_when_its_stand_in_has_ended(quick: Command) -> None:
    with quick.started("up", "--port", "0", *QUESTION) as child:
        assert child.stderr
        url = until_line(child.stderr, "Jisr listens at ").split()[3]
        (stand_in,) = children_of(child.pid)
        os.kill(stand_in, signal.SIGKILL)

        assert "the device answers alone" in until_line(
            child.stderr, "The stand-in cloud has ended"
        )
        body = {"model": "jisr", "messages": [{"role": "user", "content": "Hi"}], "max_tokens": 1}
        ended = list(Client(url).ask({**body, "jisr": {"wish": "prefer_cloud"}}))[-1]
        assert isinstance(ended, Ended)
        assert (ended.jisr["place"], ended.jisr["failed_places"]) == ("device", ["cloud"])

        child.send_signal(signal.SIGINT)
        child.wait(STOPS_IN_S)
    assert child.returncode == 0


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGKILL])
def test_its_stand_in_ends_with_it(quick: Command, number: signal.Signals) -> None:
    with quick.started("up", "--port", "0", *QUESTION) as child:
        assert child.stderr
        until_line(child.stderr, "Jisr listens at ")
        (stand_in,) = children_of(child.pid)
        child.send_signal(number)
        child.wait(STOPS_IN_S)

        until_gone(stand_in)
    assert child.returncode == (0 if number is signal.SIGTERM else -number)


def test_a_stand_in_that_does_not_start_is_an_error_that_says_why(quick: Command) -> None:
    result = quick.but(JISR_CLOUD_ROLE__MODEL="/no/such.gguf").run("up", "--once", "--port", "0")

    assert result.returncode == 1
    assert "The stand-in cloud did not start: There is no file /no/such.gguf" in result.stderr
    assert "Traceback" not in result.stderr


def test_what_is_missing_is_pulled_and_offline_it_is_told(quick: Command, tmp_path: Path) -> None:
    nowhere = quick.but(JISR_DEVICE__MODEL="smollm2-135m", JISR_MODELS_DIR=str(tmp_path / "models"))
    result = nowhere.run("up", "--once", "--port", "0")

    assert result.returncode == 1
    assert "Offline: smollm2-135m was not asked for" in result.stderr
