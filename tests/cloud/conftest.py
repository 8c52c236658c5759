"""One cloud role with a real model, for the tests of what it verifies."""

import asyncio
from collections.abc import Iterator

import pytest

from jisr.assemble import Assembled, assemble_cloud
from jisr.config import CloudRoleSettings, DeviceSettings, Settings
from tests.cloud.verifying import Cloud, said_alone, serving
from tests.weights import small_model


@pytest.fixture(scope="package")
def settings(tmp_path_factory: pytest.TempPathFactory) -> Settings:
    return Settings(
        home=tmp_path_factory.mktemp("cloud"),
        device=DeviceSettings(context_tokens=512, threads=1, num_sequences=8),
        cloud_role=CloudRoleSettings(model=str(small_model())),
    )


@pytest.fixture(scope="package")
def assembled(settings: Settings) -> Iterator[Assembled]:
    assembled = assemble_cloud(settings)
    yield assembled
    asyncio.run(assembled.close())


@pytest.fixture(scope="package")
def cloud(assembled: Assembled, settings: Settings) -> Iterator[Cloud]:
    with serving(assembled, settings) as cloud:
        yield cloud


@pytest.fixture(scope="package")
def alone(cloud: Cloud) -> list[int]:
    """What the target says by itself, token by token."""
    return said_alone(cloud, cloud.prompt())
