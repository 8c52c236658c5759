"""The weights of `jisr bench joint`: as they were pulled, or made of those by requantizing."""

from __future__ import annotations

from pathlib import Path

from jisr.assemble import store
from jisr.config import Settings
from jisr.engine.quantize import Progress, file_name, quantize

AS_PULLED = "pulled"
TARGET_KINDS = {"q4": AS_PULLED, "bf16": "bf16"}
"""What the targets' weights are."""
PURE = {"q4_0"}
"""Types that all tensors get: a drafter has no use for a finer output layer."""


def weights(settings: Settings, name: str, kind: str, progress: Progress) -> Path:
    """Return the weights of a model in some type, made if they are not there.

    Args:
        settings: Where weights are kept.
        name: Name in the catalog, or path of a GGUF file.
        kind: Type of the tensors, `bf16` or `q4_0`; `pulled` is the file as it is.
        progress: Is told how far the making is.

    Raises:
        ModelError: The weights are not here, or damaged.
        InvalidRequest: There is no such type.
        EngineError: They cannot be written.
    """
    pulled = store(settings).path(name)
    if kind == AS_PULLED:
        return pulled
    is_pure = kind in PURE
    target = settings.models_dir / file_name(pulled, kind, is_pure=is_pure)
    return quantize(pulled, target, kind, is_pure=is_pure, progress=progress)
