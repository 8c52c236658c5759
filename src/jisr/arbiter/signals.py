"""What is known about a turn when its place is decided."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal

from jisr.types import Place, Wish


@dataclass(frozen=True, slots=True, kw_only=True)
class Signals:
    """What is known about a turn before it runs. It holds no text of the turn."""

    wish: Wish
    is_offline: bool
    """The offline switch is on: no socket beyond loopback may be opened."""
    has_device: bool
    """There is a model on this machine that can answer."""
    has_cloud: bool
    """A cloud is set up."""
    is_cloud_loopback: bool
    """The cloud runs on this machine, so that it can be reached while offline."""
    cloud_is_healthy: bool
    must_stay: bool
    """The turn may not leave the device, not even redacted."""
    stay_reason: str = ""
    """Why it must stay, in words for people; never a value from the text."""
    num_prompt_tokens: int
    """Length of the prompt, by the device's tokenizer or estimated."""
    max_output_tokens: int
    device_context_tokens: int | None
    """None: the server that is the device does not tell."""
    cloud_context_tokens: int
    cost_usd: Decimal | None
    """Expected price of the turn in the cloud; None: the price is not known."""
    budget_left_usd: Decimal | None
    """What may still be spent; None: there is no limit."""
    failed_places: frozenset[Place] = frozenset()
    """Places that gave nothing in this turn."""
