"""What is known about a turn when its place is decided, and the same in plain values.

The plain values are what the ledger keeps of a decision, so that it can be made again.
"""

from __future__ import annotations

import reprlib
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, fields
from decimal import Decimal
from math import isfinite
from types import NoneType
from typing import Any, TypeVar, get_args, get_type_hints

from jisr.types import Place, Wish

MOST = 1e12
"""Above which nothing that was written as a number can be true."""
MOST_DIGITS = 64
"""Of an amount of money."""
KindT = TypeVar("KindT")


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
    kind: str = "other"
    """What kind of answer is wanted, see `jisr.question.TaskKind`."""
    features: Mapping[str, float] = field(default_factory=dict, hash=False)
    """What the readers read in the question, by name."""
    estimate_device: float | None = None
    """Calibrated probability, 0 to 1, that the device's answer is right; None: not known."""
    estimate_cloud: float | None = None
    """The same of the cloud's."""
    estimate_reason: str | None = None
    """Why one of them is None."""
    estimate_cloud_after: float | None = None
    """That the cloud's answer is right, now that the device has answered; None: not known."""
    check_catches: float | None = None
    """Share of the device's wrong answers, 0 to 1, that the check withdraws of this kind, at the
    risk that the user set; None: not known."""
    check_doubts: float | None = None
    """The same of its right answers."""
    quality: float = 0.5
    """What a right answer is worth to the user against all it costs: 0 nothing, 1 all."""
    device_ms: float | None = None
    """What the turn is expected to take on the device; None: not known."""
    cloud_ms: float | None = None
    """What it is expected to take in the cloud; None: not known."""
    device_joules: float | None = None
    """Energy that it is expected to take on the device; None: not known."""
    on_battery: bool | None = None
    """The machine runs on its battery; None: it does not tell."""
    battery_share: float | None = None
    """What is left in it, 0 to 1; None: there is none, or it does not tell."""
    temperature_c: float | None = None
    """Of the hottest part that tells it, in degrees Celsius."""
    device_load: float | None = None
    """Programs that want to run for each core, over the last minute; None: not known."""
    guard_reason: str | None = None
    """The guard's rule by which the device shall not answer, before it has."""
    withdrawn: bool = False
    """The device has answered, and the guard withdrew it."""


def as_plain(signals: Signals) -> dict[str, object]:
    """Return signals as JSON can hold them; amounts of money are text, so that they stay exact."""
    return {it.name: _plain(getattr(signals, it.name)) for it in fields(signals)}


def of_plain(plain: Mapping[str, Any]) -> Signals:
    """Return the signals that were written as plain values.

    Names that are not known are passed over, and what is missing is as it is by default, so
    that what an older or a newer version wrote can be read.

    Raises:
        ValueError: What has no default is missing, or a value is none of its kind.
    """
    if not isinstance(plain, Mapping):
        raise ValueError(f"These are no signals: {type(plain).__name__}.")
    values = {name: value for name, value in plain.items() if name in _HINTS}
    try:
        return Signals(**{name: _restored(name, value) for name, value in values.items()})
    except (TypeError, ArithmeticError) as error:
        raise ValueError(f"These are no signals: {error}.") from None


def _plain(value: object) -> object:
    if isinstance(value, Decimal):
        return str(value)
    if isinstance(value, frozenset):
        return sorted(map(str, value))
    if isinstance(value, Mapping):
        return dict(value)
    return str(value) if isinstance(value, str) else value


def _restored(name: str, value: object) -> Any:
    """Return a value as its field has it, and refuse what that cannot have."""
    hint = _HINTS[name]
    is_optional = NoneType in get_args(hint)
    if value is None and is_optional:
        return None
    (kind,) = [it for it in get_args(hint) if it is not NoneType] if is_optional else [hint]
    try:
        restored = _READERS[kind](value)
    except (TypeError, ValueError, ArithmeticError):
        raise ValueError(f"These are no signals: {name} is {reprlib.repr(value)}.") from None
    least, most = (0, 1) if name in _SHARES else (-MOST if name in _SIGNED else 0, MOST)
    if isinstance(restored, int | float | Decimal) and not least <= restored <= most:
        raise ValueError(f"These are no signals: {name} is {reprlib.repr(value)}.")
    return restored


def _exactly(kind: type[KindT]) -> Callable[[object], KindT]:
    """Return what passes a value of a kind, and refuses others."""

    def read(value: object) -> KindT:
        if type(value) is not kind:
            raise TypeError(type(value).__name__)
        return value

    return read


def _number(value: object) -> float:
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise TypeError(type(value).__name__)
    number = float(value)
    if not isfinite(number) or abs(number) > MOST:
        raise ValueError(number)
    return number


def _amount(value: object) -> Decimal:
    if not isinstance(value, str) or len(value) > MOST_DIGITS:
        raise TypeError(type(value).__name__)
    amount = Decimal(value)
    if not amount.is_finite():
        raise ValueError(value)
    return amount


def _places(value: object) -> frozenset[Place]:
    if not isinstance(value, list | tuple):
        raise TypeError(type(value).__name__)
    return frozenset(Place(_exactly(str)(name)) for name in value)


def _features(value: object) -> Mapping[str, float]:
    if not isinstance(value, Mapping):
        raise TypeError(type(value).__name__)
    return {_exactly(str)(name): _number(it) for name, it in value.items()}


_READERS: Mapping[object, Callable[[object], object]] = {
    bool: _exactly(bool),
    int: _exactly(int),
    float: _number,
    Decimal: _amount,
    Wish: lambda value: Wish(_exactly(str)(value)),
    frozenset[Place]: _places,
    Mapping[str, float]: _features,
    str: _exactly(str),
}
"""By the type of a field: what makes its value again of its plain form."""
_HINTS: Mapping[str, object] = get_type_hints(Signals)
_SHARES = frozenset(
    {
        *("redaction_loss", "most_redaction_loss", "risk", "quality", "battery_share"),
        *("estimate_device", "estimate_cloud", "estimate_cloud_after"),
        *("check_catches", "check_doubts"),
    }
)
"""Numbers from 0 to 1."""
_SIGNED = frozenset({"budget_left_usd", "temperature_c"})
"""Numbers that may be below 0."""
