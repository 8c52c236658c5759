"""The page `docs/results.md`: the last result of every benchmark, and the targets beside it."""

from __future__ import annotations

from pathlib import Path

from jisr.bench.report import Result

FOLDER = Path("docs/results")

TARGETS: dict[str, tuple[str, float]] = {
    "decode_ratio": ("≥", 0.97),
    "throughput_ratio_1": ("≥", 0.95),
    "throughput_ratio_4": ("≥", 0.95),
    "throughput_ratio_8": ("≥", 0.95),
    "followup_ttft_ratio": ("≤", 1.15),
    "added_ttft_ms": ("≤", 5),
    "gateway_added_ms": ("≤", 2),
    "gateway_rps": ("≥", 500),
    "gateway_memory_growth_mb": ("≤", 10),
    "help_ms": ("≤", 300),
    "passes_per_token_cheap": ("≤", 0.30),
    "speedup_bf16_rtt20": ("≥", 1.4),
    "speedup_bf16_rtt60": ("≥", 1.15),
    "speedup_bf16_rtt20_code": ("≥", 1.8),
    "speedup_bf16_rtt20_arithmetic": ("≥", 1.8),
    "speedup_bf16_worst_category": ("≥", 0.95),
    "bytes_up_per_token": ("≤", 16),
    "bytes_down_per_token": ("≤", 16),
    "exact_share_strict": ("≥", 1),
    "joint.throughput_ratio_8": ("≥", 1),
    "privacy.covered_share": ("≥", 0.95),
    "privacy.f2": ("≥", 0.93),
    "privacy.precision": ("≥", 0.90),
    "privacy.address_covered_share": ("≥", 0.90),
    "privacy.ms_per_text": ("≤", 6),
    "privacy.strings_left_share": ("≤", 0.03),
    "guard.auroc": ("≥", 0.80),
    **{f"guard.auroc_{kind}": ("≥", 0.70) for kind in ("number", "choice", "short", "grounded")},
    "guard.ece": ("≤", 0.05),
    "guard.risk_kept_share": ("≥", 0.95),
    "guard.unanswerable_withheld_share": ("≥", 0.85),
    "guard.answerable_answered_share": ("≥", 0.75),
    "guard.short_wrong_share": ("≤", 0.05),
    "guard.added_time_share": ("≤", 0.15),
}
"""What was promised of a figure; the rest are told without one. Where two benchmarks have a
figure of the same name, that of one is named with it."""

INTRODUCTION = """\
# Results

Written out of `docs/results/*.json` by `make docs`; `make bench` measures anew. Machines are
shared and noisy: trust the ratios, measured side by side in one run, more than the times.
"""


def target_of(benchmark: str, figure: str) -> tuple[str, float] | None:
    """Return what was promised of a benchmark's figure; None: nothing."""
    return TARGETS.get(f"{benchmark}.{figure}", TARGETS.get(figure))


def results_page(folder: Path = FOLDER) -> str:
    """Return the text of docs/results.md.

    Raises:
        BenchError: A file in the folder is no result.
    """
    found = [Result.read(path) for path in sorted(folder.glob("*.json"))]
    return INTRODUCTION + "".join(_section(result) for result in found)


def _section(result: Result) -> str:
    lines = [
        "",
        f"## {result.benchmark}",
        "",
        f"`{result.command}`, commit {result.commit}, seed {result.seed}; {result.machine}.",
        "",
        "| figure | measured | target | |",
        "|---|---|---|---|",
        *(_row(result.benchmark, name, value) for name, value in result.figures.items()),
    ]
    return "\n".join(lines) + "\n"


def _row(benchmark: str, name: str, value: float) -> str:
    sign, target = target_of(benchmark, name) or ("", 0.0)
    if not sign:
        return f"| `{name}` | {value:,.6g} | | |"
    is_met = value >= target if sign == "≥" else value <= target
    return f"| `{name}` | {value:,.6g} | {sign} {target:g} | {'met' if is_met else 'missed'} |"
