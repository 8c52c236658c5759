"""The settings of the arbiter: what a better answer is worth."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field

from jisr.setting_values import File, Table


class ArbiterSettings(Table):
    """How device and cloud are weighed, where no limit decides."""

    quality: Annotated[float, Field(ge=0, le=1)] = 0.5
    """What a right answer is worth against money, time and energy: 0 nothing, 1 all."""
    policy: File | None = None
    """A policy file of your own (TOML), read over the one that comes with Jisr."""
