"""Which other language an English-looking text is in, and that language's ordinary words.

What is covered: German, French, Spanish, Italian, Portuguese and Dutch, told by their smallest
words; a text may be in English and one of them at once.

What is not covered: other languages; very short texts.

A language's words are read when a text in it is first seen, which takes about a tenth of a second.

Source: counts from film subtitles, by pyspellchecker; the smallest words were chosen by the
project.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache

from jisr.privacy import lexicon
from jisr.privacy.name_cues import word_set

_SMALLEST = {
    "de": word_set(
        "der das und nicht ist ein eine einen einem mit auf für von zu den dem des sich wurde wird "
        "auch nach bei aus zum zur sind wie sie ich dass haben über noch oder bitte mir"
    ),
    "fr": word_set(
        "le les des est une et dans pour que qui sur avec pas je vous nous au aux du ce cette sont "
        "plus par il elle mais ou où notre votre mon"
    ),
    "es": word_set(
        "el los las una que con para por del es y se lo su al como pero más yo mi está un la en de"
    ),
    "it": word_set("il gli una che con per non di è della sono del le si più questo mi ho nel e"),
    "pt": word_set("os uma que com para por não do da em um é ao mais mas eu meu seu você dos e"),
    "nl": word_set("het een van en niet voor met dat zijn op ik je naar ook maar bij deze wij de"),
}
_ENGLISH = word_set(
    "the and of to is in for that with this are was you it be on as have not my we from by an"
)
_LEAST = 3  # words of a language in a text that is in it
_SHARE = 0.12  # of all words
_LONG = 6  # letters that no smallest word has
_SAID = 50  # times an ordinary word is said in films


def language_of(keys: Sequence[str]) -> str:
    """Return the language that a text is in or has parts in; empty for English and unknown ones.

    Args:
        keys: The words of the text in small letters.
    """
    seen = {key for key in keys if len(key) < _LONG}
    best, most = "", 0
    for language, smallest in _SMALLEST.items():
        own = seen & smallest - _ENGLISH
        if len(own) > most:
            best, most = language, len(own)
    if most < _LEAST:
        return ""
    num_own = sum(key in _SMALLEST[best] for key in keys)
    return best if num_own >= _SHARE * len(keys) else ""


def is_mostly_english(keys: Sequence[str], language: str) -> bool:
    """Whether a text has more of the smallest words of English than of another language."""
    smallest = _SMALLEST.get(language, frozenset())
    return sum(key in _ENGLISH for key in keys) >= sum(key in smallest for key in keys)


def is_smallest(word: str, language: str) -> bool:
    """Whether a lower-case word is one of those that a language is told by."""
    return word in _SMALLEST[language]


def is_ordinary(word: str, language: str) -> bool:
    """Whether a lower-case word is an ordinary one of a language."""
    return word in _ordinary(language)


@cache
def _ordinary(language: str) -> frozenset[str]:
    return frozenset(word for word, times in lexicon.read(language).items() if times >= _SAID)
