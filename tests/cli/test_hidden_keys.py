"""A key in the environment shows nowhere: not in errors, logs, traces or lists of processes."""

import json
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread

import pytest

from tests.cli.jisr import Command, command

KEY = "Zq7.hidden-ring_value"
"""Of no form that is known: it is masked because Jisr found it."""


class Echo(BaseHTTPRequestHandler):
    """A cloud that quotes the key in what it answers, in every place there is."""

    def do_POST(self) -> None:
        status = 403 if "refuse" in self.path else 500
        body = {"error": {"message": f"{self.headers['Authorization']} at ?key={KEY}"}}
        content = json.dumps(body).encode()
        self.send_response(status, f"no {KEY}")
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(content)))
        self.end_headers()
        self.wfile.write(content)

    do_GET = do_POST

    def log_message(self, format: str, *args: object) -> None:
        pass


@pytest.fixture
def echoing(tmp_path: Path) -> Command:
    server = ThreadingHTTPServer(("127.0.0.1", 0), Echo)
    Thread(target=server.serve_forever, args=(0.02,), daemon=True).start()
    return command(
        tmp_path / "home",
        JISR_CLOUD_API_KEY=KEY,
        JISR_CLOUD__MODEL="m",
        JISR_CLOUD__RETRIES="0",
        JISR_CLOUD__BASE_URL=f"http://127.0.0.1:{server.server_port}/v1",
        JISR_LOG_LEVEL="debug",
    )


@pytest.mark.parametrize("path", ["v1", "refuse"])
def test_a_key_is_in_no_error_log_or_trace(echoing: Command, path: str) -> None:
    url = echoing.environ["JISR_CLOUD__BASE_URL"].replace("/v1", f"/{path}")
    asking = echoing.but(JISR_CLOUD__BASE_URL=url)
    for arguments in (("ask", "--place", "cloud", "hi"), ("ask", "--place", "joint", "hi")):
        done = asking.run(*arguments)
        assert KEY not in done.stdout + done.stderr
    told = asking.run("doctor", "--json")

    assert KEY not in told.stdout + told.stderr
    assert KEY.encode() not in b"".join(
        it.read_bytes() for it in asking.home.rglob("*") if it.is_file()
    )


def test_a_key_in_an_address_or_an_argument_is_refused_without_being_shown(
    echoing: Command,
) -> None:
    for arguments in (
        ("--set", f"cloud.base_url=https://user:{KEY}@x.org/v1", "config"),
        ("--set", f"cloud.base_url=https://x.org/v1?key={KEY}", "config"),
        ("--set", f"cloud.api_key={KEY}", "config"),
    ):
        done = echoing.run(*arguments)
        assert done.returncode != 0
        assert KEY not in done.stdout + done.stderr


def test_a_key_is_in_no_list_of_processes(echoing: Command) -> None:
    with echoing.started("serve", "--port", "0", "--until-eof") as child:
        assert child.stderr
        while b"Jisr listens" not in child.stderr.readline():
            pass
        listed = b"".join(
            path.read_bytes()
            for path in Path("/proc").glob("[0-9]*/cmdline")
            if str(child.pid) in (path.parent.name, _parent_of(path.parent))
        )

    assert b"serve" in listed
    assert KEY.encode() not in listed


def _parent_of(process: Path) -> str:
    try:
        lines = (process / "status").read_text().splitlines()
    except OSError:  # it has ended
        return ""
    return next((line.split()[1] for line in lines if line.startswith("PPid:")), "")
