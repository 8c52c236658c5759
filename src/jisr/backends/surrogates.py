"""Text that comes in pieces, with characters joined that were cut between two of them."""

from __future__ import annotations


class Mender:
    """Joins characters outside the basic plane that a service cut between two chunks."""

    def __init__(self) -> None:
        self._half = ""
        """High surrogate whose other half is still to come."""

    def mend(self, text: str) -> str:
        """Return what is whole of the text so far and was not returned before."""
        if self._half:
            text, self._half = self._half + text, ""
        if text.isascii():
            return text
        if "\ud800" <= text[-1] <= "\udbff":
            text, self._half = text[:-1], text[-1]
        return text.encode("utf-16-le", "surrogatepass").decode("utf-16-le", "replace")

    def end(self) -> str:
        """Return what stands for a half that found no other."""
        return "\ufffd" if self._half else ""
