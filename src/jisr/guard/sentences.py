"""Every reason of the guard in words for people, in English and Arabic."""

from __future__ import annotations

from collections.abc import Collection, Mapping

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
        "en": "I am not sure enough to answer this.",
        "ar": "لست واثقًا بما يكفي للإجابة.",
    },
    "unsure_wrong_step": {
        "en": "I reckoned and found a mistake in it, so I give no result.",
        "ar": "حسبت فوجدت خطأ في الحساب، فلا أعطي نتيجة.",
    },
    "no_threshold": {
        "en": "I cannot answer questions of this kind well enough here. At a higher risk"
        " (guard.risk) I would.",
        "ar": "لا أستطيع هنا الإجابة عن أسئلة من هذا النوع بما يكفي. عند مخاطرة أعلى (guard.risk)"
        " أجيب.",
    },
    "not_borne_out": {
        "en": "The text does not say. A text that tells it would help.",
        "ar": "النص لا يذكر ذلك. يفيد نص يذكره.",
    },
    "weak": {
        "en": "I do not know this.",
        "ar": "لا أعرف هذا.",
    },
    "empty": {
        "en": "I have no answer to this. Other words may get one.",
        "ar": "ليست لدي إجابة عن هذا. قد تفيد كلمات أخرى.",
    },
    "cut_off": {
        "en": "My answer came to no end. To allow a longer one may help.",
        "ar": "لم تكتمل إجابتي. قد يفيد السماح بإجابة أطول.",
    },
    "fresh_facts": {
        "en": "I can't know this offline.",
        "ar": "لا يمكنني معرفة هذا دون اتصال.",
    },
    "own_data": {
        "en": "I find nothing about this in what I was given of your things. Add the message, event"
        " or contact it is in, and ask again.",
        "ar": "لا أجد شيئًا عن هذا فيما أُعطيت من أمورك. أضف الرسالة أو الموعد أو جهة الاتصال التي"
        " تذكره ثم اسأل مرة أخرى.",
    },
    "unknown_person": {
        "en": "I do not know this person, and will not guess. A contact or a text that tells it"
        " would help.",
        "ar": "لا أعرف هذا الشخص ولن أخمّن. تفيد جهة اتصال أو نص يذكر ذلك.",
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
"""By reason, then by language: what is missing where there is no answer, and what would help."""

OF_CLOUD = frozenset(
    {
        *("unsure", "unsure_wrong_step", "no_threshold", "weak", "empty", "cut_off"),
        *("fresh_facts", "unknown_person"),
    }
)
"""Reasons for which the cloud may have the answer that the device has not."""

CLOUD: Mapping[str, Mapping[str, str]] = {
    "no_cloud": {
        "en": "no cloud is set up to be asked: set cloud.base_url and cloud.model.",
        "ar": "لا توجد سحابة مُعدّة يمكن سؤالها: حدّد cloud.base_url و cloud.model.",
    },
    "private": {
        "en": "it is private and stays here, so the cloud is not asked: take the private part out,"
        " or let it leave.",
        "ar": "هذا خاص ويبقى هنا، فلا تُسأل السحابة: احذف الجزء الخاص أو اسمح بمغادرته.",
    },
    "budget": {
        "en": "to ask the cloud would cost more than you allow, or its price is not known: raise"
        " the budget (budget.usd_per_day, budget.usd_per_month) or add the price (ledger.prices).",
        "ar": "سؤال السحابة يكلّف أكثر مما تسمح به، أو أن سعره غير معروف: ارفع الميزانية"
        " (budget.usd_per_day و budget.usd_per_month) أو أضف السعر (ledger.prices).",
    },
    "cloud_failed": {
        "en": "the cloud was asked and gave no answer: ask again in a moment, or have `jisr doctor`"
        " look for the cause.",
        "ar": "سُئلت السحابة ولم تُجب: اسأل مرة أخرى بعد لحظات، أو دع `jisr doctor` يبحث عن السبب.",
    },
    "offline": {
        "en": "one tap asks the cloud once you are online.",
        "ar": "لمسة واحدة تسأل السحابة حين تكون متصلًا.",
    },
    "cloud_unhealthy": {
        "en": "the cloud has trouble at the moment: ask again in a while, or have `jisr doctor`"
        " look for the cause.",
        "ar": "السحابة متعثرة حاليًا: اسأل مرة أخرى بعد قليل، أو دع `jisr doctor` يبحث عن السبب.",
    },
    "redaction_loss": {
        "en": "too much of it could not leave for a good answer; one tap asks the cloud all the"
        " same.",
        "ar": "ما لا يغادر منه أكثر من أن تحسن الإجابة بدونه؛ ومع ذلك لمسة واحدة تسأل السحابة.",
    },
    "only_device": {
        "en": "you want the device only: ask without that (jisr/device, only_device), and the cloud"
        " can answer.",
        "ar": "أنت تريد الجهاز وحده: اسأل دون ذلك (jisr/device أو only_device) لتجيب السحابة.",
    },
    "default": {
        "en": "one tap asks the cloud.",
        "ar": "لمسة واحدة تسأل السحابة.",
    },
}
"""By why a turn stays on the device, as the arbiter has it, then by language: whether the cloud can
be asked. Of several the first is told: what the user is offered has nothing else against it."""

SEMICOLON = {"en": ";", "ar": "؛"}


def sentence(reason: str, language: str) -> str:
    """Return why an answer stands or does not, in `en` or `ar`; an unknown reason is itself."""
    said = SENTENCES.get(reason, {})
    return said.get(language, said.get("en", reason))


def help_for(reason: str, language: str) -> str:
    """Return what is missing where there is no answer, and what would help but the cloud."""
    said = HELP.get(reason, {})
    return said.get(language, said.get("en", sentence(reason, language)))


def instead_of_answer(reason: str, language: str, bars: Collection[str], said: str = "") -> str:
    """Return what a person reads in place of an answer: it always says something.

    Args:
        reason: Why there is none.
        language: `en` or `ar`.
        bars: Why the turn stays on the device, by the words of `CLOUD`; none of them: the cloud can
            be asked.
        said: What is missing, where that was already said.
    """
    if not said and reason not in HELP:
        reason = "unsure"
    said = said or help_for(reason, language)
    if reason not in OF_CLOUD:
        return said
    bar = next((it for it in CLOUD if it in bars), "default")
    return f"{said.removesuffix('.')}{SEMICOLON[language]} {CLOUD[bar][language]}"
