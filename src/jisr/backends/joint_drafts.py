"""The guesses of one joint answer: made on the engine's thread, kept in its client.

The client is one thread's at a time: whoever uses it holds `lock`.
"""

from __future__ import annotations

import asyncio
import threading
from collections.abc import AsyncGenerator, Callable, Sequence
from contextlib import suppress
from typing import TypeVar

from jisr.engine.engine import Engine
from jisr.joint.base import Drafted, Drafter
from jisr.joint.client import Client
from jisr.joint.drafter import ModelDrafter
from jisr.joint.repeats import Repeats
from jisr.joint.statistics import Statistics
from jisr.types import Sampling

ItemT = TypeVar("ItemT")


class Drafts:
    """Has a drafter guess for as long as the client wants guesses.

    Args:
        client: Takes the guesses.
        drafter: Makes them.
        prompt: Tokens of the prompt.
        sampling: How the target chooses.
        seed: Seed of the noise.
        statistics: Takes in how long a guess takes.
        repeats: Takes in what n-grams would have guessed.
        now_ms: Tells the time.
        wake: Called after each guess, on any thread; must not block.
    """

    def __init__(
        self,
        client: Client,
        drafter: Drafter,
        *,
        prompt: Sequence[int],
        sampling: Sampling,
        seed: int,
        statistics: Statistics,
        repeats: Repeats,
        now_ms: Callable[[], float],
        wake: Callable[[], None],
    ) -> None:
        self.lock = threading.Lock()
        self.is_under_way = False
        self._client = client
        self._drafter = drafter
        self._prompt = prompt
        self._sampling, self._seed = sampling, seed
        self._statistics = statistics
        self._repeats = repeats
        self._now_ms = now_ms
        self._wake = wake
        self._run = 0
        """Number of the drafting under way: what comes of an earlier one is dropped."""
        self._last_ms = 0.0

    def start_if_due(self) -> None:
        """Begin to guess if guesses are wanted and none are being made."""
        with self.lock:
            if self.is_under_way or not self._client.wants_drafts():
                return
            self._run += 1
            run, self.is_under_way = self._run, True
            self._last_ms = 0.0
            tokens = [*self._prompt, *self._client.output, *self._client.drafted_ahead]
        # not under the lock: an n-gram drafter guesses at once
        self._drafter.start(tokens, self._sampling, self._seed, lambda it: self._take(run, it))

    def void(self) -> None:
        """Drop what is being guessed; the drafter learns of it with its next guess.

        To be called with the lock held, together with what makes it void: no guess may
        come in between.
        """
        self.is_under_way = False
        self._run += 1

    def learn(self, num_new: int) -> None:
        """Learn from the newest tokens of the answer what n-grams are worth."""
        tokens = [*self._prompt, *self._client.output]
        self._repeats.learn(tokens, num_new)

    def stop(self) -> None:
        """Drop what is being guessed, and have the drafter stop."""
        with self.lock:
            self.void()
        self._drafter.stop()

    def _take(self, run: int, drafted: Drafted | None) -> bool:
        """Take a guess, on whichever thread it was made."""
        with self.lock:
            if run != self._run:
                return False
            if drafted is None:
                self._client.no_draft()
                goes_on = False
            else:
                goes_on = self._client.take(drafted)
                self._time(drafted)
            self.is_under_way = goes_on
        self._wake()
        return goes_on

    def _time(self, drafted: Drafted) -> None:
        """Measure guesses that follow each other: the first of a run reads its prompt besides."""
        if drafted.source != ModelDrafter.source:
            return
        now_ms = self._now_ms()
        if self._last_ms:
            self._statistics.draft_ms.add(now_ms - self._last_ms)
        self._last_ms = now_ms


async def drafted_tokens(
    engine: Engine, tokens: Sequence[int], sampling: Sampling, seed: int
) -> AsyncGenerator[int, None]:
    """Yield what the device's model says after a sequence, with the target's noise."""
    guesses: asyncio.Queue[Drafted | None] = asyncio.Queue()
    loop, drafter = asyncio.get_running_loop(), ModelDrafter(engine)

    def take(drafted: Drafted | None) -> bool:
        put_soon(loop, guesses, drafted)
        return drafted is not None

    drafter.start(tokens, sampling, seed, take)
    try:
        while (drafted := await guesses.get()) is not None:
            yield drafted.token
    finally:
        drafter.stop()


def put_soon(loop: asyncio.AbstractEventLoop, items: asyncio.Queue[ItemT], item: ItemT) -> None:
    """Put something into a queue of a loop; any thread may."""
    with suppress(RuntimeError):  # the loop has ended, and nobody waits
        loop.call_soon_threadsafe(items.put_nowait, item)
