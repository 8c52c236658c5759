"""What Jisr adds in front of a cloud: latency, throughput, processor time and memory.

A real `jisr serve`, without weights and with its ledger, on one core; a scripted
upstream that answers at once, and the load, on the other. Direct and through the
gateway are asked in turns, so that what else the machine does bears on both.

Throughput is measured twice: with answers that come at once, and with answers
whose ten pieces come one after the other, so that each is a write of its own.

In the end it looks at how soon the command line is there.

What is covered: the whole way of a streamed turn, from the socket of the client
to that of the cloud and back, privacy and ledger included.
What is not covered: TLS, and any distance to the cloud.
"""

from __future__ import annotations

import asyncio
import os
import random
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from statistics import median
from typing import Any

from jisr.bench.behaviours import Behaviour
from jisr.bench.children import Child, pinned, started
from jisr.bench.load import Load, Report, quantile, run
from jisr.bench.startup import help_ms
from jisr.errors import BackendBroken, BenchError

APART_S = 0.001
"""Pause between the pieces of an answer that does not come at once."""
REQUESTS_A_ROUND = 100
NUM_PARTS = 10
NUM_PARTS_APART = 3
"""Parts of the throughput load; memory is compared from after the first to after the last."""
WORDS = (
    *("bridge", "river", "stone", "water", "arch", "rope", "deck", "tower", "cable", "weight"),
    *("جسر", "نهر", "حجر", "ماء", "قوس", "حبل", "برج", "وزن", "طريق", "ريح"),
)
NUM_WORDS = 40
"""Of the question."""
MEGABYTE = 2**20

Row = dict[str, Any]


@dataclass(frozen=True, slots=True, kw_only=True)
class GatewayLoad:
    """How much is asked."""

    num_requests: int = 20_000
    num_connections: int = 32
    num_rounds: int = 9
    """Pairs of a direct and a gateway load for the added latency."""
    seed: int = 0


@dataclass(slots=True)
class Measured:
    """What was measured."""

    figures: dict[str, float] = field(default_factory=dict)
    rows: list[Row] = field(default_factory=list)


def measure(asked: GatewayLoad) -> Measured:
    """Start what is needed, measure it and stop it.

    Raises:
        BenchError: This is not Linux.
        BackendUnavailable: The gateway or the upstream did not start.
        BackendBroken: One of them gave no whole answer.
    """
    if not hasattr(os, "sched_setaffinity"):
        raise BenchError("This benchmark runs on Linux only: it chooses cores and reads /proc.")
    cores = sorted(os.sched_getaffinity(0))
    ours, theirs = cores[:1], cores[1:2] or cores[:1]
    measured = Measured()
    pause = ("--pause", str(APART_S))
    with (
        pinned(theirs),
        started("jisr.bench.upstream", "--until-eof", *pause, cores=theirs) as upstream,
    ):
        question = _question(asked.seed)
        direct = Load(base_url=f"{upstream.url}/v1", model=Behaviour.OK, text=question)
        with _gateway(upstream, Behaviour.OK, ours) as gateway:
            through = Load(base_url=f"{gateway.url}/v1", model="jisr", text=question)
            _latency(measured, asked, direct, through)
            _at_once(measured, asked, direct, through, gateway)
        with _gateway(upstream, Behaviour.SLOW, ours) as gateway:
            through = replace(through, base_url=f"{gateway.url}/v1")
            _apart(measured, asked, through, gateway)
        measured.figures["help_ms"] = help_ms()
    return measured


@contextmanager
def _gateway(upstream: Child, behaviour: Behaviour, cores: Sequence[int]) -> Iterator[Child]:
    """Run a Jisr that leaves every turn to the upstream, with an empty home."""
    settings = {
        "device.enabled": "false",
        "wish": "prefer_cloud",
        "cloud.base_url": f"{upstream.url}/v1",
        "cloud.model": behaviour.value,
    }
    words = [word for name, value in settings.items() for word in ("--set", f"{name}={value}")]
    with started("jisr", *words, "serve", "--port", "0", "--until-eof", cores=cores) as child:
        yield child


def _latency(measured: Measured, asked: GatewayLoad, direct: Load, through: Load) -> None:
    """Ask over one connection, directly and through the gateway by turns."""
    for load in (direct, through):
        _run(load, REQUESTS_A_ROUND)  # connections, caches and the ledger's file are new
    direct_ms: list[float] = []
    through_ms: list[float] = []
    added_ms: list[float] = []
    for number in range(asked.num_rounds):
        pair = [_last_ms(_run(load, REQUESTS_A_ROUND)) for load in (direct, through)]
        added_ms.append(median(pair[1]) - median(pair[0]))
        direct_ms += pair[0]
        through_ms += pair[1]
        measured.rows.append(
            {
                "measure": "latency",
                "round": number,
                "direct_p50_ms": median(pair[0]),
                "gateway_p50_ms": median(pair[1]),
                "added_ms": added_ms[-1],
            }
        )
    measured.figures |= {
        "gateway_added_ms": median(added_ms),
        "gateway_added_p99_ms": quantile(through_ms, 0.99) - quantile(direct_ms, 0.99),
        "direct_p50_ms": median(direct_ms),
        "gateway_p50_ms": median(through_ms),
    }


def _at_once(
    measured: Measured, asked: GatewayLoad, direct: Load, through: Load, gateway: Child
) -> None:
    """Ask over many connections; look at the gateway's time and memory after each part."""
    size = max(asked.num_requests // NUM_PARTS, asked.num_connections)
    alone = _run(direct, size, asked.num_connections)
    parts = [
        _part("at_once", through, size, asked.num_connections, gateway) for _ in range(NUM_PARTS)
    ]
    measured.rows += parts
    measured.figures |= {
        "gateway_rps": median(part["rps"] for part in parts),
        "gateway_p99_ms": median(part["p99_ms"] for part in parts),
        "gateway_cpu_ms": median(part["cpu_ms"] for part in parts),
        "gateway_memory_mb": parts[-1]["memory_mb"],
        "gateway_memory_growth_mb": parts[-1]["memory_mb"] - parts[0]["memory_mb"],
        "gateway_num_failed": sum(part["num_failed"] for part in parts),
        "direct_rps": alone.figures()["rps"],
        "num_requests": size * NUM_PARTS,
        "num_connections": asked.num_connections,
    }


def _apart(measured: Measured, asked: GatewayLoad, through: Load, gateway: Child) -> None:
    """The same, with pieces that come one by one."""
    size = max(asked.num_requests // NUM_PARTS, asked.num_connections)
    parts = [
        _part("apart", through, size, asked.num_connections, gateway)
        for _ in range(NUM_PARTS_APART)
    ]
    measured.rows += parts
    measured.figures |= {
        "gateway_apart_rps": median(part["rps"] for part in parts),
        "gateway_apart_cpu_ms": median(part["cpu_ms"] for part in parts),
    }


def _part(pieces: str, load: Load, num_requests: int, num_connections: int, child: Child) -> Row:
    before_s = child.cpu_s()
    report = _run(load, num_requests, num_connections)
    used_s = child.cpu_s() - before_s
    return {
        "measure": "throughput",
        "pieces": pieces,
        "rps": report.figures()["rps"],
        "p99_ms": report.figures()["last_p99_ms"],
        "cpu_ms": 1000 * used_s / num_requests,
        "memory_mb": child.resident_bytes() / MEGABYTE,
        "num_failed": len(report.failures),
        "first_failure": report.failures[0] if report.failures else None,
    }


def _run(load: Load, num_requests: int, num_connections: int = 1) -> Report:
    asked = replace(load, num_requests=num_requests, num_connections=num_connections)
    report = asyncio.run(run(asked))
    if not report.samples:
        raise BackendBroken(f"{load.base_url} gave no whole answer: {report.failures[0]}")
    return report


def _last_ms(report: Report) -> list[float]:
    return [sample.last_ms for sample in report.samples]


def _question(seed: int) -> str:
    """Return a question of ordinary length in two scripts, with nothing private in it."""
    return " ".join(random.Random(seed).choices(WORDS, k=NUM_WORDS))
