"""What can be read off an answer of the device: features by name, each from a small file."""

from __future__ import annotations

from jisr.guard.answer import Answer
from jisr.guard.readers.base import Reader
from jisr.guard.readers.letter import read_letter
from jisr.guard.readers.novelty import read_novelty
from jisr.guard.readers.shape import read_shape
from jisr.guard.readers.steps import read_steps
from jisr.guard.readers.support import read_support
from jisr.guard.readers.surety import read_surety
from jisr.question import Question

READERS: tuple[Reader, ...] = (
    *(read_shape, read_novelty, read_surety, read_letter, read_steps, read_support),
)


def read_all(question: Question, answer: Answer) -> dict[str, float]:
    """Return every feature of an answer; one that does not apply is 0."""
    return {name: value for read in READERS for name, value in read(question, answer).items()}
