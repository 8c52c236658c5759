import json

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


def test_an_endpoint_of_its_own_is_locked_and_gone_afterwards(alone: Command) -> None:
    result = alone.run("ask", "--json", *SHORT)

    assert json.loads(result.stdout)["jisr"]["reason"] == "no_cloud"
    assert result.stderr == ""
    assert answered_alone(alone)
