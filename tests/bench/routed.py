"""Questions, and models that answer them by a known law: what routing is tried on."""

from __future__ import annotations

import json
import random
from dataclasses import dataclass, field

from jisr.bench.answering import Answered, answered
from jisr.bench.cache import Value
from jisr.bench.graded_rows import GradedRow
from jisr.bench.judged import Judged, judged

TEXT = "The well of Brask was dug by two sisters in a dry year, and it has water still. " * 3

WRONG = {"number": "7", "short": "Bob", "grounded": "two brothers"}
"""Looks like what is right."""


def rows(num_rows: int) -> list[GradedRow]:
    """Return so many questions of each of three kinds."""
    found = []
    for number in range(num_rows):
        sum_of = f"A hen lays {number + 2} eggs a day for 3 days. How many eggs does she lay?"
        fact = f"Who dug well number {number} of Brask?\nAnswer in a few words."
        text = f"{TEXT}\n\nAnswer from this text.\nQuestion: who dug well {number}?"
        answers = ("two sisters",) if number % 2 else ()
        asked = (("number", sum_of, ("5",)), ("short", fact, ("Ann",)), ("grounded", text, answers))
        for kind, prompt, known in asked:
            found.append(
                GradedRow(
                    id=f"{kind} {number}", kind=kind, language="en", prompt=prompt, answers=known
                )
            )
    return found


@dataclass
class LawfulAnswerer:
    """Is right with a probability, and as sure as it is right."""

    skill: float
    seed: int = 1
    checks_itself: bool = False
    asked: list[str] = field(default_factory=list)
    model: str = "lawful"

    def answer(self, row: GradedRow) -> Value:
        """Return an answer as an engine gives it."""
        self.asked.append(row.id)
        chance = random.Random(f"{self.seed} {row.id}")
        sure = chance.random()
        is_right = chance.random() < self.skill * 2 * sure
        text = (row.answers or ("Not in the text.",))[0] if is_right else WRONG[row.kind]
        logprob = -3 * (1 - sure)
        token = ["61", logprob, [["61", logprob], ["62", logprob - 4 * sure]]]
        found: dict[str, str | float | None] = {
            "text": text,
            "logprobs": json.dumps([token] * 3),
            "finish": "stop",
        }
        if self.checks_itself:
            found["self_check"] = sure
        return found


def answers(some: list[GradedRow], skill: float, *, seed: int = 1) -> list[Answered]:
    """Return what a model of a skill answers."""
    answerer = LawfulAnswerer(skill, seed, checks_itself=True)
    return [answered(row, answerer.answer(row)) for row in some]


def judged_rows(num_rows: int = 60) -> list[Judged]:
    """Return questions that a weak device and a strong cloud have answered."""
    some = rows(num_rows)
    routed = [row for row in some if row.kind != "grounded"]
    clouds = {it.row.id: it for it in answers(routed, 0.95, seed=2)}
    return judged(answers(some, 0.5), clouds)
