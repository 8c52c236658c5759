"""What each way to answer a turn is worth, where no limit decides.

A way is worth what its answer is likely to be right, by what a right answer is worth to the
user, less what it takes:

    quality x P(right) - (1 - quality) x (money + time + energy + leaving)

`quality` is the user's dial, 0 to 1. Every answer of the device is checked. The check withdraws
wrong answers and right ones, each with a probability of its own: as measured of that kind of
question where it was calibrated. What it withdraws may be sent to the cloud or not. If it is, the
device's run is charged whether or not its answer is thrown away, and the cloud with the
probability that it is: that pays against the cloud alone where 1 - (cost of the device) / (cost
of the cloud) is more than that probability. Where the check gives nothing at all, device first
would be the cloud with a wasted run, and is no way. What is hard for the device is hard for the
cloud too: how far, is a weight between "not at all" and "the stronger is right of all that the
weaker is right of".

Nothing said is worth nothing, and so is a wrong answer: that few of those are given is not weighed
here, but kept by the guard. What is not known of money, time or energy is not counted. Without
calibrated probabilities of both places there is no preference: the rules decide alone.

Source: Chen, Zaharia, Zou 2023, "FrugalGPT", arXiv:2305.05176, for the cascade and its costs.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum

from jisr.arbiter.signals import Signals
from jisr.types import Place

MS_PER_S = 1000
UNKNOWN_SHARE = 0.5
"""Taken to be left in a battery that does not tell."""


class Option(StrEnum):
    """A way to answer a turn."""

    DEVICE = "device"
    """The device answers and is checked; where its answer is withdrawn, that is said."""
    DEVICE_CHECKED = "device_checked"
    """The same, but where its answer is withdrawn the cloud answers."""
    CLOUD = "cloud"
    JOINT = "joint"


PLACES: Mapping[Option, Place] = {
    Option.DEVICE: Place.DEVICE,
    Option.DEVICE_CHECKED: Place.DEVICE,
    Option.CLOUD: Place.CLOUD,
    Option.JOINT: Place.JOINT,
}
"""Where each way begins."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Weights:
    """What things are worth, in right answers; none is below 0."""

    money_per_usd: float = 10.0
    """Of one US dollar: by default a right answer is worth ten cents."""
    time_per_s: float = 0.01
    """Of one second of waiting: by default a right answer is worth 100 seconds."""
    energy_per_joule: float = 0.0001
    """Of one joule of this machine's while it is plugged in."""
    battery: float = 4.0
    """On its battery a joule counts one and this often, by the share of it that is used up."""
    leaving: float = 0.1
    """Of leaving the machine at all, for who prefers the device."""
    risk: float = 0.2
    """Of the highest risk that what leaves tells whom it is about."""
    check_catches: float = 0.7
    """Share of wrong answers, 0 to 1, that the check is taken to withdraw where the calibration
    does not tell it."""
    check_doubts: float = 0.2
    """Share of right answers, 0 to 1, that it is taken to withdraw where that does not."""
    alike: float = 0.7
    """How far the places find the same questions hard: 0 not at all, 1 as much as can be. It is
    assumed: a calibration keeps of its questions whether the device was right, not the cloud."""
    check_time: float = 0.1
    """What the check adds to the device's time, as a share of it."""
    hot_c: float = 85.0
    """Degrees Celsius from which the device is taken to be slowed down."""
    hot_slowdown: float = 1.5
    """How many times its usual time it then takes; 1 or more."""


DEFAULT = Weights()


@dataclass(frozen=True, slots=True)
class Preference:
    """The way that is worth most, and what each is worth."""

    option: Option
    utilities: Mapping[Option, float]
    """Of the ways that there are, in right answers."""

    @property
    def place(self) -> Place:
        """Where it begins."""
        return PLACES[self.option]


@dataclass(frozen=True, slots=True)
class _Run:
    """One way to an answer: how likely that is right, and what it takes, in right answers."""

    right: float
    cost: float

    def worth(self, quality: float) -> float:
        return quality * self.right - (1 - quality) * self.cost


def prefer(signals: Signals, weights: Weights = DEFAULT) -> Preference | None:
    """Return the way that is worth most; of equal ones the first as `Option` has them.

    Once the device's answer was withdrawn, its way is to say so, which takes nothing any more. A
    joint answer is the cloud's own: it takes the cloud's place where it is worth more, and never
    the device's.

    Returns:
        None where it is not known how likely both places are right.
    """
    runs = _runs_after(signals, weights) if signals.withdrawn else _runs(signals, weights)
    if runs is None:
        return None
    worth = {option: run.worth(signals.quality) for option, run in runs.items()}
    best = max(worth, key=worth.__getitem__)
    joint = _joint(runs[Option.CLOUD], signals, weights)
    if joint is not None:
        worth[Option.JOINT] = joint.worth(signals.quality)
        if best is Option.CLOUD and worth[Option.JOINT] > worth[Option.CLOUD]:
            best = Option.JOINT
    return Preference(best, worth)


def _runs(signals: Signals, weights: Weights) -> dict[Option, _Run] | None:
    """Return the ways before anything has run, but joint."""
    if signals.estimate_device is None or signals.estimate_cloud is None:
        return None
    check = _Check.of(signals, weights)
    device = _Run(signals.estimate_device, _device_cost(signals, weights))
    cloud = _Run(_redacted(signals.estimate_cloud, signals), _cloud_cost(signals, weights))
    if check.withdraws_all:
        return {Option.DEVICE: check.alone(device), Option.CLOUD: cloud}
    return {
        Option.DEVICE: check.alone(device),
        Option.DEVICE_CHECKED: check.then(device, cloud, weights.alike),
        Option.CLOUD: cloud,
    }


def _runs_after(signals: Signals, weights: Weights) -> dict[Option, _Run] | None:
    """Return the ways once the device's answer was withdrawn, but joint.

    How likely the cloud is right is what is expected after that answer, or follows from what was
    expected before it and from that it was withdrawn.
    """
    if signals.estimate_cloud_after is not None:
        right = _redacted(signals.estimate_cloud_after, signals)
    elif signals.estimate_device is not None and signals.estimate_cloud is not None:
        check = _Check.of(signals, weights)
        cloud = _redacted(signals.estimate_cloud, signals)
        right = check.cloud_after(signals.estimate_device, cloud, weights.alike)
    else:
        return None
    return {Option.DEVICE: _Run(0.0, 0.0), Option.CLOUD: _Run(right, _cloud_cost(signals, weights))}


@dataclass(frozen=True, slots=True)
class _Check:
    """The check of the device's answer: which it withdraws, and what it takes."""

    catches: float
    doubts: float
    cost: float

    @classmethod
    def of(cls, signals: Signals, weights: Weights) -> _Check:
        """Return it as it was measured, or as it is taken to be."""
        catches, doubts = signals.check_catches, signals.check_doubts
        time = _time_cost(_device_ms(signals, weights), signals, weights)
        return cls(
            weights.check_catches if catches is None else catches,
            weights.check_doubts if doubts is None else doubts,
            time * weights.check_time,
        )

    @property
    def withdraws_all(self) -> bool:
        return self.catches >= 1 and self.doubts >= 1

    def withdrawn(self, device: float) -> float:
        """Return how likely an answer is withdrawn that is right with this probability."""
        return device * self.doubts + (1 - device) * self.catches

    def both(self, device: float, cloud: float, alike: float) -> float:
        """Return how likely the device's answer is withdrawn, and the cloud is right."""
        apart = cloud * self.withdrawn(device)
        most = min(device, cloud)  # of both right, if they are as alike as can be
        return alike * (self.doubts * most + self.catches * (cloud - most)) + (1 - alike) * apart

    def cloud_after(self, device: float, cloud: float, alike: float) -> float:
        """Return how likely the cloud is right where the device's answer was withdrawn."""
        withdrawn = self.withdrawn(device)
        return self.both(device, cloud, alike) / withdrawn if withdrawn else cloud

    def alone(self, device: _Run) -> _Run:
        """Return the device and its check, after which nothing is asked."""
        return _Run(device.right * (1 - self.doubts), device.cost + self.cost)

    def then(self, device: _Run, cloud: _Run, alike: float) -> _Run:
        """Return the device first, then its check, then the cloud where that withdraws."""
        alone = self.alone(device)
        right = alone.right + self.both(device.right, cloud.right, alike)
        return _Run(right, alone.cost + self.withdrawn(device.right) * cloud.cost)


def _joint(cloud: _Run, signals: Signals, weights: Weights) -> _Run | None:
    """Return a joint run; None where it is not known to be possible and better."""
    joint_ms, alone_ms = signals.joint_ms_per_token, signals.alone_ms_per_token
    if not signals.has_joint or signals.joint_pays is not True or not joint_ms or not alone_ms:
        return None
    cloud_ms = signals.cloud_ms
    saved_ms = None if cloud_ms is None else cloud_ms * (1 - joint_ms / alone_ms)
    energy = _energy_cost(signals, weights)
    return _Run(cloud.right, cloud.cost - _time_cost(saved_ms, signals, weights) + energy)


def _redacted(cloud: float, signals: Signals) -> float:
    """Return how likely the cloud is right of what redaction leaves of the turn."""
    return cloud * (1 - signals.redaction_loss)


def _device_cost(signals: Signals, weights: Weights) -> float:
    time = _time_cost(_device_ms(signals, weights), signals, weights)
    return time + _energy_cost(signals, weights)


def _cloud_cost(signals: Signals, weights: Weights) -> float:
    money = 0.0 if signals.cost_usd is None else float(signals.cost_usd) * weights.money_per_usd
    time = _time_cost(signals.cloud_ms, signals, weights)
    if signals.is_cloud_loopback:
        return money + time
    return money + time + weights.leaving + weights.risk * signals.risk


def _device_ms(signals: Signals, weights: Weights) -> float | None:
    """Return the device's time as the machine is now: busy or hot it takes longer."""
    if signals.device_ms is None:
        return None
    is_hot = signals.temperature_c is not None and signals.temperature_c >= weights.hot_c
    slowdown = weights.hot_slowdown if is_hot else 1.0
    return signals.device_ms * slowdown * max(1.0, signals.device_load or 0.0)


def _time_cost(ms: float | None, signals: Signals, weights: Weights) -> float:
    """Return what a time costs; nothing if it is not known of both places."""
    if ms is None or signals.device_ms is None or signals.cloud_ms is None:
        return 0.0
    return ms / MS_PER_S * weights.time_per_s


def _energy_cost(signals: Signals, weights: Weights) -> float:
    """Return what the device's energy costs; nothing if it is not known."""
    joules = signals.device_joules or 0.0
    if not signals.on_battery:
        return joules * weights.energy_per_joule
    share = UNKNOWN_SHARE if signals.battery_share is None else signals.battery_share
    return joules * weights.energy_per_joule * (1 + weights.battery * (1 - share))
