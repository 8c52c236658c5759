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
    stay_reason_arabic: str = ""
    redaction_loss: float = 0.0
    """Expected loss of quality if it leaves redacted: 0 none, 1 all."""
    most_redaction_loss: float = 1.0
    """Above which the user prefers the device."""
    risk: float = 0.0
    """How far what would leave could tell whom it is about, 0 to 1."""
    risk_sentence: str = ""
    """The same in words for people."""
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
    needs_tools: bool = False
    """The turn offers tools, or holds calls of them."""
    device_takes_tools: bool = False
    """What answers on the device knows tools."""
    has_joint: bool = False
    """The device can draft for the cloud, if the cloud verifies."""
    joint_is_healthy: bool = False
    """It has not failed lately, and the cloud has not said that it does not verify."""
    can_joint: bool = True
    """The turn asks for nothing that cannot be had jointly, as a JSON schema or a grammar."""
    wants_logprobs: bool = False
    """The turn asks for log-probabilities, which a joint answer comes without."""
    joint_pays: bool | None = None
    """The cloud verifies, and over this link that is better than streaming from it, for the goal
    of the turn; None: not known, or not asked."""
    joint_ms_per_token: float | None = None
    """What a token is expected to take jointly; None as before."""
    alone_ms_per_token: float | None = None
    """What a token streamed from the same cloud is expected to take; None as before."""
    failed_places: frozenset[Place] = frozenset()
    """Places that gave nothing in this turn."""
