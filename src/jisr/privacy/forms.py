r"""The forms in which models write a placeholder, and where they stand in a text.

What is covered:
- `<EMAIL_ADDRESS_1>` as it was sent, in either case, with spaces, hyphens or nothing for `_`,
  with digits of any script, with an ending inside: `<person 1>`, `<PERSON-١>`, `<PERSON_1's>`;
- other brackets in the place of its own, which go with it: `«PERSON_1»`, `[PERSON_1]`,
  `{{PERSON_1}}`, full-width ones; those of a Markdown link stay: `[PERSON_1](mailto:…)`;
- parentheses, which stay, around capitals: `(PERSON 1)`;
- no brackets, in capitals and as a word of its own: `PERSON_1`, `PERSON\_1`, `PERSON_1s`,
  and with what Arabic joins to it: `وPERSON_1`;
- any of its signs escaped for Markdown, HTML, JSON or an address on the web, and direction
  marks put between them (`jisr.privacy.spelling`).

What is not covered: a type that was translated or shortened (`<شخص_1>`, `<EMAIL_1>`), small
letters without brackets, brackets without their other half: `<PERSON_1` leaves its `<`.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Protocol

from jisr.privacy.spelling import Cut, Sign, Spelling, read_sign

_CLOSES = {
    "<": ">",
    "[": "]",
    "{": "}",
    "(": ")",
    "«": "»",
    "‹": "›",
    "⟨": "⟩",
    "〈": "〉",
    "《": "》",
    "【": "】",
    "「": "」",
}
_DOUBLED = frozenset("[{")
_LINK_GOES_ON = frozenset("([")
_SEPARATORS = frozenset("_- ")
_BARE_SEPARATORS = frozenset("_-")
_MOST_ENDING = 4
_START = re.compile(r"[<\[{(«‹⟨〈《【「＜［｛（\\&%]|(?<![A-Za-z0-9_])[A-Z]|(?<=\\[bfnrt])[A-Z]")

LONGEST = 200
"""Most characters that are read for one form."""
LOOK_BEHIND = 2
"""Characters before a form that say whether a word begins with it."""


class Names(Protocol):
    """The names of placeholders that count: `PERSON_1`, in capitals."""

    def begins(self, name: str) -> bool:
        """Return whether any name begins so."""
        ...

    def has(self, name: str) -> bool:
        """Return whether this is one."""
        ...


class AnyNumber:
    """Every name of some entity types, whatever its number."""

    def __init__(self, types: frozenset[str]) -> None:
        self._types = types
        self._beginnings = {f"{it}_"[:end] for it in types for end in range(1, len(it) + 2)}

    def begins(self, name: str) -> bool:
        """Return whether any name begins so."""
        return name in self._beginnings or self.has(name)

    def has(self, name: str) -> bool:
        """Return whether this is one."""
        entity_type, _, number = name.rpartition("_")
        return number.isdigit() and entity_type in self._types


@dataclass(frozen=True, slots=True)
class Form:
    """A placeholder in a text, as it was written: `[start, end)` is what its value replaces."""

    start: int
    end: int
    name: str
    """As the vault knows it."""
    name_start: int
    name_end: int
    spelling: Spelling = Spelling.PLAIN
    """How its bracket was written: what stands around it is written likewise."""
    ending: str = ""
    """What the model added to it inside of its brackets: `'s`."""


def find(text: str, start: int, names: Names, *, is_whole: bool = True) -> Iterator[Form]:
    """Yield the forms of a text, in order, none overlapping.

    Args:
        text: The text, or as much of it as has come.
        start: Where to begin; what stands before it only says whether a word begins there.
        names: The placeholders to look for.
        is_whole: Whether no more of the text is to come. If more is, a last form may have no
            name: from its start on, more text could complete a placeholder.
    """
    while match := _START.search(text, start):
        reading = _Reading(text, names, is_whole)
        try:
            form = reading.form(match.start())
        except Cut:
            yield Form(match.start(), len(text), "", len(text), len(text))
            return
        if form is not None:
            yield form
        start = match.end() if form is None else form.end


class _Reading:
    """Reads one form, sign by sign."""

    def __init__(self, text: str, names: Names, is_whole: bool) -> None:
        self._text, self._names, self._is_whole = text, names, is_whole
        self._last = 0

    def form(self, at: int) -> Form | None:
        """Return the form that begins here, None if there is none.

        Raises:
            Cut: More text could change that.
        """
        self._last = at + LONGEST
        if self._text[at].isalpha():
            return self._bare(at)
        opening = self._sign(at)
        if opening.character not in _CLOSES:
            return None
        return self._bracketed(opening)

    def _sign(self, at: int) -> Sign:
        if at > self._last:
            return Sign("", at, at)
        return read_sign(self._text, at, is_whole=self._is_whole)

    def _bare(self, at: int) -> Form | None:
        name, end = self._name(at, _BARE_SEPARATORS, is_capital=True)
        if not name:
            return None
        after = self._sign(end)
        if after.character == "s":  # German: PERSON_1s Haus
            after = self._sign(after.end)
        if _is_of_word(after.character):
            return None
        return Form(at, end, name, at, end)

    def _bracketed(self, opening: Sign) -> Form | None:
        is_aside = opening.character == "("
        start, num_brackets = opening.end, 1
        if opening.character in _DOUBLED and self._sign(start).character == opening.character:
            start, num_brackets = self._sign(start).end, 2
        start = self._after_space(start)
        name, end = self._name(start, _SEPARATORS, is_capital=is_aside)
        if not name:
            return None
        ending, after = self._ending(end)
        closing = self._closing(self._after_space(after), _CLOSES[opening.character], num_brackets)
        if closing is None:
            return None
        if is_aside or (closing.character == "]" and self._is_link(closing.end)):
            return Form(start, after, name, start, end, Spelling.PLAIN, ending)
        begin = opening.start
        if opening.spelling is Spelling.MARKDOWN is not closing.spelling:
            begin = opening.end - 1  # the backslash before it is of the text: C:\\<USERNAME_1>
        return Form(begin, closing.end, name, start, end, opening.spelling, ending)

    def _name(self, at: int, separators: frozenset[str], *, is_capital: bool) -> tuple[str, int]:
        """Return the name that begins here and its end; an empty one if there is none."""
        name, end, is_parted = "", at, False
        while True:
            sign = self._sign(end)
            character = sign.character
            if character in separators and character and name and not is_parted and name[-1] > "9":
                is_parted = True
            elif _is_digit(character) and name:
                if name[-1] > "9" and not is_parted and is_capital:
                    return "", at
                name += f"_{character}" if name[-1] > "9" else character
                is_parted = False
            elif _is_letter(character, is_capital) and (not name or name[-1] > "9"):
                name += f"_{character.upper()}" if is_parted else character.upper()
                is_parted = False
            else:
                break
            if not self._names.begins(f"{name}_" if is_parted else name):
                return "", at
            end = sign.end
        return (name, end) if self._names.has(name) else ("", at)

    def _after_space(self, at: int) -> int:
        sign = self._sign(at)
        return sign.end if sign.character == " " else at

    def _ending(self, at: int) -> tuple[str, int]:
        """Return what was added to a name inside of its brackets, and where that ends."""
        sign, end, letters = self._sign(at), at, ""
        has_apostrophe = sign.character == "'"
        if has_apostrophe:
            end, sign = sign.end, self._sign(sign.end)
        while sign.character.isalpha() and len(letters) < _MOST_ENDING:
            end, letters = sign.end, letters + sign.character
            sign = self._sign(end)
        is_ending = has_apostrophe or letters in ("s", "S") or letters[1:].islower()
        return (self._text[at:end], end) if letters and is_ending else ("", at)

    def _closing(self, at: int, character: str, number: int) -> Sign | None:
        """Return the last of so many closing brackets; None if they do not stand here."""
        sign = self._sign(at)
        if number > 1 and sign.character == character:
            sign = self._sign(sign.end)
        return sign if sign.character == character else None

    def _is_link(self, at: int) -> bool:
        return self._sign(at).character in _LINK_GOES_ON


def _is_digit(character: str) -> bool:
    return "0" <= character <= "9"


def _is_letter(character: str, is_capital: bool) -> bool:
    return "A" <= character <= "Z" if is_capital else "A" <= character.upper() <= "Z"


def _is_of_word(character: str) -> bool:
    return character.isascii() and (character.isalnum() or character == "_")
