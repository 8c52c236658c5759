"""What the rows of `jisr bench joint` come to: its figures."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from statistics import mean
from typing import NamedTuple

from jisr.bench.joint_tables import comparisons
from jisr.bench.joint_turn import Row, Way, is_good, of_turns, pairs, ratio
from jisr.joint.wire import TOKEN_BYTES

GROUPS = {"code": ("coding",), "arithmetic": ("math_reasoning", "math")}
"""Categories that a figure speaks of together."""
USUAL_RTT = "20"
POSITIONS = (1, 2, 4, 8)
"""Places in a block whose acceptance is a figure."""

Figures = Iterator[tuple[str, float]]


class Speedup(NamedTuple):
    """How one question's joint answer compares with the streamed one."""

    target: str
    rtt: str
    """Round trip in milliseconds."""
    category: str
    ratio: float


def figures(rows: Sequence[Row]) -> dict[str, float]:
    """Return all that can be said of the rows there are; what was not measured is left out."""
    asked = [row for row in rows if row["measure"] in ("turn", "at_once")]
    return {
        **dict(_passes(rows)),
        **dict(_speedups(rows)),
        **dict(_predicted(rows)),
        **dict(_bytes(rows)),
        **dict(_exactness(rows)),
        **dict(_throughput(rows)),
        "failed_turns": sum(not is_good(row) for row in asked),
    }


def speedups(rows: Sequence[Row]) -> list[Speedup]:
    """Return how each question's joint answer for speed compares with the streamed one."""
    return [
        Speedup(it["target"], f"{it['rtt_ms']:g}", it["category"], ratio(ways))
        for it, ways in pairs(rows)
        if Way.FAST in ways
    ]


def acceptance_by_position(rows: Iterable[Row], fewest: int = 1) -> dict[int, float]:
    """Return, by place in the block from 1, how often a draft was right where it was judged.

    It was judged if all before it in its block were right; places where fewer than
    `fewest` were judged are left out.
    """
    judged: dict[int, list[bool]] = defaultdict(list)
    for row in rows:
        for verdict in row.get("trace", ()):
            num_drafted = verdict["accepted"] + verdict["rejected"]
            for position in range(1, min(num_drafted, verdict["accepted"] + 1) + 1):
                judged[position].append(position <= verdict["accepted"])
    return {
        position: mean(those) for position, those in sorted(judged.items()) if len(those) >= fewest
    }


def of_way(rows: Iterable[Row], way: Way) -> list[Row]:
    """Return the rows of a way that went as they should, one question at a time."""
    return [row for row in of_turns(rows) if row["way"] == way]


def _passes(rows: Sequence[Row]) -> Figures:
    for way in (Way.CHEAP, Way.FAST):
        those = of_way(rows, way)
        if those:
            yield f"passes_per_token_{way}", mean(row["passes_per_token"] for row in those)
            yield f"passes_per_token_{way}_total", _share(those, "passes", "tokens")
    fast = of_way(rows, Way.FAST)
    if any(row["drafted"] for row in fast):
        yield "acceptance", _share(fast, "accepted", "drafted")
        by_position = acceptance_by_position(fast)
        for position in POSITIONS:
            if position in by_position:
                yield f"acceptance_at_{position}", by_position[position]


def _share(rows: Sequence[Row], part: str, whole: str) -> float:
    share: float = sum(row[part] for row in rows) / sum(row[whole] for row in rows)
    return share


def _speedups(rows: Sequence[Row]) -> Figures:
    found = speedups(rows)
    for (target, rtt), ratios in _by(found, lambda it: (it.target, it.rtt)).items():
        yield f"speedup_{target}_rtt{rtt}", mean(ratios)
    usual = [it for it in found if it.rtt == USUAL_RTT]
    for (target, category), ratios in _by(usual, lambda it: (it.target, it.category)).items():
        yield f"speedup_{target}_rtt{USUAL_RTT}_{category}", mean(ratios)
    for group, categories in GROUPS.items():
        those = [it for it in usual if it.category in categories]
        for (target,), ratios in _by(those, lambda it: (it.target,)).items():
            yield f"speedup_{target}_rtt{USUAL_RTT}_{group}", mean(ratios)
    yield from _worst("category", usual)
    yield from _worst("category_and_rtt", found)


def _worst(name: str, found: Sequence[Speedup]) -> Figures:
    worst: dict[str, float] = {}
    for (target, *_), ratios in _by(found, lambda it: it[:3]).items():
        worst[target] = min(mean(ratios), worst.get(target, float("inf")))
    for target, value in worst.items():
        yield f"speedup_{target}_worst_{name}", value


def _by(
    found: Sequence[Speedup], key: Callable[[Speedup], tuple[str, ...]]
) -> Mapping[tuple[str, ...], list[float]]:
    groups: dict[tuple[str, ...], list[float]] = defaultdict(list)
    for it in found:
        groups[key(it)].append(it.ratio)
    return groups


def _predicted(rows: Sequence[Row]) -> Figures:
    found: dict[str, list[float]] = defaultdict(list)
    for row in comparisons(rows):
        name = f"{row['target']}_rtt{row['rtt_ms']:g}"
        found[f"predicted_speedup_{name}"].append(row["predicted_speedup"])
        found[f"predicted_stop_and_wait_speedup_{name}"].append(
            row["predicted_stop_and_wait_speedup"]
        )
        found[f"stop_and_wait_speedup_{name}"].append(row["stop_and_wait_speedup"])
    for name, values in found.items():
        known = [value for value in values if value is not None]
        if known:
            yield name, mean(known)


def _bytes(rows: Sequence[Row]) -> Figures:
    """Yield bytes a token; those of the prompt, which go up once in any case, apart."""
    fast = of_way(rows, Way.FAST)
    if not fast:
        return
    num_tokens = sum(row["tokens"] for row in fast)
    up = sum(row["bytes_up"] for row in fast)
    prompts = TOKEN_BYTES * sum(row["input_tokens"] for row in fast)
    yield "bytes_up_per_token", (up - prompts) / num_tokens
    yield "bytes_up_per_token_with_prompt", up / num_tokens
    yield "bytes_down_per_token", _share(fast, "bytes_down", "tokens")


def _exactness(rows: Sequence[Row]) -> Figures:
    for way, alone in ((Way.STRICT, Way.STRICT_ALONE), (Way.FAST, Way.STREAMING)):
        same = [
            ways[alone]["text_sha256"] == ways[way]["text_sha256"]
            for _, ways in pairs(rows)
            if way in ways and alone in ways
        ]
        if same:
            yield f"exact_share_{way}", mean(same)


def _throughput(rows: Sequence[Row]) -> Figures:
    """Yield the total tokens/s of many joint answers at once relative to as many streams."""
    rates: dict[tuple[str, str], list[Row]] = defaultdict(list)
    for row in rows:
        if row["measure"] == "at_once" and is_good(row):
            rates[row["target"], row["way"]].append(row)
    found: dict[str, float] = {}
    for (target, way), joint in rates.items():
        streamed = rates.get((target, Way.STREAMING), [])
        if way == Way.FAST and streamed:
            found[target] = _rate(joint) / _rate(streamed)
            yield f"throughput_ratio_8_{target}", found[target]
    if found:
        yield "throughput_ratio_8", min(found.values())


def _rate(rows: Sequence[Row]) -> float:
    """Return tokens a second; the rows of a run have its time in common."""
    seconds = sum({row["first"]: row["together_s"] for row in rows}.values())
    rate: float = sum(row["tokens"] for row in rows) / seconds
    return rate
