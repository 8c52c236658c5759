"""The command beside a server whose joint place is scripted."""

import json
from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass, replace
from pathlib import Path

import pytest

from jisr.assemble import Assembled, open_ledger
from jisr.backends.scripted import ScriptedBackend
from jisr.clock import FakeClock
from jisr.config import Settings
from jisr.server.app import create_app
from jisr.server.run import bind, in_thread
from jisr.server.service import device_gate, device_service
from jisr.types import Exact, Goal, JointOptions
from tests.cli.jisr import Command, command, filed, port_of
from tests.runtimes import JOINT_USE, drafting, runtime, saying


@dataclass(frozen=True, slots=True)
class Beside:
    """The command, and what answers its joint turns."""

    command: Command
    joint: ScriptedBackend


@pytest.fixture(params=[None, "the link is gone"])
def beside(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Beside]:
    reason = request.param
    use = JOINT_USE
    if reason:
        use = replace(use, fallback="device", fallback_reason=reason)
    joint = drafting("Hel", "lo", use=use)
    settings = Settings(home=tmp_path / "server", offline=True)
    jisr = runtime(device=saying(["here"]), cloud=saying(["there"]), joint=joint)
    with closing(open_ledger(settings, FakeClock())) as ledger:
        service = device_service(Assembled(jisr, ledger, None), settings, device_gate(settings, {}))
        with in_thread(create_app(service), bind("127.0.0.1", 0), on_stop=jisr.close) as url:
            own = command(tmp_path / "home", port_of(url), JISR_OFFLINE="1")
            yield Beside(filed(own, tmp_path / "config.toml"), joint)


def test_a_joint_answer_says_what_its_drafts_were_worth(beside: Beside) -> None:
    result = beside.command.invoke("ask", "--place", "joint", "Hello!")

    assert result.stdout == "Hello\n"
    assert result.stderr.startswith("joint (prefer_joint) · model large · 41 of 60 drafts accepted")
    assert ("the device made the rest: the link is gone" in result.stderr) == (
        beside.joint.lines[0][-1].joint.fallback is not None  # type: ignore[union-attr]
    )


@pytest.mark.parametrize(
    ("arguments", "environ", "options"),
    [
        (("--goal", "cheap", "--exact", "strict"), {}, JointOptions(Goal.CHEAP, Exact.STRICT)),
        ((), {}, JointOptions()),
        ((), {"JISR_JOINT__GOAL": "cheap"}, JointOptions(Goal.CHEAP)),
        (("--goal", "fast"), {"JISR_JOINT__GOAL": "cheap"}, JointOptions()),
    ],
)
def test_how_it_is_to_be_done_reaches_the_server(
    beside: Beside, arguments: tuple[str, ...], environ: dict[str, str], options: JointOptions
) -> None:
    told = beside.command.but(**environ).invoke(
        "ask", "--place", "joint", "--json", *arguments, "Hello!"
    )

    assert beside.joint.seen[0].joint == options
    assert json.loads(told.stdout)["jisr"]["joint"]["accepted"] == JOINT_USE.accepted


def test_a_conversation_can_be_joint(beside: Beside) -> None:
    result = beside.command.invoke("chat", stdin="/place joint\none\n/place cloud\ntwo\n")

    assert result.stdout == "Hello\nthere\n"


def test_where_joint_would_go_is_told_with_what_is_known_of_it(beside: Beside) -> None:
    lines = beside.command.invoke("route", "--place", "joint", "Hello!").stdout.splitlines()

    assert lines[0] == "joint: The device drafts and the cloud verifies, because you prefer it."
    assert "   has_joint              yes" in lines
    assert "   joint_pays             not known" in lines
    assert beside.joint.seen == []
