"""From tokens' bytes to text that can be shown: whole characters, cut before a stop string."""

from __future__ import annotations

import codecs
from collections.abc import Sequence


class TextAssembler:
    """Turns pieces of bytes into pieces of text.

    A character that tokens cut in two is held until it is whole, and text that
    may be the start of a stop string until it is clear whether it is. Of several
    stop strings the one that is complete first counts; where the tokens cut the
    text makes no difference.
    """

    def __init__(self, stop: Sequence[str] = ()) -> None:
        self._stop = tuple(stop)
        self._decode = codecs.getincrementaldecoder("utf-8")("replace").decode
        self._held = ""
        self.is_stopped = False
        """A stop string came: all after it is dropped."""
        self.num_decoded = 0
        """Characters that came so far, held ones too: place of the next token's first."""
        self.num_released = 0
        """Characters that were returned so far."""

    def push(self, piece: bytes) -> str:
        """Take the next bytes; return the text that is certain by now."""
        text = self._decode(piece)
        self.num_decoded += len(text)
        return self._count(self._release(text))

    def close(self) -> str:
        """Return what was held for a stop string that never came.

        Bytes that began a character and did not end it are dropped: half a character says nothing.
        """
        held, self._held = self._held, ""
        return self._count(held)

    def _count(self, text: str) -> str:
        self.num_released += len(text)
        return text

    def _release(self, text: str) -> str:
        if self.is_stopped:
            return ""
        if not self._stop:
            return text
        text = self._held + text
        found = [(at + len(stop), at) for stop in self._stop if (at := text.find(stop)) >= 0]
        if found:
            self.is_stopped, self._held = True, ""
            return text[: min(found)[1]]
        cut = len(text) - max(_overlap(text, stop) for stop in self._stop)
        ready, self._held = text[:cut], text[cut:]
        return ready


def _overlap(text: str, stop: str) -> int:
    """Return the length of the longest end of `text` that starts `stop`."""
    longest = min(len(text), len(stop) - 1)
    return next((n for n in range(longest, 0, -1) if stop.startswith(text[-n:])), 0)
