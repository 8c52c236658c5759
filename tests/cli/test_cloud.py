import re
import signal

from jisr.cli.client import Client, Ended
from tests.cli.jisr import Command
from tests.cli.test_ask import turns

STOPS_IN_S = 30


def test_it_serves_one_model_under_its_own_name_and_key(alone: Command) -> None:
    locked = alone.but(JISR_CLOUD_ROLE_API_KEY="sk-role", JISR_DEVICE__CONTEXT_TOKENS="256")
    with locked.started("cloud", "--port", "0", "--until-eof") as server:
        assert server.stderr and server.stdin
        line = server.stderr.readline().decode()
        assert line.startswith("Jisr's cloud role serves ")
        assert re.search(r"; it verifies drafts, strictly up to \d+ tokens a pass$", line)
        model, url = line.split()[4], line.split()[6].removesuffix("/v1")
        client = Client(url, "sk-role")
        body = {
            "model": model,
            "messages": [{"role": "user", "content": "Hello"}],
            "max_tokens": 2,
        }

        assert client.health(role="cloud") is not None
        assert client.health(role="device") is None
        *pieces, ended = client.ask(body)
        assert pieces and isinstance(ended, Ended) and ended.jisr["place"] == "device"

        server.send_signal(signal.SIGTERM)
        server.wait(STOPS_IN_S)
        assert (server.returncode, server.stderr.read()) == (0, b"")
    assert not turns(alone.home)  # its ledger is another than the device's


def test_it_ends_when_its_standard_input_does(alone: Command) -> None:
    plain = alone.but(JISR_CLOUD_ROLE__VERIFY="false")
    with plain.started("cloud", "--port", "0", "--until-eof") as server:
        assert server.stdin and server.stderr and server.stderr.readline()
        server.stdin.close()
        server.wait(STOPS_IN_S)

    assert server.returncode == 0


def test_weights_that_are_not_there_are_an_error_with_the_remedy(alone: Command) -> None:
    result = alone.invoke("cloud", "--model", "qwen2.5-coder-7b")

    assert result.exit_code == 1
    assert "qwen2.5-coder-1.5b" in result.stderr
