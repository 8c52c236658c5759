"""Names of features that more than one capability knows: the guard reads them, the arbiter weighs.

The two know nothing of each other, and a calibration file holds the names, so they are said
here, below both, and passed on by nobody.
"""

from __future__ import annotations

SELF_CHECK = "self_check"
"""The model's own view of its answer."""
AGREEMENT = "agreement"
"""How many more answers of the model come to the same as its first."""

COSTLY = (SELF_CHECK, AGREEMENT)
"""Features that the model must run once more for."""
