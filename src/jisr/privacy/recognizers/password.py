"""Passwords, PINs and passphrases, after the words that name them.

What is covered: "password: x", "my password is x", `pwd=x`, `--password x`, "PIN 1234", the
code of a message; كلمة المرور، كلمة السر، الرقم السري; a user and password as `curl -u` has them.

What is not covered: a password that nothing names, and prose about passwords ("the password
is too short").
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from jisr.config import PrivacySettings
from jisr.privacy.base import Span
from jisr.privacy.recognizers.named_values import NamedValue, NamedValues

ENTITY_TYPE = "PASSWORD"
WITH_SIGN, IN_PROSE, NEAR = 0.85, 0.75, 0.6

_SECRETS = NamedValues(
    [
        r"(?:pass[ _-]?(?:words?|phrase|code|wd)|pwd|passwd|pass|pw)(?:_[\w-]{1,16})?",
        r"(?:kennwort|passwort|contraseña|senha|mot[ ]de[ ]passe|wachtwoord|пароль)",
        r"(?:security|secret)[ ](?:answer|question[ ]answer|word)",
        r"(?:و|ب|ل)?(?:كلمة|كلمات|كلمه)[ ](?:ال)?(?:مرور|سر)(?:ي|ك|ه|ها|نا)?",
        r"(?:و|ب|ل)?(?:ال)?باس(?:ورد|وورد)(?:ي|ك|ه|ها)?",
        r"(?:كلمة[ ])?سر[ ](?:ال)?(?:حساب|دخول|واي[ ]فاي)",
    ],
    r"[^\s\"'`\\<>,;،؛]{4,128}",
    joined=r"[ ]",
)
_PINS = NamedValues(
    [
        r"(?:pin(?:[ _-]?(?:code|number|no\.?))?|cvv2?|cvc2?|otp|one[ -]time[ ](?:code|password)|"
        r"(?:verification|security|access|door|gate|alarm|unlock|lock|safe|entry)[ _-]?code|"
        r"(?:card|bank|phone|sim)[ ]pin)",
        r"(?:ال)?(?:رقم|رمز|كود)(?:ي|ه|ها)?[ ](?:ال)?(?:سري?|سريه|مرور|تحقق|تأكيد|دخول|أمان|باب)"
        r"(?:ي|ك|ه|ها)?",
    ],
    r"(?<![\d.,])\d(?:[ -]?\d){2,9}(?![\d.,]\d|[\w%@])",
    joined=r"[ ](?:code[ ])?#?",
)
_NEAR = re.compile(
    r"(?:\bpass(?:word|code|phrase|wd)s?\b|\bpwd\b|كلم[ةه][ ](?:ال)?(?:سر|مرور)\w{0,2})"
    r"(?:[ ][^\W\d_]{1,16}){1,5}[ ](?P<value>[^\s\"'`\\<>,;،؛()={}\[\]/]{6,64})",
    re.IGNORECASE,
)
_MIXED = re.compile(r"(?=.*[^\W\d_])(?=.*\d)(?=.*[#@!$%&*^?+~])[^:/]+\Z")
_CALL = re.compile(r"[\w.]+\(.*")
_CURL = re.compile(r"(?<![\w-])(?:-u|--user)[ =][\"']?[\w.@-]{1,64}:(?P<value>[^\s\"'\\]{3,128})")
_WORTH_A_LOOK = re.compile(
    r"pass|pwd|pw\b|kennwort|contrase|senha|wachtwoord|парол|secur|secret|pin|cv[vc]|otp|code|"
    r"one|(?:-u|--user)[ =]|مرور|سر|باس|رمز|كود",
    re.IGNORECASE,
)
_PROSE = re.compile(
    r"(?:a|an|the|too|not|never|always|very|required|wrong|incorrect|invalid|expired|correct|weak|"
    r"strong|weakly|safe|secure|hashed|stored|encrypted|sent|changed|reset|missing|empty|none|null|"
    r"true|false|undefined|used|needed|optional|important|short|long|protected|only|also|case|"
    r"different|longer|shorter|still|that|this|what|when|your|my|our|being|going|so|at|in|on|to|"
    r"for|str|string|bytes|self|args|os|getenv|input|getpass|int|bool|char|varchar|text|"
    r"forgotten|lost|stolen|known|unknown|fail|failed|ok|must|should|may|can|will|has|have|been|"
    r"خطأ|خاطئة|صحيحة|قوية|ضعيفة|غير|مطلوبة|طويلة|قصيرة|التي|الذي|في|من|على|ليست|ليس)"
    r"(?:[.!?)…]*|[.(\[].*)",
    re.IGNORECASE,
)
_MASKED = re.compile(r"[*•.xX_#-]+|[$%{<\[(].*|[A-Z_]*(?:PASSWORD|SECRET)[A-Z_]*")
_TRAILING = ".,;:?)]}؟"


def build(settings: PrivacySettings) -> PasswordRecognizer:
    """Return the recognizer; it has no settings."""
    return PasswordRecognizer()


class PasswordRecognizer:
    """Finds passwords and PINs."""

    def find(self, text: str) -> Iterator[Span]:
        """Yield the passwords of `text`."""
        if not _WORTH_A_LOOK.search(text):
            return
        found = [span for named in _SECRETS.find(text) for span in _password(named)]
        yield from found
        for match in _NEAR.finditer(text):
            value, start = match["value"].rstrip(_TRAILING), match.start("value")
            if _MIXED.match(value) and all(span.start != start for span in found):
                why = "letters, digits and signs near what names a password"
                yield Span(start, start + len(value), ENTITY_TYPE, NEAR, why)
        for pin in _PINS.find(text):
            why = "digits after what names a PIN or code"
            yield Span(pin.start, pin.end, ENTITY_TYPE, WITH_SIGN if pin.has_sign else 0.7, why)
        for match in _CURL.finditer(text):
            yield Span(*match.span("value"), ENTITY_TYPE, WITH_SIGN, "a user and password")


def _password(named: NamedValue) -> Iterator[Span]:
    value = named.value if named.is_quoted else named.value.rstrip(_TRAILING)
    is_bare = not named.is_quoted
    if not value.strip() or _MASKED.fullmatch(value) or (is_bare and _is_prose(named)):
        return
    score = WITH_SIGN if named.has_sign or named.is_quoted else IN_PROSE
    yield Span(
        named.start, named.start + len(value), ENTITY_TYPE, score, "after what names a password"
    )


def _is_prose(named: NamedValue) -> bool:
    """Whether a sentence goes on where a password might stand."""
    value = named.value.rstrip(_TRAILING)
    if _CALL.match(value) or not (named.has_sign or named.has_verb or _may_follow(named, value)):
        return True
    if _PROSE.fullmatch(named.value) or _PROSE.fullmatch(value):
        return True
    is_word = value.isalpha() and (value.islower() or value.istitle() or not value.isascii())
    return is_word and not named.has_sign


def _may_follow(named: NamedValue, value: str) -> bool:
    """Whether a value may stand right after its word: `passcode 4711`, not `password 2024`."""
    has_digit = any(map(str.isdigit, value))
    is_number = value.isdecimal()
    return has_digit and (not is_number or named.word.endswith(("code", "مرور", "سر")))
