"""Every reason of the guard in words for people, in English and Arabic."""

from __future__ import annotations

from collections.abc import Mapping

SENTENCES: Mapping[str, Mapping[str, str]] = {
    "sure": {
        "en": "The device's answer stands: it is sure enough for the risk you set.",
        "ar": "تبقى إجابة الجهاز: فهو واثق بما يكفي للمخاطرة التي حددتها.",
    },
    "not_judged": {
        "en": "The device's answer stands, but how sure it is is not known.",
        "ar": "تبقى إجابة الجهاز، لكن مدى الثقة بها غير معروف.",
    },
    "not_in_text": {
        "en": "The text does not say. That is the answer.",
        "ar": "النص لا يذكر ذلك. وهذه هي الإجابة.",
    },
    "wrong_step": {
        "en": "The device's answer stands, but a step of its reckoning is wrong.",
        "ar": "تبقى إجابة الجهاز، لكن إحدى خطوات حسابها خاطئة.",
    },
    "unsure": {
        "en": "The device is not sure enough of its answer for the risk you set.",
        "ar": "الجهاز غير واثق من إجابته بما يكفي للمخاطرة التي حددتها.",
    },
    "unsure_wrong_step": {
        "en": "A step of the reckoning is wrong, and the device is not sure enough of its answer.",
        "ar": "إحدى خطوات الحساب خاطئة، والجهاز غير واثق من إجابته بما يكفي.",
    },
    "no_threshold": {
        "en": "For questions of this kind nothing the device says keeps to the risk you set.",
        "ar": "في أسئلة من هذا النوع لا يلتزم جواب الجهاز بالمخاطرة التي حددتها.",
    },
    "not_borne_out": {
        "en": "The text does not say what the device answered.",
        "ar": "النص لا يقول ما أجاب به الجهاز.",
    },
    "weak": {
        "en": "The device does not know the answer.",
        "ar": "الجهاز لا يعرف الإجابة.",
    },
    "empty": {
        "en": "The device gave no answer.",
        "ar": "لم يعطِ الجهاز إجابة.",
    },
    "cut_off": {
        "en": "The device's answer came to no end.",
        "ar": "لم تكتمل إجابة الجهاز.",
    },
    "fresh_facts": {
        "en": "This needs facts of today, which the model on this device does not have.",
        "ar": "هذا يحتاج إلى معلومات حديثة ليست لدى النموذج الذي على هذا الجهاز.",
    },
    "own_data": {
        "en": "This is about your own things, and nothing of them was given to answer from.",
        "ar": "هذا عن أمورك الخاصة، ولم يُعطَ منها شيء للإجابة منه.",
    },
    "unknown_person": {
        "en": "This asks for particulars of a person, which a model would make up.",
        "ar": "هذا يسأل عن بيانات شخص، والنموذج قد يختلقها.",
    },
    "too_short": {
        "en": "The question does not say what it is about.",
        "ar": "السؤال لا يبيّن عمّا يسأل.",
    },
    "which_one": {
        "en": "The question does not say which of your things it means.",
        "ar": "السؤال لا يبيّن أيًّا من أمورك يقصد.",
    },
}
"""By reason, then by language: why an answer stands or does not."""

HELP: Mapping[str, Mapping[str, str]] = {
    "unsure": {
        "en": "I am not sure enough to answer this. One tap asks the cloud.",
        "ar": "لست واثقًا بما يكفي للإجابة. لمسة واحدة تسأل السحابة.",
    },
    "unsure_wrong_step": {
        "en": "I reckoned and found a mistake in it, so I give no result. One tap asks the cloud.",
        "ar": "حسبت فوجدت خطأ في الحساب، فلا أعطي نتيجة. لمسة واحدة تسأل السحابة.",
    },
    "no_threshold": {
        "en": "I cannot answer questions of this kind well enough here. One tap asks the cloud; or"
        " accept a higher risk (guard.risk).",
        "ar": "لا أستطيع هنا الإجابة عن أسئلة من هذا النوع بما يكفي."
        " لمسة واحدة تسأل السحابة، أو اقبل"
        " مخاطرة أعلى (guard.risk).",
    },
    "not_borne_out": {
        "en": "The text does not say. A text that tells it would help.",
        "ar": "النص لا يذكر ذلك. يفيد نص يذكره.",
    },
    "weak": {
        "en": "I do not know this. One tap asks the cloud.",
        "ar": "لا أعرف هذا. لمسة واحدة تسأل السحابة.",
    },
    "empty": {
        "en": "I have no answer to this. Ask it in other words, or one tap asks the cloud.",
        "ar": "ليست لدي إجابة عن هذا. اسأل بكلمات أخرى، أو لمسة واحدة تسأل السحابة.",
    },
    "cut_off": {
        "en": "My answer came to no end. Allow a longer one, or one tap asks the cloud.",
        "ar": "لم تكتمل إجابتي. اسمح بإجابة أطول، أو لمسة واحدة تسأل السحابة.",
    },
    "fresh_facts": {
        "en": "I can't know this offline; one tap asks the cloud.",
        "ar": "لا يمكنني معرفة هذا دون اتصال؛ لمسة واحدة تسأل السحابة.",
    },
    "own_data": {
        "en": "I find nothing about this in what I was given of your things. Add the message, event"
        " or contact it is in, and ask again.",
        "ar": "لا أجد شيئًا عن هذا فيما أُعطيت من أمورك. أضف الرسالة أو الموعد أو جهة الاتصال التي"
        " تذكره ثم اسأل مرة أخرى.",
    },
    "unknown_person": {
        "en": "I do not know this person, and will not guess. Add a contact or a text that tells"
        " it; or one tap asks the cloud.",
        "ar": "لا أعرف هذا الشخص ولن أخمّن. أضف جهة اتصال أو نصًا يذكر ذلك، أو لمسة"
        " واحدة تسأل السحابة.",
    },
    "too_short": {
        "en": "What do you mean? Name the thing or the person, please.",
        "ar": "ماذا تقصد؟ اذكر الشيء أو الشخص من فضلك.",
    },
    "which_one": {
        "en": "Which one do you mean? Name its day or who it is with, please.",
        "ar": "أيًّا منها تقصد؟ اذكر يومه أو من معه من فضلك.",
    },
}
"""By reason, then by language: what a person reads in place of an answer."""


def sentence(reason: str, language: str) -> str:
    """Return why an answer stands or does not, in `en` or `ar`; an unknown reason is itself."""
    said = SENTENCES.get(reason, {})
    return said.get(language, said.get("en", reason))


def help_for(reason: str, language: str) -> str:
    """Return what a person reads in place of an answer: what is missing, and what would help."""
    said = HELP.get(reason, {})
    return said.get(language, said.get("en", sentence(reason, language)))
