"""What Jisr adds to the engine's time to first token, as a client sees it.

In one and the same turn two times are taken: the engine's own, from the moment it
is handed a prompt's tokens to the moment it has the first text, and the client's,
from before it connects to the first text on the wire. The difference is all that
is not the engine: HTTP, JSON, private spans, the decision, template and tokens.

It asks as `jisr ask` does, over a connection of its own each time. Client and
server share this Python, which can only make the difference larger than it is.
"""

from __future__ import annotations

import http.client
import json
import tempfile
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from statistics import median
from urllib.parse import urlsplit

from jisr.assemble import assemble, store
from jisr.backends.device import DeviceBackend
from jisr.config import ServerSettings, Settings
from jisr.engine.engine import Engine, EngineSettings
from jisr.engine.generation import Deliver, Generation
from jisr.errors import BackendBroken, JisrError
from jisr.places import DevicePlace
from jisr.server.app import create_app
from jisr.server.run import bind, in_thread
from jisr.server.service import device_gate, device_service
from jisr.types import Delta, Sampling

NUM_QUESTIONS = 60
WARM_UP_QUESTIONS = 3
NUM_TOKENS = 4
"""Of each answer: enough that the first piece is not its end too."""
QUESTION = "Count on from {number}, in words, one number a line. Begin at once."
TIMEOUT_S = 60.0

Row = dict[str, object]


class _Watched(Engine):
    """An engine that notes when it was handed a completion, and when it had its first text."""

    started_s = 0.0
    first_s: float | None = None

    def prepare(
        self,
        prompt: Sequence[int],
        sampling: Sampling,
        deliver: Deliver,
        *,
        is_strict: bool = False,
    ) -> Generation:
        def watch(piece: Delta | JisrError) -> None:
            if self.first_s is None and isinstance(piece, Delta) and piece.text:
                self.first_s = time.perf_counter()
            deliver(piece)

        return super().prepare(prompt, sampling, watch, is_strict=is_strict)

    def start(self, generation: Generation) -> None:
        self.started_s, self.first_s = time.perf_counter(), None
        super().start(generation)


def measure(
    settings: Settings, num_questions: int = NUM_QUESTIONS
) -> tuple[dict[str, float], list[Row]]:
    """Return the figures, and a row for each question.

    Raises:
        ModelError: The weights are not here, or damaged.
        BackendBroken: The server gave no answer.
    """
    with _served(settings) as (engine, url):
        for number in range(WARM_UP_QUESTIONS):
            _ask(engine, url, number)
        rows = [_ask(engine, url, WARM_UP_QUESTIONS + number) for number in range(num_questions)]
    figures = {name: median(row[name] for row in rows) for name in rows[0]}
    return figures, [{"measure": "ttft", **row} for row in rows]


@contextmanager
def _served(settings: Settings) -> Iterator[tuple[_Watched, str]]:
    """Serve the device of some settings alone, with an empty home."""
    with tempfile.TemporaryDirectory(prefix="jisr-bench-") as home:
        device = settings.device.model_copy(update={"enabled": False})
        cloud = settings.cloud.model_copy(update={"base_url": None})
        update = {"home": Path(home), "device": device, "cloud": cloud, "server": ServerSettings()}
        own = settings.model_copy(update=update)
        assembled = assemble(own, {})
        engine = _load(settings)
        backend = DeviceBackend(engine, settings.device.model)
        assembled.runtime.device = DevicePlace(
            backend=backend, context_tokens=engine.context_tokens, count_tokens=backend.count_tokens
        )
        app = create_app(device_service(assembled, own, device_gate(own, {})))
        with in_thread(app, bind("127.0.0.1", 0), on_stop=assembled.close) as url:
            yield engine, url


def _load(settings: Settings) -> _Watched:
    device = settings.device
    return _Watched(
        store(settings).path(device.model),
        EngineSettings(
            context_tokens=device.context_tokens,
            num_sequences=device.num_sequences,
            threads=device.threads,
        ),
    )


def _ask(engine: _Watched, url: str, number: int) -> dict[str, float]:
    """Return the times of one question; only its last words differ from those before."""
    client_ms, stage_ms = _over_http(url, QUESTION.format(number=1000 + number))
    assert engine.first_s is not None, "what the client has, the engine had before"
    engine_ms = (engine.first_s - engine.started_s) * 1000
    return {
        "added_ttft_ms": client_ms - engine_ms,
        "engine_ttft_ms": engine_ms,
        "stage_ttft_ms": stage_ms,
        "client_ttft_ms": client_ms,
    }


def _over_http(url: str, question: str) -> tuple[float, float]:
    """Return the client's time to the first text, and what the answer says of its own."""
    body = {
        "model": "jisr",
        "messages": [{"role": "user", "content": question}],
        "max_tokens": NUM_TOKENS,
        "stream": True,
    }
    address = urlsplit(url)
    start_s, first_s = time.perf_counter(), None
    connection = http.client.HTTPConnection(address.hostname or "", address.port, timeout=TIMEOUT_S)
    try:
        headers = {"Content-Type": "application/json"}
        connection.request("POST", "/v1/chat/completions", json.dumps(body), headers)
        for line in connection.getresponse():
            if not line.startswith(b"data: {"):
                continue
            chunk = json.loads(line[6:])
            if first_s is None and any(it["delta"].get("content") for it in chunk["choices"]):
                first_s = time.perf_counter()
            if first_s is not None and "jisr" in chunk:
                return (first_s - start_s) * 1000, chunk["jisr"]["ttft_ms"]
    finally:
        connection.close()
    raise BackendBroken(f"The server gave no whole answer to {question!r}.")
