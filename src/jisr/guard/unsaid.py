"""Whether a question refers to something that was not said: then it is asked back."""

from __future__ import annotations

import re

from jisr.question import Question

TOO_SHORT = "too_short"
WHICH_ONE = "which_one"
MOST_WORDS = 7
"""Of a question that a word without a referent makes unanswerable."""

_UNSAID = re.compile(
    r"^\W*(?:and |but |so |ok |then )*(?:what|how) about (?:it|that|this|them|him|her|those"
    r"|these|"
    r"the (?:other|second|third|last|first|next|rest)(?: ones?)?)\W*$"
    r"|^\W*(?:(?:and |but |so )+(?:the )?|the )(?:other|second|third|last|first|next"
    r"|previous)(?: ones?)?\W*$"
    r"|^\W*(?:and|but|so|what|why|how|when|where|who|which(?: one)?|really|huh|again|more"
    r"|and then|"
    r"why not|how so|like what|such as|go on|continue)\W*$"
    r"|^\W*(?:and |but |so )?(?:who|what|when|where|why|how|which one)(?: (?:is|are|was|were"
    r"|did|does|"
    r"do|can|will|much is|old is|many are))? (?:it|that|this|he|she|they|them|him|her|those"
    r"|these)"
    r"(?: (?:do|say|mean|made|born|die|happen|go|work|cost|do it|do that|again|too))?\W*$"
    r"|^\W*which (?:one |ones |of (?:them|these|those|the two) )?(?:is|are|was|were) (?:the )?"
    r"(?:better|best|right|correct|wrong|true|cheaper|cheapest|faster|fastest|worse|worst)\W*$"
    r"|^\W*(?:and|but|so) (?:him|her|them|it|this|that)\W*$"
    r"|^\W*(?:أيهما|أيها|أيهم) (?:ال)?(?:أفضل|أحسن|أصح|صحيح|أرخص|أسرع|أكبر|أسوأ)\W*$"
    r"|^\W*و(?:هو|هي|هم)\W*$"
    r"|^\W*(?:و)?(?:ماذا عن|ما رأيك في|كيف عن) ?(?:ه|ها|هم|ه?ذا|هذه|ذلك|تلك|الآخر|الأخرى"
    r"|الثاني|الثانية|الثالث|"
    r"الأخير|الأول|الباقي)?\W*$"
    r"|^\W*و(?:ال)?(?:ثاني|ثانية|ثالث|ثالثة|آخر|أخرى|أخير|أخيرة|بعد ذلك|ماذا بعد)\W*$"
    r"|^\W*(?:ماذا|لماذا|كيف|متى|أين|من|أي|أيهما|كم|ثم|و|أيضًا|أكثر|تابع|أكمل)\W*$"
    r"|^\W*(?:متى|أين|لماذا|كيف|من|ما|كم) (?:كان |كانت |حدث |هو|هي|هم|عمره|عمرها|ذلك|هذا|هذه"
    r"|تلك)+\W*$",
    re.IGNORECASE,
)
_WHICH = re.compile(
    r"^\W*(?:when|where|what time|who|with whom|what) (?:is|was|are|were) (?:the|that|this) "
    r"(?:meeting|appointment|call|event|reservation|booking)(?: (?:at|with|about|in|on))?\W*$"
    r"|^\W*(?:متى|أين) (?:كان )?(?:الموعد|الاجتماع|الحجز|المكالمة)\W*$",
    re.IGNORECASE,
)


def asks_back(question: Question) -> str | None:
    """Return why a question is asked back in a first turn; None if it is not.

    In a later turn, and with something to answer from, what it refers to may have been said.
    """
    is_told = question.num_turns > 1 or question.evidence or question.has_background
    if is_told or len(question.text.split()) > MOST_WORDS:
        return None
    if _WHICH.search(question.text):
        return WHICH_ONE
    return TOO_SHORT if _UNSAID.search(question.text) else None
