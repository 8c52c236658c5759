"""Words that no dictionary has, where a text is about people: names mostly.

What is covered: English text that speaks of its writer or names somebody; abbreviations in
capitals; words in small letters that are no slip of the pen, no compound (`smartphone`) and not
made by a usual prefix or ending (`unboxable`); comments under the name of who wrote them
(`Honey said on 24 June`).

What is not covered: names that are words too; text that is about nobody, where such a word is a
term more often than a name; a term that no list has is taken for a name.

Source: the words of pyspellchecker; prefixes and endings were chosen by the project.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from jisr.config import PrivacySettings
from jisr.privacy import lexicon, well_known
from jisr.privacy.base import Recognizer, Span
from jisr.privacy.name_cues import NO_NAMES, word_set
from jisr.privacy.name_filters import RARE, is_code, names_nobody
from jisr.privacy.recognizers import proper_names
from jisr.privacy.words import Word, Words, split

SCORE = 0.4

_SHORTEST, _SHORTEST_PART = 4, 3  # letters
_LONGEST_ACRONYM = 6
_JOINED = 300  # times that each part of a compound is said at least
_PREFIXES = (
    "un|re|non|pre|post|anti|auto|bio|co|cyber|eco|electro|extra|fore|geo|hyper|hydro|immuno|infra"
    "|inter|intra|macro|mega|meta|micro|mid|mini|mis|mono|multi|nano|neo|neuro|omni|out|over|para"
    "|photo|poly|pro|proto|pseudo|psycho|semi|socio|sub|super|tele|thermo|trans|tri|ultra|under|up"
)
_ENDINGS = (
    "s|es|ed|er|ers|or|ors|ing|ings|ly|ness|less|able|ible|ability|al|ally|ic|ics|ity|ism|isms|ist"
    "|ists|ive|ize|izes|ized|izing|ise|ised|izer|ization|isation|like|ment|ful|ish|ship|wise|y"
)
_PREFIX = re.compile(rf"(?:{_PREFIXES})(?=\w{{3}})")
_ENDING = re.compile(rf"(?<=\w{{3}})(?:{_ENDINGS})\Z")
_SCIENTIFIC = re.compile(
    r"(?:kine|kines|cyte|cytes|ase|ases|ose|ine|ines|ol|oid|oids|osis|itis|emia|ology|ologies"
    r"|ogenic|ogenesis|phage|some|somes|gram|grams|graphy|metry|scopy|tropic|virus|mycin|azole)\Z"
)
_TERMS = word_set(
    "emoji emojis podcast podcasts smartphone hashtag hashtags startup startups blockchain crypto "
    "chatbot chatbots dataset datasets tokenizer frontend backend webhook middleware localhost "
    "config params async enum boolean regex changelog readme timestamp timestamps dropdown tooltip "
    "navbar popup signup login logout onboarding roadmap workflow workflows kombucha yoga hijab "
    "halal telehealth ecommerce fintech edtech influencer influencers freelancer freelancers"
)
_COMMENT = re.compile(
    r"(?:^|[.!?\n] ?)(?P<name>[^\W\d_a-z]\w+(?: \w+)?) (?:said|commented|posted|replied|wrote)"
    r"(?: on)? \d",
    re.MULTILINE,
)


def build(settings: PrivacySettings) -> UnknownWordRecognizer:
    """Return the recognizer; it has no settings."""
    return UnknownWordRecognizer(proper_names.build(settings))


class UnknownWordRecognizer:
    """Finds words in small letters that are in no dictionary."""

    def __init__(self, rules: Recognizer) -> None:
        """Look only where `rules` find a name, or the text speaks of its writer."""
        self._rules = rules

    def find(self, text: str) -> Iterator[Span]:
        """Yield the unknown words of `text`."""
        for match in _COMMENT.finditer(text):
            if match["name"].casefold() not in NO_NAMES:
                yield Span(*match.span("name"), "PERSON", 0.6, "who wrote a comment")
        there = split(text)
        if there.is_code or not there.is_english or there.language:
            return
        unknown = [word for word in there.words if _is_unknown(word) or _is_acronym(there, word)]
        if not unknown or not (well_known.is_personal(text) or any(self._rules.find(text))):
            return
        for word in unknown:
            is_slip = not word.is_capital and lexicon.is_misspelt(word.key)
            if not is_slip and not is_code(text, word.start, word.end):
                yield Span(word.start, word.end, "ORGANIZATION", SCORE, "in no dictionary")


def _is_unknown(word: Word) -> bool:
    return (
        not word.is_capital
        and word.times == 0
        and len(word.key) >= _SHORTEST
        and word.key.isalpha()
        and word.key not in _TERMS
        and not names_nobody(word)
        and not _SCIENTIFIC.search(word.key)
        and not _is_derived(word.key)
    )


def _is_acronym(there: Words, word: Word) -> bool:
    return (
        word.is_shouted
        and not there.is_shouted
        and _SHORTEST_PART <= len(word.key) <= _LONGEST_ACRONYM
        and word.key.isalpha()
        and word.times < RARE
        and word.start not in there.in_headings
        and not names_nobody(word)
    )


def _is_derived(key: str) -> bool:
    """Whether a word is made of known ones."""
    stems = {key, _PREFIX.sub("", key, count=1)}
    stems |= {_ENDING.sub("", stem) for stem in stems}
    stems |= {f"{stem}e" for stem in stems}
    if any(lexicon.count(stem) for stem in stems if len(stem) >= _SHORTEST_PART):
        return True
    return any(
        lexicon.count(key[:cut]) > _JOINED and lexicon.count(key[cut:]) > _JOINED
        for cut in range(_SHORTEST_PART, len(key) - _SHORTEST_PART + 1)
    )
