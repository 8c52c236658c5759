"""A made-up model of 300 kB, its wheels, a stand-in for pip, and a hub on loopback."""

from __future__ import annotations

import hashlib
import random
import struct
import sys
import threading
import zipfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from itertools import pairwise
from pathlib import Path
from typing import Any

from jisr.departure import Unaudited
from jisr.models.base import HubFile, Model, Part
from jisr.models.catalog import Catalog
from jisr.models.hub import HubSource
from jisr.models.index import IndexSource


def text(value: bytes) -> bytes:
    return struct.pack("<Q", len(value)) + value


def gguf_bytes(data_bytes: int = 300_000) -> bytes:
    keys = [
        text(b"general.architecture") + struct.pack("<I", 8) + text(b"llama"),
        text(b"general.alignment") + struct.pack("<II", 4, 64),
        text(b"tokens")
        + struct.pack("<IIQ", 9, 8, 3)
        + text(b"a")
        + text(b"")
        + text("ب".encode()),
        text(b"scores") + struct.pack("<IIQ", 9, 6, 4) + bytes(16),
        text(b"nested") + struct.pack("<IIQ", 9, 9, 1) + struct.pack("<IQ", 8, 1) + text(b"x"),
    ]
    tensors = [
        text(b"first") + struct.pack("<IQIQ", 1, 32, 0, 0),
        text(b"last") + struct.pack("<IQQIQ", 2, 32, 2, 0, 128),
    ]
    header = struct.pack("<4sIQQ", b"GGUF", 3, len(tensors), len(keys)) + b"".join(keys + tensors)
    return header + bytes(-len(header) % 64) + random.Random(7).randbytes(data_bytes)


CONTENT = gguf_bytes()
CUTS = [0, 100_000, 200_000, len(CONTENT)]


def sha256(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()


def part(number: int, content: bytes) -> Part:
    return Part(
        requirement=f"made-up-part{number}==1.0",
        member=f"made_up_part{number}/part.bin",
        size_bytes=len(content),
        sha256=sha256(content),
    )


PIECES = [CONTENT[start:end] for start, end in pairwise(CUTS)]
MODEL = Model(
    name="made-up",
    title="Made up",
    note="",
    file="made-up.gguf",
    size_bytes=len(CONTENT),
    sha256=sha256(CONTENT),
    license="Apache-2.0",
    parameters=1,
    quantization="F32",
    template="none",
    sources=("index", "hub"),
    hub=HubFile(repository="us/made-up", revision="main", file="Made Up.gguf"),
    index=tuple(part(number, piece) for number, piece in enumerate(PIECES, 1)),
)
CATALOG = Catalog({MODEL.name: MODEL})


def write_wheels(folder: Path, pieces: list[bytes] = PIECES) -> Path:
    folder.mkdir(exist_ok=True)
    for number, piece in enumerate(pieces, 1):
        name = f"made_up_part{number}"
        about = f"{name}-1.0.dist-info"
        with zipfile.ZipFile(folder / f"{name}-1.0-py3-none-any.whl", "w") as wheel:
            wheel.writestr(f"{name}/__init__.py", "raise SystemExit('never import me')")
            wheel.writestr(f"{name}/part.bin", piece)
            wheel.writestr(
                f"{about}/METADATA", f"Metadata-Version: 2.1\nName: {name}\nVersion: 1.0\n"
            )
            wheel.writestr(
                f"{about}/WHEEL", "Wheel-Version: 1.0\nRoot-Is-Purelib: true\nTag: py3-none-any\n"
            )
            wheel.writestr(f"{about}/RECORD", "")
    return folder


PIP = """
import os, pathlib, shutil, signal, sys, time
folder = pathlib.Path(os.environ["WHEELS"])
dest = pathlib.Path(next(a for a in sys.argv if a.startswith("--dest="))[7:])
name = sys.argv[-1].partition("==")[0].replace("-", "_")
with open(folder / "calls", "a") as calls:
    calls.write(f"{name} {os.getpid()}\\n")
mood = os.environ.get("MOOD", "")
if mood.endswith("-stubborn"):
    signal.signal(signal.SIGTERM, signal.SIG_IGN)
if mood.startswith("hangs-at-2") and name.endswith("2"):
    (folder / "hangs").write_text(str(os.getpid()))
    time.sleep(60)
if mood.startswith("says "):
    sys.exit(mood[5:])
dest.mkdir(parents=True)
shutil.copy(folder / f"{name}-1.0-py3-none-any.whl", dest)
"""


def stand_in_index(wheels: Path, mood: str = "", **fields: Any) -> IndexSource:
    """An index source whose pip copies wheels out of a folder, in 30 ms instead of 700."""
    script = wheels / "pip.py"
    script.write_text(PIP)
    return IndexSource(
        pip=(sys.executable, "-S", "-E", str(script)),
        environ={"WHEELS": str(wheels), "MOOD": mood},
        **{"auditor": Unaudited(), **fields},
    )


def calls(wheels: Path) -> list[str]:
    return [line.split()[0] for line in (wheels / "calls").read_text().splitlines()]


@dataclass
class Hub:
    """What a stand-in hub does, and what it was asked."""

    content: bytes = CONTENT
    takes_ranges: bool = True
    breaks_off_after: int | None = None
    statuses: list[int] = field(default_factory=list)
    """Answers before it gives the file."""
    is_endless: bool = False
    asked: list[str | None] = field(default_factory=list)
    url: str = ""
    points_to: str = ""
    """Where it sends who asks for the file."""
    before_answer: Callable[[], object] = lambda: None

    def source(self, **fields: Any) -> HubSource:
        return HubSource(
            base_url=self.url,
            **{"auditor": Unaudited(), "pause_s": 0.0, "timeout_s": 5.0, **fields},
        )


@contextmanager
def serve(hub: Hub) -> Iterator[Hub]:
    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            hub.asked.append(self.headers.get("Range"))
            hub.before_answer()
            try:
                answer(self, hub)
            except OSError:  # the client has what it wants
                self.close_connection = True

        def log_message(self, format: str, *args: object) -> None:
            pass

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        hub.url = f"http://127.0.0.1:{server.server_port}"
        threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True).start()
        try:
            yield hub
        finally:
            server.shutdown()


def answer(it: BaseHTTPRequestHandler, hub: Hub) -> None:
    if it.path != "/us/made-up/resolve/main/Made%20Up.gguf":
        it.send_error(404)
        return
    if hub.points_to:
        it.send_response(302)
        it.send_header("Location", hub.points_to)
        it.end_headers()
        return
    if hub.statuses:
        it.send_error(hub.statuses.pop(0))
        return
    start = 0
    if hub.takes_ranges and (asked := it.headers.get("Range")):
        start = int(asked.removeprefix("bytes=").removesuffix("-"))
        if start >= len(hub.content):
            it.send_error(416)
            return
        it.send_response(206)
        it.send_header("Content-Range", f"bytes {start}-{len(hub.content) - 1}/{len(hub.content)}")
    else:
        it.send_response(200)
    if not hub.is_endless:
        it.send_header("Content-Length", str(len(hub.content) - start))
    it.end_headers()
    end = start + hub.breaks_off_after if hub.breaks_off_after else None
    it.wfile.write(hub.content[start:end])
    while hub.is_endless:
        it.wfile.write(bytes(65536))
