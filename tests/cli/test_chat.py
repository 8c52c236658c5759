import os
import pty
import signal

import pytest

from jisr.cli.chat import Talk
from jisr.config import Settings
from jisr.conversation import Conversation
from tests.cli.conftest import Served
from tests.cli.jisr import LONG, Command

TO_CLOUD = "/place cloud\n"


def test_each_line_is_a_turn_and_the_history_goes_along(warm: Command) -> None:
    result = warm.invoke("chat", stdin=f"{TO_CLOUD}one\ntwo\n")

    assert result.exit_code == 0
    assert result.stdout == "piece 0 piece 1 piece 2 \n" * 2
    assert result.stderr.count("cloud (only_cloud)") == 2


def test_a_turn_that_was_answered_is_kept_and_one_that_failed_is_not(served: Served) -> None:
    talk = Talk(Conversation("Be brief."), "cloud", Settings())

    talk.say(served.client, "one")
    talk.command("/private")
    talk.say(served.client, "two")

    assert [it.text for it in talk.conversation.messages] == ["one", "piece 0 piece 1 piece 2 "]
    assert not talk.is_private


def test_a_talk_is_one_conversation_and_is_forgotten_when_it_ends(served: Served) -> None:
    vaults = served.command.home / "vaults"
    talk = Talk(Conversation(), "cloud", Settings())

    talk.say(served.client, "Write to layla@example.com")
    kept = list(vaults.glob("*.vault"))
    talk.say(served.client, "and to omar@example.com")
    assert len(kept) == 1
    assert list(vaults.glob("*.vault")) == kept

    first = talk.name
    talk.command("/new")
    assert talk.name != first
    talk.end(served.client)
    assert list(vaults.glob("*.vault")) == []


def test_commands_change_the_turns_after_them() -> None:
    talk = Talk(Conversation(), "auto", Settings())

    assert talk.command("/place device") and talk.place == "device"
    assert talk.command("/place joint") and talk.place == "joint"
    assert talk.command("/private") and talk.is_private
    talk.conversation.keep("a", "b")
    assert talk.command("/new") and not talk.conversation.messages
    assert not talk.command("/quit")


@pytest.mark.parametrize("line", ["/help", "/what", "/place", "/place moon"])
def test_what_is_no_command_shows_those_there_are(warm: Command, line: str) -> None:
    result = warm.invoke("chat", stdin=f"{line}\n")

    assert (result.exit_code, result.stdout) == (0, "")
    assert "/place auto|device|cloud|joint" in result.stderr


def test_a_turn_that_cannot_be_answered_does_not_end_the_talk(warm: Command) -> None:
    result = warm.invoke("chat", stdin=f"{TO_CLOUD}/private\nsecret\nhello\n")

    assert result.exit_code == 0
    assert "must stay on the device" in result.stderr
    assert result.stdout == "piece 0 piece 1 piece 2 \n"


def test_nothing_but_answers_is_on_standard_output(warm: Command) -> None:
    assert warm.invoke("chat", stdin="\n  \n/quit\nnever asked\n").stdout == ""


def test_bytes_that_are_no_text_are_refused(warm: Command) -> None:
    result = warm.run("chat", stdin=b"\xff\xfe\n")

    assert "not UTF-8 text" in result.stderr
    assert "Traceback" not in result.stderr


def test_ctrl_c_stops_an_answer_and_not_the_talk(warm: Command) -> None:
    with warm.started("chat", "--place", "device") as child:
        assert child.stdin and child.stdout and child.stderr
        child.stdin.write(f"{LONG}\n".encode())
        child.stdin.flush()
        assert child.stdout.read(4)
        child.send_signal(signal.SIGINT)
        out, err = child.communicate(f"{TO_CLOUD}go on\n".encode(), timeout=30)

    assert child.returncode == 0
    assert b"\nstopped\n" in err
    assert out.endswith(b"piece 0 piece 1 piece 2 \n")


def test_a_terminal_gets_a_prompt(warm: Command) -> None:
    ours, theirs = pty.openpty()
    try:
        with warm.started("chat", terminal=theirs) as child:
            os.write(ours, b"/quit\n")
            child.wait(30)
            assert child.stdout and b"> " in child.stdout.read()
    finally:
        os.close(ours)
        os.close(theirs)
