"""A site without weights: what a turn takes is written down."""

import hashlib
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

from jisr.bench.joint_site import Site
from jisr.bench.joint_turn import JOINT, Row, Turn, Way

TOKEN_MS = {
    Way.STREAMING: 100.0,
    Way.STOP_AND_WAIT: 80.0,
    Way.DEVICE: 20.0,
    Way.FAST: 50.0,
    Way.CHEAP: 60.0,
    Way.STRICT: 90.0,
    Way.STRICT_ALONE: 100.0,
}
VERDICTS = [
    {"ms": 1.0, "tokens": 1, "accepted": 0, "rejected": 0, "service_ms": 90.0},
    {"ms": 2.0, "tokens": 5, "accepted": 4, "rejected": 0, "service_ms": 190.0},
    {"ms": 3.0, "tokens": 3, "accepted": 2, "rejected": 2, "service_ms": 210.0},
]


def joint_row(num_tokens: int) -> Row:
    """Return what a joint turn adds to its row."""
    return {
        "drafted": 8,
        "accepted": 6,
        "passes": num_tokens // 4,
        "passes_per_token": num_tokens // 4 / num_tokens,
        "bytes_up": 30 + 10 * num_tokens,
        "bytes_down": 5 * num_tokens,
        "fallback": None,
        "block_lengths": [4, 4],
        "trace": VERDICTS,
    }


def turn_row(turn: Turn, **more: Any) -> Row:
    """Return the row of a turn that went as it was written down."""
    token_ms = TOKEN_MS[turn.way]
    return {
        "way": turn.way.value,
        "tokens": turn.max_tokens,
        "input_tokens": 10,
        "seconds": turn.max_tokens * token_ms / 1000,
        "tokens_per_s": 1000 / token_ms,
        **dict.fromkeys(("ttft_ms", "tpot_mean_ms", "tpot_p50_ms", "tpot_p90_ms"), token_ms),
        "gap_p90_ms": token_ms,
        "text_sha256": hashlib.sha256(turn.prompt.encode()).hexdigest(),
        **(joint_row(turn.max_tokens) if turn.way in JOINT else {}),
        **more,
    }


@dataclass
class ScriptedSetup:
    """Makes sites whose device notes what it is asked, and may be interrupted."""

    asked: list[tuple[Turn, ...]] = field(default_factory=list)
    interrupt_at: int | None = None
    """Number of asks after which Ctrl-C comes."""
    fails: frozenset[Way] = frozenset()
    started: list[str] = field(default_factory=list)
    weights: str = "weights"

    def identity(self, target: str) -> str:
        return f"{target} {self.weights}"

    @contextmanager
    def site(self, target: str) -> Iterator[Site]:
        self.started.append(target)
        urls = {rtt_ms: f"http://127.0.0.1:{1000 + rtt_ms:g}/v1" for rtt_ms in (0.0, 20.0, 60.0)}
        yield Site(self, target, urls)

    def ask(self, turns: Sequence[Turn]) -> Row:
        if len(self.asked) == self.interrupt_at:
            raise KeyboardInterrupt
        self.asked.append(tuple(turns))
        rows = [
            {"way": turn.way.value, "error": "backend_broken", "message": "It broke."}
            if turn.way in self.fails
            else turn_row(turn)
            for turn in turns
        ]
        return {"seconds": max(row.get("seconds", 0) for row in rows), "rows": rows}
