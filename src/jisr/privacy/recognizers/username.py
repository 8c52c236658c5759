"""User names: what a service knows a person by.

What is covered: handles (`@ali_hassan`, `u/ali_hassan`) in prose, names after "username",
"login", "handle", اسم المستخدم; whom a command logs in as (`ssh ali@host`), whose home a path
lies in, whose branch Git merged.

What is not covered: decorators, rules of style sheets and packages (`@property`, `@media`,
`@scope/name`); a user name that nothing names.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from jisr.config import PrivacySettings
from jisr.privacy.base import Span
from jisr.privacy.context_words import ContextWords
from jisr.privacy.recognizers.named_values import NamedValue, NamedValues

ENTITY_TYPE = "USERNAME"
NAMED, HANDLE, IN_PATH = 0.85, 0.7, 0.6

_NAMED = NamedValues(
    [
        r"user[ _-]?names?|user[ _-]?id|screen[ _-]?name|nick[ _-]?name|handle|gamer[ _-]?tag",
        r"(?:login|log-in|sign-in|skype|telegram|instagram|insta|twitter|snapchat|discord|github|"
        r"gitlab|steam|reddit|tiktok|psn|xbox|wechat|slack)"
        r"(?:[ ](?:user)?(?:name|id|handle|account))?",
        r"account[ ]name|benutzername|nombre[ ]de[ ]usuario|nom[ ]d['’]utilisateur|user|uid",
        r"(?:ال|و|ب)?(?:اسم|معرف|يوزر)(?:ي|ه|ها)?[ ](?:ال)?(?:مستخدم|حساب|دخول)(?:ي|ك|ه|ها)?",
        r"(?:ال)?يوزر(?:نيم|ي|ه|ها)?|حسابي?[ ](?:في|على)[ ](?:تويتر|انستغرام|سناب|تلغرام|إكس)",
    ],
    r"@?[^\W_][\w.-]{1,38}[^\W_](?![\w@/]|\()(?:#\d{4})?",
)
_SURE = re.compile(
    r"user[ _-]?name|screen|nick|handle|gamer|benutzer|usuario|utilis|[\u0620-\u064a]"
)
_HANDLE = re.compile(
    r"(?<![\w@/.:+=&%\"'`*-])@(?P<name>[^\W\d_][\w.]{1,29}[^\W_])(?![\w@/]|-\w|\()"
)
_REDDIT = re.compile(r"(?<![\w/.])/?u/[A-Za-z0-9_-]{3,20}(?![\w/])")
_LOGIN = re.compile(
    r"(?<!\w)(?:ssh|scp|sftp|rsync|mosh|ssh-copy-id)[ ](?:-\w[ ]?[\w./~-]{0,64}[ ]){0,4}"
    r"(?P<name>[a-z_][\w.-]{1,31})@"
)
_HOME = re.compile(
    r"(?:/home/|/Users/|[A-Z]:\\{1,2}Users\\{1,2})(?P<name>[^\W_][\w.-]{1,30})(?=[/\\])"
)
_BRANCH = re.compile(
    r"\b[Mm]erge (?:pull request #\d{1,7} from |branch '[^'\s]{1,80}' of (?:https?://)?[\w.]+[:/])"
    r"(?P<name>[A-Za-z0-9][A-Za-z0-9-]{1,38})(?=/)"
)
_WORDS = ContextWords(
    [
        *("follow", "handle", "twitter", "instagram", "insta", "telegram", "tiktok", "snapchat"),
        *("dm", "threads", "youtube", "mastodon", "github", "account", "tag", "thanks", "cc"),
        *("تابعوا", "تابع", "حساب", "تويتر", "انستغرام", "تلغرام", "سناب", "يوزر"),
    ],
    before=32,
    after=0,
)
_NO_HANDLES = frozenset(
    [
        *("property", "staticmethod", "classmethod", "override", "dataclass", "abstractmethod"),
        *("cache", "wraps", "fixture", "pytest.fixture", "functools.wraps", "deprecated", "app"),
        *("overload", "final", "test", "before", "after", "autowired", "bean", "component"),
        *("service", "controller", "entity", "param", "return", "returns", "throws", "author"),
        *("media", "import", "charset", "keyframes", "supports", "layer", "container", "include"),
        *("mixin", "apply", "tailwind", "extend", "use", "forward", "see", "since", "link"),
        *("nullable", "notnull", "suppresswarnings", "inject", "injectable", "input", "output"),
        *(
            "types",
            "latest",
            "next",
            "everyone",
            "here",
            "channel",
            "all",
            "id",
            "self",
            "home",
            "work",
        ),
    ]
)
_CODE_AFTER = re.compile(
    r"[ \t]*\n[ \t]*(?:@|def |async |class |public |private |protected |static |func|void |"
    r"export |const |interface |abstract |final )"
)
_LINE_START = re.compile(r"(?:\A|\n)[ \t]*\Z")
_NOBODY = frozenset(
    [
        *("user", "username", "root", "admin", "ubuntu", "public", "shared", "runner", "default"),
        *("ec2-user", "git", "node", "app", "guest", "www-data", "name", "youruser", "me", "your"),
    ]
)
_PROSE = frozenset(
    [
        *("is", "not", "the", "and", "already", "taken", "invalid", "required", "unknown", "wrong"),
        *("incorrect", "valid", "empty", "null", "none", "true", "false", "string", "str", "page"),
        *("failed", "your", "my", "for", "with", "who", "that", "this", "too", "available", "used"),
        *("missing", "unique", "optional", "very", "hello", "what", "yes", "please", "now", "how"),
        *("مستخدم", "غير", "مطلوب", "موجود", "مستخدمة", "الذي", "التي"),
    ]
)


def build(settings: PrivacySettings) -> UsernameRecognizer:
    """Return the recognizer; it has no settings."""
    return UsernameRecognizer()


class UsernameRecognizer:
    """Finds user names and handles."""

    def find(self, text: str) -> Iterator[Span]:
        """Yield the user names of `text`."""
        for named in _NAMED.find(text):
            if _is_name(named):
                yield Span(named.start, named.end, ENTITY_TYPE, NAMED, "after what names a user")
        if "@" in text:
            yield from _handles(text)
        if "/" in text or "\\" in text:
            yield from _in_paths(text)


def _handles(text: str) -> Iterator[Span]:
    words = None
    for match in _HANDLE.finditer(text):
        if match["name"].lower() in _NO_HANDLES or (
            _LINE_START.search(text, max(0, match.start() - 64), match.start())
            and _CODE_AFTER.match(text, match.end())
        ):
            continue
        words = words or _WORDS.scan(text)
        cue = words.near(*match.span())
        score, why = (NAMED, f", {cue.why}") if cue else (HANDLE, "")
        yield Span(*match.span(), ENTITY_TYPE, score, f"form of a handle{why}")
    for match in _LOGIN.finditer(text):
        if match["name"] not in _NOBODY:
            yield Span(*match.span("name"), ENTITY_TYPE, HANDLE, "whom a command logs in as")


def _in_paths(text: str) -> Iterator[Span]:
    """Yield user names that a slash tells."""
    for match in _REDDIT.finditer(text):
        yield Span(*match.span(), ENTITY_TYPE, HANDLE, "form of a handle")
    for match in _HOME.finditer(text):
        if match["name"].lower() not in _NOBODY:
            yield Span(*match.span("name"), ENTITY_TYPE, IN_PATH, "whose home a path is in")
    for match in _BRANCH.finditer(text):
        yield Span(*match.span("name"), ENTITY_TYPE, HANDLE, "whose branch was merged")


def _is_name(named: NamedValue) -> bool:
    """Whether a value may be a user's name, and not the rest of a sentence."""
    value = named.value.lower()
    if value in _PROSE or value in _NOBODY or " " in value.strip():
        return False
    if _SURE.match(named.word):
        return True
    return any(map(str.isdigit, value)) or "_" in value or value.startswith("@")
