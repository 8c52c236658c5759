"""Many clients at once: all are answered, or told clearly to come again."""

import asyncio
from collections import Counter
from pathlib import Path

from jisr.assemble import assemble
from jisr.bench.load import Load, run
from jisr.config import DeviceSettings, Settings
from jisr.server.app import create_app
from jisr.server.run import bind, in_thread
from jisr.server.service import device_gate, device_service
from tests.journeys.served import Home, seconds_until
from tests.weights import small_model

CLIENTS = 200


def load(url: str, number: int) -> Load:
    return Load(
        base_url=f"{url}/v1",
        model="jisr/device",
        text="Say hi.",
        num_connections=number,
        num_requests=number,
        timeout_s=90,
    )


def test_two_hundred_clients_at_once_are_all_answered(home: Home) -> None:
    report = asyncio.run(run(load(home.url, CLIENTS)))

    assert report.failures == ()
    assert len(report.samples) == CLIENTS
    seconds_until(lambda: home.num_working == 0)


def test_beyond_what_may_wait_clients_are_told_to_come_again(tmp_path: Path) -> None:
    device = DeviceSettings(
        model=str(small_model()),
        context_tokens=128,
        num_sequences=1,
        max_waiting=2,
        max_output_tokens=16,
        threads=1,
    )
    assembled = assemble(Settings(home=tmp_path, device=device), {})
    app = create_app(device_service(assembled, Settings(), device_gate(Settings(), {})))

    with in_thread(app, bind("127.0.0.1", 0), on_stop=assembled.close) as url:
        report = asyncio.run(run(load(url, 30)))

    told = Counter(failure.split(",")[0] for failure in report.failures)
    assert len(report.samples) >= 3
    assert told == {"status 503": 30 - len(report.samples)}
    assert told["status 503"] > 0
