"""The rules of the arbiter in the order they are asked, and the limits of each place.

Source: the order of the user's own wishes follows Firebase's inference modes
(PREFER_ON_DEVICE, PREFER_IN_CLOUD, ONLY_ON_DEVICE, ONLY_IN_CLOUD).
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum

from jisr.arbiter.signals import Signals
from jisr.arbiter.utility import Option
from jisr.types import Place, Wish


class Reason(StrEnum):
    """Why a turn runs where it runs. The first that applies is the reason."""

    ONLY_DEVICE = "only_device"
    DEVICE_FAILED = "device_failed"
    CLOUD_FAILED = "cloud_failed"
    NO_CLOUD = "no_cloud"
    NO_DEVICE = "no_device"
    OFFLINE = "offline"
    PRIVATE = "private"
    BUDGET = "budget"
    NEEDS_TOOLS = "needs_tools"
    TOO_LONG = "too_long"
    CLOUD_UNHEALTHY = "cloud_unhealthy"
    REDACTION_LOSS = "redaction_loss"
    PREFER_JOINT = "prefer_joint"
    JOINT_UNAVAILABLE = "joint_unavailable"
    JOINT_PAYS = "joint_pays"
    ONLY_CLOUD = "only_cloud"
    PREFER_CLOUD = "prefer_cloud"
    GUARD_JOINT = "guard_joint"
    GUARD = "guard"
    WITHDRAWN_JOINT = "withdrawn_joint"
    WITHDRAWN = "withdrawn"
    JOINT_BETTER = "joint_better"
    CLOUD_BETTER = "cloud_better"
    DEVICE_CHECKED = "device_checked"
    DEVICE_BETTER = "device_better"
    DEFAULT = "default"


SWITCHES = frozenset(
    {
        *(Reason.TOO_LONG, Reason.CLOUD_UNHEALTHY, Reason.REDACTION_LOSS, Reason.JOINT_PAYS),
        *(Reason.GUARD_JOINT, Reason.GUARD, Reason.WITHDRAWN_JOINT, Reason.WITHDRAWN),
        *(Reason.JOINT_BETTER, Reason.CLOUD_BETTER, Reason.DEVICE_CHECKED, Reason.DEVICE_BETTER),
    }
)
"""Rules that a policy may do without; the others are limits, or what the user asked for."""


GUARDED = frozenset({Reason.GUARD, Reason.GUARD_JOINT})
"""Reasons by which a rule of the guard sends a turn to the cloud."""
JOINT_WITH = frozenset({Reason.GUARD, Reason.WITHDRAWN, Reason.CLOUD_BETTER})
"""Why a turn of who prefers the device leaves, where it could be joint instead if that pays."""


@dataclass(frozen=True, slots=True)
class Rule:
    """A question about the signals, and the place it points to when the answer is yes."""

    reason: Reason
    question: str
    place: Place
    applies: Callable[[Signals], bool]
    options: frozenset[Option | None] = frozenset()
    """It applies only where one of these ways is worth most, None: where that is not known; empty:
    whatever is worth what."""
    part_of: Reason | None = None
    """A rule without which this one is not asked either."""


def _is_offline(signals: Signals) -> bool:
    return signals.is_offline and not signals.is_cloud_loopback


def _is_over_budget(signals: Signals) -> bool:
    if signals.budget_left_usd is None:
        return False
    return signals.cost_usd is None or signals.cost_usd > signals.budget_left_usd


def _fits_cloud_only(signals: Signals) -> bool:
    # An answer needs room for one token at least.
    most = signals.device_context_tokens
    fits_device = most is None or signals.num_prompt_tokens < most
    return not fits_device and signals.num_prompt_tokens < signals.cloud_context_tokens


def _needs_cloud_for_tools(signals: Signals) -> bool:
    return signals.needs_tools and not signals.device_takes_tools


def _is_unhealthy(signals: Signals) -> bool:
    # Who wants the cloud only would rather try it than be refused.
    return not signals.cloud_is_healthy and signals.wish is not Wish.ONLY_CLOUD


def _loses_too_much(signals: Signals) -> bool:
    is_too_much = signals.redaction_loss > signals.most_redaction_loss
    return is_too_much and signals.wish is not Wish.ONLY_CLOUD


def _is_joint_possible(signals: Signals) -> bool:
    return (
        signals.has_joint
        and signals.joint_is_healthy
        and signals.can_joint
        and not signals.needs_tools
        and Place.JOINT not in signals.failed_places
    )


def _wants_cloud(signals: Signals) -> bool:
    return signals.wish in (Wish.ONLY_CLOUD, Wish.PREFER_CLOUD)


def _is_joint_better(signals: Signals) -> bool:
    """Whether who goes to the cloud, and did not ask for joint, gains and misses nothing by it."""
    is_better = signals.joint_pays is True and not signals.wants_logprobs
    return is_better and _is_joint_possible(signals)


def _fits_cloud(signals: Signals) -> bool:
    return signals.num_prompt_tokens < signals.cloud_context_tokens


def _is_guarded(signals: Signals) -> bool:
    return signals.guard_reason is not None and _fits_cloud(signals)


def _is_withdrawn(signals: Signals) -> bool:
    return signals.withdrawn and _fits_cloud(signals)


def _may_be_better(signals: Signals) -> bool:
    # once there was an answer, the rules about that have said what there is to say
    return not signals.withdrawn and _fits_cloud(signals)


_ASKING: frozenset[Option | None] = frozenset({Option.CLOUD, Option.JOINT, None})
"""To ask the cloud is worth more than to say nothing, or that is not known."""

RULES: tuple[Rule, ...] = (
    Rule(
        Reason.ONLY_DEVICE,
        "Does the user want the device only?",
        Place.DEVICE,
        lambda s: s.wish is Wish.ONLY_DEVICE,
    ),
    Rule(
        Reason.DEVICE_FAILED,
        "Has the device failed in this turn?",
        Place.CLOUD,
        lambda s: Place.DEVICE in s.failed_places,
    ),
    Rule(
        Reason.CLOUD_FAILED,
        "Has the cloud failed in this turn?",
        Place.DEVICE,
        lambda s: Place.CLOUD in s.failed_places,
    ),
    Rule(Reason.NO_CLOUD, "Is there no cloud?", Place.DEVICE, lambda s: not s.has_cloud),
    Rule(
        Reason.NO_DEVICE,
        "Is there no model on the device?",
        Place.CLOUD,
        lambda s: not s.has_device,
    ),
    Rule(Reason.OFFLINE, "Is the cloud out of reach, offline?", Place.DEVICE, _is_offline),
    Rule(
        Reason.PRIVATE,
        "Must the turn stay on the device?",
        Place.DEVICE,
        lambda s: s.must_stay,
    ),
    Rule(Reason.BUDGET, "Would it cost more than may be spent?", Place.DEVICE, _is_over_budget),
    Rule(
        Reason.NEEDS_TOOLS,
        "Does it need tools, which the device does not know?",
        Place.CLOUD,
        _needs_cloud_for_tools,
    ),
    Rule(
        Reason.TOO_LONG,
        "Is the prompt too long for the device, but not for the cloud?",
        Place.CLOUD,
        _fits_cloud_only,
    ),
    Rule(Reason.CLOUD_UNHEALTHY, "Is the cloud unhealthy?", Place.DEVICE, _is_unhealthy),
    Rule(
        Reason.REDACTION_LOSS,
        "Would redaction cost more of the answer than the user wants?",
        Place.DEVICE,
        _loses_too_much,
    ),
    Rule(
        Reason.PREFER_JOINT,
        "Does the user prefer joint, and can it be?",
        Place.JOINT,
        lambda s: s.wish is Wish.PREFER_JOINT and _is_joint_possible(s),
    ),
    Rule(
        Reason.JOINT_UNAVAILABLE,
        "Does the user prefer joint, which cannot be?",
        Place.CLOUD,
        lambda s: s.wish is Wish.PREFER_JOINT,
    ),
    Rule(
        Reason.JOINT_PAYS,
        "Does the user want the cloud, and is it better with drafts from here?",
        Place.JOINT,
        lambda s: _wants_cloud(s) and _is_joint_better(s),
    ),
    Rule(
        Reason.ONLY_CLOUD,
        "Does the user want the cloud only?",
        Place.CLOUD,
        lambda s: s.wish is Wish.ONLY_CLOUD,
    ),
    Rule(
        Reason.PREFER_CLOUD,
        "Does the user prefer the cloud?",
        Place.CLOUD,
        lambda s: s.wish is Wish.PREFER_CLOUD,
    ),
    # from here on all prefer the device, and no limit bars the cloud
    Rule(
        Reason.GUARD_JOINT,
        "Does a rule of the guard say that the device cannot know it, and do its drafts help?",
        Place.JOINT,
        lambda s: _is_guarded(s) and _is_joint_better(s),
        part_of=Reason.GUARD,
    ),
    Rule(
        Reason.GUARD,
        "Does a rule of the guard say that the device cannot know it?",
        Place.CLOUD,
        _is_guarded,
    ),
    Rule(
        Reason.WITHDRAWN_JOINT,
        "Was the device's answer withdrawn, is the cloud worth asking, and do drafts help?",
        Place.JOINT,
        lambda s: _is_withdrawn(s) and _is_joint_better(s),
        _ASKING,
        part_of=Reason.WITHDRAWN,
    ),
    Rule(
        Reason.WITHDRAWN,
        "Was the device's answer withdrawn, and is the cloud worth asking?",
        Place.CLOUD,
        _is_withdrawn,
        _ASKING,
    ),
    Rule(
        Reason.JOINT_BETTER,
        "Is the cloud expected to be enough better, with drafts from here?",
        Place.JOINT,
        lambda s: _may_be_better(s) and _is_joint_possible(s) and not s.wants_logprobs,
        frozenset({Option.JOINT}),
    ),
    Rule(
        Reason.CLOUD_BETTER,
        "Is the cloud expected to be enough better?",
        Place.CLOUD,
        _may_be_better,
        frozenset({Option.CLOUD, Option.JOINT}),
    ),
    Rule(
        Reason.DEVICE_CHECKED,
        "Is it best that the device answers, and the cloud where that does not stand?",
        Place.DEVICE,
        _may_be_better,
        frozenset({Option.DEVICE_CHECKED}),
    ),
    Rule(
        Reason.DEVICE_BETTER,
        "Is the device best, and the cloud not worth asking even where that does not stand?",
        Place.DEVICE,
        _may_be_better,
        frozenset({Option.DEVICE}),
    ),
    Rule(Reason.DEFAULT, "Did no other rule decide?", Place.DEVICE, lambda _: True),
)
"""What cannot be, then what may not be, then what is wished, then what would be better."""

Limit = tuple[Reason, Callable[[Signals], bool]]
"""Why a place is barred, and whether it is."""

_LIMITS_OF_CLOUD: tuple[Limit, ...] = (
    (Reason.ONLY_DEVICE, lambda s: s.wish is Wish.ONLY_DEVICE),
    (Reason.NO_CLOUD, lambda s: not s.has_cloud),
    (Reason.CLOUD_FAILED, lambda s: Place.CLOUD in s.failed_places),
    (Reason.OFFLINE, _is_offline),
    (Reason.PRIVATE, lambda s: s.must_stay),
    (Reason.BUDGET, _is_over_budget),
)

LIMITS: dict[Place, tuple[Limit, ...]] = {
    Place.DEVICE: (
        (Reason.ONLY_CLOUD, lambda s: s.wish is Wish.ONLY_CLOUD),
        (Reason.NO_DEVICE, lambda s: not s.has_device),
        (Reason.DEVICE_FAILED, lambda s: Place.DEVICE in s.failed_places),
        (Reason.NEEDS_TOOLS, _needs_cloud_for_tools),
    ),
    Place.CLOUD: _LIMITS_OF_CLOUD,
    Place.JOINT: _LIMITS_OF_CLOUD,
}
"""What bars a place, whichever rule points to it; joint sends what the cloud would be sent."""
