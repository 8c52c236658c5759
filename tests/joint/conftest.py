"""A verifier with its scripted target, a device of it, and what is right."""

import pytest

from tests.joint.scripted import GREEDY, PROMPT, Cloud, Device


@pytest.fixture
def cloud() -> Cloud:
    return Cloud()


@pytest.fixture
def device(cloud: Cloud) -> Device:
    return Device(cloud)


@pytest.fixture
def right(cloud: Cloud) -> list[int]:
    """What the target says after the prompt."""
    return cloud.target.alone(PROMPT, 90, GREEDY, 0)
