"""One measured answer: the ways to get one, what is asked, and the row that tells of it."""

from __future__ import annotations

import hashlib
import time
from collections import defaultdict
from collections.abc import AsyncGenerator, Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import aclosing
from dataclasses import asdict, dataclass
from enum import StrEnum
from itertools import pairwise
from statistics import mean
from typing import Any

from jisr.bench.load import quantile
from jisr.errors import BackendBroken
from jisr.types import (
    Delta,
    Exact,
    Goal,
    JointOptions,
    JointUse,
    Message,
    Request,
    Role,
    Sampling,
    Wish,
)

Row = dict[str, Any]
CountTokens = Callable[[str], int]


class Way(StrEnum):
    """How an answer is come by."""

    STREAMING = "streaming"
    """The target decodes by itself and streams: what joint decoding has to beat."""
    STOP_AND_WAIT = "stop_and_wait"
    """Joint with one block of a fixed length at a time and nothing drafted ahead."""
    DEVICE = "device"
    """The drafter alone."""
    FAST = "fast"
    CHEAP = "cheap"
    STRICT = "strict"
    """Joint for speed, in passes that give the bits of single tokens."""
    STRICT_ALONE = "strict_alone"
    """The target alone, strictly: what a strict answer must be, token for token."""


BLOCK = 4
"""Drafted tokens of a block of stop-and-wait."""
JOINT = {
    Way.STOP_AND_WAIT: JointOptions(),
    Way.FAST: JointOptions(goal=Goal.FAST),
    Way.CHEAP: JointOptions(goal=Goal.CHEAP),
    Way.STRICT: JointOptions(exact=Exact.STRICT),
    Way.STRICT_ALONE: JointOptions(exact=Exact.STRICT),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Turn:
    """What the device is asked to do."""

    way: Way
    prompt: str
    max_tokens: int
    model: str = ""
    """Name of the target, as its service calls it."""
    url: str = ""
    """Where the target is, with the version part; the device alone needs neither."""

    def request(self) -> Request:
        """Return it as a turn of a user, greedy."""
        return Request(
            messages=(Message(Role.USER, self.prompt),),
            sampling=Sampling(max_output_tokens=self.max_tokens),
            wish=Wish.ONLY_CLOUD,  # what the device ended would pass for a joint answer
            joint=JOINT.get(self.way, JointOptions()),
        )

    def as_row(self) -> Row:
        """Return it as plain values."""
        return asdict(self)

    @classmethod
    def of_row(cls, row: Mapping[str, Any]) -> Turn:
        """Return the turn that was made a row."""
        return cls(**{**row, "way": Way(row["way"])})


async def timed(turn: Turn, deltas: AsyncGenerator[Delta, None], count_tokens: CountTokens) -> Row:
    """Take an answer to its end, close its stream, and return what it took.

    Raises:
        BackendBroken: It had no end, or told no usage.
        JisrError: It failed.
    """
    pieces: list[tuple[float, str]] = []
    started_s = time.perf_counter()
    async with aclosing(deltas):
        async for delta in deltas:
            now_s = time.perf_counter() - started_s
            if delta.text:
                pieces.append((now_s, delta.text))
            if delta.finish_reason is not None and delta.usage is not None:
                return _row(turn, pieces, now_s, delta, count_tokens)
    raise BackendBroken(f"The answer of {turn.way} had no end, or told no usage.")


def _row(
    turn: Turn,
    pieces: Sequence[tuple[float, str]],
    seconds: float,
    last: Delta,
    count_tokens: CountTokens,
) -> Row:
    usage, text = last.usage, "".join(piece for _, piece in pieces)
    assert usage and last.finish_reason, "the caller looked"
    return {
        "way": turn.way.value,
        "tokens": usage.output_tokens,
        "input_tokens": usage.input_tokens,
        "cached_tokens": usage.cached_tokens,
        "seconds": seconds,
        "tokens_per_s": usage.output_tokens / seconds,
        "ttft_ms": pieces[0][0] * 1000 if pieces else None,
        **gaps_ms(pieces, count_tokens),
        "finish_reason": last.finish_reason.value,
        "text_sha256": hashlib.sha256(text.encode("utf-8", "replace")).hexdigest(),
        **(of_use(last.joint, usage.output_tokens) if last.joint else {}),
    }


def gaps_ms(pieces: Sequence[tuple[float, str]], count_tokens: CountTokens) -> Row:
    """Return the times from piece to piece, and the same per token.

    A piece of n tokens counts as n times of an nth each; the first one is the TTFT's.
    """
    gaps = [(now_s - before_s) * 1000 for (before_s, _), (now_s, _) in pairwise(pieces)]
    per_token: list[float] = []
    for gap, (_, text) in zip(gaps, pieces[1:], strict=True):
        num_tokens = max(1, count_tokens(text))
        per_token += [gap / num_tokens] * num_tokens
    if not gaps:
        return dict.fromkeys(("tpot_mean_ms", "tpot_p50_ms", "tpot_p90_ms", "gap_p90_ms"))
    return {
        "tpot_mean_ms": mean(per_token),
        "tpot_p50_ms": quantile(per_token, 0.5),
        "tpot_p90_ms": quantile(per_token, 0.9),
        "gap_p90_ms": quantile(gaps, 0.9),
    }


def of_use(use: JointUse, num_tokens: int) -> Row:
    """Return what a joint turn took, per token too."""
    row = asdict(use)
    return row | {
        "block_lengths": list(use.block_lengths),
        "link_ms": row.pop("rtt_ms"),
        "goal": use.goal.value,
        "exact": use.exact.value,
        "passes_per_token": use.passes / max(1, num_tokens),
    }


Pair = Mapping[Way, Row]
"""The rows of one question, target and round trip, by way."""


def is_good(row: Row) -> bool:
    """Return whether a turn went as it should, jointly to its end if that was its way."""
    return "error" not in row and row.get("fallback") is None


def of_turns(rows: Iterable[Row]) -> list[Row]:
    """Return the rows of turns that went as they should, one question at a time."""
    return [row for row in rows if row["measure"] == "turn" and is_good(row)]


def pairs(rows: Iterable[Row]) -> Iterator[tuple[Row, Pair]]:
    """Yield the baseline's row of what was measured side by side, and all of it by way."""
    found: dict[tuple[object, ...], dict[Way, Row]] = defaultdict(dict)
    for row in of_turns(rows):
        found[row["target"], row["rtt_ms"], row["id"]][Way(row["way"])] = row
    for ways in found.values():
        if Way.STREAMING in ways:
            yield ways[Way.STREAMING], ways


def ratio(ways: Pair, way: Way = Way.FAST) -> float:
    """Return the tokens/s of a way relative to the baseline's."""
    speed: float = ways[way]["tokens_per_s"] / ways[Way.STREAMING]["tokens_per_s"]
    return speed
