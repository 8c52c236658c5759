"""Keys are shown nowhere: text for logs, errors and traces, with what may be a key masked.

What is covered: every key that Jisr found for itself, wherever it stands, also percent-encoded;
strings in the forms that services give their keys; what follows `Bearer`, a name like `api_key`
or stands as the password in an address.

What is not covered: a key that Jisr never held and that looks like any other word; a known key
that is cut or encoded in another way.
"""

from __future__ import annotations

import logging
import re
import sys
import traceback
from types import TracebackType
from urllib.parse import quote

MASK = "****"
SHORTEST_KEY = 6
"""Characters from which a key is looked for: shorter ones stand in ordinary words."""

_FORMS = re.compile(
    r"""
    \b(?:sk|pk|rk)-[A-Za-z0-9_-]{12,}           # OpenAI, Anthropic, OpenRouter
    |\b(?:gh[pousr]_|github_pat_|hf_|glpat-|gsk_|xai-|npm_|pypi-)[A-Za-z0-9_-]{16,}
    |\bxox[abeoprs]-[A-Za-z0-9-]{10,}           # Slack
    |\b(?:AKIA|ASIA)[A-Z0-9]{16}\b              # AWS
    |\bAIza[A-Za-z0-9_-]{30,}                   # Google
    |\beyJ[A-Za-z0-9_-]{10,}\.[A-Za-z0-9_-]{10,}\.[A-Za-z0-9_-]{5,}  # JSON web tokens
    """,
    re.VERBOSE,
)
_AFTER_BEARER = re.compile(r"(\b(?:bearer|basic)\s{1,4})[A-Za-z0-9+/=._~-]{6,}", re.IGNORECASE)
_AFTER_NAME = re.compile(
    r"""((?:api[_-]?key|access[_-]?token|auth[_-]?token|secret|passw(?:or)?d|token|[?&]key)
    ['"]?\s{0,4}[:=]\s{0,4}['"]?)(?!\*)[^\s'"&,;<>]{6,}""",
    re.IGNORECASE | re.VERBOSE,
)
_IN_ADDRESS = re.compile(r"(://[^\s/:@]{0,256}:)[^\s/@]{1,256}(?=@)")

_known: set[str] = set()


def remember(key: str) -> None:
    """Have a key masked from now on, in this whole process."""
    if len(key) >= SHORTEST_KEY:
        _known.update((key, quote(key, safe="")))


def forget() -> None:
    """Know no key any more; for tests, a run of Jisr never does."""
    _known.clear()


def mask(text: str) -> str:
    """Return a text without what is, or may be, a key."""
    for key in sorted(_known, key=len, reverse=True):
        text = text.replace(key, MASK)
    text = _IN_ADDRESS.sub(rf"\1{MASK}", text)
    text = _FORMS.sub(MASK, text)
    text = _AFTER_BEARER.sub(rf"\1{MASK}", text)
    return _AFTER_NAME.sub(rf"\1{MASK}", text)


class MaskingFormatter(logging.Formatter):
    """Formats a record as usual, its traceback too, and masks the whole."""

    def format(self, record: logging.LogRecord) -> str:
        """Return the masked line or lines of a record."""
        return mask(super().format(record))


def log_masked(level: str, line_format: str) -> None:
    """Send the logs of this process to standard error, masked, unless they go somewhere."""
    logging.basicConfig(level=level, format=line_format)
    for handler in logging.getLogger().handlers:
        if type(handler) is logging.StreamHandler:
            handler.setFormatter(MaskingFormatter(line_format))


def mask_uncaught() -> None:
    """Print what nobody catches masked, in this whole process."""
    sys.excepthook = _print_masked


def _print_masked(
    kind: type[BaseException], error: BaseException, trace: TracebackType | None
) -> None:
    sys.stderr.write(mask("".join(traceback.format_exception(kind, error, trace))))
