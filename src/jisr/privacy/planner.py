"""Make the plan of a turn: a policy applied to what was sighted.

In this order: what is too unsure is left alone; spans that overlap become one with the
strictest action of any; what says less is worded; the risk of all that would leave is
reckoned, and more is replaced where it is too high; last, why the turn must stay.

What is covered: a type that stays never leaves, whatever overlaps with it; a value that is
replaced in one place is not kept in another.
"""

from __future__ import annotations

import re
from bisect import bisect_left
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from functools import partial
from itertools import chain

from jisr.privacy.base import Span
from jisr.privacy.gender import gender_before
from jisr.privacy.generalise import GENERALISERS, Subject
from jisr.privacy.loss import redaction_loss
from jisr.privacy.plan import Action, Plan, Planned
from jisr.privacy.policy import Policy
from jisr.privacy.reckoning import Reckoning, reckon
from jisr.privacy.risk import Risk, assess, worth
from jisr.privacy.sight import (
    ONLY_WHERE_FOUND,
    Sighting,
    is_worth_searching,
    occurrences,
    resolve,
)
from jisr.types import Purpose, Request, Role

_ARABIC_LETTER = re.compile("[\u0620-\u064a]")
_LATIN_LETTER = re.compile("[A-Za-z]")
_REWRITES = (Purpose.WRITE, Purpose.TRANSLATE, Purpose.CODE)
"""Purposes that want a text and no sum: nothing is reckoned for them."""

Spans = Mapping[str, tuple[Planned, ...]]


class Planner:
    """Plans turns by one policy. Threads may share it."""

    def __init__(self, policy: Policy, today: Callable[[], date] = date.today) -> None:
        self.policy = policy
        self._today = today

    def plan(self, request: Request, sighting: Sighting) -> Plan:
        """Return what happens to each private span of a turn, and whether it may leave."""
        turn = _Turn(self.policy, request, sighting, self._today())
        found = {text: turn.planned(text) for text in sighting.spans}
        spans, risk = turn.less_risky(_consistent(_gendered(found)))
        asking = next((m.text for m in reversed(request.messages) if m.role is Role.USER), "")
        reckoning = turn.reckoning(asking, spans.get(asking, ()))
        english, arabic = turn.stay_reasons(spans, risk, reckoning)
        return Plan(
            spans,
            stay_reason=english,
            stay_reason_arabic=arabic,
            can_be_allowed=bool(english) and not reckoning.is_asked,
            redaction_loss=redaction_loss(asking, spans.get(asking, ())),
            risk=risk.score,
            risk_sentence=risk.sentence,
            facts=reckoning.facts,
        )


@dataclass(frozen=True, slots=True)
class _Turn:
    """One turn while it is planned."""

    policy: Policy
    request: Request
    sighting: Sighting
    today: date

    def planned(self, text: str) -> tuple[Planned, ...]:
        """Return what happens to the spans of a text, kept ones included, none overlapping."""
        found = self._sure(text)
        private = [span for span in found if self._action(span) is not Action.KEEP]
        kept = [span for span in found if self._action(span) is Action.KEEP]
        spans = resolve(private)
        taken = {at for span in spans for at in range(span.start, span.end)}
        planned = [
            self._planned(text, span, _within(span, private), _within(span, kept)) for span in spans
        ]
        planned += [
            Planned(span, Action.KEEP)
            for span in resolve(kept)
            if taken.isdisjoint(range(span.start, span.end))
        ]
        return tuple(sorted(planned, key=lambda it: it.span.start))

    def less_risky(self, spans: Spans) -> tuple[Spans, Risk]:
        """Return spans with as much replaced as the policy's risk asks for."""
        risk = self._risk(spans)
        if self.policy.risk_action is Action.REPLACE:
            for entity_type in _riskiest(spans):
                if risk.score <= self.policy.most_risk:
                    break
                spans = _consistent(_changed(spans, partial(_is_lax, entity_type=entity_type)))
                risk = self._risk(spans)
        return spans, risk

    def reckoning(self, text: str, planned: Iterable[Planned]) -> Reckoning:
        """Return what is asked that only real values can tell."""
        if self.request.purpose in _REWRITES:
            return Reckoning()
        values = [
            (it.span.entity_type, text[it.span.start : it.span.end])
            for it in planned
            if it.action is not Action.KEEP
        ]
        return reckon(text, values, self.today)

    def stay_reasons(self, spans: Spans, risk: Risk, reckoning: Reckoning) -> tuple[str, str]:
        """Return why the turn must stay, in English and Arabic; empty if it need not."""
        if reckoning.is_asked:
            return (
                "what it asks is computed here, from private values",
                "ما يطلبه يُحسب هنا، من قيم خاصة",
            )
        types = sorted({it.span.entity_type for it in _all(spans) if it.action is Action.STAY})
        if types:
            named = ", ".join(types)
            return f"it holds {named}, which your policy keeps here", (
                f"فيه {named}، وسياستك تُبقي ذلك هنا"
            )
        if risk.score > self.policy.most_risk and not self.request.may_leave:
            return f"what leaves could tell whom it is about: {risk.sentence}", (
                "ما يغادر قد يكشف عمّن هو"
            )
        return "", ""

    def _sure(self, text: str) -> list[Span]:
        """Return the spans that are sure enough for the policy."""
        found = self.sighting.found or self.sighting.spans
        return [
            span
            for span in found.get(text, ())
            if span.score >= self.policy.rule(span.entity_type, self.request.purpose).min_score
        ]

    def _action(self, span: Span) -> Action:
        action = self.policy.rule(span.entity_type, self.request.purpose).action
        is_allowed = self.request.may_leave and action is Action.STAY
        return Action.REPLACE if is_allowed else action

    def _planned(
        self, text: str, span: Span, parts: Sequence[Span], kept: Sequence[Span]
    ) -> Planned:
        strictest = max(parts, key=lambda it: self._action(it).strictness)
        action = self._action(strictest)
        if action is Action.STAY:  # it is the type that has the turn stay that is told
            return Planned(replace(strictest, start=span.start, end=span.end), action)
        if action is Action.GENERALISE and (words := self._words(text, span, kept)):
            return Planned(span, action, words)
        return Planned(span, Action.REPLACE)

    def _words(self, text: str, span: Span, kept: Sequence[Span]) -> str | None:
        """Return what says less than a span; None if nothing can be said."""
        cities = [
            text[it.start : it.end]
            for it in kept
            if it.entity_type == "CITY" and it.end <= span.end
        ]
        subject = Subject(
            value=text[span.start : span.end],
            is_arabic=_is_arabic(text),
            today=self.today,
            city=cities[-1] if cities else "",
        )
        return GENERALISERS[span.entity_type](subject)

    def _risk(self, spans: Spans) -> Risk:
        leaving = [(it.span.entity_type, it.action) for it in _all(spans)]
        return assess(leaving, [_left(text, them) for text, them in spans.items()])


def _all(spans: Spans) -> Iterable[Planned]:
    return chain.from_iterable(spans.values())


def _within(span: Span, ordered: Sequence[Span]) -> Sequence[Span]:
    """Return those of spans in order that start inside of a span."""
    start = bisect_left(ordered, span.start, key=lambda it: it.start)
    return ordered[start : bisect_left(ordered, span.end, key=lambda it: it.start)]


def _riskiest(spans: Spans) -> list[str]:
    """Return the types that give something away, the most first."""
    bits: dict[str, float] = {}
    for it in _all(spans):
        entity_type = it.span.entity_type
        bits[entity_type] = max(worth(entity_type, it.action), bits.get(entity_type, 0.0))
    return sorted((it for it in bits if bits[it]), key=lambda it: (-bits[it], it))


def _is_lax(it: Planned, _: str, *, entity_type: str = "") -> bool:
    """Whether a span, of that type if one is given, is not replaced and does not stay."""
    is_meant = entity_type in ("", it.span.entity_type)
    return is_meant and it.action in (Action.KEEP, Action.GENERALISE)


def _changed(spans: Spans, is_meant: Callable[[Planned, str], bool]) -> Spans:
    """Return spans with those replaced that are meant; the function is given their values."""
    return {
        text: tuple(
            replace(it, action=Action.REPLACE, words="")
            if is_meant(it, text[it.span.start : it.span.end])
            else it
            for it in planned
        )
        for text, planned in spans.items()
    }


def _consistent(spans: Spans) -> Spans:
    """Return spans of which none that is kept, or worded, shows a value that may not leave."""
    while True:
        private = set()
        shown = set()
        for text, planned in spans.items():
            for it in planned:
                value = text[it.span.start : it.span.end]
                if it.action is not Action.KEEP and it.span.entity_type not in ONLY_WHERE_FOUND:
                    private.add(value)
                if _is_lax(it, value):
                    shown.add(_shown(it, value))
        if not is_worth_searching(len(private), [text for text, _ in shown]):
            return _changed(spans, _is_lax)
        leaky = {it for it in shown if any(_stands(value, it) for value in private)}
        if not leaky:
            return spans
        spans = _changed(spans, partial(_is_leaky, leaky=leaky))


def _is_leaky(it: Planned, value: str, leaky: set[tuple[str, bool]]) -> bool:
    return _is_lax(it, value) and _shown(it, value) in leaky


def _shown(it: Planned, value: str) -> tuple[str, bool]:
    """Return what is shown of a span, and whether it is words that were made for it."""
    return (value, False) if it.action is Action.KEEP else (it.words, True)


def _stands(value: str, shown: tuple[str, bool]) -> bool:
    text, are_words = shown
    if are_words and not any(map(str.isalpha, value)):
        return False  # a number in a band is the band's
    return any(True for _ in occurrences(value, text))


def _left(text: str, planned: Iterable[Planned]) -> str:
    """Return what is left of a text without what does not leave."""
    pieces, done = [], 0
    for it in planned:
        if it.action is not Action.KEEP:
            pieces.append(text[done : it.span.start])
            done = it.span.end
    return " ".join([*pieces, text[done:]])


def _gendered(spans: Spans) -> Spans:
    """Return spans whose placeholders say the gender of a name, where all that tells agrees."""
    told: dict[str, set[str]] = {}
    for text, planned in spans.items():
        for it in planned:
            if it.span.entity_type == "PERSON":
                value = text[it.span.start : it.span.end]
                told.setdefault(value, set()).add(gender_before(text, it.span.start, it.span.end))
    genders = {value: them - {""} for value, them in told.items()}
    return {
        text: tuple(
            replace(it, placeholder_type=f"PERSON_{min(gender)}")
            if it.span.entity_type == "PERSON"
            and len(gender := genders[text[it.span.start : it.span.end]]) == 1
            else it
            for it in planned
        )
        for text, planned in spans.items()
    }


def _is_arabic(text: str) -> bool:
    return len(_ARABIC_LETTER.findall(text)) > len(_LATIN_LETTER.findall(text))
