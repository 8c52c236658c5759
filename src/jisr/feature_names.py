"""Names of features that more than one capability knows: the guard reads them, the arbiter weighs.

The two know nothing of each other, and a calibration file holds the names, so they are said
here, below both, and passed on by nobody.
"""

from __future__ import annotations

SELF_CHECK = "self_check"
"""The model's own view of its answer."""
AGREEMENT = "agreement"
"""How far more answers of the model agree with its first; a group of features."""


COSTLY = (SELF_CHECK, AGREEMENT)
"""Features, or groups of them, that the model must run once more for."""


def is_of(feature: str, group: str) -> bool:
    """Return whether a feature is the one of that name, or of the group of that name."""
    return feature == group or feature.startswith(f"{group}_")
