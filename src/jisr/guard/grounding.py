"""How far a text that was given bears out an answer: claims, and features of the match.

What is covered: words, names and numbers of an answer that stand in the text near those of the
question; a question and a sentence that differ in a denial or in a word for the opposite; an
answer that is not of the sort asked for. What is not covered: what follows from a text without
standing there, and other words for the same thing; the features are a help for a calibrated
scorer, and no proof.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from math import log

from jisr.guard.answer_type import type_match
from jisr.guard.missing import is_missing, is_weak
from jisr.guard.verdicts import Claim
from jisr.guard.word_lists import NEGATIONS, OPPOSITES
from jisr.guard.wording import Word, content_of, meets, sentences_of, stem_of, words_of
from jisr.question import Question

MOST_SENTENCES = 600
"""Of the evidence that are looked at."""
LEAST_COVERED = 0.6
"""Share of a claim's words that stand in the passage which bears it out."""
NEIGHBOUR = 0.5
"""What a word counts that stands only in the sentence before or behind."""
NAMED = 2.0
"""What a name or a number weighs, beside other words."""

FEATURES = (
    *("answer_in_evidence", "question_covered", "rare_question_covered", "best_sentence"),
    *("has_unmatched_entity", "negation_mismatch", "antonym_mismatch", "says_missing"),
    "type_match",
)

_DENIALS = frozenset(NEGATIONS.split())
_OPPOSITES: dict[str, frozenset[str]] = {}
for _line in OPPOSITES.split("/"):
    _one, _other = (stem_of(word) for word in _line.split())
    _OPPOSITES[_one] = _OPPOSITES.get(_one, frozenset()) | {_other}
    _OPPOSITES[_other] = _OPPOSITES.get(_other, frozenset()) | {_one}


@dataclass(frozen=True, slots=True)
class _Sentence:
    """A sentence of the evidence."""

    text: str
    stems: frozenset[str]
    is_denied: bool


@dataclass(frozen=True, slots=True)
class _Evidence:
    """Everything that was given to answer from."""

    sentences: tuple[_Sentence, ...]
    stems: frozenset[str]

    def around(self, number: int) -> frozenset[str]:
        """Return the stems of a sentence and of its neighbours."""
        near = self.sentences[max(0, number - 1) : number + 2]
        return frozenset().union(*(sentence.stems for sentence in near))

    def rarity(self, stem: str) -> float:
        """Return how few sentences have a word; a word that none has is the rarest."""
        num_with = sum(stem in sentence.stems for sentence in self.sentences)
        return log((len(self.sentences) + 1.5) / (num_with + 0.5))


def claims_of(answer: str, evidence: Sequence[str]) -> tuple[Claim, ...]:
    """Return the statements of an answer, each with the sentence that bears it out, or None.

    A sentence that says nothing of its own (`Yes.`), or that the text does not tell, is no claim.
    """
    given = _read(tuple(evidence))
    return tuple(
        Claim(sentence, _passage(sentence, given))
        for sentence in sentences_of(answer)
        if content_of(words_of(sentence)) and not is_missing(sentence) and not is_weak(sentence)
    )


def grounding_features(question: Question, answer: str) -> dict[str, float]:
    """Return how far the evidence of a question bears out an answer, each 0 to 1.

    Of a question without evidence each is 0, `says_missing` and `type_match` excepted.
    """
    found = dict.fromkeys(FEATURES, 0.0)
    found["says_missing"] = float(is_missing(answer) or is_weak(answer))
    found["type_match"] = type_match(question.text, answer)
    given = _read(question.evidence)
    if not given.sentences:
        return found
    asked = content_of(words_of(question.text))
    said = content_of(words_of(answer))
    number, found["answer_in_evidence"] = _where(said, asked, given)
    left = [word for word in asked if word.stem not in {it.stem for it in said}] or asked
    here, near = given.sentences[number], given.around(number)
    found["question_covered"] = _covered(left, here.stems, near)
    found["rare_question_covered"] = _rare_covered(left, here.stems, near, given)
    found["best_sentence"] = max(_covered(asked, it.stems, it.stems) for it in given.sentences)
    found["has_unmatched_entity"] = float(_has_unmatched(asked, given.stems))
    found["negation_mismatch"] = float(_is_denied(question.text) != here.is_denied)
    found["antonym_mismatch"] = float(_has_opposite(asked, here.stems))
    return found


@lru_cache(maxsize=64)
def _read(evidence: tuple[str, ...]) -> _Evidence:
    texts = [sentence for text in evidence for sentence in sentences_of(text)][:MOST_SENTENCES]
    sentences = tuple(
        _Sentence(text, frozenset(word.stem for word in words_of(text)), _is_denied(text))
        for text in texts
    )
    return _Evidence(sentences, frozenset().union(*(it.stems for it in sentences)))


def _where(said: Sequence[Word], asked: Sequence[Word], given: _Evidence) -> tuple[int, float]:
    """Return the sentence an answer is likeliest from, and the share of it that stands there."""
    known = {word.stem for word in asked}
    own = [word for word in said if word.stem not in known] or said
    scores = [
        (_covered(own, it.stems, given.around(number)), _covered(asked, it.stems, it.stems))
        for number, it in enumerate(given.sentences)
    ]
    best = max(range(len(scores)), key=lambda number: (scores[number][0], scores[number][1]))
    return best, scores[best][0]


def _covered(words: Sequence[Word], here: frozenset[str], near: frozenset[str]) -> float:
    """Return the share of words that stand here; of one that stands only near, a part."""
    total = sum(_weight(word) for word in words)
    if not total:
        return 0.0
    kept = sum(
        _weight(word) * max(meets(word.stem, here), NEIGHBOUR * meets(word.stem, near))
        for word in words
    )
    return kept / total


def _rare_covered(
    words: Sequence[Word], here: frozenset[str], near: frozenset[str], given: _Evidence
) -> float:
    weights = [_weight(word) * given.rarity(word.stem) for word in words]
    kept = [
        weight * max(meets(word.stem, here), NEIGHBOUR * meets(word.stem, near))
        for word, weight in zip(words, weights, strict=True)
    ]
    return sum(kept) / sum(weights) if sum(weights) > 0 else 0.0


def _weight(word: Word) -> float:
    return NAMED if word.is_name or word.is_number else 1.0


def _has_unmatched(asked: Sequence[Word], stems: frozenset[str]) -> bool:
    """Whether a name or a number of the question stands nowhere in the evidence."""
    return any((it.is_name or it.is_number) and not meets(it.stem, stems) for it in asked)


def _is_denied(text: str) -> bool:
    words = words_of(text.replace("’", "'"))
    return any(
        word.stem in _DENIALS
        or word.text.lower() in _DENIALS
        or word.text.endswith(("n't", "nnot"))
        for word in words
    )


def _has_opposite(words: Sequence[Word], stems: frozenset[str]) -> bool:
    return any(
        word.stem not in stems and _OPPOSITES.get(word.stem, frozenset()) & stems for word in words
    )


def _passage(claim: str, given: _Evidence) -> str | None:
    """Return the sentence that bears a claim out; None if none does."""
    words = content_of(words_of(claim))
    firm = [word for word in words if word.is_name or word.is_number]
    best, passage = 0.0, None
    for number, sentence in enumerate(given.sentences):
        near = given.around(number)
        share = _covered(words, sentence.stems, near)
        if share <= best or share < LEAST_COVERED or _has_opposite(words, sentence.stems):
            continue
        if _is_denied(claim) and not sentence.is_denied:
            continue
        if all(meets(word.stem, near) for word in firm):
            best, passage = share, sentence.text
    return passage
