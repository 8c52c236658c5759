"""Words by which questions are told apart, written once for who places them and who guards them.

Each list is a pattern, words that are alternatives to each other; where a word may begin and end
is for who reads it. Each of the two adds words of its own: what makes one place a little more
likely may be looser than what keeps an answer from being made.
"""

from __future__ import annotations

STORES = (
    r"messages?|e-?mails?|inbox|calendar|events?|appointments?|meetings?|schedule|contacts?|notes?"
    r"|reminders?|flights?|reservations?|orders?|bills?|invoices?"
)
"""What a person keeps or is sent."""
STORES_ARABIC = (
    r"رسائلي|رسالتي|بريدي|تقويمي|موعدي|مواعيدي|اجتماعي|اجتماعاتي|جدولي|ملاحظاتي|رحلتي|حجزي|حجوزاتي"
    r"|فاتورتي|فواتيري|مهامي"
)
"""The same, each with `my`."""
KIN = r"mother|father|wife|husband|brother|sister|son|daughter|friend|boss|doctor"
"""Who is known to a person, and to no model."""
KIN_ARABIC = r"أمي|أبي|زوجتي|زوجي|أخي|أختي|ابني|ابنتي|صديقي|مديري|طبيبي"
"""The same, each with `my`."""

NOW = (
    r"today|tonight|tomorrow|yesterday|right now|at the moment|currently|nowadays"
    r"|this (?:week|month|season|morning|evening)|(?:last|next) (?:night|week)"
)
"""These days."""
NOW_ARABIC = r"اليوم|الليلة|غدًا|غدا|أمس|الآن|حاليًا|حاليا|هذا الأسبوع|هذا الشهر"
CHANGING = r"weather|forecast|news|traffic|exchange rate"
"""What is another from day to day."""
CHANGING_ARABIC = r"الطقس|أخبار"
