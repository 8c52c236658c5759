"""A whole session under watch: no host is ever asked but those that are set up.

A person's commands are answered by a server that runs, and one by itself alone.

Every process runs with a hook of the interpreter that writes down each socket call and each
program started, before it happens, and refuses what is not on this machine; and with a proxy in
its environment that nobody should use. Jisr itself believes that it is online.
"""

import json
import os
import socket
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from tests.cli.jisr import NOBODY_PORT, Command, command, filed, port_of
from tests.journeys.served import send

WATCH = """
import json, os, sys
def watch(event, args):
    if event in ("socket.connect", "socket.sendto", "socket.sendmsg"):
        told = args[1]
        host = told[0] if isinstance(told, tuple) else told
    elif event in ("socket.getaddrinfo", "socket.gethostbyname", "socket.gethostbyaddr"):
        host = args[0]
    elif event == "subprocess.Popen":
        told = list(map(str, args[1]))
        host = None
    else:
        return
    if event == "socket.getaddrinfo":
        told = list(map(str, args[:2]))
    row = json.dumps([event, str(host), repr(told) if event != "subprocess.Popen" else told])
    file = os.open(os.environ["WATCH_LOG"], os.O_WRONLY | os.O_APPEND | os.O_CREAT)
    os.write(file, row.encode() + b"\\n")
    os.close(file)
    here = ("127.0.0.1", "::1", "localhost", b"localhost", None)
    if event.startswith("socket.") and host not in here and not str(host).startswith("/"):
        raise OSError("not on this machine")
sys.addaudithook(watch)
"""
PRIVATE = "Say hello to Layla Haddad, layla.haddad@example.com, +1 202 555 0143."
LIMIT_S = 60
FINDERS = {"ldconfig", "gcc", "cc", "ld", "objdump"}
"""What Python's own finder of C libraries starts (`ctypes.util`), which keyring's backends ask."""


class Watched:
    """What the processes of one session did."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.log = folder / "watched.jsonl"
        (folder / "sitecustomize.py").write_text(WATCH)

    @property
    def rows(self) -> list[Any]:
        return [json.loads(line) for line in self.log.read_text().splitlines()]

    def hosts(self, event: str = "socket.") -> set[str]:
        return {row[1] for row in self.rows if row[0].startswith(event)}


@contextmanager
def proxy() -> Iterator[tuple[str, list[object]]]:
    """Listen as a proxy would; yield its address and who came."""
    came: list[object] = []
    with socket.create_server(("127.0.0.1", 0)) as listener:

        def accept() -> None:
            while True:
                try:
                    client, where = listener.accept()
                except OSError:  # it was closed
                    return
                came.append(where)
                client.close()

        threading.Thread(target=accept, daemon=True).start()
        yield f"http://127.0.0.1:{listener.getsockname()[1]}", came


@pytest.fixture
def watched(tmp_path: Path) -> Watched:
    return Watched(tmp_path)


def online(watched: Watched, proxy_url: str, **environ: str) -> Command:
    """Return the command, watched and believing that it is online."""
    proxies = {
        name: proxy_url
        for lower in ("http_proxy", "https_proxy", "all_proxy")
        for name in (lower, lower.upper())
    }
    own = command(watched.folder / "home", **environ)
    return own.but(
        **proxies,
        no_proxy="",
        NO_PROXY="",
        JISR_OFFLINE="false",
        PYTHONPATH=os.pathsep.join([str(watched.folder), *filter(None, sys.path)]),
        WATCH_LOG=str(watched.log),
    )


@contextmanager
def listening(jisr: Command, *arguments: str) -> Iterator[str]:
    """Run a server of ours until the block ends; yield its address."""
    with jisr.started(*arguments, "--port", "0", "--until-eof") as child:
        assert child.stderr and child.stdin
        for line in child.stderr:
            if b"http://" in line:
                break
        words = line.decode().split()
        yield next(it for it in words if it.startswith("http://")).rstrip(";")
        child.stdin.close()
        child.wait(LIMIT_S)


def test_the_watch_sees_and_refuses_what_is_elsewhere(watched: Watched) -> None:
    code = "import socket; socket.getaddrinfo('telemetry.example.com', 443)"
    environ = dict(online(watched, "http://127.0.0.1:9").environ)
    child = subprocess.run(
        [sys.executable, "-c", code],
        env={**os.environ, **environ},
        capture_output=True,
        text=True,
        check=False,
    )

    assert "not on this machine" in child.stderr
    assert watched.hosts() == {"telemetry.example.com"}


def test_no_other_host_is_asked_in_a_whole_session(watched: Watched) -> None:
    with proxy() as (proxy_url, came):
        cloud = online(
            watched,
            proxy_url,
            JISR_HOME=str(watched.folder / "cloud-home"),
            JISR_DEVICE__CONTEXT_TOKENS="256",  # what holds behind longer texts is not measured
        )
        with listening(cloud, "cloud") as cloud_url:
            jisr = filed(
                online(
                    watched,
                    proxy_url,
                    JISR_CLOUD__BASE_URL=cloud_url.replace("127.0.0.1", "localhost"),
                    JISR_CLOUD__MODEL=_model_of(cloud_url),
                ),
                watched.folder / "config.toml",
            )
            with listening(jisr, "serve") as url:
                _session(jisr.but(JISR_SERVER__PORT=port_of(url)))
                _ask(jisr.but(JISR_SERVER__PORT=NOBODY_PORT), "joint")
            told = json.loads(jisr.run("audit", "--json", "--last", "1000").stdout)
            checked = jisr.run("audit", "verify")

    assert came == []
    assert watched.hosts() <= {"127.0.0.1", "::1", "localhost"}
    assert watched.hosts("socket.getaddrinfo") <= {"127.0.0.1", "::1", "localhost"}
    started = {Path(row[2][0]).name for row in watched.rows if row[0] == "subprocess.Popen"}
    assert started <= FINDERS
    assert checked.returncode == 0, checked.stdout
    errands = {row["errand"] for row in told["rows"]}
    assert {"completion", "verify", "models"} <= errands
    assert {row["host"] for row in told["rows"]} == {"localhost"}
    spans = [row["spans"] for row in told["rows"] if row["errand"] == "completion"]
    assert any("EMAIL_ADDRESS" in it for it in spans)
    assert "layla" not in json.dumps(told).lower()


def _model_of(cloud_url: str) -> str:
    answer = send(cloud_url.removesuffix("/v1"), path="/v1/models", method="GET")
    return str(answer.json()["data"][0]["id"])


def _ask(jisr: Command, place: str, text: str = PRIVATE) -> None:
    done = jisr.run("ask", "--place", place, "--max-tokens", "4", text)
    assert done.returncode == 0, (place, done.stderr)


def _session(jisr: Command) -> None:
    """Do what a person does with it."""
    for place in ("device", "cloud", "joint"):
        _ask(jisr, place)
    _ask(jisr, "joint", "Say hello.")
    for arguments in (
        ("preview", PRIVATE),
        ("route", PRIVATE),
        ("models", "list"),
        ("ledger",),
        ("vault", "list"),
        ("doctor",),
    ):
        done = jisr.run(*arguments)
        assert done.returncode == 0, (arguments, done.stderr)
    chat = jisr.run("chat", "--place", "cloud", stdin=f"{PRIVATE}\nAgain.\n".encode())
    assert chat.returncode == 0, chat.stderr
