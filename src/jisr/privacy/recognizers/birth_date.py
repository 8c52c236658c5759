"""Dates of birth: a date in any usual form with a word of birth beside it.

What is covered: numeric dates, months in English and Arabic (both sets of names), Hijri
dates, a day without its year; a year alone where a person says it of himself or a field
is named so; the words before the date or after it.

What is not covered: other dates, and when others were born if only the year is told.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from jisr.config import PrivacySettings
from jisr.privacy.base import Span

ENTITY_TYPE = "BIRTH_DATE"

_MONTH = (
    "(?:jan(?:uary)?|feb(?:ruary)?|mar(?:ch)?|apr(?:il)?|may|june?|july?|aug(?:ust)?|"
    "sept?(?:ember)?|oct(?:ober)?|nov(?:ember)?|dec(?:ember)?)"
)
_ARABIC_MONTH = (
    "(?:يناير|فبراير|مارس|[أا]بريل|نيسان|مايو|ماي|يونيو|يونيه|يوليو|يوليه|[أا]غسطس|سبتمبر|"
    "[أا]كتوبر|نوفمبر|ديسمبر|كانون (?:الثاني|ال[أا]ول)|شباط|[آا]ذار|[أا]يار|حزيران|تموز|"
    "[آا]ب|[أا]يلول|تشرين (?:الثاني|ال[أا]ول)|محرم|صفر|ربيع (?:ال[أا]ول|الثاني|الآخر)|"
    "جمادى (?:ال[أا]ولى|الثانية|الآخرة)|رجب|شعبان|رمضان|شوال|ذ[وي] القعدة|ذ[وي] الحجة)"
)
_YEAR = r"(?:[1١][3-9٣-٩]|[2٢][0٠])\d\d"
_ERA = r"(?:[ ]?(?:هـ|هجر(?:ي|ية)|ه|م|ميلادي(?:ة)?|AH|AD|CE)(?!\w))?"
_DATE = (
    r"(?<![\w.,/-])(?:\d{1,4}[ ]?[/.\-][ ]?\d{1,2}[ ]?[/.\-][ ]?\d{2,4}"
    rf"|\d{{1,2}}(?:st|nd|rd|th)?[ -]?(?:of[ ])?{_MONTH}\.?(?:[ ,'’-]{{1,2}}\d{{2,4}})?"
    rf"|{_MONTH}\.?[ -]\d{{1,2}}(?:st|nd|rd|th)?(?:[ ,-]{{1,2}}{_YEAR})?"
    rf"|{_MONTH}\.?,?[ ]{_YEAR}"
    rf"|\d{{4}}[ -]{_MONTH}[ -]\d{{1,2}}"
    rf"|(?:\d{{1,2}}[ ](?:من[ ])?(?:شهر[ ])?)?{_ARABIC_MONTH}"
    r"(?:[ ،]{1,2}(?:عام[ ]|سنة[ ])?\d{4})?"
    rf"){_ERA}(?![\w/-])"
)
_FIELD = (
    r"d\.?o\.?b\b\.?|date[ _-]?of[ _-]?birth|birth[ _-]?date|birth[ _-]?day|bday|geburtsdatum|"
    r"geboren|née?[ ]le|fecha[ ]de[ ]nacimiento|data[ ]di[ ]nascita|data[ ]de[ ]nascimento|"
    r"(?:ال|و)?تاريخ[ ](?:ال)?(?:ميلاد|ولاد)\w{0,3}|عيد[ ](?:ال)?ميلاد\w{0,3}|مواليد"
)
_BORN = r"(?<!-)\bborn|\bbirth|(?<!\w)(?:و|ف)?(?:ولد(?:ت|نا|وا)?|وُلد(?:ت)?|المولود[ةه]?|مولود[ةه]?)"

_NAMED = re.compile(
    rf"(?:(?:\b|(?<=[_\W])|(?<=[a-z]))(?:{_FIELD})[^\d\n]{{0,48}}|\b(?:{_FIELD})[^\d\w]{{0,12}})"
    rf"(?P<date>{_DATE}|(?<![\w.,/-]){_YEAR}{_ERA}(?![\w/.-]))",
    re.IGNORECASE,
)
_AFTER_BORN = re.compile(rf"(?:{_BORN})(?!\w)[^\d.!?\n]{{0,40}}?(?P<date>{_DATE})", re.IGNORECASE)
_BEFORE = re.compile(
    rf"(?P<date>{_DATE})"
    r"(?:[ ,(:-]{1,3}(?:is|was|as|the|my|his|her|your|their|our|هو|كان)\b){0,3}"
    rf"[ ,(:-]{{0,3}}(?:{_FIELD}|\bborn\b)",
    re.IGNORECASE,
)
_OWN_YEAR = re.compile(
    r"(?:\b(?:I|we)(?:['’]m| am| was| were)[ ]born[ ](?:back[ ])?(?:in|around)"
    r"|\bmy[ ](?:year[ ]of[ ]birth|birth[ ]year)[ ](?:is|was)"
    r"|\b(?:year[ ]of[ ]birth|birth[ _]?year)[\"']?[ ]?[:=]"
    r"|(?<!\w)(?:و)?ولدت[ ](?:في[ ])?(?:عام|سنة)|(?:سنة|عام)[ ](?:ال)?ميلاد\w{0,3})"
    rf"[ ]{{0,2}}[:]?[ ]{{0,2}}(?P<date>{_YEAR}{_ERA})(?![\w/-])",
    re.IGNORECASE,
)
_FORMS = (
    (_NAMED, 0.9, "named as a date of birth"),
    (_BEFORE, 0.9, "named as a date of birth"),
    (_OWN_YEAR, 0.8, "the year of somebody's birth"),
    (_AFTER_BORN, 0.7, "when somebody was born"),
)
_WORTH_A_LOOK = re.compile(
    r"born|birth|d\.?o\.?b|bday|geb|nacim|nascit|nascim|n[ée]e?[ ]le|ميلاد|ولد|ولاد|مواليد|مولود",
    re.IGNORECASE,
)


def build(settings: PrivacySettings) -> BirthDateRecognizer:
    """Return the recognizer; it has no settings."""
    return BirthDateRecognizer()


class BirthDateRecognizer:
    """Finds dates of birth."""

    def find(self, text: str) -> Iterator[Span]:
        """Yield the dates of birth in `text`."""
        if not _WORTH_A_LOOK.search(text):
            return
        for form, score, why in _FORMS:
            for match in form.finditer(text):
                yield Span(*match.span("date"), ENTITY_TYPE, score, why)
