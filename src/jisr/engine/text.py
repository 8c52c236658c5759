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

    def push(self, piece: bytes) -> str:
        """Take the next bytes; return the text that is certain by now."""
        return self._release(self._decode(piece))

    def close(self) -> str:
        """Return what was held for a stop string or a character that never came."""
        text = self._release(self._decode(b"", True))
        held, self._held = self._held, ""
        return text + held

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
