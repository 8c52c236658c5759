"""A context without a model: its logits are a pure function of what a sequence holds.

So a test can say what a sequence must give, whatever was batched, cached, copied
or aborted on the way, and a wrong position or a stale token changes the answer.
"""

import threading
import zlib
from collections.abc import Callable, Sequence

import numpy as np

from jisr.engine.llama import Append, Context, Logits
from jisr.errors import EngineError

NUM_VOCAB = 16
GATE_TIMEOUT_S = 20.0


def next_token(tokens: Sequence[int]) -> int:
    return zlib.crc32(bytes(token % 256 for token in tokens)) % NUM_VOCAB


def row_of(tokens: Sequence[int]) -> Logits:
    logits = np.zeros(NUM_VOCAB, np.float32)
    logits[next_token(tokens)] = 1
    return logits


class ExactContext(Context):
    """Keeps tokens where a real one keeps keys and values, and checks every call."""

    def __init__(
        self, *, num_sequences: int = 3, batch_tokens: int = 8, can_truncate: bool = True
    ) -> None:
        self.num_sequences = num_sequences
        self.batch_tokens = batch_tokens
        self.context_tokens = 4096
        self.can_truncate = can_truncate
        self.held: list[list[int]] = [[] for _ in range(num_sequences)]
        self.passes: list[list[Append]] = []
        self.num_aborted = 0
        self.is_aborting = False
        self.before_pass: Callable[[int], None] = lambda number: None
        """Called with the number of each pass; may raise, wait or abort."""

    def decode(self, appends: Sequence[Append]) -> list[Logits] | None:
        ids = [append.seq_id for append in appends]
        assert ids == sorted(set(ids)), "neighbours in order, each at most once"
        assert 0 < sum(len(append.tokens) for append in appends) <= self.batch_tokens
        self.passes.append(list(appends))
        for append in appends:
            assert append.position == len(self.held[append.seq_id])
            assert 0 <= append.num_rows <= len(append.tokens)
            assert append.tokens
        self.before_pass(len(self.passes))
        if self.is_aborting:
            self.num_aborted += 1
            self.held[ids[0]].extend(appends[0].tokens)  # a part of it was done
            return None
        for append in appends:
            self.held[append.seq_id].extend(append.tokens)
        return [self._rows(append) for append in appends]

    def _rows(self, append: Append) -> Logits:
        held = self.held[append.seq_id]
        ends = range(len(held) - append.num_rows + 1, len(held) + 1)
        rows = [row_of(held[:end]) for end in ends]
        return np.array(rows, np.float32).reshape(-1, NUM_VOCAB)

    def abort(self) -> None:
        self.is_aborting = True

    def clear_abort(self) -> None:
        self.is_aborting = False

    def truncate(self, seq_id: int, num_tokens: int) -> bool:
        if not self.can_truncate and 0 < num_tokens < len(self.held[seq_id]):
            return False
        del self.held[seq_id][num_tokens:]
        return True

    def copy(self, source: int, target: int) -> None:
        assert not self.held[target], "the target of a copy must be empty"
        self.held[target] = list(self.held[source])

    def close(self) -> None:
        self.held = []


class ShapedContext(ExactContext):
    """Its logits change with the shape of the passes that a sequence was computed in.

    Like a real one's last bits, but always: two ways to compute a sequence agree only
    if all their passes of more than `strict_block` tokens are the same.
    """

    def __init__(self, *, strict_block: int, num_sequences: int = 3, batch_tokens: int = 8) -> None:
        super().__init__(num_sequences=num_sequences, batch_tokens=batch_tokens)
        self.strict_block = strict_block
        self.shapes: list[list[int]] = [[] for _ in range(num_sequences)]

    def _rows(self, append: Append) -> Logits:
        shapes = self.shapes[append.seq_id]
        num_tokens = sum(len(other.tokens) for other in self.passes[-1])
        shapes += shapes_of(append.position, len(append.tokens), num_tokens, self.strict_block)
        held = self.held[append.seq_id]
        assert len(held) == len(shapes)
        ends = range(len(held) - append.num_rows + 1, len(held) + 1)
        rows = [row_of([*held[:end], *shapes[:end]]) for end in ends]
        return np.array(rows, np.float32).reshape(-1, NUM_VOCAB)

    def truncate(self, seq_id: int, num_tokens: int) -> bool:
        is_done = super().truncate(seq_id, num_tokens)
        if is_done:
            del self.shapes[seq_id][num_tokens:]
        return is_done

    def copy(self, source: int, target: int) -> None:
        super().copy(source, target)
        self.shapes[target] = list(self.shapes[source])


def shapes_of(position: int, length: int, num_tokens: int, strict_block: int) -> list[int]:
    if num_tokens <= strict_block:
        return [0] * length
    return [1 + zlib.crc32(b"%d %d %d" % (position, length, num_tokens)) % 255] * length


def strict_output(
    prompt: Sequence[int], strict_prompt: int, length: int, batch_tokens: int, strict_block: int
) -> list[int]:
    """Return what follows a prompt that is prefilled alone, and then token by token."""
    shapes: list[int] = []
    while len(shapes) < strict_prompt:
        size = min(batch_tokens, strict_prompt - len(shapes))
        shapes += shapes_of(len(shapes), size, size, strict_block)
    tokens = list(prompt)
    for _ in range(length):
        shapes += [0] * (len(tokens) - len(shapes))
        tokens.append(next_token([*tokens, *shapes]))
    return tokens[len(prompt) :]


class Gate:
    """Holds a pass until it is opened, or the context aborts."""

    def __init__(self, context: ExactContext, number: int) -> None:
        self._context, self._number = context, number
        self._opened, self.reached = threading.Event(), threading.Event()
        context.before_pass = self._hold

    def _hold(self, number: int) -> None:
        if number != self._number:
            return
        self.reached.set()
        for _ in range(int(GATE_TIMEOUT_S / 0.001)):
            if self._opened.wait(0.001) or self._context.is_aborting:
                return
        raise EngineError("the gate was never opened")

    def open(self) -> None:
        self._opened.set()
