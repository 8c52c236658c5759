import json
import os
import sys
from pathlib import Path

import pytest

from tests.cli.conftest import Served
from tests.cli.jisr import Command, command

SHORT = ("--max-tokens", "1", "Hello!")


def answered_alone(result_home: Command) -> bool:
    """Whether the command answered by itself: then its own home has a ledger."""
    return (result_home.home / "ledger.sqlite3").exists()


def test_a_running_server_is_asked(warm: Command) -> None:
    assert warm.invoke("ask", *SHORT).exit_code == 0
    assert not answered_alone(warm)


def test_settings_of_this_run_are_not_the_server_s(warm: Command) -> None:
    result = warm.invoke("--set", "device.max_output_tokens=1", "ask", "--json", "Hello!")

    assert json.loads(result.stdout)["usage"]["completion_tokens"] == 1
    assert answered_alone(warm)


def test_so_are_those_of_the_environment(warm: Command) -> None:
    result = warm.but(JISR_DEVICE__MAX_OUTPUT_TOKENS="1").invoke("ask", "--json", "Hello!")

    assert json.loads(result.stdout)["usage"]["completion_tokens"] == 1
    assert answered_alone(warm)


@pytest.mark.parametrize("variable", ["JISR_LOG_LEVEL", "JISR_SERVER__MAX_BODY_BYTES"])
def test_what_bears_on_no_answer_is_none_of_those(warm: Command, variable: str) -> None:
    value = {"JISR_LOG_LEVEL": "error"}.get(variable, "2048")

    assert warm.but(**{variable: value}).invoke("ask", *SHORT).exit_code == 0
    assert not answered_alone(warm)


@pytest.mark.parametrize("command", [("ask", "--json"), ("route", "--json")])
@pytest.mark.parametrize(
    ("wish", "place"), [("only_device", "device"), ("prefer_cloud", "cloud"), ("", "device")]
)
def test_the_wish_of_this_run_goes_with_the_question(
    warm: Command, command: tuple[str, ...], wish: str, place: str
) -> None:
    result = warm.but(JISR_WISH=wish).invoke(*command, "Hello!")

    told = json.loads(result.stdout)
    assert told.get("jisr", told)["place"] == place
    assert not answered_alone(warm)


def test_and_with_every_line_of_a_conversation(warm: Command) -> None:
    result = warm.but(JISR_WISH="only_cloud").invoke("chat", stdin="Hello!\n")

    assert "cloud (only_cloud)" in result.stderr


def test_an_offline_run_does_not_ask_a_server_that_is_not(warm: Command, served: Served) -> None:
    online = command(warm.home, JISR_OFFLINE="")
    with online.started("serve", "--port", "0", "--until-eof") as server:
        assert server.stderr
        port = server.stderr.readline().split(b" ")[3].rpartition(b":")[2].decode()
        told = warm.but(JISR_SERVER__PORT=port, JISR_OFFLINE="1", JISR_HOME=f"{warm.home}-2")

        assert told.invoke("ask", *SHORT).exit_code == 0
        assert answered_alone(told)


def test_a_key_of_the_server_is_sent(warm: Command, served: Served) -> None:
    locked = served.command.but(JISR_SERVER_API_KEY="sk-1", JISR_HOME=str(warm.home))
    with locked.started("serve", "--port", "0", "--until-eof") as server:
        assert server.stderr
        port = server.stderr.readline().split(b" ")[3].rpartition(b":")[2].decode()
        right = locked.but(JISR_SERVER__PORT=port)

        assert right.invoke("ask", *SHORT).exit_code == 0
        wrong = right.but(JISR_SERVER_API_KEY="sk-2").invoke("ask", *SHORT)
        assert wrong.exit_code == 1
        assert "The key is missing or wrong" in wrong.stderr


FAKE_KEYRING = """\
class Ring:
    priority = 1

def get_keyring():
    return Ring()

def get_password(service, user):
    return {("jisr", "JISR_SERVER_API_KEY"): "sk-ring"}.get((service, user))
"""


def test_a_key_may_be_in_the_keyring_of_both(warm: Command, tmp_path: Path) -> None:
    (tmp_path / "keyring.py").write_text(FAKE_KEYRING)
    ring = warm.but(PYTHONPATH=os.pathsep.join([str(tmp_path), *sys.path]))
    with ring.started("serve", "--port", "0", "--until-eof") as server:
        assert server.stderr
        port = server.stderr.readline().split(b" ")[3].rpartition(b":")[2].decode()
        asking = ring.but(JISR_SERVER__PORT=port, JISR_HOME=f"{warm.home}-2")

        done = asking.run("ask", *SHORT)
        refused = warm.but(JISR_SERVER__PORT=port).run("ask", *SHORT)

    assert (done.returncode, answered_alone(asking)) == (0, False)
    assert "The key is missing or wrong" in refused.stderr


def test_an_endpoint_of_its_own_is_locked_and_gone_afterwards(alone: Command) -> None:
    result = alone.run("ask", "--json", *SHORT)

    assert json.loads(result.stdout)["jisr"]["reason"] == "no_cloud"
    assert result.stderr == ""
    assert answered_alone(alone)
