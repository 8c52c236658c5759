"""Ages of people, in digits or spelled out.

What is covered: "is 54 years old", "aged 40", "my age is 23", "turning 21", "a
72-year-old", a 30th birthday; months of small children; the same in Arabic. A span holds
the number only, so that the sentence stays one.

What is not covered: rough ages ("in his fifties"), ages that only a sum would tell.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from jisr.config import PrivacySettings
from jisr.privacy.base import Span

ENTITY_TYPE = "AGE"
OLDEST = 120
"""Years; nobody was older but for two."""

_TENS = (
    "(?:twenty|thirty|forty|fifty|sixty|seventy|eighty|ninety)"
    "(?:[ -](?:one|two|three|four|five|six|seven|eight|nine))?"
)
_TEENS = "(?:eleven|twelve|(?:thir|four|fif|six|seven|eigh|nine)teen)"
_FEW = "(?:one|two|three|four|five|six|seven|eight|nine|ten)"
_DIGITS = r"(?<![\w.,/$€£+-])\d{1,3}(?:[.٫]5)?(?![\w%٪°/]|[.,:٫]\d|[ ]?%)"
_AGE = rf"(?P<age>{_DIGITS}|\b(?:{_TENS}|{_TEENS})\b)"
_AGE_OR_FEW = rf"(?P<age>{_DIGITS}|\b(?:{_TENS}|{_TEENS}|{_FEW})\b)"
_OTHER = r"(?<![\w.,/$])\d{1,3}(?![\w%])"
_THINGS = (
    "(?:building|house|home|tree|company|firm|business|car|tradition|church|laptop|computer|phone|"
    "wine|whisky|whiskey|scotch|bridge|city|town|problem|technology|software|code|system|bug|law|"
    "mortgage|bond|contract|book|ship|boat|plan|record|fossil|rock|star)"
)
_STOPS = r'(?=[ ]*(?:\Z|[.,;!?)"\n]))'
_THEN = (
    "years?|yrs?|old|now|and|but|or|when|while|with|if|so|because|who|already|today|then|"
    "my|we|i|he|she|they"
)
_WHEN = "tomorrow|soon|this|next|last|in|on|at"
_RELATIVES = (
    "son|daughter|wife|husband|mother|father|mom|mum|dad|brother|sister|child|baby|kid|girlfriend|"
    "boyfriend|grandmother|grandfather|grandma|grandpa|uncle|aunt|cousin|friend|patient"
)

_ARABIC_ONES = (
    "(?:واحد[ةه]?|اثن(?:ان|ين)|اثنت(?:ان|ين)|(?:ثلاث|[أا]ربع|خمس|ست|سبع|ثمان|تسع|عشر)ي?[ةه]?)"
)
_ARABIC_TENS = "(?:عشر|ثلاث|[أا]ربع|خمس|ست|سبع|ثمان|تسع)(?:ون|ين)"
_ARABIC_AGE = (
    rf"(?P<age>{_DIGITS}|(?<!\w)(?:ال)?(?:{_ARABIC_ONES}[ ](?:و(?:ال)?{_ARABIC_TENS}|عشر[ةه]?)"
    rf"|{_ARABIC_TENS}|{_ARABIC_ONES})(?!\w))"
)
_ARABIC_YEARS = "(?:سن[ةهت]|سنوات|سنين|عام|[أا]عوام|شهر|شهور|[أا]شهر|ربيع)"
_ARABIC_BETWEEN = (
    "(?:[ ](?:هو|هي|الآن|الان|كان|كانت|حاليا|حالياً|حوالي|نحو|قرابة|يبلغ|فقط|من|العمر)){0,3}"
    "[ ]{0,2}[:=]?[ ]{0,2}"
)

_FORMS = {
    "so many years old": (
        0.9,
        rf"{_AGE_OR_FEW}[ -]?(?:(?:years?|yrs?|months?)[ -](?:old|young)\b(?![ -]{_THINGS})"
        r"|years? of age\b|y\.o\.)|(?<![\w.,/$-])(?P<other>\d{1,3})[ -]?y/?o\b",
    ),
    "named as an age": (
        0.9,
        r"(?<!\bunder )(?<!\bover )(?<!\bby )(?<!\bunder the )(?<!\bover the )(?<!\bby the )"
        r"\b(?:aged|ages?(?:[ ](?:is|was|of|about|around|only|now)){0,2})[\"']?[ ]?[:=]?"
        rf"[ ]{{0,2}}[\"']?{_AGE}(?:[ ]?(?:,|and|&|or|to|-)[ ]?(?P<other>{_OTHER}))?"
        r"(?![ ](?:percent|seconds|minutes|hours|days|users|items|points)\b)",
    ),
    "turned so many": (
        0.7,
        r"(?<!\bon )(?<!\bin )(?<!\bper )(?<!\bthe )(?<!\bthis )(?<!\beach )(?<!\bevery )"
        rf"\bturn(?:s|ed|ing)?[ ](?:just[ ])?{_AGE}(?:{_STOPS}|[ ](?:{_THEN}|{_WHEN})\b)",
    ),
    "somebody is so many": (
        0.7,
        rf"\b(?:I['’]?m|I am|I was|(?:he|she|who)(?:['’]s| is| was)|(?:{_RELATIVES})"
        r"(?:['’]s| is| was))[ ](?:(?:only|just|now|already|about|almost|nearly)[ ])?"
        rf"{_AGE}(?:{_STOPS}|[ ](?:{_THEN})\b)",
    ),
    "a birthday of that many years": (
        0.7,
        r"(?<![\w.,-])(?P<age>\d{1,3})(?:st|nd|rd|th)[ ]birthday\b",
    ),
    "beside a sex": (
        0.8,
        rf"\b(?:I|me|he|she|{_RELATIVES})[ ]?\((?:(?P<age>\d{{2}})[ ,]{{0,2}}[MF]"
        r"|[MF][ ,]{0,2}(?P<other>\d{2}))\)",
    ),
    "between commas after a name": (
        0.5,
        r"(?<=[^\W\d_]{2}),[ ](?P<age>\d{2}),[ ](?:who|said|was|is|has|from|of|an?)\b",
    ),
    "somebody at that many": (
        0.6,
        r"(?<![\w,])at[ ](?P<age>\d{2}),?[ ](?:I|he|she|my|his|her)\b",
    ),
    "named as an age in Arabic": (
        0.9,
        r"(?<!\w)[وفب]?(?:عمر(?:ي|ك|ه|ها|نا|هم)|العمر|بعمر|في[ ]عمر|في[ ]سن|سن(?:ي|ها)|من[ ]العمر)"
        rf"{_ARABIC_BETWEEN}{_ARABIC_AGE}",
    ),
    "so many years of age in Arabic": (
        0.9,
        rf"{_ARABIC_AGE}[ ]?(?:{_ARABIC_YEARS}[اً]{{0,2}}[ ])?من[ ](?:العمر|عمر(?:ي|ه|ها|ك))(?!\w)",
    ),
    "somebody reaches so many years, in Arabic": (
        0.7,
        r"(?<!\w)(?:و|ف)?(?:[أا]|ي|ت|ال)(?:بلغ|بالغ[ةه]?|كمل|تم)"
        rf"[ ]{_ARABIC_AGE}[ ]{_ARABIC_YEARS}",
    ),
}
"""Why -> score and form."""


_COMPILED = tuple(
    (re.compile(form, re.IGNORECASE), score, why) for why, (score, form) in _FORMS.items()
)


def build(settings: PrivacySettings) -> AgeRecognizer:
    """Return the recognizer; it has no settings."""
    return AgeRecognizer()


class AgeRecognizer:
    """Finds ages of people."""

    def find(self, text: str) -> Iterator[Span]:
        """Yield the ages of `text`."""
        for form, score, why in _COMPILED:
            for match in form.finditer(text):
                for group in form.groupindex:
                    if match[group] and _is_an_age(match[group]):
                        yield Span(*match.span(group), ENTITY_TYPE, score, why)


def _is_an_age(written: str) -> bool:
    whole = re.split("[.٫]", written)[0]
    return not whole.isdecimal() or int(whole) <= OLDEST
