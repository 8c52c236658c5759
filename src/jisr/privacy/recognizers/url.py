"""Addresses of the web that name a person or let one in.

What is covered: a user with or without password before the host; keys, tokens, signatures and
session ids in the query or fragment; ids in the path long enough to be a secret; links to
share; profiles of persons on the large networks, and `/users/name`, `/~name` on others.

What is not covered: other addresses, which are `domain_name`'s; who is meant by a plain id.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from jisr.config import PrivacySettings
from jisr.privacy.base import Span
from jisr.privacy.recognizers.web_addresses import WebAddress, web_addresses

ENTITY_TYPE = "URL"

_SECRET_NAME = re.compile(
    r"[?&#;](?:[\w.-]{0,32}(?:token|secret|signature|session|password|passwd|api[_-]?key|apikey|"
    r"credential)[\w-]{0,16}|auth|key|sig|sid|pwd|pw|jwt|code|otp|pin|hash|nonce|invite|ticket|"
    r"email|e-mail|mail|user|username|user_?id|uid|phone|tel|mobile|ssn|dob|"
    r"X-Amz-[\w-]{1,32})=[^&#]",
    re.IGNORECASE,
)
_SECRET_PATH = re.compile(
    r"/(?:reset|verify|confirm|invite|invitation|unsubscribe|magic|activate|join|share|s|d|sharing|"
    r"t|token|auth|hooks?|services|webhooks?)/(?:[\w-]{1,24}/){0,3}(?=[\w.-]{0,200}\d)[\w.-]{12,}",
    re.IGNORECASE,
)
_SHARED_HOSTS = re.compile(
    r"(?:docs|drive|photos|meet|calendar)\.google\.com|(?:[\w-]+\.)?(?:dropbox\.com|zoom\.us|"
    r"sharepoint\.com|webex\.com|box\.com|wetransfer\.com|notion\.so|icloud\.com|figma\.com)|"
    r"1drv\.ms|we\.tl|teams\.microsoft\.com|hooks\.slack\.com|chat\.whatsapp\.com|"
    r"discord\.gg|calendly\.com|paypal\.me|wa\.me|photos\.app\.goo\.gl",
    re.IGNORECASE,
)
_PROFILE_HOSTS = re.compile(
    r"(?:[\w-]+\.)?(?:facebook|instagram|twitter|x|tiktok|linkedin|github|gitlab|snapchat|threads|"
    r"medium|reddit|pinterest|youtube|t|telegram|vk|keybase|flickr|strava|soundcloud|"
    r"mastodon|bsky)\.(?:com|net|org|me|social|app|io)",
    re.IGNORECASE,
)
_PROFILE_PATH = re.compile(
    r"/(?:@|~)?(?:(?:in|pub|u|user|users|profile|profiles|people|add|c|channel)/)?@?[\w.%-]{2,64}/?",
)
_PERSONS_PATH = re.compile(
    r"/(?:~[\w.-]{2,}|@[\w.-]{2,}|(?:users?|profiles?|people|members?|accounts?|patients?|"
    r"customers?|u)/[\w.@%+-]{2,64})(?:/|\Z)",
    re.IGNORECASE,
)
_NO_PROFILES = frozenset(
    [
        *("about", "help", "login", "signup", "search", "explore", "home", "settings", "privacy"),
        *("terms", "pricing", "features", "topics", "watch", "trending", "marketplace", "jobs"),
        *("feed", "news", "contact", "legal", "hashtag", "tag", "sponsors", "events"),
    ]
)


def build(settings: PrivacySettings) -> UrlRecognizer:
    """Return the recognizer; it has no settings."""
    return UrlRecognizer()


class UrlRecognizer:
    """Finds addresses of the web that name or let in a person."""

    def find(self, text: str) -> Iterator[Span]:
        """Yield the addresses of `text`."""
        for address in web_addresses(text):
            if why := _reason(address):
                yield Span(address.start, address.end, ENTITY_TYPE, 0.85, why)


def _reason(address: WebAddress) -> str:
    """Return what is private in an address; empty if nothing is."""
    if address.user:
        return "a user before the host"
    if _SECRET_NAME.search(address.query or "") or _SECRET_NAME.search(address.fragment):
        return "a secret or a person in the query"
    has_path = len(address.path) > 1
    if has_path and _SHARED_HOSTS.fullmatch(address.host):
        return "a link that lets in who has it"
    if _SECRET_PATH.search(address.path):
        return "a secret in the path"
    if has_path and _PROFILE_HOSTS.fullmatch(address.host) and _is_profile(address.path):
        return "a person's profile"
    return "a person's page" if _PERSONS_PATH.match(address.path) else ""


def _is_profile(path: str) -> bool:
    name = path.strip("/@").lower()
    return _PROFILE_PATH.fullmatch(path) is not None and name not in _NO_PROFILES
