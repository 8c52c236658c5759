"""The drafters there are: the device's model, n-grams, and both together."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from jisr.engine.drafting import Drafting
from jisr.engine.engine import Engine
from jisr.errors import JisrError
from jisr.joint.base import Drafted, Drafter, Take
from jisr.joint.ngram import NgramDrafter, guesses
from jisr.types import Sampling


class ModelDrafter:
    """Guesses with a model of the target's own vocabulary, token after token.

    It samples as the target does, with the same noise: where both are of one mind
    about a token, the guess is right at any temperature.
    """

    source = "model"

    def __init__(self, engine: Engine) -> None:
        self._engine = engine
        self._task: Drafting | None = None

    def start(self, tokens: Sequence[int], sampling: Sampling, seed: int, take: Take) -> None:
        """Begin on the engine's thread; a sequence longer than the context gets no guess."""
        self.stop()

        def deliver(token: int, confidence: float) -> bool:
            return take(Drafted(token, confidence, self.source))

        def end(_: JisrError | None) -> None:
            take(None)

        try:
            self._task = self._engine.draft(tokens, sampling, seed, deliver, end)
        except JisrError:  # too long, busy or closed: the verifier goes on without guesses
            take(None)

    def stop(self) -> None:
        """Stop the pass under way as soon as may be."""
        if self._task is not None:
            self._engine.cancel(self._task)
            self._task = None


class BothDrafter:
    """Asks n-grams first where they are likely enough to be right, then the model.

    Args:
        model: Guesses where nothing repeats.
        trusts: Whether an n-gram guess is worth more than the model's would be.
    """

    def __init__(self, model: Drafter, trusts: Callable[[Drafted], bool]) -> None:
        self._model = model
        self._trusts = trusts

    def start(self, tokens: Sequence[int], sampling: Sampling, seed: int, take: Take) -> None:
        """Give trusted n-gram guesses at once; the model goes on behind them."""
        self._model.stop()
        followed = list(tokens)
        for drafted in guesses(tokens):
            if not self._trusts(drafted):
                break
            if not take(drafted):
                return
            followed.append(drafted.token)
        self._model.start(followed, sampling, seed, take)

    def stop(self) -> None:
        """Stop the model."""
        self._model.stop()


def drafter_for(kind: str, engine: Engine, trusts: Callable[[Drafted], bool]) -> Drafter:
    """Return a drafter by its name in the settings: `model`, `ngram` or `both`."""
    if kind == "ngram":
        return NgramDrafter()
    model = ModelDrafter(engine)
    return model if kind == "model" else BothDrafter(model, trusts)
