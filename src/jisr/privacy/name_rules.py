"""Rules that tell what a run of words names, from lists, capitals and the words around.

Each rule returns a `Judgement` or None; the first that speaks decides.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from jisr.privacy import person_names, place_names
from jisr.privacy.name_cues import (
    ANSWERS,
    NO_NAMES,
    ORGANIZATION_AFTER,
    ORGANIZATION_BEFORE,
    ORGANIZATION_ENDS,
    ORGANIZATION_HEADS,
    OWNED_BY_BODY,
    PERSON_AFTER,
    PERSON_BEFORE,
    PLACE_BEFORE,
    SAID_OF_THINGS,
)
from jisr.privacy.name_filters import OFTEN, RARE, is_distinct, is_line_of_address, names_nobody
from jisr.privacy.words import Word, Words

_CLAUSE_GAP = re.compile(r"[ ,:(\u00a0*]{1,3}\Z|\n\Z")
_NEXT_GAP = re.compile(r"(?:['’]s)?,? {1,2}\Z")
_CAMEL = re.compile(r"[a-z][A-Z]")
_QUOTED = re.compile('["“”«»]')
_COLON = re.compile(r"\s?:(?:\s|[\"“])")
_LARGE = 15_000  # people in a town that is known without a word before it
_CITY = 200_000  # people in a town whose name is a person's too
_LONGEST_PERSON = 5  # words
_LONGEST_SPEAKER = 3
_SHORTEST_ACRONYM = 4  # letters, where no word around says that it is a body
_AT = frozenset({"at", "for", "join", "joined"})
_START_TIMES = 3_000  # a name at a sentence's start is said less often than this


@dataclass(frozen=True, slots=True)
class Part:
    """Words `[first, last]` of a text to be judged, and the words around them."""

    there: Words
    first: int
    last: int
    has_title: bool = False
    num_links: int = 0
    follows_body: bool = False
    """Whether the name of an organisation stands before it."""

    @property
    def words(self) -> Sequence[Word]:
        """The words themselves."""
        return self.there.words[self.first : self.last + 1]

    @property
    def before(self) -> str:
        """The word before in small letters, if it stands in the same clause."""
        if not self.first or not _CLAUSE_GAP.match(self.there.words[self.first].gap):
            return ""
        return self.there.words[self.first - 1].key

    @property
    def after(self) -> str:
        """The word after in small letters, if it stands in the same clause."""
        if self.last + 1 >= len(self.there.words):
            return ""
        following = self.there.words[self.last + 1]
        return following.key if _NEXT_GAP.match(following.gap) else ""

    @property
    def is_in_sentence(self) -> bool:
        """Whether its capitals say something: in the midst of a sentence with small letters."""
        word = self.there.words[self.first]
        return not (
            word.starts_sentence
            or word.start in self.there.in_headings
            or self.there.is_small
            or self.there.is_shouted
        )

    @property
    def is_beside_body(self) -> bool:
        """Whether a word beside it says that it is an organisation."""
        if self.before in ORGANIZATION_BEFORE or self.after in ORGANIZATION_AFTER:
            return True
        before = self.there.words[max(0, self.first - 2) : self.first]
        return self.before == "of" and before[0].key in OWNED_BY_BODY

    @property
    def is_spoken_to(self) -> bool:
        """Whether a comma and words of an address follow: `Angel, can you`."""
        end = self.words[-1].end
        return self.after in ANSWERS and self.there.text.startswith(",", end)


@dataclass(frozen=True, slots=True)
class Judgement:
    """What a part names."""

    entity_type: str
    score: float
    why: str


def judge(part: Part) -> Judgement | None:
    """Return what a part names; None if nobody and nothing."""
    if all(names_nobody(word) for word in part.words) and not part.has_title:
        return _known_place(part)
    for rule in _RULES:
        if found := rule(part):
            return found
    return None


def _titled(part: Part) -> Judgement | None:
    return Judgement("PERSON", 0.95, "after a title") if part.has_title else None


def _organization(part: Part) -> Judgement | None:
    words = part.words
    if len(words) == 1:
        return None
    if words[-1].key in ORGANIZATION_ENDS:
        return Judgement("ORGANIZATION", 0.9, "ending of a firm")
    heads = [word for word in words if word.key in ORGANIZATION_HEADS]
    if not heads:
        return None
    if part.num_links or any(is_distinct(word) for word in words if word not in heads):
        return Judgement("ORGANIZATION", 0.8, "kind of organisation")
    if part.is_in_sentence or part.after in PERSON_AFTER:
        return Judgement("ORGANIZATION", 0.55, "capitals, and a kind of organisation")
    return None


def _known_place(part: Part) -> Judgement | None:
    words, before = part.words, part.before
    name = place_names.fold_place(part.there.text[words[0].start : words[-1].end])
    if _is_land(name) and _is_written_as_country(part, name):
        return Judgement("COUNTRY", 0.85, "name of a country")
    if all(names_nobody(word) for word in words):
        return None
    if place_names.is_region(name) and (len(words) > 1 or before in PLACE_BEFORE):
        return Judgement("CITY", 0.7, "name of a region")
    least = _CITY if _reads_as_person(words) else 0
    if not place_names.is_city(name, least) or (least and part.before not in PLACE_BEFORE):
        return None
    if before in PLACE_BEFORE and (len(words) > 1 or words[0].times < OFTEN):
        return Judgement("CITY", 0.8, "name of a town after a word of place")
    return Judgement("CITY", 0.75, "name of a town") if len(words) > 1 else None


def _is_land(name: str) -> bool:
    return place_names.is_country(name) or place_names.is_country(f"{name}.")  # U.K.


def _is_written_as_country(part: Part, name: str) -> bool:
    """Whether `US` is meant and not `us`; Jordan and Chad are countries unless a person's cue."""
    if len(name) == 2:  # noqa: PLR2004 - US and UK
        return part.words[0].is_shouted and not part.there.is_shouted
    word = part.words[0]
    return not (person_names.is_given(name) and part.before in PERSON_BEFORE - {"and", "with"}) or (
        word.times == 0
    )


def _place(part: Part) -> Judgement | None:
    if found := _known_place(part):
        return found
    words = part.words
    is_unknown = all(word.times < RARE for word in words) and not _reads_as_person(words)
    is_placed = part.before in PLACE_BEFORE and not part.is_beside_body
    if is_unknown and is_placed and len(words) <= _LONGEST_SPEAKER:
        return Judgement("CITY", 0.55, "unknown word after a word of place")
    return None


def _reads_as_person(words: Sequence[Word]) -> bool:
    first, last = words[0], words[-1]
    if not person_names.is_given(first.folded):
        return False
    return first is last or not last.is_ordinary or person_names.is_family(last.folded)


def _speaker(part: Part) -> Judgement | None:
    """A name at a line's start with a colon: who says the line."""
    words, end = part.words, part.words[-1].end
    if words[0].start not in part.there.line_starts or len(words) > _LONGEST_SPEAKER:
        return None
    if not _COLON.match(part.there.text, end) or names_nobody(words[0]):
        return None
    is_name = all(is_distinct(word) for word in words)
    return Judgement("PERSON", 0.7, "speaker of a line") if is_name else None


def _is_double(word: Word) -> bool:
    """Whether a word is two names with a hyphen between: Fritz-Armstrong."""
    one, hyphen, other = word.key.partition("-")
    return bool(hyphen) and all(
        person_names.is_name(place_names.fold_place(it)) for it in (one, other)
    )


def _person(part: Part) -> Judgement | None:
    """Two words or more of which one is a name from a list or in no dictionary."""
    words = part.words
    if not 1 < len(words) <= _LONGEST_PERSON or all(word.times >= OFTEN for word in words):
        return None
    is_given = person_names.is_given(words[0].folded) and words[0].times < OFTEN * 5
    is_given = is_given and not names_nobody(words[0])
    is_family = person_names.is_family(words[-1].folded) and words[-1].times < OFTEN
    rare = [word for word in words if word.times < RARE and not names_nobody(word)]
    if not (is_given or is_family or rare):
        return None
    if part.is_beside_body:
        return Judgement("ORGANIZATION", 0.7, "capitals beside the word for a body")
    if is_given and is_family:
        return Judgement("PERSON", 0.9, "given and family name from lists")
    if is_given or is_family:
        return _half_listed(part, is_given, bool(rare))
    entity_type = "PERSON" if len(rare) == len(words) else "ORGANIZATION"
    return Judgement(entity_type, 0.55, "capitals, and in no dictionary")


def _half_listed(part: Part, is_given: bool, has_rare: bool) -> Judgement | None:
    """Two words or more of which one is a name from a list, and the rest are not."""
    first, second = part.words[0], part.words[1]
    if part.is_in_sentence or has_rare or (is_given and len(second.key) == 1):
        return Judgement("PERSON", 0.75, "capitals, and a name from a list")
    if is_given and first.times < _START_TIMES and not names_nobody(second):
        return Judgement("PERSON", 0.6, "capitals, and a name from a list")
    return None


def _single(part: Part) -> Judgement | None:
    word = part.words[0]
    if len(part.words) != 1 or names_nobody(word):
        return None
    if word.is_shouted and not (part.there.is_shouted or part.there.is_small):
        return _in_brackets(part, word) or _acronym(part, word)
    if part.is_beside_body and word.times < (OFTEN if part.is_in_sentence else RARE):
        return Judgement("ORGANIZATION", 0.7, "beside the word for a body")
    return _listed(part, word) or (_unknown(part, word) if word.times < RARE else None)


def _listed(part: Part, word: Word) -> Judgement | None:
    """One word that a list of names has."""
    if _is_double(word) or (person_names.is_name(word.folded) and _is_used_as_name(part, word)):
        return Judgement("PERSON", 0.75, "name from a list")
    most = OFTEN if part.is_in_sentence else _START_TIMES / 3
    if place_names.is_city(word.folded, _LARGE) and word.times < most:
        return Judgement("CITY", 0.65, "name of a town")
    is_given = person_names.is_given(word.folded) and word.key not in NO_NAMES
    if is_given and part.is_in_sentence and word.times < OFTEN * 6:
        return Judgement("PERSON", 0.45, "capital, and a given name that is a word too")
    return None


def _is_used_as_name(part: Part, word: Word) -> bool:
    if person_names.is_given(word.folded) and (
        part.is_spoken_to or part.after in PERSON_AFTER - SAID_OF_THINGS
    ):
        return word.times < OFTEN * 6
    if part.is_in_sentence or part.before in PERSON_BEFORE or part.after in PERSON_AFTER:
        return word.times < OFTEN
    return word.times < (_START_TIMES / 3 if part.there.is_shouted else _START_TIMES)


def _in_brackets(part: Part, word: Word) -> Judgement | None:
    if part.follows_body and word.gap == " (":
        return Judgement("ORGANIZATION", 0.6, "in brackets after the name of a body")
    return None


def _acronym(part: Part, word: Word) -> Judgement | None:
    if any(map(str.isdigit, word.text)):
        return None  # the number of a part
    if part.is_beside_body or (part.before in _AT | {"by"} and word.times < RARE):
        return Judgement("ORGANIZATION", 0.5, "capitals beside the word for a body")
    if len(word.key) < _SHORTEST_ACRONYM or word.times >= RARE:
        return None
    if place_names.is_city(word.folded):
        return Judgement("CITY", 0.6, "name of a town")
    if person_names.is_name(word.folded):
        return Judgement("PERSON", 0.6, "name from a list")
    return Judgement("ORGANIZATION", 0.4, "capitals, and in no dictionary")


def _unknown(part: Part, word: Word) -> Judgement:
    if part.before in _AT:
        return Judgement("ORGANIZATION", 0.6, "in no dictionary, after a word of work")
    if _CAMEL.search(word.text) and not word.key.startswith("mc"):
        return Judgement("ORGANIZATION", 0.5, "capitals inside, and in no dictionary")
    if place_names.is_city(word.folded):
        return Judgement("CITY", 0.55, "name of a town")
    score = 0.6 if part.is_in_sentence else 0.45
    return Judgement("PERSON", score, "capital, and in no dictionary")


def _plain_words(part: Part) -> Judgement | None:
    """Ordinary words with capitals in the midst of a sentence: a body's name mostly."""
    words = part.words
    if _QUOTED.search(words[0].gap) or words[0].is_shouted or part.there.is_shouted:
        return None
    if found := part.is_in_sentence and _plain_words_in_sentence(part):
        return found
    for holds, score, why in (
        (_has_country, 0.5, "capitals beside the name of a country"),
        (_is_of_address, 0.45, "line of its own near an address"),
        (_has_capitals_always, 0.4, "with capitals wherever it stands"),
        (_opens_sentence, 0.4, "capitals side by side"),
    ):
        if holds(part):
            return Judgement("ORGANIZATION", score, why)
    return None


def _has_country(part: Part) -> bool:
    words = part.words
    return len(words) > 1 and any(place_names.is_country(word.folded) for word in words)


def _is_of_address(part: Part) -> bool:
    return is_line_of_address(part.there.text, part.words[0].start, part.words[-1].end)


def _has_capitals_always(part: Part) -> bool:
    return all(word.key in part.there.always_capital for word in part.words)


def _opens_sentence(part: Part) -> bool:
    """`National Van Lines is`: the second and third need no capital at a sentence's start."""
    words = part.words
    return words[0].starts_sentence and len(words) > 1 and part.after in PERSON_AFTER


def _plain_words_in_sentence(part: Part) -> Judgement | None:
    is_one = len(part.words) == 1
    if part.is_beside_body or part.before in _AT:
        return Judgement("ORGANIZATION", 0.5, "capitals beside the word for a body")
    if is_one and part.before in PERSON_BEFORE - {"and", "with", "am", "be"}:
        return Judgement("PERSON", 0.45, "capital after a word for a person")
    if part.before in PLACE_BEFORE:
        entity_type = "CITY" if is_one else "ORGANIZATION"
        return Judgement(entity_type, 0.4, "capital after a word of place")
    return None


_RULES: tuple[Callable[[Part], Judgement | None], ...] = (
    _titled,
    _organization,
    _place,
    _speaker,
    _person,
    _single,
    _plain_words,
)
