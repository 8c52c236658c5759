"""How long a pass may be so that its logits are those of single-token passes, bit for bit.

llama.cpp computes passes of different lengths with different kernels, so it is a
property of model, build, machine and settings, and is measured where it is needed:
when the weights are loaded. The times of the passes are a by-product.

What is covered: passes of one sequence, of two and of all, behind a short prefilled
text, in English and in Arabic; behind longer ones, as far as the context has room, a few
passes of one sequence, and of two of which the other is short. What is not covered: other
lengths of text, other loads. A bound that was measured is no proof.
"""

from __future__ import annotations

import time
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import cycle, islice, takewhile

import numpy as np

from jisr.engine.llama import Append, Context, Logits, Vocabulary

MAX_BLOCK = 16
"""Longest pass that is measured."""
NUM_TEXT = 48
"""Tokens that are prefilled before the blocks that are timed."""
DEPTHS = (254, 300, 560)
"""Lengths of text behind which a few passes are compared too: attention takes other ways by the
cells of the KV cache that it reads, which come by 256, and on some only where there are threads."""
DEEP_LENGTHS = (2, 4)
"""What is compared there, besides the longest."""
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

    It takes some 180 passes and a few prefills: some seconds for a small model, three quarters of
    a minute for a large one.
    """
    most = min(MAX_BLOCK, context.batch_tokens, context.context_tokens - 1)
    lengths = range(1, most + 1)
    english, arabic = (vocabulary.tokenize(text, parse_special=False) for text in TEXTS)
    text = _Text(context, english, most)
    # all lengths, and twice, for their times; the others only as far as they can matter
    is_exact = [text.is_exact(n) for _ in range(2) for n in lengths]
    text.clear()
    strict_block = _num_first([all(is_exact[n - 1 :: most]) for n in lengths])
    other = _Text(context, arabic + english, most)
    strict_block = _num_first(
        all(other.is_exact(*split) for split in _splits(n, context.num_sequences))
        for n in range(1, strict_block + 1)
    )
    strict_block = _as_deep(other, strict_block, context, most)
    other.clear()
    return Exactness(max(1, strict_block), tuple(text.best_ms[n] for n in lengths))


def _as_deep(text: _Text, strict_block: int, context: Context, num_block: int) -> int:
    """Return how much of a strict block holds behind longer texts too, and beside them."""
    for depth in DEPTHS:
        if strict_block <= 1 or depth + num_block > context.context_tokens:
            break
        text.lengthen(depth)
        lengths = [*(n for n in DEEP_LENGTHS if n < strict_block), strict_block]
        holding = takewhile(
            lambda n: all(text.is_exact(*split) for split in _splits(n, context.num_sequences, 2)),
            lengths,
        )
        strict_block = max(holding, default=1)
    return strict_block


def _splits(length: int, num_sequences: int, most: int = MAX_BLOCK) -> Iterator[tuple[int, ...]]:
    """Yield ways to give the tokens of a pass to sequences: to one, to two, and to all."""
    most = min(most, length, num_sequences)
    for count in sorted({1, min(2, most), most}):
        yield tuple((length + i) // count for i in reversed(range(count)))


def _num_first(holds: Iterable[bool]) -> int:
    return sum(1 for _ in takewhile(bool, holds))


class _Text:
    """A text that is prefilled, and a block behind it that is computed in passes of any length."""

    def __init__(self, context: Context, tokens: Sequence[int], num_block: int) -> None:
        self.best_ms: dict[int, float] = {}
        """Shortest time of each length, of one sequence."""
        self._context = context
        self._num_block = num_block
        self._tokens = list(islice(cycle(tokens), context.context_tokens))
        self._starts = [0] * context.num_sequences
        """Where the block of each sequence starts."""
        self._singles: dict[int, Logits] = {}
        """The rows of single passes behind each start."""
        start = min(NUM_TEXT, context.context_tokens - num_block)
        self.lengthen(start)
        for seq_id in range(1, context.num_sequences):
            context.copy(0, seq_id)
            self._starts[seq_id] = start
        self._truncate()

    def lengthen(self, start: int) -> None:
        """Prefill the first sequence up to a place, and compute its block in single passes."""
        self._truncate()
        step = self._context.batch_tokens
        for begin in range(self._starts[0], start, step):
            piece = self._tokens[begin : min(begin + step, start)]
            self._pass([Append(0, begin, piece, 0)])
        self._starts[0] = start
        singles = [self._pass([self._append(0, at, 1)])[0].copy() for at in range(self._num_block)]
        self._singles[start] = np.concatenate(singles)

    def is_exact(self, *lengths: int) -> bool:
        """Whether a pass over so many tokens of each sequence gives the bits of single ones."""
        self._truncate()
        appends = [self._append(seq_id, 0, length) for seq_id, length in enumerate(lengths)]
        began_s = time.perf_counter()
        found = self._pass(appends)
        if len(appends) == 1:
            took_ms = (time.perf_counter() - began_s) * 1000
            self.best_ms[lengths[0]] = min(took_ms, self.best_ms.get(lengths[0], took_ms))
        return all(
            np.array_equal(rows, self._singles[start][: len(rows)])
            for rows, start in zip(found, self._starts, strict=False)
        )

    def clear(self) -> None:
        """Leave the context empty."""
        self._starts = [0] * len(self._starts)
        self._truncate()

    def _truncate(self) -> None:
        for seq_id, start in enumerate(self._starts):
            self._context.truncate(seq_id, start)

    def _append(self, seq_id: int, at: int, length: int) -> Append:
        position = self._starts[seq_id] + at
        return Append(seq_id, position, self._tokens[position : position + length], length)

    def _pass(self, appends: Sequence[Append]) -> list[Logits]:
        rows = self._context.decode(appends)
        assert rows is not None, "nobody aborts while the weights are loaded"
        return rows
