"""How long a pass may be so that its logits are those of single-token passes, bit for bit.

llama.cpp computes passes of different lengths with different kernels, so it is a
property of model, build, machine and settings, and is measured where it is needed:
when the weights are loaded. The times of the passes are a by-product.

What is covered: passes of one sequence, of two and of all, behind a prefilled text,
in English and in Arabic. What is not covered: other lengths of text, other loads. A
bound that was measured is no proof.
"""

from __future__ import annotations

import time
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import takewhile

import numpy as np

from jisr.engine.llama import Append, Context, Logits, Vocabulary

MAX_BLOCK = 16
"""Longest pass that is measured."""
NUM_TEXT = 48
"""Tokens that are prefilled before the blocks."""
TEXTS = (
    "A bridge is more than a road over water. People meet on it, goods change hands, news comes "
    "from the other side; and where a bridge is missing, two villages that can see each other's "
    "smoke stay strangers for a hundred years. So the old builders chose the place with care.",
    "الجسر أكثر من طريق فوق الماء؛ عليه يلتقي الناس، وتتبادل البضائع، وتأتي الأخبار من الضفة "
    "الأخرى. وحيث لا جسر تبقى قريتان ترى كل منهما دخان الأخرى غريبتين مئة عام. ولذلك كان "
    "البناؤون القدماء يختارون المكان بعناية، ويبدؤون العمل في الصيف حين يقل الماء.",
)


@dataclass(frozen=True, slots=True)
class Exactness:
    """What was measured of a loaded model."""

    strict_block: int
    """Most tokens of a pass whose logits are those of single-token passes; 1 to `MAX_BLOCK`."""
    pass_ms: tuple[float, ...]
    """Time of a pass over 1, 2 … `MAX_BLOCK` tokens, as far as the context has room."""


NOT_MEASURED = Exactness(1, ())


def measure(context: Context, vocabulary: Vocabulary) -> Exactness:
    """Compare and time passes of every length; the context is empty before and after.

    It takes about a hundred passes: some seconds for a small model, half a minute for a large one.
    """
    most = min(MAX_BLOCK, context.batch_tokens, context.context_tokens - 1)
    lengths = range(1, most + 1)
    english, arabic = (vocabulary.tokenize(text, parse_special=False) for text in TEXTS)
    text = _Text(context, english, most)
    # all lengths, and twice, for their times; the others only as far as they can matter
    is_exact = [text.is_exact(n) for _ in range(2) for n in lengths]
    text.clear()
    strict_block = _num_first([all(is_exact[n - 1 :: most]) for n in lengths])
    other = _Text(context, arabic, most)
    strict_block = _num_first(
        all(other.is_exact(*split) for split in _splits(n, context.num_sequences))
        for n in range(1, strict_block + 1)
    )
    other.clear()
    return Exactness(max(1, strict_block), tuple(text.best_ms[n] for n in lengths))


def _splits(length: int, num_sequences: int) -> Iterator[tuple[int, ...]]:
    """Yield ways to give the tokens of a pass to sequences: to one, to two, and to all."""
    for count in sorted({1, min(2, length, num_sequences), min(length, num_sequences)}):
        yield tuple((length + i) // count for i in reversed(range(count)))


def _num_first(holds: Iterable[bool]) -> int:
    return sum(1 for _ in takewhile(bool, holds))


class _Text:
    """A text that is prefilled, and a block behind it that is computed in passes of any length."""

    def __init__(self, context: Context, tokens: Sequence[int], num_block: int) -> None:
        tokens = tokens[-min(NUM_TEXT + num_block, context.context_tokens) :]
        self.best_ms: dict[int, float] = {}
        """Shortest time of each length, of one sequence."""
        self._context = context
        self._start = len(tokens) - num_block
        self._block = tokens[self._start :]
        self._seq_ids = range(context.num_sequences)
        self._pass([Append(0, 0, tokens[: self._start], 0)])
        for seq_id in self._seq_ids[1:]:
            context.copy(0, seq_id)
        self._singles = [self._pass([self._append(0, at, 1)])[0].copy() for at in range(num_block)]

    def is_exact(self, *lengths: int) -> bool:
        """Whether a pass over so many tokens of each sequence gives the bits of single ones."""
        for seq_id in self._seq_ids:
            self._context.truncate(seq_id, self._start)
        appends = [self._append(seq_id, 0, length) for seq_id, length in enumerate(lengths)]
        began_s = time.perf_counter()
        found = self._pass(appends)
        if len(appends) == 1:
            took_ms = (time.perf_counter() - began_s) * 1000
            self.best_ms[lengths[0]] = min(took_ms, self.best_ms.get(lengths[0], took_ms))
        return all(
            np.array_equal(rows, np.concatenate(self._singles[: len(rows)])) for rows in found
        )

    def clear(self) -> None:
        """Leave the context empty."""
        for seq_id in self._seq_ids:
            self._context.truncate(seq_id, 0)

    def _append(self, seq_id: int, at: int, length: int) -> Append:
        return Append(seq_id, self._start + at, self._block[at : at + length], length)

    def _pass(self, appends: Sequence[Append]) -> list[Logits]:
        rows = self._context.decode(appends)
        assert rows is not None, "nobody aborts while the weights are loaded"
        return rows
