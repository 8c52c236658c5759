"""A scripted target that runs a verification at once, and drafters with some luck about it."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

from jisr.engine.llama import Logits
from jisr.engine.sampling import choose
from jisr.engine.verification import Verification
from jisr.joint.base import Drafted, Take
from jisr.types import Sampling
from tests.joint.scripted import VOCAB, Measured, ScriptedTarget


@dataclass
class InstantTarget(ScriptedTarget):
    ends: bool = True
    context_tokens: int = 4096
    memory: int = 99
    """Tokens that what comes next depends on: with few of them it repeats itself."""
    exactness: Measured = field(
        default_factory=lambda: Measured(16, tuple(100.0 + 2 * k for k in range(16)))
    )

    def row(self, tokens: Sequence[int]) -> Logits:
        return super().row(tokens[-self.memory :])

    def submit(self, task: Verification) -> None:
        super().submit(task)
        while task in self.tasks:
            self.step()


@dataclass
class LuckyDrafter:
    """Guesses the target's own token where it is lucky, else the one after it."""

    target: ScriptedTarget
    is_lucky: Callable[[Sequence[int]], bool]
    source: str = "model"

    def start(self, tokens: Sequence[int], sampling: Sampling, seed: int, take: Take) -> None:
        sequence = list(tokens)
        while True:
            row = self.target.row(sequence)
            token = choose(row, sampling, seed=seed, position=len(sequence))
            if not self.is_lucky(sequence):
                token = (token + 1) % VOCAB
            sequence.append(token)
            if not take(Drafted(token, 0.7, self.source)):
                return

    def stop(self) -> None:
        """Do nothing: it is never under way."""


@dataclass
class SilentDrafter:
    """Never has a guess."""

    def start(self, tokens: Sequence[int], sampling: Sampling, seed: int, take: Take) -> None:
        take(None)

    def stop(self) -> None:
        """Do nothing."""
