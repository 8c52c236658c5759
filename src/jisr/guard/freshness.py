"""Whether a question needs facts newer than any weights: weather, prices, news, scores, offices.

What is covered: questions that ask for the state of the world now, in English and Arabic. What is
not covered: a fact that has changed without the question showing that it may.
"""

from __future__ import annotations

import re

from jisr.question import Question, TaskKind
from jisr.question_words import CHANGING, CHANGING_ARABIC, NOW, NOW_ARABIC

REASON = "fresh_facts"
MOST_WORDS = 30
"""Of a question for the state of the world; a longer one tells a story."""

_NOW = (
    rf"\b(?:{NOW}|at present|these days|as of now|so far this|this (?:afternoon|weekend)"
    r"|(?:last|next) (?:weekend|few days)|past (?:night|week|weekend|few days)"
    r"|now)\b(?!['’]s (?:meaning|definition))"
)
_NOW_AR = (
    rf"\b(?:{NOW_ARABIC}|البارحة|الان|في الوقت الحالي|هذه الأيام|هذا الصباح|هذا المساء"
    r"|الأسبوع الماضي)\b"
)
_TOPIC = (
    rf"\b(?:{CHANGING}|temperature|rain|raining|snow|snowing|sunny|cloudy|humid|headlines?|"
    r"scores?|match|game|fixtures?|standings|prices?|cost|worth|stocks?|shares?|"
    r"rate|dollar|euro|bitcoin|gold|oil|flights?|open|closed|showing|playing|time is it|"
    r"date|day|trending|happening|happened|won|winning|leading|strikes?|election|polls)\b"
)
_TOPIC_AR = (
    rf"\b(?:و|ب|ل)?(?:{CHANGING_ARABIC}|الجو|درجة الحرارة|حرارة|س?تمطر|مطر|الأخبار|نتيجة|مباراة|سعر"
    r"|أسعار|سهم|صرف|الدولار|اليورو|"
    r"الذهب|النفط|بيتكوين|المرور|رحلات|مفتوح|مغلق|تاريخ|يوم|الساعة|حدث|يحدث|فاز|انتخابات"
    r"|الجديد)\b"
)
_ALWAYS = re.compile(
    # of the moment by itself, whatever the adverb
    r"\bwhat(?:['’]s| is| was) the (?:weather|forecast|temperature)(?: like)? (?:in|at|for"
    r"|outside|here)\b"
    r"|\bhow(?:['’]s| is) the (?:weather|traffic)\b|\b(?:is|will) it (?:be )?(?:rain|snow"
    r"|sunn)\w*\b"
    r"|\bwhat(?:['’]s| is) (?:the )?(?:time|date|day)(?: is it| it is)?(?: now| today"
    r"| in [A-Z]\w+)?\s*\?*$"
    r"|\bwhat (?:time|day|date) is it\b"
    r"|\b(?:latest|breaking|recent|current|today['’]s) (?:\w+ ){0,2}?(?:news|headlines?"
    r"|developments|"
    r"scores?|results?|prices?|exchange rates?|rates?|weather|versions?|releases?|model|iphone"
    r"|polls?|"
    r"standings|updates?)\b"
    r"|\bwhat(?:['’]s| is) (?:new|happening|going on) (?:in|with|at|about)\b"
    r"|\b(?:stock|share|market) price of\b|\bprice of (?:gold|oil|bitcoin|gas"
    r"|petrol)\b(?! in \d{4})"
    r"|\b(?:gold|oil|bitcoin|stock|gas|petrol) price\b(?! in \d{4})|\bexchange rate\b(?= (?:of"
    r"|between|from|for))"
    r"|\bhow much (?:is|does|are) (?:a |an |one |the )?(?:bitcoin|dollar|euro|barrel"
    r"|ounce of gold)\b"
    r"|\bwho(?:['’]s| is) (?:the )?(?:current|present|sitting|reigning|new|acting)\b"
    r"|\b(?:current|present|sitting|reigning|incumbent) (?:\w+ ){0,3}?(?:president"
    r"|prime minister|king|queen|"
    r"chancellor|mayor|governor|ceo|pope|champions?|minister|coach|secretary|head|leader"
    r"|population)\b"
    r"|\bwho(?:['’]s| is) (?:the )?(?:\w+ ){0,3}?(?:president|prime minister|chancellor|mayor"
    r"|governor|ceo|"
    r"pope|head coach) of\b(?! the (?:first|roman))"
    r"|كيف (?:الطقس|الجو|حال الطقس)|ما (?:حال )?(?:حالة )?الطقس|كم الساعة|(?:آخر|أحدث|اخر"
    r"|احدث) (?:الأخبار|أخبار|"
    r"المستجدات|التطورات|نتائج|إصدار|نسخة|الأسعار)|(?:ما|كم) (?:هو )?سعر (?:صرف |سهم "
    r"|برميل )?(?:الذهب|النفط|الدولار|"
    r"اليورو|البيتكوين|بيتكوين|\S+ (?:اليوم|الآن|حاليًا|حاليا))|ما (?:هو )?سعر صرف"
    r"|كم (?:يبلغ )?سعر صرف|من هو (?:ال)?(?:رئيس|ملك|"
    r"وزير|محافظ|عمدة|مدير) (?:\S+ ){0,3}?(?:الحالي|الآن|اليوم|حاليًا)|من (?:هو )?(?:رئيس"
    r"|رئيسة) (?:وزراء|دولة|جمهورية)? ?\S+\s*؟*$"
    r"|(?:الرئيس|الملك|الوزير|المدير|رئيس الوزراء) الحالي",
    re.IGNORECASE,
)
_DATED = re.compile(rf"{_NOW}|{_NOW_AR}", re.IGNORECASE)
_CHANGES = re.compile(rf"{_TOPIC}|{_TOPIC_AR}", re.IGNORECASE)
_ASKS = re.compile(
    r"\?|؟|^\W*(?:what|who|when|where|which|how|is|are|was|will|did|does|do|has|have|can"
    r"|tell me|show me|"
    r"give me|find|check|look up)\b|^\W*(?:ما|من|متى|أين|كم|كيف|هل|أخبرني|اعرض|ابحث)\s",
    re.IGNORECASE,
)
_OTHER = re.compile(
    # the word itself, a text to be made, a story, a sum, a time that is past
    r"['\"“‘«](?:\w+ ){0,3}\w+['\"”’»]|\b(?:mean(?:s|ing)?|define|definition|translat\w+"
    r"|synonyms?|spell|"
    r"pronounce|words?|grammar|sentence|poem|story|essay|song|lyrics|haiku|joke|novel|fiction"
    r"|imagine|"
    r"suppose|electric|circuit|ocean|rivers?|wire|in general|usually|typically|history of)\b"
    r"|^\W*(?:please )?(?:write|draft|compose|translate|summari[sz]e|rewrite|explain|create"
    r"|make up|code)\b"
    r"|\b(?:in|of|since|during|before|after|until) (?:1\d|20)\d\d\b|\b(?:1\d|20[01])\d\d\b"
    r"|معنى|تعني|كلمة|ترجم|قصيدة|قصة|مقال|اكتب|نكتة|إعراب|مرادف|تخيل|افترض|لخص|اشرح",
    re.IGNORECASE,
)


def needs_fresh_facts(question: Question) -> bool:
    """Whether a question asks for the state of the world now."""
    text = question.text
    is_reckoned = question.kind is TaskKind.NUMBER or len(text.split()) > MOST_WORDS
    if is_reckoned or not _ASKS.search(text) or _OTHER.search(text):
        return False
    return bool(_ALWAYS.search(text) or (_DATED.search(text) and _CHANGES.search(text)))
