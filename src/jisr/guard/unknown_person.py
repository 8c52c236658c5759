"""Whether a question asks for private particulars of a person by name: number, address, birthday.

Small models invent these most readily. What is covered: contact and personal particulars of a
named person, in English and Arabic. What is not covered: other facts about people, famous or not:
how far an answer to those can be trusted is left to the calibrated confidence.
"""

from __future__ import annotations

import re

from jisr.question import Question, TaskKind

REASON = "unknown_person"

_NAME = (
    r"(?:(?:Mr|Mrs|Ms|Dr|Prof)\.? )?[A-Z][a-z'’-]+(?: (?:al|el|bin|ibn|van|von|de|Al|El"
    r"|Bin)[ -]?| )[A-Z][\w'’-]+(?: [A-Z][\w'’-]+)?"
)
_CONTACT = (
    r"(?:(?:phone|mobile|cell|telephone|home|work|private|passport|account|bank|ID"
    r"|social security|room) )*"
    r"(?:number|phone|mobile|e-?mail(?: address)?|(?:home |street |postal )?address|whatsapp"
    r"|postcode|"
    r"password|iban|salary)"
)
_PERSONAL = (
    r"(?:birthday|job|employer|occupation|boss|landlord|(?:home )?town|flat|car|licen[cs]e plate)"
)
_ASKED = re.compile(
    rf"\b(?i:what|where|how|which|when|who|give me|tell me|find)\b.{{0,40}}?(?:"
    rf"{_NAME}['’]s? (?i:{_CONTACT}|{_PERSONAL})\b|(?i:{_CONTACT}|{_PERSONAL}) (?i:of"
    rf"|for) (?:my \w+ )?{_NAME}"
    rf"|\b(?i:can i|do i|to) (?i:reach|call|phone|e-?mail|contact) {_NAME})"
    rf"|\b[Ww]here (?:does|do|can i find) {_NAME} (?i:live|work)\s*(?i:now|these days"
    rf"|currently)?\s*\?*$"
    rf"|\b[Ww]hat does {_NAME} do (?i:for a living|for work|now)\b"
    rf"|\b[Ww]h(?:o|ere) does {_NAME} (?i:work for|work at|go to school)\b"
)
_WORD_AR = r"[\u0621-\u064a]{2,}"
_ASKED_AR = re.compile(
    rf"(?:ما|ماذا|كم|أعطني|اعطني|أين|متى)(?: هو| هي)? (?:رقم(?: هاتف| جوال| موبايل| حساب"
    rf"| جواز)?|هاتف|جوال|بريد|عنوان(?: بيت| منزل)?|راتب|"
    rf"عيد ميلاد|وظيفة|كلمة مرور) (?:(?:السيد|السيدة|الدكتور|الدكتورة) )?{_WORD_AR} {_WORD_AR}"
    rf"|أين (?:يسكن|تسكن|يعمل|تعمل|يقيم|تقيم) {_WORD_AR} {_WORD_AR}\s*(?:الآن|حاليًا)?\s*؟*$"
    rf"|كيف (?:أتصل|أتواصل) (?:ب|مع )(?:السيد |السيدة )?{_WORD_AR} {_WORD_AR}"
)
_OTHERS = re.compile(
    # bodies and places that have numbers and addresses, and people of old
    r"\b(?:Embassy|Ministry|University|Museum|Hotel|Hospital|Company|Bank|Airport|Inc|Ltd"
    r"|White House|"
    r"Downing Street|Gettysburg|Palace|Street|Avenue|Office|Service|Police|Atomic|Avogadro)\b"
    r"|سفارة|وزارة|جامعة|متحف|فندق|مستشفى|شركة|بنك|مطار|بلدية|شرطة|الطوارئ|الإسعاف"
)


def is_about_a_private_person(question: Question) -> bool:
    """Whether a question asks for private particulars of somebody by name."""
    if question.kind not in (TaskKind.SHORT, TaskKind.OTHER, TaskKind.NUMBER):
        return False
    text = question.text
    if _OTHERS.search(text):
        return False
    return bool(_ASKED.search(text) or _ASKED_AR.search(text))
