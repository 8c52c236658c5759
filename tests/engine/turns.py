"""Short ways to run a completion in a test."""

import queue
from collections.abc import Sequence
from dataclasses import dataclass, field

from jisr.engine.engine import Engine
from jisr.engine.generation import Generation
from jisr.errors import JisrError
from jisr.types import Delta, FinishReason, Message, Role, Sampling, Usage

WAIT_S = 60.0


@dataclass
class Turn:
    """A completion under way, and what has come of it."""

    pieces: "queue.SimpleQueue[Delta | JisrError]" = field(default_factory=queue.SimpleQueue)
    generation: Generation | None = None

    def result(self) -> "Answer":
        deltas = []
        while True:
            piece = self.pieces.get(timeout=WAIT_S)
            if isinstance(piece, JisrError):
                raise piece
            deltas.append(piece)
            if piece.finish_reason is not None:
                return Answer(tuple(deltas))


@dataclass(frozen=True)
class Answer:
    """A completion that ended."""

    deltas: tuple[Delta, ...]

    @property
    def text(self) -> str:
        return "".join(delta.text for delta in self.deltas)

    @property
    def finish_reason(self) -> FinishReason | None:
        return self.deltas[-1].finish_reason

    @property
    def usage(self) -> Usage:
        usage = self.deltas[-1].usage
        assert usage is not None
        return usage


def start(engine: Engine, prompt: Sequence[int], sampling: Sampling) -> Turn:
    turn = Turn()
    turn.generation = engine.prepare(prompt, sampling, turn.pieces.put)
    engine.start(turn.generation)
    return turn


def complete(engine: Engine, prompt: Sequence[int], **sampling: object) -> Answer:
    return Answer(tuple(engine.stream(prompt, Sampling(**sampling))))  # type: ignore[arg-type]


def chat(engine: Engine, *texts: str) -> list[int]:
    """Render a conversation in which user and assistant take turns."""
    roles = (Role.USER, Role.ASSISTANT)
    return engine.render([Message(roles[i % 2], text) for i, text in enumerate(texts)])


def plain(engine: Engine, text: str) -> list[int]:
    """Return the tokens of a text that is no conversation."""
    return engine.vocabulary.tokenize(text, parse_special=False)
