"""Keys and tokens of services: by the prefix their service gives them, or by the word before.

What is covered: the prefixes of some fifty services, JSON web tokens, `Bearer` and `Basic`
headers; random-looking strings after "key", "token", "secret", مفتاح.

What is not covered: random strings without prefix and word, such as hashes of commits; keys that
are words.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator
from math import log2

from jisr.config import PrivacySettings
from jisr.privacy.base import Span
from jisr.privacy.recognizers.named_values import NamedValue, NamedValues

ENTITY_TYPE = "API_KEY"
KNOWN, NAMED = 0.95, 0.8

_PREFIXED = re.compile(
    r"(?<![A-Za-z0-9_])(?:"
    r"sk-[\w-]{16,256}"  # OpenAI, Anthropic and those that follow them
    r"|(?:sk|pk|rk)_(?:live|test)_\w{10,256}|whsec_[\w+/=]{16,128}"  # Stripe
    r"|gh[pousr]_\w{20,255}|github_pat_\w{20,255}"
    r"|gl(?:pat|dt|rt|ptt|ft|soat|cbt|agent|oas)-[\w.-]{16,128}"
    r"|(?:AKIA|ASIA|ABIA|ACCA)[A-Z0-9]{16}(?![A-Za-z0-9])"
    r"|AIza[\w-]{30,40}|ya29\.[\w-]{20,512}|GOCSPX-[\w-]{20,64}"
    r"|xox[abeoprs]-[\w-]{10,256}|xapp-[\w-]{10,256}"
    r"|hf_[A-Za-z0-9]{20,64}|api_org_[A-Za-z0-9]{20,64}"
    r"|SG\.[\w-]{16,64}\.[\w-]{16,64}|npm_[A-Za-z0-9]{30,64}|pypi-[\w-]{16,512}"
    r"|dckr_(?:pat|oat)_[\w-]{20,64}|do[opr]_v1_[a-f0-9]{40,64}"
    r"|shp(?:at|ca|pa|ss)_[A-Fa-f0-9]{20,64}|sq0(?:atp|csp|idp)-[\w-]{20,64}"
    r"|(?:gsk|r8|lin_api|ntn|secret|figd|sbp|sntrys|glc|glsa|rnd|nfp|tskey|whsk|sdk|phc|phx|pat|"
    r"fio-u|tfp|atlasv1|ctx7sk|fw|csk|esecret|re|dp\.pt|dp\.st|hvs|hvb)[_.-][\w.-]{28,512}"
    r"|(?:pplx|xai|nvapi|tvly|jina|PMAK|key|together|voyage|pa)-[\w-]{28,256}"
    r"|(?:AC|SK)[0-9a-f]{32}(?![A-Za-z0-9])|dapi[0-9a-f]{32}"
    r"|EAA[A-Za-z0-9]{40,256}|[0-9]{8,10}:AA[\w-]{30,40}"  # Facebook, Telegram
    r"|[MNO][\w-]{23,28}\.[\w-]{6}\.[\w-]{27,40}"  # Discord
    r"|eyJ[\w-]{8,4096}\.eyJ[\w-]{8,4096}(?:\.[\w-]{0,4096})?"  # JSON web tokens
    r")(?![\w])"
)
_HEADER = re.compile(
    r"(?<!\w)(?:bearer|basic|token|digest)[ ]{1,3}(?P<value>[\w+/.~=-]{16,4096})", re.IGNORECASE
)
_NAMED = NamedValues(
    [
        r"(?:x[ _-]?)?(?:api|access|secret|auth|service|private|account|app|application|client|"
        r"signing|encryption|master|license|admin|subscription|consumer|webhook|session|refresh|"
        r"bearer|id|security|deploy|bot|integration)?[ _-]?(?:access[ _-]?)?"
        r"(?:keys?|tokens?|secrets?|credentials?)(?:[ _-]?(?:key|token|id|value))?",
        r"apikeys?|session[ _-]?ids?|authorization|credentials?|cookie",
        r"(?:ال)?(?:مفتاح|مفاتيح|توكن|رمز)(?:ي)?"
        r"(?:[ ](?:ال)?(?:وصول|سري?|سرية|واجهة|api|برمجة|تطبيق|دخول))?",
    ],
    r"[\w+/.~=-]{12,512}",
    joined=r"[ ]",
)
_WORTH_A_LOOK = re.compile(
    r"key|token|secret|cred|session|cookie|author|مفت|توكن|رمز", re.IGNORECASE
)
_LEAST_BITS, _LEAST_KINDS = 3.0, 8  # of entropy per character; different characters
_PATH = re.compile(
    r"[A-Za-z]+\d{1,4}|(?:[a-z_.-]+/)+[a-z_.-]*|\d+(?:[.:/-]\d+)*|.*\.(?:py|js|ts|json|ya?ml|txt|pem|md)"
)
_TRAILING = ".,;:~-"


def build(settings: PrivacySettings) -> KeyRecognizer:
    """Return the recognizer; it has no settings."""
    return KeyRecognizer()


class KeyRecognizer:
    """Finds keys and tokens of services."""

    def find(self, text: str) -> Iterator[Span]:
        """Yield the keys of `text`."""
        for match in _PREFIXED.finditer(text):
            if len(set(match[0])) >= _LEAST_KINDS and any(map(str.isdigit, match[0])):
                end = match.start() + len(match[0].rstrip(_TRAILING))
                yield Span(match.start(), end, ENTITY_TYPE, KNOWN, "prefix of a service's keys")
        for match in _HEADER.finditer(text):
            if _is_random(match["value"]):
                start = match.start("value")
                end = start + len(match["value"].rstrip(_TRAILING))
                yield Span(start, end, ENTITY_TYPE, NAMED, "in a header that lets in")
        if _WORTH_A_LOOK.search(text):
            for named in _NAMED.find(text):
                if _is_key(named):
                    end = named.start + len(named.value.rstrip(_TRAILING))
                    yield Span(
                        named.start, end, ENTITY_TYPE, NAMED, "random, after what names a key"
                    )


def _is_key(named: NamedValue) -> bool:
    return " " not in named.value and _is_random(named.value)


def _is_random(value: str) -> bool:
    """Whether a string looks drawn by chance: letters and digits, hardly any twice."""
    if _PATH.fullmatch(value) or not any(map(str.isdigit, value)):
        return False
    counts = Counter(value)
    bits = -sum(n / len(value) * log2(n / len(value)) for n in counts.values())
    return any(map(str.isalpha, value)) and bits >= _LEAST_BITS and len(counts) >= _LEAST_KINDS
