"""Text of the user's own that would be taken for a placeholder, kept apart from ours.

What is to leave is read as an answer will be read. Whatever is taken for a placeholder there
and is none of ours gets a placeholder of its own, so that it comes back as it was written.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import accumulate

from jisr.errors import PrivacyError
from jisr.privacy.forms import AnyNumber, Form, find
from jisr.privacy.vault import LITERAL, TOOL_NAME, Vault

_OWN_TYPES = frozenset({LITERAL, TOOL_NAME})
_MOST_PASSES = 8
"""Keeping one apart may bring another to light, beside it; three passes are seen at most."""


@dataclass(frozen=True, slots=True)
class Piece:
    """A piece of a text that is to leave."""

    text: str
    is_ours: bool = False
    """It is a placeholder of the vault's."""
    is_words: bool = False
    """It is words that stand for a value; they are not put back."""

    @property
    def is_the_users(self) -> bool:
        """Whether it stands there as the user wrote it."""
        return not (self.is_ours or self.is_words)


def kept_apart(pieces: Sequence[Piece], types: frozenset[str], vault: Vault) -> list[Piece]:
    """Return the pieces of a text with a placeholder for each look-alike.

    Args:
        pieces: The text.
        types: Entity types whose placeholders the conversation may have.
        vault: Takes up the look-alikes.

    Raises:
        PrivacyError: They cannot be kept apart.
    """
    apart = [piece for piece in pieces if piece.text]
    if not types:
        return apart
    names = AnyNumber(types | _OWN_TYPES)
    for _ in range(_MOST_PASSES):
        whole = "".join(piece.text for piece in apart)
        starts = list(accumulate((len(piece.text) for piece in apart), initial=0))
        cuts = [cut for form in find(whole, 0, names) for cut in _cuts(form, apart, starts)]
        if not cuts:
            return apart
        apart = list(_replaced(apart, starts, cuts, vault))
    raise PrivacyError("What looks like placeholders here cannot be told from real ones.")


def is_lookalike(text: str, types: frozenset[str]) -> bool:
    """Return whether a text holds what would be taken for a placeholder."""
    return bool(types) and any(True for _ in find(text, 0, AnyNumber(types | _OWN_TYPES)))


def _cuts(form: Form, pieces: Sequence[Piece], starts: Sequence[int]) -> Iterator[tuple[int, int]]:
    """Yield the ranges of the user's own that a form takes in, its name's if it is in there."""
    first = bisect_right(starts, form.start) - 1
    if pieces[first].is_ours and (starts[first], starts[first + 1]) == (form.start, form.end):
        return
    for start, end in ((form.name_start, form.name_end), (form.start, form.end)):
        ranges = list(_of_the_users(start, end, pieces, starts))
        if ranges:
            yield from ranges
            return


def _of_the_users(
    start: int, end: int, pieces: Sequence[Piece], starts: Sequence[int]
) -> Iterator[tuple[int, int]]:
    at = bisect_right(starts, start) - 1
    while at < len(pieces) and starts[at] < end:
        if pieces[at].is_the_users:
            yield max(start, starts[at]), min(end, starts[at + 1])
        at += 1


def _replaced(
    pieces: Sequence[Piece], starts: Sequence[int], cuts: Sequence[tuple[int, int]], vault: Vault
) -> Iterator[Piece]:
    """Yield the pieces with a placeholder for each range, which lies inside of one piece."""
    remaining = iter(cuts)
    cut = next(remaining, None)
    for piece, begin in zip(pieces, starts, strict=False):
        done, end = begin, begin + len(piece.text)
        while cut is not None and cut[0] < end:
            if done < cut[0]:
                yield Piece(piece.text[done - begin : cut[0] - begin])
            looked = piece.text[cut[0] - begin : cut[1] - begin]
            yield Piece(vault.placeholder_for(LITERAL, looked), is_ours=True)
            done = cut[1]
            cut = next(remaining, None)
        if done < end:
            yield piece if done == begin else Piece(piece.text[done - begin :])
