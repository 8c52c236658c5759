"""What holds for the whole suite: nothing beyond loopback, nothing of the developer's own."""

import os
import signal
from collections.abc import Iterator

import hypothesis
import pytest

from jisr import offline


def pytest_configure() -> None:
    # The first example may read word lists, and the machine may be busy: no law is about time.
    hypothesis.settings.register_profile("jisr", deadline=None)
    hypothesis.settings.load_profile("jisr")
    for variable in [name for name in os.environ if name.startswith("JISR_")]:
        del os.environ[variable]
    os.environ["PIP_NO_INDEX"] = "1"
    offline.go_offline()  # sets JISR_OFFLINE=1, which child processes read
    # In the background SIGINT is ignored, and children would inherit that.
    signal.signal(signal.SIGINT, signal.default_int_handler)


@pytest.fixture(autouse=True)
def stay_offline() -> Iterator[None]:
    yield
    offline.go_offline()
