"""What a conversation gives to answer its last question from: texts, and the question beside them.

A text stands before the question in the same message, was given in an earlier turn and is asked
about again, stands in the instructions, or came back from a tool. Rules, no model; English and
Arabic. What is covered: a question that names what the text names, or refers back to it. What is
not: other words for the same thing.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

from jisr.types import Message, Role

LEAST_CHARACTERS = 160
"""Of a text before a question that is taken for something to answer from, whatever it says."""
LEAST_RELATED_CHARACTERS = 24
"""The same of one that most of the question's words stand in."""
MOST_QUESTION_CHARACTERS = 600
MOST_EARLIER = 20
"""Messages before the last that are looked at."""
RELATED = 0.5
"""Share of a question's words that stand in a text which it is about."""
STEM = 4
"""Letters by which words are held against each other."""
LEAST_WORD = 3

ASKS = re.compile(r"[?؟]|(?im:^question\s*:)|(?m:^السؤال\s*:)")
CHOICE = re.compile(r"(?m)^[ \t]*[(\[]?([A-Ha-hأ-ي])[).\]:،-][ \t]+(\S.*)$")
WORK_ASKED = re.compile(
    r"^\W*(?:please\s+)?(?:write|draft|translate|summari[sz]e|rewrite|explain|describe|list|"
    r"compose|create|implement|fix|edit|compare|discuss|suggest|tell me a|اكتب|ترجم|لخص|اشرح|صف)\b",
    re.IGNORECASE,
)
_BACK = re.compile(
    r"\b(?:it|its|they|them|their|he|she|his|her|him)\b"
    r"|\b(?<!is )(?<!are )(?<!was )(?<!were )there\b"
    r"|\b(?:that|this|those|these)\b(?=\W*$| (?:is|are|was|were|mean|one))"
    r"|(?<!\w)و?(?:هو|هي|هم|هناك|ذلك|هذا|هذه|تلك|فيه|فيها|عنه|عنها|له|لها)(?!\w)"
    r"|[\u0621-\u064a]{2,}(?:ها|هما|هم)(?!\w)",
    re.IGNORECASE,
)
_NAME = re.compile(r"(?<=[a-z,] )[A-Z][a-z]")
"""A name within a question: it says of itself what it is about."""
_OWN = re.compile(r"\b(?:my|i|me|we|our)\b|(?:لدي|عندي|موعدي|اجتماعي|رسالتي)", re.IGNORECASE)
_WORD = re.compile(r"[^\W_]+")
_PREFIX = re.compile(r"^(?:[وفبكل]?ال|لل)(?=\w{3})")
_COMMON_WORDS = """
what when where which who whom whose why how does did the and for are was were has have had that
this these those there their they them with from about many much into than then can could will
would should you your please tell give question answer text say says said not its his her him she
our out any all one
ماذا متى أين كيف لماذا هل من ما كم أي التي الذي على في عن إلى هذا هذه ذلك كان كانت السؤال النص
"""
_COMMON = frozenset(_COMMON_WORDS.split())


def evidence_of(messages: Sequence[Message]) -> tuple[tuple[str, ...], str]:
    """Return the texts to answer from, in the order they were given, and what is asked last."""
    at = max((at for at, it in enumerate(messages) if it.role is Role.USER), default=None)
    given = tuple(it.text for it in messages if it.role is Role.TOOL and it.text.strip())
    if at is None:
        return given, ""
    evidence, text = parted(messages[at].text.strip())
    earlier = () if evidence or CHOICE.search(text) else _carried(messages[:at], text)
    return (*given, *earlier, *evidence), text


def parted(text: str) -> tuple[tuple[str, ...], str]:
    """Return the text that a message gives to answer from, if any, and what it asks.

    What is asked are the last paragraphs, as few of them as ask something.
    """
    breaks = [found.span() for found in re.finditer(r"\n\s*\n", text)]
    for start, end in reversed(breaks):
        before, after = text[:start].strip(), text[end:].strip()
        if len(after) > MOST_QUESTION_CHARACTERS:
            break
        if ASKS.search(after):
            is_text = not CHOICE.search(before) and _is_given(before, after)
            return ((before,), after) if is_text else ((), text)
    return (), text


def refers_back(text: str) -> bool:
    """Whether a question has a word for something that was said before."""
    return _BACK.search(text) is not None


def related(asked: str, text: str) -> float:
    """Return the share of the words of a question, 0 to 1, that stand in a text."""
    words = _stems(asked)
    return len(words & _stems(text)) / len(words) if words else 0.0


def _is_given(before: str, asked: str) -> bool:
    """Whether what stands before a question is a text to answer it from."""
    if len(before) >= LEAST_CHARACTERS:
        return True
    is_sum = re.search(r"\d", before) and re.search(r"\bhow (?:many|much)\b|كم", asked.lower())
    is_long_enough = len(before) >= LEAST_RELATED_CHARACTERS and not ASKS.search(before)
    return is_long_enough and not is_sum and related(asked, before) > RELATED


def _carried(earlier: Sequence[Message], asked: str) -> tuple[str, ...]:
    """Return the texts of earlier turns that a question is about."""
    found = []
    for message in earlier[-MOST_EARLIER:]:
        if message.role is Role.SYSTEM:
            text, is_about = message.text.strip(), related(asked, message.text) > RELATED
            is_about = is_about and len(text) >= LEAST_CHARACTERS
        elif message.role is Role.USER:
            text = _text_of(message.text.strip())
            is_about = bool(text) and _is_about(asked, text)
        else:
            continue
        if is_about:
            found.append(text)
    return tuple(found)


def _text_of(said: str) -> str:
    """Return the text that an earlier message gave; empty: it asked or told to do something."""
    evidence, _ = parted(said)
    if evidence:
        return evidence[0]
    return "" if ASKS.search(said) or WORK_ASKED.search(said) else said


def _is_about(asked: str, text: str) -> bool:
    share = related(asked, text)
    if len(text) >= LEAST_CHARACTERS:
        is_named = not share and _NAME.search(asked)
        return share >= RELATED or (refers_back(asked) and not is_named)
    is_own = _OWN.search(asked) is not None and len(text) >= LEAST_RELATED_CHARACTERS
    return is_own and share > RELATED


def _stems(text: str) -> frozenset[str]:
    words = (_PREFIX.sub("", word) for word in _WORD.findall(text.lower()))
    return frozenset(
        word[:STEM] for word in words if len(word) >= LEAST_WORD and word not in _COMMON
    )
