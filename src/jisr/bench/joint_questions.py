"""What `jisr bench joint` asks: questions by category, its own or those of a file."""

from __future__ import annotations

import json
import random
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import groupby
from operator import attrgetter
from pathlib import Path

from jisr.bench.questions import read_questions


@dataclass(frozen=True, slots=True, kw_only=True)
class Question:
    """A prompt, and what kind it is of."""

    id: str
    category: str
    prompt: str


OWN = tuple(
    Question(id=f"own-{number}", category=category, prompt=prompt)
    for number, (category, prompt) in enumerate(
        [
            ("coding", "Write a Python function that returns the n-th Fibonacci number."),
            ("coding", "Write a Python function that tells whether a word is a palindrome."),
            ("math", "A bridge is 240 m long. Planks are 0.8 m wide. How many are needed? Why?"),
            (
                "math",
                "Three pipes fill 12, 18 and 30 litres a minute. How long do 900 litres take?",
            ),
            ("qa", "What is the difference between an arch bridge and a suspension bridge?"),
            ("qa", "Why does ice float on water?"),
            (
                "summarization",
                "Say in one sentence what this is about: The old stone bridge over the river was "
                "closed on Monday, because two of its piers had been washed out by the flood. The "
                "town expects the repair to take until spring; until then a ferry runs every "
                "twenty minutes between the mill and the market, free for those who live here.",
            ),
            ("arabic", "ما الفرق بين الجسر المقوس والجسر المعلق؟ اشرح باختصار."),
            ("arabic", "اكتب رسالة قصيرة تشكر فيها جارك على مساعدته."),
        ]
    )
)


def read(path: Path) -> tuple[Question, ...]:
    """Return the questions of a file: lines of JSON, each with a `prompt`.

    A row without an `id` has its number as one; one without a `category` is of `other`.

    Raises:
        BenchError: It cannot be read, or a line is none.
    """
    prompts = read_questions(path).prompts
    lines = path.read_text(encoding="utf-8").splitlines()
    rows = [json.loads(line) for line in lines if line.strip()]
    return tuple(
        Question(
            id=str(row.get("id", number)),
            category=str(row.get("category", "other")),
            prompt=prompt,
        )
        for number, (row, prompt) in enumerate(zip(rows, prompts, strict=True))
    )


def choose(questions: Iterable[Question], limit: int, seed: int) -> tuple[Question, ...]:
    """Return so many of each category at most, categories in turn; the seed chooses which."""
    by_category = attrgetter("category")
    chosen: list[Sequence[Question]] = []
    for category, found in groupby(sorted(questions, key=by_category), by_category):
        those = list(found)
        random.Random(f"{seed} {category}").shuffle(those)
        chosen.append(those[:limit])
    return tuple(those[n] for n in range(limit) for those in chosen if n < len(those))
