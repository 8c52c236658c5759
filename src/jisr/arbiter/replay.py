"""What another policy would have done with turns that were recorded.

A recorded turn is decided again from the signals that it was decided from. What was
measured stays: where the guard withdrew the device's answer, it would have done so again.
Money is what the same tokens would have cost in the other place, and time what was expected
of each place when the turn was decided; what is not known is counted apart.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from decimal import Decimal

from jisr.arbiter.policy import DEFAULT, Decision, Policy, decide
from jisr.arbiter.signals import Signals, of_plain
from jisr.errors import NoPlace
from jisr.types import Place

NOWHERE = "nowhere"
"""The place of a turn that a policy leaves none for."""
NO_PLACE = "no_place"


@dataclass(frozen=True, slots=True)
class Change:
    """A turn that would have gone elsewhere, or for another reason."""

    turn_id: str
    old_place: str
    new_place: str
    old_reason: str
    new_reason: str

    @property
    def moves(self) -> bool:
        """Whether it would have gone elsewhere."""
        return self.old_place != self.new_place


@dataclass(slots=True)
class Replayed:
    """What became of the recorded turns."""

    num_turns: int = 0
    """Those that were decided again."""
    num_skipped: int = 0
    """Those without signals: old ones, and ones that ended before they were decided."""
    num_unreadable: int = 0
    """Those with signals that this version cannot read."""
    places: Counter[tuple[str, str]] = field(default_factory=Counter)
    """Turns by the place where they went, and where they would have gone."""
    reasons: Counter[tuple[str, str]] = field(default_factory=Counter)
    """Turns by the reason they had, and the one they would have had."""
    more_usd: Decimal = Decimal(0)
    """What would have been spent beyond what was; less than 0: saved."""
    num_unpriced: int = 0
    """Turns that would have moved and are of no known price in one of the places."""
    more_ms: float = 0.0
    """What was to be waited beyond what was, as expected; less than 0: saved."""
    num_untimed: int = 0
    """Turns that would have taken another time, which is not known of one of the places."""
    changes: list[Change] = field(default_factory=list)

    @property
    def num_moved(self) -> int:
        """Turns that would have gone elsewhere."""
        return sum(number for (old, new), number in self.places.items() if old != new)


def replay(rows: Iterable[Mapping[str, object]], policy: Policy = DEFAULT) -> Replayed:
    """Return what a policy would have done with recorded turns.

    Args:
        rows: Of each turn `turn_id`, `place`, `reason`, `usd` and `usd_cloud_only` (amounts as
            Decimal, text or None), and its `signals` in plain values.
        policy: Decides again.
    """
    found = Replayed()
    for row in rows:
        plain = row.get("signals")
        if not isinstance(plain, Mapping) or not plain:
            found.num_skipped += 1
            continue
        try:
            signals = of_plain(plain)
        except ValueError:
            found.num_unreadable += 1
            continue
        _take(found, row, signals, policy)
    return found


def decide_again(signals: Signals, policy: Policy) -> tuple[Decision | None, bool]:
    """Return what a policy decides of a turn from its beginning to its end.

    A turn whose answer the guard withdrew is first decided as it was before that: if it goes
    to the device again, its answer is withdrawn again.

    Returns:
        The decision, None if no place is left; and whether an answer is thrown away on the way.
    """
    try:
        decision = decide(replace(signals, withdrawn=False), policy)
        if not signals.withdrawn or decision.place is not Place.DEVICE:
            return decision, False
        return decide(signals, policy), True
    except NoPlace:
        return None, False


def _take(found: Replayed, row: Mapping[str, object], signals: Signals, policy: Policy) -> None:
    decision, throws_away = decide_again(signals, policy)
    change = Change(
        turn_id=str(row.get("turn_id", "")),
        old_place=str(row["place"]),
        new_place=decision.place.value if decision else NOWHERE,
        old_reason=str(row["reason"]),
        new_reason=decision.reason.value if decision else NO_PLACE,
    )
    found.num_turns += 1
    found.places[change.old_place, change.new_place] += 1
    found.reasons[change.old_reason, change.new_reason] += 1
    if change.moves or change.old_reason != change.new_reason:
        found.changes.append(change)
    if change.moves:
        _count_money(found, row, change, signals)
    if change.moves or throws_away != signals.withdrawn:
        old = _expected_ms(change.old_place, signals, throws_away=signals.withdrawn)
        new = _expected_ms(change.new_place, signals, throws_away=throws_away)
        _count_time(found, old, new)


def _count_money(
    found: Replayed, row: Mapping[str, object], change: Change, signals: Signals
) -> None:
    old, in_cloud = _amount(row.get("usd")), _amount(row.get("usd_cloud_only"))
    if in_cloud is None:
        in_cloud = signals.cost_usd
    new = in_cloud if change.new_place in (Place.CLOUD, Place.JOINT) else Decimal(0)
    if old is None or new is None:
        found.num_unpriced += 1
    else:
        found.more_usd += new - old


def _count_time(found: Replayed, old: float | None, new: float | None) -> None:
    if old is None or new is None:
        found.num_untimed += 1
    else:
        found.more_ms += new - old


def _expected_ms(place: str, signals: Signals, *, throws_away: bool) -> float | None:
    """Return what a turn was expected to take in a place; None: not known."""
    device_ms, cloud_ms = signals.device_ms, signals.cloud_ms
    joint_ms, alone_ms = signals.joint_ms_per_token, signals.alone_ms_per_token
    if place == Place.JOINT and cloud_ms is not None and joint_ms and alone_ms:
        cloud_ms *= joint_ms / alone_ms
    if place == NOWHERE:
        return 0.0
    if place == Place.DEVICE:
        return device_ms
    if not throws_away or cloud_ms is None:
        return cloud_ms
    return None if device_ms is None else cloud_ms + device_ms


def _amount(value: object) -> Decimal | None:
    return None if value is None else Decimal(str(value))
