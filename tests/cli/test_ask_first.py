"""A turn that the policy keeps here, where the user wants to be asked first."""

import os
import pty
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

import pytest

from jisr.backends.scripted import ScriptedBackend
from jisr.places import Limits
from jisr.server.app import create_app
from jisr.server.run import bind, in_thread
from tests.cli.jisr import LIMIT_S, Command, command, filed, port_of
from tests.runtimes import BALANCED, runtime, saying
from tests.server.asgi import service

IBAN = "DE89370400440532013000"
QUESTION = ("ask", f"pay {IBAN}")


@contextmanager
def asking(folder: Path, device: ScriptedBackend, cloud: ScriptedBackend) -> Iterator[Command]:
    """Serve a Jisr that asks first; yield the command beside it."""
    jisr = runtime(
        device=device,
        cloud=cloud,
        limits=Limits(asks=True),
        policy=BALANCED.staying(["IBAN_CODE"]),
    )
    told = {"status": "ok", "service": "jisr", "role": "device", "offline": True}
    app = create_app(replace(service(jisr), health=lambda: told))
    own = filed(command(folder / "home"), folder / "config.toml")
    with in_thread(app, bind("127.0.0.1", 0), on_stop=jisr.close) as url:
        yield own.but(JISR_SERVER__PORT=port_of(url), JISR_WISH="prefer_cloud")


@pytest.mark.parametrize(
    ("said", "answered", "sent"),
    [
        (b"y\n", b"from the cloud", ["pay <IBAN_CODE_1>"]),
        (b"n\n", b"from the device", []),
        (b"\n", b"from the device", []),
    ],
)
def test_on_a_terminal_it_is_shown_what_would_leave_and_asked(
    tmp_path: Path, said: bytes, answered: bytes, sent: list[str]
) -> None:
    device, cloud = saying(["from the device"]), saying(["from the cloud"])
    ours, theirs = pty.openpty()
    try:
        with (
            asking(tmp_path, device, cloud) as jisr,
            jisr.started(*QUESTION, terminal=theirs) as child,
        ):
            os.write(ours, said)
            out, err = child.communicate(timeout=LIMIT_S)
    finally:
        os.close(ours)
        os.close(theirs)

    assert answered in out
    assert b"it holds IBAN_CODE" in err
    assert b"pay <IBAN_CODE_1>" in err
    assert [it.messages[0].text for it in cloud.seen] == sent


def test_where_nobody_can_be_asked_it_is_an_error_that_says_how_to_allow_it(
    tmp_path: Path,
) -> None:
    cloud = saying(["from the cloud"])
    with asking(tmp_path, saying(), cloud) as jisr:
        refused = jisr.invoke(*QUESTION)
        allowed = jisr.invoke(*QUESTION, "--allow")

    assert refused.exit_code == 1
    assert "--allow" in refused.stderr
    assert IBAN not in refused.stderr
    assert allowed.stdout == "from the cloud\n"
    assert len(cloud.seen) == 1
