"""Real models that a simulation can wait for: a call returns when the engine has done its work."""

import threading
from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import cache

from jisr.engine.engine import Engine, EngineSettings
from jisr.engine.exactness import Exactness
from jisr.engine.llama import Logits, Vocabulary
from jisr.engine.verification import Verification
from jisr.errors import JisrError
from jisr.joint.base import Drafted, Drafter, Take
from jisr.types import Sampling
from tests.weights import small_model

WAIT_S = 30.0
EXACT = EngineSettings(context_tokens=512, num_sequences=2, threads=1, measures_exactness=True)


@cache
def exact_engine() -> Engine:
    """Return an engine that was measured, which takes seconds: once for all tests."""
    return Engine(small_model(), EXACT)


class BlockingTarget:
    """An engine that has run a verification to its end when `submit` returns."""

    def __init__(self, engine: Engine) -> None:
        self.engine = engine

    @property
    def name(self) -> str:
        return self.engine.name

    @property
    def context_tokens(self) -> int:
        return self.engine.context_tokens

    @property
    def vocabulary(self) -> Vocabulary:
        return self.engine.vocabulary

    @property
    def template_source(self) -> str:
        return self.engine.template_source

    @property
    def exactness(self) -> Exactness:
        return self.engine.exactness

    def submit(self, task: Verification) -> None:
        over = threading.Event()
        advance, fail = task.advance, task.fail

        def advanced(rows: Logits, pass_us: int) -> int | None:
            token = advance(rows, pass_us)
            if token is None:
                over.set()
            return token

        def failed(error: JisrError) -> None:
            fail(error)
            over.set()

        task.advance, task.fail = advanced, failed  # type: ignore[method-assign]
        self.engine.submit(task)
        assert over.wait(WAIT_S)

    def cancel(self, task: Verification) -> None:
        self.engine.cancel(task)


@dataclass
class BlockingDrafter:
    """Waits for the first guess of another drafter, and remembers it.

    What a drafter guesses is no part of the law, so it need not be computed anew for
    each case.
    """

    drafter: Drafter
    known: dict[tuple[object, ...], Drafted | None] = field(default_factory=dict)

    def start(self, tokens: Sequence[int], sampling: Sampling, seed: int, take: Take) -> None:
        key = (tuple(tokens), sampling, seed)
        if key not in self.known:
            self.known[key] = self._guess(tokens, sampling, seed)
        take(self.known[key])

    def stop(self) -> None:
        """Do nothing: it is never under way."""

    def _guess(self, tokens: Sequence[int], sampling: Sampling, seed: int) -> Drafted | None:
        guessed, found = threading.Event(), list[Drafted | None]()

        def take(drafted: Drafted | None) -> bool:
            found.append(drafted)
            guessed.set()
            return False

        self.drafter.start(tokens, sampling, seed, take)
        assert guessed.wait(WAIT_S)
        return found[0]
