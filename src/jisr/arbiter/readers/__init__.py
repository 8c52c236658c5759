"""What can be read off a question before it is answered: one feature from each small reader."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from jisr.arbiter.readers.base import Reader
from jisr.arbiter.readers.choices import ChoiceLength, Choices, Negation
from jisr.arbiter.readers.code import Code
from jisr.arbiter.readers.evidence import EvidenceWords
from jisr.arbiter.readers.figures import Figures, LargestFigure, Parts
from jisr.arbiter.readers.follow_up import FollowUp
from jisr.arbiter.readers.fresh import Fresh
from jisr.arbiter.readers.language import Language
from jisr.arbiter.readers.length import EvidenceLength, Length
from jisr.arbiter.readers.own_things import OwnThings
from jisr.arbiter.readers.rarity import Rarity
from jisr.arbiter.readers.steps import Steps
from jisr.arbiter.readers.task_kind import KindReader
from jisr.question import Question, TaskKind

MOST_CHARACTERS = 2_000
"""Of a question, that are read: one that is longer is read as if it ended there."""

READERS: tuple[Reader, ...] = (
    *map(KindReader, TaskKind),
    Language(),
    Length(),
    Steps(),
    Figures(),
    LargestFigure(),
    Parts(),
    Choices(),
    ChoiceLength(),
    Negation(),
    Rarity(),
    Fresh(),
    OwnThings(),
    Code(),
    FollowUp(),
    EvidenceLength(),
    EvidenceWords(),
)


def read_all(question: Question, readers: Sequence[Reader] = READERS) -> dict[str, float]:
    """Return every feature of a question by name, in the order of the readers."""
    if len(question.text) > MOST_CHARACTERS:
        question = replace(question, text=question.text[:MOST_CHARACTERS])
    return {reader.name: reader.read(question) for reader in readers}
