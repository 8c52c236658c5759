"""The settings of the guard: which answers of the device are given, and how they are shown."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field

from jisr.setting_values import Table


class GuardSettings(Table):
    """What becomes of an answer of the device."""

    enabled: bool = True
    """Check what the device says before it stands."""
    risk: Annotated[float, Field(ge=0, le=1)] = 0.3
    """Share of wrong answers among those given that you accept, 0 to 1."""
    show: Literal["held", "checking"] = "held"
    """Show an answer once it is checked (`held`), or as it comes, marked as not checked yet
    (`checking`): then it may be withdrawn. What is of no calibrated kind, as talk, is shown as it
    comes either way."""
    self_check: bool = True
    """The device's model runs once more where that makes the check better: a short pass for its
    own view, and for sums one more answer or two. Without it what needs that (sums, texts) has no
    confidence and no threshold: it stands by the rules alone."""
