"""One run of the command line: its global options, and the settings when they are asked for."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TYPE_CHECKING

import click

if TYPE_CHECKING:
    from jisr.config import Loaded, Settings

LOG_FORMAT = "%(levelname)s %(name)s: %(message)s"


@dataclass(slots=True)
class Run:
    """What every command may ask for; `@pass_run` hands it to one."""

    config_path: Path | None = None
    arguments: tuple[str, ...] = ()
    """The `--set NAME=VALUE`s."""
    is_offline: bool = False
    """Whether `--offline` was given; `settings.offline` is the effective value."""
    _loaded: Loaded | None = None
    _seen: list[Loaded] = field(default_factory=list)
    """All that was loaded, by this run and by those made of it."""

    @property
    def loaded(self) -> Loaded:
        """The settings and where each comes from, loaded at the first use.

        The offline switch is turned on here, before any command can open a socket.

        Raises:
            ConfigError: They cannot be loaded.
        """
        if self._loaded is None:
            from jisr import config, masking, offline  # `--help` needs none of them

            given = dict(config.parse_argument(text) for text in self.arguments)
            if self.is_offline:
                given["offline"] = "true"
            self._loaded = config.load(self.config_path, arguments=given)
            self._seen.append(self._loaded)
            masking.log_masked(self._loaded.settings.log_level.upper(), LOG_FORMAT)
            if self._loaded.settings.offline:
                offline.go_offline()
        return self._loaded

    @property
    def settings(self) -> Settings:
        """The effective settings.

        Raises:
            ConfigError: They cannot be loaded.
        """
        return self.loaded.settings

    def with_arguments(self, given: Mapping[str, object]) -> Run:
        """Return this run with more settings by dotted name; those that are None are left out."""
        more = tuple(f"{name}={value}" for name, value in given.items() if value is not None)
        return replace(self, arguments=self.arguments + more, _loaded=None)

    @property
    def words(self) -> list[str]:
        """The global options of this run, as another command is given them."""
        config = ["--config", str(self.config_path)] if self.config_path else []
        offline = ["--offline"] if self.is_offline else []
        return [*config, *offline, *(word for it in self.arguments for word in ("--set", it))]

    @property
    def is_debugging(self) -> bool:
        """Whether errors come with their traceback: settings are loaded and say so."""
        return bool(self._seen) and self._seen[-1].settings.log_level == "debug"


pass_run = click.make_pass_decorator(Run)
