"""The town that a postal address names: what may be said of it that tells no house.

What is covered: towns of 15,000 people and more, after a comma or on a line of their own,
with or without a postcode beside them, in English, Arabic and the town's own language.

What is not covered: towns on the street's own line without a comma; smaller towns, which
would tell too much.
"""

from __future__ import annotations

import re

from jisr.privacy.place_names import WELL_KNOWN, fold_place, is_city, is_country

_PIECES = re.compile(r"[,،;\n|>]|\s[-–]\s")
_NAME = re.compile(r"[^\W\d_][^\d_()]*[^\W\d_]")
_REGION_LETTERS = 3  # a longer word after a town makes it another name: `Paris Street`


def town_of(address: str) -> str | None:
    """Return the last known town of an address as it is written there; None if there is none.

    The first part is never looked at: streets are named after towns.
    """
    for piece in reversed(_PIECES.split(address)[1:]):
        name = _NAME.search(piece)
        words = name[0].split() if name else []
        for end in range(len(words), 0, -1):
            town = " ".join(words[:end])
            folded = fold_place(town)
            if is_city(folded, WELL_KNOWN) and not is_country(folded):
                return town
            if len(words[end - 1]) > _REGION_LETTERS:
                break
    return None
