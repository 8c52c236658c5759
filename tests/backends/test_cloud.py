import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import cast

import pytest

from jisr.backends.base import Backend
from jisr.backends.cloud import CloudBackend
from jisr.bench.behaviours import Behaviour
from jisr.errors import PrivacyError
from jisr.types import Outbound
from tests.backends.services import serving
from tests.contracts.backend import OUTBOUND, REQUEST, BackendContract


class TestCloudBackend(BackendContract[Outbound]):
    turn = OUTBOUND

    @asynccontextmanager
    async def serving(self, *pieces: str) -> AsyncIterator[Backend[Outbound]]:
        script = {"pieces": pieces, "pause_s": 0.005}
        async with serving(Behaviour.SLOW, script=script) as served:
            self.server = served.server
            yield CloudBackend(served.upstream)

    @asynccontextmanager
    async def failing(self) -> AsyncIterator[Backend[Outbound]]:
        async with serving(Behaviour.FAIL) as served:
            yield CloudBackend(served.upstream)

    async def until_stopped(self) -> None:
        await self.server.until_no_connection()


def test_a_turn_that_was_not_redacted_is_refused_at_run_time_too() -> None:
    async def turn() -> list[bytes]:
        async with serving() as served:
            with pytest.raises(PrivacyError):
                CloudBackend(served.upstream).stream(cast(Outbound, REQUEST))
            return served.server.captured

    assert asyncio.run(turn()) == []


def test_it_tells_its_model_its_health_and_what_is_served() -> None:
    async def ask() -> tuple[str, bool, tuple[str, ...]]:
        async with serving("gpt-x") as served:
            cloud = CloudBackend(served.upstream)
            return cloud.model, cloud.is_healthy(), await cloud.check()

    assert asyncio.run(ask()) == ("gpt-x", True, ("scripted",))
