"""Tables of `jisr bench privacy`: by type of theirs, by clean text, and how types were mapped."""

from __future__ import annotations

from collections.abc import Sequence

from jisr.bench.privacy import Found
from jisr.bench.privacy_counts import APART, OURS, Row, ours

NUM_NAMES = 3
"""Most types that are told as what a type was found as."""


def by_type(found: Sequence[Found]) -> list[Row]:
    """Return, for every type in the rows, how many spans there are and what became of them."""
    theirs = found[0].spans.private
    return [
        {
            "measure": "type",
            "type": kind,
            "is_apart": kind in APART,
            "ours": " ".join(ours(kind)),
            "num": num,
            **{
                it.finder.prefix + name: value
                for it in found
                for name, value in _of_type(it, kind, num).items()
            },
        }
        for kind, num in sorted(theirs.items(), key=lambda it: (it[0] in APART, -it[1]))
    ]


def _of_type(found: Found, kind: str, num: int) -> Row:
    counts = found.spans
    names = counts.found_as[kind].most_common(NUM_NAMES)
    return {
        "covered_share": round(counts.covered[kind] / num, 4),
        "named_share": round(counts.named[kind] / num, 4),
        "found_as": ", ".join(f"{name} {times}" for name, times in names),
    }


def by_clean_text(found: Sequence[Found]) -> list[Row]:
    """Return the false alarms in each kind of clean text, by the finder's own types."""
    return [
        {
            "measure": "clean",
            "text": kind,
            **{
                it.finder.prefix + "alarms": dict(it.clean[kind].alarms.most_common())
                for it in found
            },
        }
        for kind in found[0].clean
    ]


def mapping(found: Sequence[Found]) -> list[Row]:
    """Return the types of the rows, and the types of ours that name them."""
    return [
        {"measure": "mapping", "theirs": kind, "ours": list(ours(kind)), "is_apart": kind in APART}
        for kind in sorted(set(found[0].spans.private) | set(OURS))
    ]
