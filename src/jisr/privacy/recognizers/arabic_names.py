"""Names of people, bodies, towns and countries in Arabic text.

What is covered: given and family names from lists, with what joins them (بن، بنت، آل); kunyas
(أبو خالد، أم سعيد); names after titles and kin that no list has; bodies by their kind (جامعة،
شركة، مستشفى); towns and countries; the letters و ف ب ل ك joined before a name, which are not
part of the span.

What is not covered: names that are ordinary words (جميل، كريم) where nothing around says so;
towns under 1,000 people; dialect spellings that no list has.

Source: Faker's Arabic lists, GeoNames, Unicode CLDR; counts of words by pyspellchecker.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from jisr.config import PrivacySettings
from jisr.privacy import lexicon, person_names, place_names, well_known
from jisr.privacy.arabic_cues import (
    BODIES,
    COMMON_NAMES,
    FATHER,
    FUNCTION_WORDS,
    KUNYA,
    LINEAGE,
    PATRONYMICS,
    PLACES,
    RELATIONS,
    SPEECH,
    TITLES,
)
from jisr.privacy.base import Span
from jisr.privacy.place_names import fold_place

_LETTER = "\u0621-\u063a\u0640-\u0655\u0670-\u06d3"
_WORD = re.compile(rf"[{_LETTER}]+")
_GAP = re.compile(r"[ \u00a0]{1,2}\Z|\. ?\Z")
_TANWIN = "\u064b"  # at the end of an adverb or object, never of a name
_SIGNS = re.compile("[\u0640\u064b-\u0655\u0670]")
_JOINED = ("وال", "فال", "بال", "كال", "ول", "وب", "فل", "و", "ف", "ب", "ل", "ك")
_ARTICLE = "ال"
_FOR = "لل"  # as in "for trade"
_ON = "على"
_TO = ("ل", "ب", "ول", "وب")
_SHORTEST = 2  # letters left when what is joined before is taken off
_RARE = 100
"""Times a word is said in films below which it is hardly an ordinary word."""
_OFTEN = 300
"""Times a name is said at most that stands alone without a word that tells it."""
_VERY_OFTEN = 9_000
_LONGEST_PLACE, _LONGEST_BODY, _LONGEST_PERSON = 3, 4, 6  # words
_CUES = TITLES | RELATIONS | BODIES | KUNYA | PLACES
_LARGE = 100_000  # people in a town known without a word before it


def build(settings: PrivacySettings) -> ArabicNameRecognizer:
    """Return the recognizer; it has no settings."""
    return ArabicNameRecognizer()


@dataclass(frozen=True, slots=True)
class _Word:
    """A word as written, and without what is joined before if only then a list has it."""

    start: int
    end: int
    folded: str
    times: int
    gap: str
    has_joined: bool = False
    is_led: bool = False
    """Whether `to` or `with` is joined before it."""

    @property
    def is_given(self) -> bool:
        return (
            person_names.is_given(self.folded)
            or self.folded in COMMON_NAMES
            or self.folded.startswith("عبدال")
        )

    @property
    def is_name(self) -> bool:
        return self.is_given or person_names.is_family(self.folded)

    @property
    def may_be_name(self) -> bool:
        """Whether it may be a name where something says that one stands here."""
        return self.folded not in FUNCTION_WORDS and (self.is_name or self.times < _RARE)


class ArabicNameRecognizer:
    """Finds names in Arabic text, from left to right as it is stored."""

    def find(self, text: str) -> Iterator[Span]:
        """Yield the names of `text`."""
        words = _words(text)
        is_personal = well_known.is_personal(text)
        n = 0
        while n < len(words):
            found = _body(words, n) or _person(words, n) or _place(words, n)
            if found is None:
                n += 1
                continue
            num_words, entity_type, score, why = found
            start, end = words[n].start, words[n + num_words - 1].end
            n += num_words
            if is_personal or not _is_public(text, start, end):
                yield Span(start, end, entity_type, score, why)


_Found = tuple[int, str, float, str]  # number of words, type, score, why


def _words(text: str) -> list[_Word]:
    words, end = [], 0
    for match in _WORD.finditer(text):
        words.append(_without_joined(match.start(), match[0], text[end : match.start()]))
        end = match.end()
    return words


def _without_joined(start: int, written: str, gap: str) -> _Word:
    whole = _word(start, written, gap)
    if _is_known(whole.folded) or whole.times >= _OFTEN * 3:
        return whole
    for joined in _JOINED:
        rest = written.removeprefix(joined)
        if joined.endswith(_ARTICLE):
            rest = _ARTICLE + rest if rest != written else rest
        if rest == written or len(rest) < _SHORTEST:
            continue
        offset = start + len(written) - len(rest)
        if _is_known(fold_place(rest)):
            return _word(offset, rest, gap, has_joined=True, is_led=joined in _TO)
    return whole


def _word(
    start: int, written: str, gap: str, *, has_joined: bool = False, is_led: bool = False
) -> _Word:
    plain = _SIGNS.sub("", written)
    if written.endswith((_TANWIN, f"{_TANWIN}ا")):
        return _Word(start, start + len(written), "", _VERY_OFTEN, gap)
    folded = fold_place(written) if plain != _ON else _ON  # and not the name Ali
    times = max(lexicon.count_arabic(plain), lexicon.count_arabic(folded))
    return _Word(start, start + len(written), folded, times, gap, has_joined, is_led)


def _is_known(folded: str) -> bool:
    return (
        folded in _CUES
        or person_names.is_name(folded)
        or place_names.is_country(folded)
        or place_names.is_city(folded, _LARGE)
        or folded.startswith("عبدال")
    )


def _is_next(words: Sequence[_Word], n: int) -> bool:
    """Whether there is a word, with nothing but a space between it and the one before."""
    return n < len(words) and _GAP.match(words[n].gap) is not None and not words[n].has_joined


def _before(words: Sequence[_Word], n: int) -> str:
    is_near = n > 0 and re.fullmatch(r"[ \u00a0]{1,2}|\. ?|[،:] ", words[n].gap)
    return words[n - 1].folded if is_near else ""


def _person(words: Sequence[_Word], n: int) -> _Found | None:
    word = words[n]
    if word.folded in KUNYA | LINEAGE:
        return _kunya(words, n)
    if word.folded in FUNCTION_WORDS:
        return None
    if found := _announced(words, n):
        return found
    num_words = _name_length(words, n) if word.is_name else 0
    return _several(words, n, num_words) if num_words > 1 else _alone(words, n)


def _announced(words: Sequence[_Word], n: int) -> _Found | None:
    """A name after a title, or after a word for somebody."""
    word, before = words[n], _before(words, n)
    if before in TITLES and word.may_be_name and word.folded not in TITLES | BODIES:
        return _name_length(words, n), "PERSON", 0.9, "after a title"
    if before in RELATIONS and (word.is_given or (word.may_be_name and word.times < _RARE)):
        return _name_length(words, n), "PERSON", 0.75, "after a word for a person"
    return None


def _alone(words: Sequence[_Word], n: int) -> _Found | None:
    """One given name without others beside it."""
    word = words[n]
    is_cued = _before(words, n) in SPEECH or word.is_led or word.folded in COMMON_NAMES
    most = _VERY_OFTEN * 3 if is_cued else _OFTEN
    if word.folded.startswith(_ARTICLE) or place_names.is_country(word.folded):
        return None
    if word.is_given and word.times < most:
        return 1, "PERSON", 0.6, "given name from a list"
    return None


def _kunya(words: Sequence[_Word], n: int) -> _Found | None:
    if not _is_next(words, n + 1):
        return None
    child = words[n + 1]
    is_father = words[n].folded in FATHER
    if (child.is_given and child.folded not in FUNCTION_WORDS) or (is_father and child.may_be_name):
        return 1 + _name_length(words, n + 1), "PERSON", 0.8, "father, mother or child of"
    return None


def _several(words: Sequence[_Word], n: int, num_words: int) -> _Found | None:
    """Names side by side, not all of them ordinary words."""
    run = words[n : n + num_words]
    if not words[n].is_given or words[n].folded.startswith(_ARTICLE):
        return None
    has_patronymic = any(word.folded in PATRONYMICS for word in run[1:])
    is_sure = words[n].folded in COMMON_NAMES or words[n].times < _OFTEN
    has_second = any(word.is_name and word.times < _VERY_OFTEN for word in run[1:])
    if has_patronymic or is_sure or has_second:
        return num_words, "PERSON", 0.85, "given name and more names from lists"
    return None


def _name_length(words: Sequence[_Word], n: int) -> int:
    """Return how many words the name that starts here has."""
    last = n
    while last - n + 1 < _LONGEST_PERSON and _is_next(words, last + 1):
        following = words[last + 1]
        if following.folded in PATRONYMICS | KUNYA and _is_next(words, last + 2):
            if words[last + 2].folded in FUNCTION_WORDS:
                break
            last += 2
        elif _continues_name(following):
            last += 1
        else:
            break
    return last - n + 1


def _continues_name(word: _Word) -> bool:
    if word.folded in FUNCTION_WORDS | TITLES | RELATIONS | BODIES | PLACES:
        return False
    if word.folded.startswith(_ARTICLE) and word.times < _RARE:
        return True
    return word.is_name and word.times < _VERY_OFTEN * 4


def _place(words: Sequence[_Word], n: int) -> _Found | None:
    before = _before(words, n)
    if words[n].folded in FUNCTION_WORDS:
        return None
    for num_words in range(_LONGEST_PLACE, 0, -1):
        if not all(_is_next(words, n + i) for i in range(1, num_words)):
            continue
        name = " ".join(word.folded for word in words[n : n + num_words])
        is_cued = before in PLACES or words[n].is_led
        if place_names.is_country(name) and (is_cued or words[n].times < _VERY_OFTEN * 0.66):
            return num_words, "COUNTRY", 0.8, "name of a country"
        if _is_town(words[n], name, num_words, is_cued=is_cued):
            return num_words, "CITY", 0.7, "name of a town"
    return None


def _is_town(word: _Word, name: str, num_words: int, *, is_cued: bool) -> bool:
    if num_words > 1:
        return place_names.is_city(name) and (is_cued or word.times < _OFTEN * 3)
    if is_cued:
        is_word = name.startswith(_ARTICLE) and word.times >= _RARE  # القاهرة, but not البيت
        return place_names.is_city(name, _LARGE if is_word else 0) and word.times < _OFTEN * 10
    return place_names.is_city(name, _LARGE) and word.times < _OFTEN


def _body(words: Sequence[_Word], n: int) -> _Found | None:
    """The word for a body, and what follows it that makes it one of a kind."""
    if words[n].folded not in BODIES:
        return None
    last = n
    while last - n + 1 < _LONGEST_BODY and _is_next(words, last + 1):
        if not _marks_out(words[last + 1]):
            break
        last += 1
    if last == n:
        return None
    return last - n + 1, "ORGANIZATION", 0.65, "kind of organisation with its name"


def _marks_out(word: _Word) -> bool:
    if word.folded in FUNCTION_WORDS | RELATIONS | TITLES:
        return False
    return (
        word.folded.startswith((_ARTICLE, _FOR))
        or word.folded in PATRONYMICS
        or word.is_name
        or word.times < _RARE
        or place_names.is_country(word.folded)
        or place_names.is_city(word.folded, _LARGE)
    )


def _is_public(text: str, start: int, end: int) -> bool:
    return well_known.is_asked_of_the_world(text, start) or well_known.is_famous(
        fold_place(text[start:end])
    )
