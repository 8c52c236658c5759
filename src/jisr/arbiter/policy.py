"""Decide where a turn runs, and say why.

The rules are asked in order and the first that applies decides. Limits of the user's
come before taste: a rule may point to a place, but if a limit bars that place the turn
is refused, with the limits that collide, instead of going somewhere it may not. Where no
limit and no wish decides, what each way is worth does, if that is known.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace

from jisr.arbiter.rules import LIMITS as LIMITS
from jisr.arbiter.rules import RULES as RULES
from jisr.arbiter.rules import Reason as Reason
from jisr.arbiter.rules import Rule
from jisr.arbiter.sentences import BARRED, SENTENCES
from jisr.arbiter.signals import Signals
from jisr.arbiter.utility import Option, Weights, prefer
from jisr.errors import NoPlace
from jisr.types import Place


@dataclass(frozen=True, slots=True, kw_only=True)
class Policy:
    """How the arbiter decides, as far as that may be chosen."""

    weights: Weights = field(default_factory=Weights)
    off: frozenset[Reason] = frozenset()
    """Rules that are not asked; see `jisr.arbiter.rules.SWITCHES`."""
    quality: float | None = None
    """Takes the place of the user's dial, 0 to 1; None: it stands."""


DEFAULT = Policy()


@dataclass(frozen=True, slots=True)
class Asked:
    """A rule that was asked, and its answer."""

    rule: Reason
    question: str
    has_applied: bool
    place: Place
    """Where it points to."""


@dataclass(frozen=True, slots=True)
class Decision:
    """A place and the one reason for it."""

    place: Place
    reason: Reason
    asked: tuple[Asked, ...] = ()
    """The rules in the order they were asked; the last one decided."""
    detail: str = ""
    """More about the reason, in words for people."""
    detail_arabic: str = ""

    @property
    def sentence(self) -> str:
        """The reason in plain words."""
        return explain(self)


def decide(signals: Signals, policy: Policy = DEFAULT) -> Decision:
    """Return the place of the first rule that applies.

    Raises:
        NoPlace: A limit bars that place; the message says which limits collide.
    """
    if policy.quality is not None:
        signals = replace(signals, quality=policy.quality)
    preference = prefer(signals, policy.weights)
    option = preference.option if preference else None
    asked: list[Asked] = []
    for rule in RULES:
        if not policy.off.isdisjoint({rule.reason, rule.part_of}):
            continue
        has_applied = _applies(rule, signals, option)
        asked.append(Asked(rule.reason, rule.question, has_applied, rule.place))
        if has_applied:
            break
    chosen = asked[-1]
    if any(bars(signals) for _, bars in LIMITS[chosen.place]):
        raise NoPlace(_collision(signals))
    decision = Decision(chosen.place, chosen.rule, tuple(asked))
    if chosen.rule is Reason.PRIVATE:
        arabic = signals.stay_reason_arabic or signals.stay_reason
        return replace(decision, detail=signals.stay_reason, detail_arabic=arabic)
    return decision


def _applies(rule: Rule, signals: Signals, option: Option | None) -> bool:
    """Whether a rule decides, if this way is worth most."""
    return (not rule.options or option in rule.options) and rule.applies(signals)


def explain(decision: Decision, language: str = "en") -> str:
    """Return the reason of a decision in plain words.

    Args:
        decision: What was decided.
        language: `en` or `ar`; any other is answered in English.
    """
    sentences = SENTENCES[decision.reason]
    sentence = sentences.get(language, sentences["en"])
    detail = decision.detail_arabic if language == "ar" else decision.detail
    return f"{sentence} ({detail})" if detail else sentence


def _collision(signals: Signals) -> str:
    """Return what bars device and cloud, and so joint too; and what could be done."""
    lines = []
    for place in (Place.DEVICE, Place.CLOUD):
        bars = [reason for reason, bars in LIMITS[place] if bars(signals)]
        lines += [f"{place.capitalize()}: {BARRED[reason]}." for reason in bars]
    return "No place is left for this turn. " + " ".join(lines)
