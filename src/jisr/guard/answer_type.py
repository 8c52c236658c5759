"""Whether an answer is of the sort that was asked for: who a name, when a date, how many a number.

A question of no such sort is matched half: nothing is told by it.
"""

from __future__ import annotations

import re
from collections.abc import Mapping

NOT_TOLD = 0.5

_ARABIC = r"[\u0621-\u064a]"
_NUMBER = (
    r"[\d٠-٩]|\b(?:zero|no|none|one|two|three|four|five|six|seven|eight|nine|ten|eleven|twelve|"
    r"\w+teen|twenty|thirty|forty|fifty|sixty|seventy|eighty|ninety|hundreds?|thousands?|millions?|"
    r"billions?|dozens?|half|once|twice|both|several|many|few|single|pair|couple)\b"
    r"|واحد|اثن|ثلاث|أربع|خمس|ست|سبع|ثمان|تسع|عشر|مائ|مئ|ألف|آلاف|مليون|مليار|نصف|ربع|ثلث|ضعف"
    r"|عديد|كثير|مرة|مرتين"
)
_TIME = (
    r"[\d٠-٩]|\b(?:Jan|Feb|Mar|Apr|May|Jun|Jul|Aug|Sep|Oct|Nov|Dec)\w*\b|\b\w+day\b|\b(?:century|"
    r"year|month|week|day|morning|until|Until|During|After|Before|Since|evening|night|noon|midnight|spring|summer|autumn|fall|winter|age|"
    r"era|period|war|during|after|before|since|until|when|today|now|never|ago|soon|later|early|late)"
    r"s?\b|قرن|سنة|عام|شهر|يوم|أسبوع|صباح|مساء|ليل|ربيع|صيف|خريف|شتاء|عصر|حرب|بعد|قبل|خلال|منذ|أثناء"
    r"|يناير|فبراير|مارس|أبريل|مايو|يونيو|يوليو|أغسطس|سبتمبر|أكتوبر|نوفمبر|ديسمبر"
    r"|السبت|الأحد|الاثنين"
    r"|الثلاثاء|الأربعاء|الخميس|الجمعة"
)
_NAME = (
    rf"\b[A-Z]\w|{_ARABIC}{{2}}|\b(?:the|his|her|their|its|people|men|women|king|queen|s?he|they)\b"
)
_PLACE = (
    rf"\b[A-Z]\w|{_ARABIC}{{2}}|\b(?:in|at|on|near|by|under|above|inside|outside|from|to|the)\b"
)

_SORTS: Mapping[str, tuple[str, str]] = {
    "number": (
        r"\bhow (?:many|much|old|long|tall|far|big|large|high|deep|wide|heavy|fast|often)\b"
        r"|\bwhat (?:percent(?:age)?|number|fraction|proportion|share)\b|(?:^|\s)(?:كم|بكم)\s"
        r"|ما (?:عدد|نسبة|مساحة)",
        _NUMBER,
    ),
    "time": (
        r"\bwhen\b|\b(?:what|which) (?:year|date|day|month|century|decade|time)\b"
        r"|متى|(?:أي|اي) (?:عام|سنة|شهر|يوم|قرن|وقت|تاريخ)|ما (?:تاريخ|العام|السنة)",
        _TIME,
    ),
    "place": (
        r"\bwhere\b|\b(?:what|which) (?:country|city|town|place|state|continent|region|village)\b"
        r"|(?:^|\s)أين\s|(?:أي|اي) (?:بلد|دولة|مدينة|مكان|قارة|منطقة|قرية)",
        _PLACE,
    ),
    "person": (r"\b(?:who|whom|whose)\b|(?:^|\W)من (?:هو|هي|كان|كانت|الذي|التي|ال)", _NAME),
}
_READ = {
    name: (re.compile(asked, re.IGNORECASE), re.compile(given))
    for name, (asked, given) in _SORTS.items()
}
_OTHER = re.compile(r"\b(?:what|which|why|how)\b|(?:^|\s)(?:ما|ماذا|لماذا|كيف)\s", re.IGNORECASE)
MOST_CHARACTERS = 2_000
LAST_CHARACTER = 40
"""Of a question in which the word that asks begins; one further on joins clauses."""


def type_match(question: str, answer: str) -> float:
    """Return 1 if an answer has what a question asks for, 0 if not, a half if that is not told."""
    found = [
        (match.start(), given)
        for asked, given in (*_READ.values(), (_OTHER, None))
        if (match := asked.search(question[:MOST_CHARACTERS]))
    ]
    begun, given = min(found, key=lambda it: it[0], default=(0, None))
    if given is None or begun >= LAST_CHARACTER:
        return NOT_TOLD
    return float(given.search(answer[:MOST_CHARACTERS]) is not None)
