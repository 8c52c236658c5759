"""A preview on a terminal: two columns side by side, then what was found.

Lines of Arabic stand to the right of their column, and each line is a text of its own for
the terminal (Unicode's isolates), so that placeholders do not change the order of words.
"""

from __future__ import annotations

import re
import shutil
import textwrap
from collections.abc import Iterator, Mapping
from itertools import zip_longest
from typing import Any

NARROWEST, WIDEST = 24, 60
"""Characters of a column."""
BETWEEN = " │ "
NOTHING = "— nothing: it stays on the device —"
_ISOLATE, _END = "\u2068", "\u2069"
_RIGHT_TO_LEFT = re.compile("[\u0590-\u08ff]")
_LEFT_TO_RIGHT = re.compile("[A-Za-z]")
_PLACEHOLDER = re.compile(r"<[A-Z_]+_\d+>")
_INVISIBLE = re.compile(r"[\u064b-\u065f\u0670\u200b-\u200f\u202a-\u202e\u2060-\u2069\ufeff]")
_CONTROL = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f]")


def shown(told: Mapping[str, Any]) -> str:
    """Return a preview, as the endpoint tells it, in words for people."""
    return "\n".join([*_columns(told), "", *_findings(told), "", *_decided(told)])


def _columns(told: Mapping[str, Any]) -> Iterator[str]:
    width = _width()
    leaves = told["place"] in ("cloud", "joint")
    yield _beside("You wrote", "Would leave" if leaves else "Would leave, if it went away", width)
    yield f"{'─' * width}─┼─{'─' * width}"
    outbound = told["outbound"] or [{"content": NOTHING}]
    for number, (before, after) in enumerate(zip_longest(told["messages"], outbound)):
        if number:
            yield _beside("", "", width)
        left, right = (_lines(it["content"] if it else "", width) for it in (before, after))
        yield from (_beside(*row, width) for row in zip_longest(left, right, fillvalue=""))


def _findings(told: Mapping[str, Any]) -> Iterator[str]:
    if not told["findings"]:
        yield "Nothing private was found."
        return
    yield "Found:"
    for it in told["findings"]:
        leaves = "" if it["leaves_as"] is None else f" → {_isolated(it['leaves_as'])}"
        yield (
            f"  {it['entity_type']:<18} {it['score']:.2f}  {it['action']}{leaves}"
            f"  {_isolated(it['text'])}  ({_plain(it['why'])})"
        )


def _decided(told: Mapping[str, Any]) -> Iterator[str]:
    if told["must_stay"]:
        yield f"It stays on the device: {told['stay_reason']}."
        yield _isolated(f"يبقى على الجهاز: {told['stay_reason_arabic']}.")
    elif told["sentence"]:
        yield told["sentence"]
        yield _isolated(told["sentence_arabic"])
    else:
        yield "Your limits leave no place for it: `jisr route` says which."
    yield f"Expected loss by redaction {told['redaction_loss']:.2f}, risk {told['risk']:.2f}" + (
        f" ({told['risk_sentence']})" if told["risk_sentence"] else ""
    )


def _width() -> int:
    columns = shutil.get_terminal_size().columns
    return max(NARROWEST, min(WIDEST, (columns - len(BETWEEN)) // 2))


def _lines(text: str, width: int) -> list[str]:
    lines = []
    for line in text.splitlines() or [""]:
        lines += textwrap.wrap(_plain(line), width, break_on_hyphens=False) or [""]
    return lines


def _beside(left: str, right: str, width: int) -> str:
    return f"{_aligned(left, width)}{BETWEEN}{_aligned(right, width)}".rstrip()


def _aligned(line: str, width: int) -> str:
    """Return a line as wide as its column, to the right if it is read from there."""
    gap = " " * (width - len(_INVISIBLE.sub("", line)))
    if _is_right_to_left(line):
        return gap + _isolated(line)
    return line + gap


def _is_right_to_left(line: str) -> bool:
    words = _PLACEHOLDER.sub("", line)
    return len(_RIGHT_TO_LEFT.findall(words)) > len(_LEFT_TO_RIGHT.findall(words))


def _isolated(text: str) -> str:
    """Return a text whose direction does not change what stands around it."""
    text = _plain(text)
    if not _RIGHT_TO_LEFT.search(text):
        return text
    # Its first letter decides an isolate's direction: a placeholder is not to.
    mark = "\u200f" if _is_right_to_left(text) else ""
    return f"{_ISOLATE}{mark}{text}{_END}"


def _plain(text: str) -> str:
    """Return text without codes that a terminal would obey."""
    return _CONTROL.sub(" ", text.replace("\n", " ").expandtabs(4))
