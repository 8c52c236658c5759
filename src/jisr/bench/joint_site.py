"""Two cores that stand for two machines, and the network between them.

The cloud has one core to itself; the device, the network and whoever asks have the
other. The baseline's cloud is the same process on the same core.
"""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from jisr.bench.children import Child, pinned, started
from jisr.bench.joint_child import Lines
from jisr.bench.joint_turn import Row, Turn
from jisr.errors import BenchError

NUM_CORES = 2


class Device(Protocol):
    """Does turns."""

    def ask(self, turns: Sequence[Turn]) -> Row:
        """Do turns at once; return their `rows`, and `seconds` of all of them."""
        ...


@dataclass(frozen=True, slots=True)
class Site:
    """A device, a cloud, and links of several lengths between them."""

    device: Device
    model: str
    """Name of the target, as the cloud calls it."""
    urls: Mapping[float, str]
    """Where the cloud is, with the version part, by round trip in milliseconds."""


class Setup(Protocol):
    """Makes sites."""

    def identity(self, target: str) -> str:
        """Return all that a measurement there depends on."""
        ...

    def site(self, target: str) -> AbstractContextManager[Site]:
        """Start what is needed, and stop it in the end."""
        ...


class DeviceChild:
    """A device in a process of its own."""

    def __init__(self, lines: Lines) -> None:
        """Wait until it is there.

        Raises:
            BackendBroken: It did not start.
        """
        self._lines = lines
        lines.read()

    def ask(self, turns: Sequence[Turn]) -> Row:
        """Do turns at once; return their `rows`, and `seconds` of all of them.

        Raises:
            BackendBroken: It broke off.
        """
        return self._lines.ask({"turns": [turn.as_row() for turn in turns]})


@dataclass(frozen=True, slots=True, kw_only=True)
class TwoCores:
    """The real thing: two engines, a core each."""

    drafter: Path
    targets: Mapping[str, Path]
    rtts_ms: Sequence[float]
    context_tokens: int = 4096
    num_sequences: int = 8

    def identity(self, target: str) -> str:
        """Return names and sizes of the weights, and the room they have."""
        weights = [(it.name, it.stat().st_size) for it in (self.drafter, self.targets[target])]
        return repr((weights, self.context_tokens, self.num_sequences))

    @contextmanager
    def site(self, target: str) -> Iterator[Site]:
        """Start the cloud on one core, and all else on the other.

        Raises:
            BenchError: This machine has not two cores to choose.
            BackendError: One of them did not start.
        """
        there, here = two_cores()
        path = self.targets[target]
        with (
            pinned([here]),
            self._cloud(path, there) as cloud,
            Lines("jisr.bench.delay_proxy", *self._links(cloud), cores=[here]) as network,
        ):
            told = [network.read() for _ in self.rtts_ms]
            urls = {row["rtt_ms"]: f"{row['url']}/v1" for row in told}
            with Lines("jisr.bench.joint_device", *self._drafts(), cores=[here]) as device:
                yield Site(DeviceChild(device), path.stem, urls)

    def _cloud(self, path: Path, core: int) -> AbstractContextManager[Child]:
        settings = {
            "cloud_role.model": path,
            "device.threads": 1,
            "device.context_tokens": self.context_tokens,
            "device.num_sequences": self.num_sequences,
        }
        words = [word for name, value in settings.items() for word in ("--set", f"{name}={value}")]
        return started("jisr", *words, "cloud", "--port", "0", "--until-eof", cores=[core])

    def _links(self, cloud: Child) -> list[str]:
        return ["--to", cloud.url, "--rtt-ms", ",".join(f"{it:g}" for it in self.rtts_ms)]

    def _drafts(self) -> list[str]:
        room = {"--context-tokens": self.context_tokens, "--num-sequences": self.num_sequences}
        return [str(self.drafter), *(str(word) for pair in room.items() for word in pair)]


def two_cores() -> tuple[int, int]:
    """Return the cores that stand for the cloud's machine and the device's.

    Raises:
        BenchError: There are fewer, or this is not Linux.
    """
    if not hasattr(os, "sched_getaffinity"):
        raise BenchError("This benchmark runs on Linux only: it chooses cores.")
    cores = sorted(os.sched_getaffinity(0))
    if len(cores) < NUM_CORES:
        raise BenchError("This benchmark needs two cores: one is the cloud's, one the device's.")
    return cores[0], cores[1]
