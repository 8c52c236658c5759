"""An answer that is shown before it is checked, on the command line."""

import json
import os
import pty
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

import pytest

from jisr.cli.unchecked import CHECKING, struck_out
from jisr.guard.sentences import CLOUD
from jisr.guard.verdicts import Action, Verdict
from jisr.places import Limits
from jisr.scripted_checker import ScriptedChecker
from jisr.server.app import create_app
from jisr.server.run import bind, in_thread
from tests.cli.jisr import JISR, LIMIT_S, Command, command, filed, port_of
from tests.runtimes import runtime, saying
from tests.server.asgi import service

ABSTAIN = Verdict(action=Action.ABSTAIN, reason="unsure", confidence=0.2, said="I cannot know.")
SAID = f"I cannot know; {CLOUD['no_cloud']['en']}"
SHOWN = Limits(shows_unchecked=True)
QUESTION = "Who planted the palm behind our school?"


@contextmanager
def checking(folder: Path, *verdicts: Verdict, limits: Limits = SHOWN) -> Iterator[Command]:
    """Serve a Jisr whose answers get these verdicts; yield the command beside it."""
    jisr = runtime(device=saying(), checker=ScriptedChecker(verdicts), limits=limits)
    told = {"status": "ok", "service": "jisr", "role": "device", "offline": True}
    app = create_app(replace(service(jisr), health=lambda: told))
    own = filed(command(folder / "home"), folder / "config.toml")
    with in_thread(app, bind("127.0.0.1", 0), on_stop=jisr.close) as url:
        yield own.but(JISR_SERVER__PORT=port_of(url))


@pytest.mark.parametrize(
    ("question", "why", "said"),
    [
        (QUESTION, "[withdrawn: The device is not sure enough of its answer", SAID),
        (
            "من غرس النخلة خلف مدرستنا؟",
            "[withdrawn: الجهاز غير واثق من إجابته",
            f"I cannot know؛ {CLOUD['no_cloud']['ar']}",
        ),
    ],
)
def test_where_it_is_not_a_terminal_what_is_withdrawn_is_said_plainly(
    tmp_path: Path, question: str, why: str, said: str
) -> None:
    with checking(tmp_path, ABSTAIN) as jisr:
        result = jisr.invoke("ask", question)

    shown, told = result.stdout.split(why)
    assert shown == "hello\n"
    assert told.endswith(f"]\n\n{said}\n")
    assert "abstained (unsure) · confidence unknown (no answer is given)" in result.stderr
    assert CHECKING not in result.stderr
    assert "\x1b[" not in result.stdout


def test_what_is_held_is_never_shown(tmp_path: Path) -> None:
    with checking(tmp_path, ABSTAIN, limits=Limits()) as jisr:
        result = jisr.invoke("ask", QUESTION)

    assert result.stdout == f"{SAID}\n"


def test_a_row_of_json_has_the_answer_that_stands_and_the_verdict(tmp_path: Path) -> None:
    with checking(tmp_path, ABSTAIN) as jisr:
        row = json.loads(jisr.invoke("ask", "--json", QUESTION).stdout)

    assert row["text"] == SAID
    assert row["jisr"]["verdict"]["action"] == "abstain"


def test_a_talk_goes_on_from_the_answer_that_stands(tmp_path: Path) -> None:
    with checking(tmp_path, ABSTAIN) as jisr:
        result = jisr.invoke("chat", stdin=f"{QUESTION}\nAnd who waters it?\n")

    assert result.stdout.count("[withdrawn:") == 1
    assert result.stdout.endswith("hello\n")
    assert result.stderr.count("confidence") == 2


def test_on_a_terminal_it_is_struck_out(tmp_path: Path) -> None:
    ours, theirs = pty.openpty()
    try:
        with checking(tmp_path, ABSTAIN) as jisr:
            child = subprocess.Popen(
                [*JISR, "ask", QUESTION],
                stdin=theirs,
                stdout=theirs,
                stderr=theirs,
                env={**os.environ, **jisr.environ},
            )
            os.close(theirs)
            shown = _all_of(ours)
            assert child.wait(LIMIT_S) == 0
    finally:
        os.close(ours)

    assert CHECKING in shown
    assert "hello\r\x1b[J" in shown
    assert "\x1b[9mhello\x1b[0m" in shown or "\x1b[2m\x1b[9mhello" in shown
    assert SAID in shown


def _all_of(terminal: int) -> str:
    pieces = []
    while True:
        try:
            piece = os.read(terminal, 4096)
        except OSError:  # the other end is closed
            break
        if not piece:
            break
        pieces.append(piece)
    return b"".join(pieces).decode()


@pytest.mark.parametrize(
    ("text", "up"),
    [
        ("short", ""),
        ("two\nlines", "\x1b[1A"),
        ("x" * 25, "\x1b[2A"),
        ("橋" * 10, "\x1b[1A"),
        ("\n\n", "\x1b[2A"),
    ],
)
def test_it_is_struck_out_from_its_first_row_on(text: str, up: str) -> None:
    struck = struck_out(text, columns=10, lines=24)

    assert struck.startswith(f"{up}\r\x1b[J")
    assert text in struck


def test_what_has_scrolled_away_is_left_as_it_is() -> None:
    assert struck_out("x\n" * 30, columns=80, lines=24) == ""
