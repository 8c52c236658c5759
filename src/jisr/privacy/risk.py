"""How far what leaves of a turn could single out one person, though nothing in it names one.

Each clue that leaves is worth so many bits: the logarithm of the share of the world's people
whom it fits. Bits add up, as if clues were independent, which over- rather than underestimates
them; of one kind only the strongest counts. About 33 bits tell one person of all, and the
score is the share of these. What is replaced by a placeholder is worth nothing, what is
generalised a few bits.

What is covered: ages, dates of birth, places, firms, network addresses that leave; jobs,
illnesses and gender that the text names in words, in English and Arabic.

What is not covered: what else a text tells (a story, a style, an event), other languages.

Source: L. Sweeney, Simple Demographics Often Identify People Uniquely, 2000 (date of birth,
postcode and gender single out 87 % of the people of the USA); P. Golle, Revisiting the
Uniqueness of Simple Demographics in the US Population, 2006.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from math import log2

from jisr.privacy.plan import Action

BITS_OF_ONE = log2(8e9)
"""Bits that tell one person of all people: 33."""

BITS: Mapping[str, tuple[float, float]] = {
    "AGE": (6.3, 3.0),  # one of 80 years; one of 8 bands
    "BIRTH_DATE": (14.8, 3.0),  # one of 80 years and 365 days
    "CITY": (15.0, 7.0),  # a town of 250,000; a country of 60 million
    "COUNTRY": (7.0, 7.0),
    "NRP": (7.0, 7.0),
    "POSTCODE": (18.6, 13.0),  # 20,000 people; a million
    "STREET_ADDRESS": (31.0, 15.0),  # a household; its town
    "COORDINATES": (28.0, 13.0),  # a block; 10 km around
    "ORGANIZATION": (20.0, 5.0),  # a firm of 8,000; one of 30 kinds
    "IP_ADDRESS": (31.0, 1.0),
}
"""Entity type -> bits if it leaves as it is, and if it leaves generalised."""

JOB_BITS = 8.0
CONDITION_BITS = 13.0
"""One in 10,000 people."""
GENDER_BITS = 1.0

_JOBS = (
    r"(?:nurse|surgeon|doctor|physician|dentist|pharmacist|midwife|paramedic|psychologist|teacher|"
    r"professor|lecturer|principal|lawyer|attorney|judge|prosecutor|notary|police officer|"
    r"detective|firefighter|soldier|officer|pilot|steward(?:ess)?|captain|sailor|engineer|"
    r"architect|programmer|developer|accountant|auditor|banker|broker|farmer|fisherman|butcher|"
    r"baker|chef|cook|waiter|waitress|hairdresser|electrician|plumber|carpenter|mechanic|driver|"
    r"journalist|editor|actor|actress|musician|singer|painter|photographer|librarian|priest|imam|"
    r"rabbi|ambassador|diplomat|minister|mayor|manager|director|secretary|clerk|cashier|guard)s?"
)
_JOBS_ARABIC = (
    r"(?:ال)?(?:ممرض|جراح|طبيب|صيدلي|معلم|مدرس|أستاذ|محامي|محام|قاضي|قاض|شرطي|ضابط|جندي|طيار|مهندس|"
    r"مبرمج|محاسب|مزارع|صياد|خباز|طباخ|نادل|حلاق|كهربائي|سباك|نجار|ميكانيكي|سائق|صحفي|ممثل|مطرب|"
    r"رسام|مصور|إمام|سفير|دبلوماسي|وزير|مدير|سكرتير|موظف|حارس)(?:ة)?"
)
_CONDITIONS = (
    r"(?:lupus|als|huntington(?:'s)?|cystic fibrosis|h(?:ae|e)mophilia|sickle cell|"
    r"thalass(?:ae|e)mia|multiple sclerosis|muscular dystrophy|myasthenia|marfan|ehlers-danlos|"
    r"crohn(?:'s)?|sarcoidosis|narcolepsy|schizophrenia|tourette(?:'s)?|porphyria|albinism|dwarfism|phenylketonuria|"
    r"hiv|aids|leuk(?:ae|e)mia|lymphoma|melanoma|sarcoma|glioblastoma|epilepsy|parkinson(?:'s)?)"
)
_CONDITIONS_ARABIC = (
    r"(?:ال)?(?:ذئبة|تصلب|التليف الكيسي|ناعور|هيموفيليا|أنيميا منجلية|منجلية|ثلاسيميا|ضمور|كرون|"
    r"ساركويد|فصام|توريت|مهق|إيدز|لوكيميا|ابيضاض|صرع|باركنسون|سرطان)"
)
_FEMALE = (
    r"(?:she|her|woman|wife|mother|daughter|sister|female)|(?:زوجتي|أمي|ابنتي|أختي|امرأة|أنثى)"
)
_MALE = r"(?:he|his|him|man|husband|father|son|brother|male)|(?:زوجي|أبي|ابني|أخي|رجل|ذكر)"
_PERSONAL = r"(?:i|i'm|my|me|patient)|(?:أنا|عندي|لدي|مريض|مريضة|عمري|عمره|عمرها|أعمل|يعمل|تعمل)"


def _words(*patterns: str) -> re.Pattern[str]:
    return re.compile(rf"(?<!\w)(?:{'|'.join(patterns)})(?!\w)", re.IGNORECASE)


_JOB, _CONDITION = _words(_JOBS, _JOBS_ARABIC), _words(_CONDITIONS, _CONDITIONS_ARABIC)
_GENDER = _words(_FEMALE, _MALE)
_ABOUT_SOMEBODY = _words(_FEMALE, _MALE, _PERSONAL)


@dataclass(frozen=True, slots=True)
class Clue:
    """One thing that leaves and fits a part of all people only."""

    what: str
    """An entity type, or words for it."""
    bits: float


@dataclass(frozen=True, slots=True)
class Risk:
    """What a turn would give away of who it is about."""

    clues: tuple[Clue, ...] = ()

    @property
    def bits(self) -> float:
        """Bits of all clues."""
        return sum(clue.bits for clue in self.clues)

    @property
    def score(self) -> float:
        """0: nobody could be told; 1: one of all people could."""
        return min(1.0, self.bits / BITS_OF_ONE)

    @property
    def sentence(self) -> str:
        """The clues in words for people, strongest first; empty if there is none."""
        if not self.clues:
            return ""
        told = ", ".join(f"{clue.what} {clue.bits:.0f}" for clue in self.clues)
        return f"{self.bits:.0f} of the {BITS_OF_ONE:.0f} bits that tell one person: {told}"


def assess(leaving: Iterable[tuple[str, Action]], texts: Iterable[str]) -> Risk:
    """Return the risk of what leaves.

    Args:
        leaving: Entity types with what happens to them.
        texts: What is left of the turn's texts, for what they tell in words.
    """
    strongest: dict[str, float] = {}
    for entity_type, action in leaving:
        bits = worth(entity_type, action)
        if bits:
            strongest[entity_type] = max(bits, strongest.get(entity_type, 0.0))
    if "CITY" in strongest:
        strongest.pop("COUNTRY", None)  # the town tells it
    strongest |= _told(list(texts), has_clues=bool(strongest))
    clues = [Clue(what, bits) for what, bits in strongest.items()]
    return Risk(tuple(sorted(clues, key=lambda clue: (-clue.bits, clue.what))))


def worth(entity_type: str, action: Action) -> float:
    """Return the bits that one span gives away under an action."""
    as_it_is, generalised = BITS.get(entity_type, (0.0, 0.0))
    if action is Action.KEEP:
        return as_it_is
    return generalised if action is Action.GENERALISE else 0.0


def _told(texts: list[str], *, has_clues: bool) -> dict[str, float]:
    """Return what texts about somebody tell in words: a question in general tells nothing."""
    if not has_clues and not any(map(_ABOUT_SOMEBODY.search, texts)):
        return {}
    told = {
        "a job": (_JOB, JOB_BITS),
        "a rare illness": (_CONDITION, CONDITION_BITS),
        "gender": (_GENDER, GENDER_BITS),
    }
    return {what: bits for what, (words, bits) in told.items() if any(map(words.search, texts))}
