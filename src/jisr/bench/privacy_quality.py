"""What redaction costs: answers of a cloud to prompts as written, and as they would leave.

Each prompt is asked three times of one model: as written, greedily; redacted, greedily,
with the answer restored; and as written again, sampled. The sampled answer is the
yardstick: two answers to the very same prompt differ as well.

- *Overlap* of two answers is the F1 of their words: twice the words that both have, in
  either case and as often as both have them, over the words of both.
- The *ratio* is the overlap of the redacted with the greedy answer, relative to the overlap
  of the sampled with the greedy one; above 1 redaction changed less than chance does.
- *Key words* are the different words of five letters or more in the greedy answer; their
  share that stands in the other answer too.

What is covered: one short turn, answered by the model that stands in for the cloud.
What is not covered: whether either answer is right.
"""

from __future__ import annotations

import random
import re
from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from statistics import mean
from typing import Protocol

from jisr.bench.cache import Cache, key_of
from jisr.bench.privacy_counts import Row, standing
from jisr.bench.privacy_finders import Jisr
from jisr.bench.privacy_rows import StringRow
from jisr.engine.engine import Engine
from jisr.types import Message, Role, Sampling

MOST_CHARACTERS = 800
"""Of the prompts that are asked."""
MAX_TOKENS = 48
"""Of each answer."""
GREEDY = Sampling(max_output_tokens=MAX_TOKENS)
TEMPERATURE = 0.7
_WORD = re.compile(r"\w+")
_KEY_WORD = re.compile(r"[^\W\d_]{5,}")
_PLACEHOLDER = re.compile(r"\b[A-Z]+(?:_[A-Z]+)*_\d+\b")

Tell = Callable[[int, int], None]
"""Is told how many answers there are, and how many there will be."""


class Answerer(Protocol):
    """Answers prompts."""

    @property
    def model(self) -> str:
        """Name of what answers, another one for other weights."""
        ...

    def answer(self, messages: Sequence[Message], sampling: Sampling) -> str:
        """Return an answer."""
        ...


class EngineAnswerer:
    """Weights of a model, loaded when something is asked that was not before."""

    def __init__(self, model: str, load: Callable[[], Engine]) -> None:
        self.model = model
        self._load = load
        self._engine: Engine | None = None

    def answer(self, messages: Sequence[Message], sampling: Sampling) -> str:
        """Return an answer."""
        if self._engine is None:
            self._engine = self._load()
        tokens = self._engine.render(messages)
        return "".join(delta.text for delta in self._engine.stream(tokens, sampling))

    def close(self) -> None:
        """Free the weights, if they were loaded."""
        if self._engine is not None:
            self._engine.close()


@dataclass(frozen=True, slots=True, kw_only=True)
class Answers:
    """The three answers to one prompt, and what its redaction left standing."""

    id: str
    num_strings: int
    """Private strings that stand in the prompt."""
    num_left: int
    """Of these, those that left."""
    greedy: str
    redacted: str
    """Restored."""
    sampled: str
    num_in_answer: int
    """Private strings that stand in the greedy answer."""
    num_back: int
    """Of these, those that stand in the restored one."""

    def as_row(self) -> Row:
        """Return its figures, without any text."""
        return {
            "measure": "quality",
            "id": self.id,
            "num_strings": self.num_strings,
            "num_left": self.num_left,
            "overlap": round(overlap(self.greedy, self.redacted), 4),
            "overlap_sampled": round(overlap(self.greedy, self.sampled), 4),
            "num_placeholders_left": len(_PLACEHOLDER.findall(self.redacted)),
        }


def chosen(rows: Iterable[StringRow], num: int, seed: int) -> list[StringRow]:
    """Return so many prompts that are short and hold a private string; the seed chooses."""
    fit = [
        row for row in rows if len(row.text) <= MOST_CHARACTERS and standing(row.private, row.text)
    ]
    return random.Random(seed).sample(fit, min(num, len(fit)))


def ask(
    rows: Sequence[StringRow],
    finder: Jisr,
    answerer: Answerer,
    *,
    cache: Cache,
    seed: int,
    tell: Tell,
) -> list[Answers]:
    """Ask every prompt three times; what the cache knows is not asked again.

    Raises:
        PrivacyError: A prompt cannot be redacted.
        JisrError: The model failed.
    """
    sampled = Sampling(max_output_tokens=MAX_TOKENS, temperature=TEMPERATURE, seed=seed)

    def answer(messages: Sequence[Message], sampling: Sampling) -> str:
        prompt = repr([(it.role.value, it.text) for it in messages])
        key = key_of(answerer.model, sampling, prompt)
        return str(cache.once(key, lambda: {"text": answerer.answer(messages, sampling)})["text"])

    answers = []
    for number, row in enumerate(rows):
        as_written = (Message(Role.USER, row.text),)
        outbound, vault = finder.outbound(row.text)
        greedy = answer(as_written, GREEDY)
        redacted = vault.restore(answer(outbound.messages, GREEDY))
        strings = standing(row.private, row.text)
        in_answer = standing(strings, greedy)
        answers.append(
            Answers(
                id=row.id,
                num_strings=len(strings),
                num_left=len(standing(strings, outbound.messages[-1].text)),
                greedy=greedy,
                redacted=redacted,
                sampled=answer(as_written, sampled),
                num_in_answer=len(in_answer),
                num_back=len(standing(in_answer, redacted)),
            )
        )
        tell(number + 1, len(rows))
    return answers


def figures(answers: Sequence[Answers]) -> dict[str, float]:
    """Return means over the prompts; none if nothing was asked."""
    if not answers:
        return {}
    redacted = mean(overlap(it.greedy, it.redacted) for it in answers)
    sampled = mean(overlap(it.greedy, it.sampled) for it in answers)
    in_answer = sum(it.num_in_answer for it in answers)
    return {
        "quality_num_prompts": len(answers),
        "quality_ratio": redacted / sampled if sampled else float(redacted > 0),
        "quality_overlap": redacted,
        "quality_overlap_sampled": sampled,
        "quality_key_words_kept": mean(key_words_kept(it.greedy, it.redacted) for it in answers),
        "quality_key_words_kept_sampled": mean(
            key_words_kept(it.greedy, it.sampled) for it in answers
        ),
        "quality_strings_left_share": sum(it.num_left for it in answers)
        / sum(it.num_strings for it in answers),
        **({"quality_strings_back_share": _back(answers) / in_answer} if in_answer else {}),
    }


def _back(answers: Sequence[Answers]) -> int:
    return sum(it.num_back for it in answers)


def overlap(one: str, other: str) -> float:
    """Return the F1 of the words of two answers, 0 to 1; 1 if both are empty."""
    words = [Counter(_WORD.findall(text.casefold())) for text in (one, other)]
    total = words[0].total() + words[1].total()
    return 2 * (words[0] & words[1]).total() / total if total else 1.0


def key_words_kept(one: str, other: str) -> float:
    """Return the share of the key words of one answer that stand in the other; 1 of none."""
    wanted = set(_KEY_WORD.findall(one.casefold()))
    kept = wanted & set(_KEY_WORD.findall(other.casefold()))
    return len(kept) / len(wanted) if wanted else 1.0


def table(answers: Sequence[Answers]) -> list[Row]:
    """Return quality beside leakage: of prompts as written, and as they would leave."""
    told = figures(answers)
    if not told:
        return []
    return [
        {
            "measure": "cost",
            "prompts": "as written",
            "strings_left_share": 1.0,
            "overlap": round(told["quality_overlap_sampled"], 4),
            "key_words_kept": round(told["quality_key_words_kept_sampled"], 4),
            "quality_ratio": 1.0,
        },
        {
            "measure": "cost",
            "prompts": "redacted",
            "strings_left_share": round(told["quality_strings_left_share"], 4),
            "overlap": round(told["quality_overlap"], 4),
            "key_words_kept": round(told["quality_key_words_kept"], 4),
            "quality_ratio": round(told["quality_ratio"], 4),
        },
    ]
