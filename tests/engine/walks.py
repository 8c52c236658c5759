"""Tasks for a scheduler over an exact context, and ways to wait for them."""

import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field

from jisr.engine.llama import Logits
from jisr.engine.scheduler import Scheduler
from jisr.errors import JisrError
from tests.engine.exact_context import ExactContext, next_token

WAIT_S = 20.0


@dataclass
class Walk:
    """A task that follows the likeliest token for a while, and keeps what it saw."""

    prompt: Sequence[int]
    length: int
    num_rows: int = 1
    leaves_after: int | None = None
    """Tokens after which it cancels itself."""
    breaks_after: int | None = None
    """Tokens after which its consumer raises."""
    is_cancelled: bool = False
    output: list[int] = field(default_factory=list)
    num_cached: int | None = None
    strict_prompt: int | None = None
    error: JisrError | None = None
    ended: threading.Event = field(default_factory=threading.Event)

    def begin(self, num_cached: int) -> None:
        assert self.num_cached is None
        self.num_cached = num_cached

    def advance(self, rows: Logits, pass_us: int = 0) -> int | None:
        assert rows.shape[0] == (1 if self.output else self.num_rows)
        token = int(rows[-1].argmax())
        self.output.append(token)
        if len(self.output) == self.breaks_after:
            raise RuntimeError("the consumer broke")
        if len(self.output) == self.leaves_after:
            self.is_cancelled = True
        if len(self.output) >= self.length:
            self.ended.set()
            return None
        return token

    def fail(self, error: JisrError) -> None:
        assert self.error is None, "told twice"
        self.error = error
        self.ended.set()

    def expected(self) -> list[int]:
        tokens = list(self.prompt)
        output: list[int] = []
        for _ in range(self.length):
            output.append(next_token([*tokens, *output]))
        return output


@contextmanager
def scheduler(
    context: ExactContext, max_waiting: int = 1000, strict_block: int = 1
) -> Iterator[Scheduler]:
    made = Scheduler(context, max_waiting=max_waiting, strict_block=strict_block)
    try:
        yield made
    finally:
        assert made.close(), "the thread did not stop"


def settled(made: Scheduler) -> None:
    """Wait until nothing runs or waits, by a task that comes last."""
    while made.num_running or made.num_waiting:
        last = Walk([1], 1)
        made.submit(last)
        assert last.ended.wait(WAIT_S)
