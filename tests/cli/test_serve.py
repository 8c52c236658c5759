import json
import signal
import subprocess
import urllib.request

import pytest

from jisr.cli.client import Client
from tests.cli.conftest import Served
from tests.cli.jisr import LONG, Command
from tests.cli.test_ask import turns

STOPS_IN_S = 30


def address_of(server: subprocess.Popen[bytes]) -> str:
    assert server.stderr
    line = server.stderr.readline().decode()
    assert line.startswith("Jisr listens at http://127.0.0.1:"), line
    return line.split()[3]


def test_a_plain_client_gets_the_answer_that_ask_prints(served: Served, warm: Command) -> None:
    body = {
        "model": "jisr/device",
        "messages": [{"role": "user", "content": "Say hello."}],
        "max_tokens": 3,
    }
    request = urllib.request.Request(
        f"{served.client.url}/v1/chat/completions",
        json.dumps(body).encode(),
        {"Content-Type": "application/json"},
    )
    with urllib.request.urlopen(request, timeout=30) as response:
        text = json.load(response)["choices"][0]["message"]["content"]

    assert warm.invoke("ask", "--max-tokens", "3", "Say hello.").stdout == f"{text}\n"


def test_a_taken_port_is_an_error_before_any_weights_are_loaded(
    served: Served, tmp_path: object
) -> None:
    nowhere = served.command.but(JISR_DEVICE__MODEL="/no/such.gguf")
    result = nowhere.invoke("serve")

    assert result.exit_code == 1
    assert "is taken, perhaps by another Jisr" in result.stderr
    assert "--port 0" in result.stderr


@pytest.mark.parametrize("command", ["serve", "cloud"])
def test_debugging_shows_where_an_error_comes_from(alone: Command, command: str) -> None:
    wrong = ("--set", "device.model=/no/such.gguf", "--set", "cloud_role.model=/no/such.gguf")

    plain = alone.invoke(*wrong, command, "--port", "0")
    debugging = alone.invoke(*wrong, "--set", "log_level=debug", command, "--port", "0")

    assert plain.stderr.count("\n") == 1
    assert "Traceback" in debugging.stderr and "/no/such.gguf" in debugging.stderr


@pytest.mark.parametrize("command", ["serve", "cloud"])
def test_other_machines_are_not_let_in_without_a_key(alone: Command, command: str) -> None:
    result = alone.invoke(command, "--host", "0.0.0.0")

    assert result.exit_code == 1
    assert "so a key is needed" in result.stderr


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_a_signal_stops_it_cleanly(alone: Command, number: signal.Signals) -> None:
    with alone.started("serve", "--port", "0") as server:
        address_of(server)
        server.send_signal(number)
        out, err = server.communicate(timeout=STOPS_IN_S)

    assert (server.returncode, out, err) == (0, b"", b"")


def test_an_answer_in_the_making_is_cut_off_and_kept_as_cancelled(alone: Command) -> None:
    with alone.started("serve", "--port", "0") as server:
        client = Client(address_of(server))
        body = {
            "model": "jisr",
            "messages": [{"role": "user", "content": LONG}],
            "max_tokens": 1000,
        }
        pieces = client.ask(body)
        next(pieces)
        server.send_signal(signal.SIGTERM)
        server.send_signal(signal.SIGTERM)  # the second does not wait for answers
        _, err = server.communicate(timeout=STOPS_IN_S)
        pieces.close()

    assert (server.returncode, err) == (0, b"")
    assert [turn.error for turn in turns(alone.home)] == ["cancelled"]


def test_it_ends_with_its_parent_if_it_is_told_to(alone: Command) -> None:
    with alone.started("serve", "--port", "0", "--until-eof") as server:
        address_of(server)
        assert server.stdin
        server.stdin.close()
        server.wait(STOPS_IN_S)

    assert server.returncode == 0


def test_a_machine_without_weights_can_leave_every_turn_to_the_cloud(warm: Command) -> None:
    result = warm.invoke("--set", "device.enabled=false", "ask", "--json", "Hello")

    told = json.loads(result.stdout)
    assert told["text"] == "piece 0 piece 1 piece 2 "
    assert told["jisr"]["reason"] == "no_device"
