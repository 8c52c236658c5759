"""Put private values back into an answer that comes in pieces, wherever it is cut."""

from __future__ import annotations

from jisr.privacy.vault import Vault


class StreamRestorer:
    """Restores one stream. What it holds back is never longer than a placeholder."""

    def __init__(self, vault: Vault) -> None:
        self._vault = vault
        self._seen = ""  # the last character let go: it says whether a word starts after it
        self._held = ""

    def push(self, text: str) -> str:
        """Take the next piece; return what can no longer change."""
        if not len(self._vault):
            return text
        start = len(self._seen)
        whole = self._seen + self._held + text
        return self._let_go(whole, start, self._vault.unfinished_from(whole, start))

    def close(self) -> str:
        """Return the rest. The stream is over; the restorer may not be used again."""
        whole = self._seen + self._held
        return self._let_go(whole, len(self._seen), len(whole))

    def _let_go(self, whole: str, start: int, end: int) -> str:
        self._seen = whole[end - 1 : end] if end else ""
        self._held = whole[end:]
        return self._vault.restore_part(whole, start, end)
