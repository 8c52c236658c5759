"""Tables of `jisr bench joint`: by way, and by category with what the formulas predict."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from statistics import mean
from typing import Any

from jisr.bench.joint_prediction import alpha_of, pays_above, predicted_ms_per_token
from jisr.bench.joint_turn import BLOCK, Pair, Row, Way, of_turns, pairs, ratio

OF_WAYS = (
    "tokens_per_s",
    "ttft_ms",
    "tpot_p50_ms",
    "tpot_p90_ms",
    "gap_p90_ms",
    "passes_per_token",
)
OF_CATEGORIES = (
    "streaming_ms",
    "stop_and_wait_ms",
    "fast_ms",
    "speedup",
    "stop_and_wait_speedup",
    "alpha",
    "draft_ms",
    "verify_ms",
    "predicted_stop_and_wait_ms",
    "predicted_pipelined_ms",
    "predicted_limit_ms",
    "predicted_ms",
    "predicted_speedup",
    "predicted_stop_and_wait_speedup",
    "pays_above",
)


def by_way(rows: Iterable[Row]) -> list[Row]:
    """Return means over the questions, by target, round trip and way."""
    found: dict[tuple[str, float, str], list[Row]] = defaultdict(list)
    for row in of_turns(rows):
        found[row["target"], row["rtt_ms"], row["way"]].append(row)
    return [
        {"measure": "way", "target": target, "rtt_ms": rtt_ms, "way": way, "num": len(those)}
        | _means(those, OF_WAYS)
        for (target, rtt_ms, way), those in found.items()
    ]


def comparisons(rows: Sequence[Row]) -> list[Row]:
    """Return, by target, round trip and category, what was measured and what was predicted.

    Times are milliseconds per token, the first one included; a value is None where
    what it is made of was not measured.
    """
    draft_ms = {
        row["id"]: row["tpot_mean_ms"] for row in of_turns(rows) if row["way"] == Way.DEVICE
    }
    found: dict[tuple[str, float, str], list[Row]] = defaultdict(list)
    for it, ways in pairs(rows):
        if Way.FAST in ways:
            key = it["target"], it["rtt_ms"], it["category"]
            found[key].append(_compared(ways, it["rtt_ms"], draft_ms.get(it["id"])))
    return [
        {"measure": "category", "target": target, "rtt_ms": rtt_ms, "category": category}
        | {"num": len(those), **_means(those, OF_CATEGORIES)}
        for (target, rtt_ms, category), those in sorted(found.items())
    ]


def short(row: Row) -> Row:
    """Return a row with its lists as words on a line.

    A word of the trace is a verdict: when it came (ms), drafts it accepted and those it
    did not, time of its pass (ms).
    """
    short = dict(row)
    if "block_lengths" in row:
        short["block_lengths"] = " ".join(map(str, row["block_lengths"]))
    if "trace" in row:
        short["trace"] = " ".join(
            f"{it['ms']:.1f}:{it['accepted']}+{it['rejected']}:{it['service_ms']:.1f}"
            for it in row["trace"]
        )
    return short


def _means(rows: Sequence[Row], names: Iterable[str]) -> Row:
    means: dict[str, Any] = {}
    for name in names:
        known = [row[name] for row in rows if row.get(name) is not None]
        means[name] = mean(known) if known else None
    return means


def _compared(ways: Pair, rtt_ms: float, draft_ms: float | None) -> Row:
    row: Row = {f"{way}_ms": 1000 / it["tokens_per_s"] for way, it in ways.items()}
    row["speedup"] = ratio(ways)
    waiting = ways.get(Way.STOP_AND_WAIT)
    if waiting is None:
        return row
    row["stop_and_wait_speedup"] = ratio(ways, Way.STOP_AND_WAIT)
    passes = [it for it in waiting.get("trace", ()) if it["accepted"] + it["rejected"]]
    if draft_ms is None or not passes:
        return row
    return row | _predicted(passes, rtt_ms, draft_ms, row["streaming_ms"])


def _predicted(passes: Sequence[Row], rtt_ms: float, draft_ms: float, alone_ms: float) -> Row:
    """Return what the formulas make of the passes of stop-and-wait and of a draft's time."""
    alpha = alpha_of(mean(it["tokens"] for it in passes), BLOCK)
    verify_ms = mean(it["service_ms"] for it in passes)
    times = {"t_d": draft_ms, "t_v": verify_ms, "t_t": alone_ms, "rtt": rtt_ms}
    predicted = predicted_ms_per_token(alpha=alpha, g=BLOCK, **times)
    return {
        "alpha": alpha,
        "draft_ms": draft_ms,
        "verify_ms": verify_ms,
        "predicted_stop_and_wait_ms": predicted.stop_and_wait_ms,
        "predicted_pipelined_ms": predicted.pipelined_ms,
        "predicted_limit_ms": predicted.limit_ms,
        "predicted_ms": predicted.ahead_ms,
        "predicted_speedup": predicted.speedup,
        "predicted_stop_and_wait_speedup": alone_ms / predicted.stop_and_wait_ms,
        "pays_above": pays_above(**times),
    }
