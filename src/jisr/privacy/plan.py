"""What happens to each private span of a turn, and whether the turn may leave at all.

A plan is made before anything is sent (`jisr.privacy.planner`) and carried out by
`jisr.privacy.redact`, so that what is shown to a person and what leaves are one thing.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from itertools import chain

from jisr.privacy.base import Span
from jisr.privacy.sight import Sighting

NAMES_OF = {"PERSON": ("PERSON", "PERSON_FEMALE", "PERSON_MALE")}
"""Entity type -> what placeholders of it may be named by."""


class Action(StrEnum):
    """What a policy does with text of one type. Later ones are stricter."""

    KEEP = "keep"
    """It may leave as it is."""
    GENERALISE = "generalise"
    """Words that say less stand in its place; they are not put back."""
    REPLACE = "replace"
    """A placeholder stands in its place, and the value is put back into the answer."""
    STAY = "stay"
    """The whole turn stays on the device."""

    @property
    def strictness(self) -> int:
        """Its place in the order."""
        return tuple(Action).index(self)


@dataclass(frozen=True, slots=True)
class Planned:
    """One span and what happens to it."""

    span: Span
    action: Action
    words: str = ""
    """What stands in its place, if it is generalised."""
    placeholder_type: str = ""
    """Type that its placeholder is named by, where that says more than the span's."""

    @property
    def name(self) -> str:
        """Type that its placeholder is named by."""
        return self.placeholder_type or self.span.entity_type


@dataclass(frozen=True, slots=True)
class Plan:
    """What happens to each private span of one turn."""

    spans: Mapping[str, tuple[Planned, ...]] = field(repr=False)
    """By text: in order, none overlapping; every text that could leave has a row."""
    stay_reason: str = ""
    """Why the turn must stay on the device, in words for people; empty: it need not."""
    stay_reason_arabic: str = ""
    can_be_allowed: bool = False
    """It stays because the policy says so, and leaves, redacted, if the user lets it."""
    redaction_loss: float = 0.0
    """Expected loss of quality by what does not leave, 0 to 1."""
    risk: float = 0.0
    """How far what leaves could single out one person, 0 to 1."""
    risk_sentence: str = ""
    """The risk in words for people."""
    facts: tuple[str, ...] = field(default=(), repr=False)
    """What was reckoned here out of private values, for the device's model."""

    @property
    def must_stay(self) -> bool:
        """Whether the turn may not leave, not even redacted."""
        return bool(self.stay_reason)

    @property
    def all_planned(self) -> tuple[Planned, ...]:
        """Every span of every text."""
        return tuple(chain.from_iterable(self.spans.values()))

    @property
    def placeholder_types(self) -> frozenset[str]:
        """Types of the placeholders it makes."""
        return frozenset(it.name for it in self.all_planned if it.action is Action.REPLACE)

    @property
    def counts(self) -> dict[str, int]:
        """Number of spans by entity type, each distinct text counted once."""
        return dict(sorted(Counter(it.span.entity_type for it in self.all_planned).items()))

    @property
    def actions(self) -> dict[str, dict[str, int]]:
        """Number of spans by entity type, then by what happens to them."""
        actions: dict[str, Counter[str]] = {}
        for it in self.all_planned:
            actions.setdefault(it.span.entity_type, Counter())[it.action.value] += 1
        return {entity_type: dict(sorted(them.items())) for entity_type, them in actions.items()}


def replacing(sighting: Sighting) -> Plan:
    """Return the plan that replaces every span of a sighting by a placeholder."""
    return Plan(
        {
            text: tuple(Planned(span, Action.REPLACE) for span in spans)
            for text, spans in sighting.spans.items()
        }
    )
