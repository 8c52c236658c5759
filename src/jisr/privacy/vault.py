r"""The placeholders of one turn, and the values they stand for.

A placeholder is put back in the forms models are seen to write it in:
- as it was sent, in either case: `<EMAIL_ADDRESS_1>`, `<email_address_1>`;
- with its brackets escaped for HTML or JSON: `&lt;…&gt;`, `\u003c…\u003e`;
- without brackets, in capitals and as a word of its own: `EMAIL_ADDRESS_1`.

What is not covered: other spellings (`EMAIL ADDRESS 1`, `<EMAIL\_ADDRESS\_1>`).

A turn brings its whole conversation, so a value keeps its placeholder all through it.
A vault never leaves the device and is never shared between turns: a placeholder of
one would be given the value of another.

Source: placeholders named by entity type, and their return, as Microsoft Presidio
(replace and deanonymize) and LLM Guard (its Vault) have them.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from functools import lru_cache

LITERAL = "LITERAL"
"""Type of text of the user's own that looks like a placeholder."""

_OPENS = ("<", "&lt;", "\\u003c")
_CLOSES = (">", "&gt;", "\\u003e")
_OPEN, _CLOSE = "(?:<|&lt;|\\\\u003c)", "(?:>|&gt;|\\\\u003e)"
_START = re.compile(r"[<&\\]|(?<![A-Za-z0-9_])[A-Z]")
_NAME_AND_REST = re.compile(r"\A([a-z0-9_]*)(.*)", re.DOTALL)


class Vault:
    """What placeholders stand for. It changes as text is redacted with it."""

    def __init__(self) -> None:
        self._names: dict[tuple[str, str], str] = {}
        self._values: dict[str, str] = {}
        self._counts: dict[str, int] = {}
        self._beginnings: set[str] = set()  # of every name, the whole name too, lower case
        self._longest = 0

    def __repr__(self) -> str:
        return f"Vault({len(self._values)} placeholders)"

    def __len__(self) -> int:
        return len(self._values)

    @property
    def types(self) -> frozenset[str]:
        """Entity types it has placeholders of."""
        return frozenset(self._counts)

    def placeholder_for(self, entity_type: str, value: str) -> str:
        """Return the placeholder of a value, the same one every time."""
        name = self._names.get((entity_type, value))
        if name is None:
            number = self._counts[entity_type] = self._counts.get(entity_type, 0) + 1
            name = self._names[entity_type, value] = f"{entity_type}_{number}"
            self._values[name] = value
            self._beginnings |= {name[:end].lower() for end in range(1, len(name) + 1)}
            self._longest = max(self._longest, len(_OPENS[-1]) + len(name) + len(_CLOSES[-1]))
        return f"<{name}>"

    def restore(self, text: str) -> str:
        """Return `text` with every value this vault knows put back, the rest as it is."""
        return self.restore_part(text, 0, len(text))

    def restore_part(self, text: str, start: int, end: int) -> str:
        """Return `text[start:end]` restored; what stands around it is seen, not changed."""
        if not self._values:
            return text[start:end]
        pieces, done = [], start
        for match in _forms(self.types).finditer(text, start):
            if match.start() >= end:
                break
            value = self._values.get((match[1] or match[2]).upper())
            if value is not None:
                pieces += [text[done : match.start()], value]
                done = match.end()
        return "".join([*pieces, text[done:end]])

    def unfinished_from(self, text: str, start: int) -> int:
        """Return where, from `start` on, a placeholder begins that more text could complete.

        It is the length of `text` if there is none, and never further from its end than
        the longest placeholder is long.
        """
        if self._values:
            for match in _START.finditer(text, max(start, len(text) - self._longest)):
                if self._is_beginning(text[match.start() :]):
                    return match.start()
        return len(text)

    def _is_beginning(self, tail: str) -> bool:
        """Whether `tail` is the beginning of a form that is not complete, or could go on."""
        if tail[0].isupper():
            return tail.isupper() and tail.lower() in self._beginnings
        tail = tail.lower()
        for opening in _OPENS:
            if opening.startswith(tail):
                return True
            if tail.startswith(opening):
                name, rest = _NAME_AND_REST.findall(tail.removeprefix(opening))[0]
                if not rest:
                    return name in self._beginnings
                return name.upper() in self._values and _is_part_of_closing(rest)
        return False


def _is_part_of_closing(rest: str) -> bool:
    return any(closing != rest and closing.startswith(rest) for closing in _CLOSES)


@lru_cache(maxsize=64)
def _forms(types: frozenset[str]) -> re.Pattern[str]:
    """Return what matches every form of a placeholder of these types."""
    name = _name(types)
    bare = rf"(?<![A-Za-z0-9_])({name})(?![A-Za-z0-9_])"
    return re.compile(rf"(?i:{_OPEN}({name}){_CLOSE})|{bare}", re.ASCII)


@lru_cache(maxsize=64)
def lookalikes(types: frozenset[str]) -> re.Pattern[str]:
    """Return what matches the names in all that could be taken for a placeholder.

    It claims more than is restored: a name inside of a word may stand alone once
    its neighbour is redacted.
    """
    name = _name(types)
    opened = r"(?:(?<=<)|(?i:(?<=&lt;)|(?<=\\u003c)))"
    return re.compile(rf"{name}|{opened}(?i:{name})(?=(?i:{_CLOSE}))", re.ASCII)


def _name(types: Iterable[str]) -> str:
    longest_first = sorted(types, key=lambda entity_type: (-len(entity_type), entity_type))
    return f"(?:{'|'.join(map(re.escape, longest_first))})_[0-9]+"
