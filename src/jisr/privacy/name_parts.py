"""What else a name that was found is called by: a part of it, or other capitals.

What is covered: the words of a person's name (`Johnny` of Johnny Bay), the word that marks out
an organisation (`Toboggan` of Toboggan Brewing Company); names that no dictionary has and given
names that are no words, in small letters and capitals too; values that are no names, likewise.

What is not covered: nicknames, initials (`J. Bay`), abbreviations of organisations.
"""

from __future__ import annotations

from collections.abc import Iterator

from jisr.privacy import person_names, place_names
from jisr.privacy.arabic_cues import KUNYA, PATRONYMICS
from jisr.privacy.name_cues import NO_NAMES, ORGANIZATION_ENDS, ORGANIZATION_HEADS
from jisr.privacy.name_filters import OFTEN, RARE, names_nobody
from jisr.privacy.place_names import fold_place
from jisr.privacy.words import Word, split

NAMES = frozenset({"PERSON", "ORGANIZATION", "CITY", "COUNTRY"})
"""Entity types that are names."""

_SHORTEST = 3  # letters
_SHORTEST_VALUE = 6  # characters
_ORDINARY_WORDS = frozenset({"AGE", "NRP", "PASSWORD", "API_KEY", "PRIVATE_KEY"})
"""Types whose values are words, or others in other letters."""
_MOST = 5  # words of a name
_ARABIC = frozenset(map(chr, range(0x620, 0x64B)))
_JOINTS = KUNYA | PATRONYMICS
_BODY = ORGANIZATION_HEADS | ORGANIZATION_ENDS | NO_NAMES


def parts_of(name: str, entity_type: str) -> Iterator[str]:
    """Yield the words of a name by which alone it may be called."""
    if entity_type not in NAMES:
        return
    words = split(name).words
    if entity_type == "PERSON":
        yield from _arabic_parts(name)
        yield from (word.text for word in words[:_MOST] if len(words) > 1 and _stands_alone(word))
    elif entity_type == "ORGANIZATION":
        yield from (word.text for word in words[:1] if len(words) > 1 and _marks_out(word))


def is_known_in_any_case(value: str, entity_type: str) -> bool:
    """Whether a private value is the same one however it is written.

    Numbers, addresses and the like are; names are if each word is rare, or a given name that is
    no word.
    """
    if entity_type not in NAMES:
        return len(value) >= _SHORTEST_VALUE and entity_type not in _ORDINARY_WORDS
    words = split(value).words
    return bool(words) and all(
        len(word.key) > _SHORTEST
        and not names_nobody(word)
        and (word.times < RARE or _is_only_a_name(word, entity_type))
        for word in words
    )


def _is_only_a_name(word: Word, entity_type: str) -> bool:
    """Whether a word that is said often is so as a name."""
    if entity_type == "CITY":
        return word.key in place_names.NO_OTHER_WORDS
    return (
        entity_type == "PERSON"
        and word.times < OFTEN
        and person_names.is_given(word.folded)
        and word.key not in person_names.ALSO_WORDS
    )


def _marks_out(word: Word) -> bool:
    return _stands_alone(word) and word.key not in _BODY


def _stands_alone(word: Word) -> bool:
    return (
        word.is_capital
        and len(word.key) >= _SHORTEST
        and word.times < OFTEN
        and not names_nobody(word)
        and word.key not in person_names.TITLES
    )


def _arabic_parts(name: str) -> Iterator[str]:
    words = name.split()
    for word in words[:_MOST] if len(words) > 1 else ():
        folded = fold_place(word)
        if (
            word[0] in _ARABIC
            and len(word) >= _SHORTEST
            and folded not in _JOINTS
            and person_names.is_name(folded)
        ):
            yield word
