"""Every reason in words for people, in English and Arabic."""

from __future__ import annotations

from collections.abc import Mapping

SENTENCES: Mapping[str, Mapping[str, str]] = {
    "only_device": {
        "en": "It stays on the device, because that is all you allow.",
        "ar": "يبقى على الجهاز، لأنك لا تسمح بغيره.",
    },
    "device_failed": {
        "en": "It goes to the cloud, because the device gave no answer.",
        "ar": "يذهب إلى السحابة، لأن الجهاز لم يُجب.",
    },
    "cloud_failed": {
        "en": "It stays on the device, because the cloud gave no answer.",
        "ar": "يبقى على الجهاز، لأن السحابة لم تُجب.",
    },
    "no_cloud": {
        "en": "It stays on the device, because no cloud is set up.",
        "ar": "يبقى على الجهاز، لأنه لا توجد سحابة مُعدّة.",
    },
    "no_device": {
        "en": "It goes to the cloud, because there is no model on this device.",
        "ar": "يذهب إلى السحابة، لأنه لا يوجد نموذج على هذا الجهاز.",
    },
    "offline": {
        "en": "It stays on the device, because you are offline.",
        "ar": "يبقى على الجهاز، لأنك غير متصل بالشبكة.",
    },
    "private": {
        "en": "It stays on the device, because it is private.",
        "ar": "يبقى على الجهاز، لأنه خاص.",
    },
    "budget": {
        "en": "It stays on the device, because the cloud would cost more than you allow.",
        "ar": "يبقى على الجهاز، لأن السحابة ستكلّف أكثر مما تسمح به.",
    },
    "needs_tools": {
        "en": "It goes to the cloud, because it needs tools, which the model here does not know.",
        "ar": "يذهب إلى السحابة، لأنه يحتاج إلى أدوات لا يعرفها النموذج الذي هنا.",
    },
    "too_long": {
        "en": "It goes to the cloud, because it is too long for the device.",
        "ar": "يذهب إلى السحابة، لأنه أطول مما يتسع له الجهاز.",
    },
    "cloud_unhealthy": {
        "en": "It stays on the device, because the cloud has trouble at the moment.",
        "ar": "يبقى على الجهاز، لأن السحابة متعثرة حاليًا.",
    },
    "redaction_loss": {
        "en": "It stays on the device, because too much of it could not leave for a good answer.",
        "ar": "يبقى على الجهاز، لأن ما لا يغادر منه أكثر من أن تحسن الإجابة بدونه.",
    },
    "prefer_joint": {
        "en": "The device drafts and the cloud verifies, because you prefer it.",
        "ar": "يصوغ الجهاز المسودة وتتحقق السحابة منها، لأنك تفضّل ذلك.",
    },
    "joint_unavailable": {
        "en": "It goes to the cloud alone, because device and cloud cannot do it jointly.",
        "ar": "يذهب إلى السحابة وحدها، لأن الجهاز والسحابة لا يستطيعان إنجازه معًا.",
    },
    "joint_pays": {
        "en": "The cloud answers and the device drafts for it, because that is better than the"
        " cloud alone.",
        "ar": "تُجيب السحابة ويصوغ لها الجهاز المسودة، لأن ذلك أفضل من السحابة وحدها.",
    },
    "only_cloud": {
        "en": "It goes to the cloud, because that is all you allow.",
        "ar": "يذهب إلى السحابة، لأنك لا تسمح بغيرها.",
    },
    "prefer_cloud": {
        "en": "It goes to the cloud, because you prefer it.",
        "ar": "يذهب إلى السحابة، لأنك تفضّلها.",
    },
    "guard_joint": {
        "en": "The cloud answers and the device drafts for it, because the device cannot know this"
        " by itself.",
        "ar": "تُجيب السحابة ويصوغ لها الجهاز المسودة، لأن الجهاز لا يستطيع معرفة ذلك وحده.",
    },
    "guard": {
        "en": "It goes to the cloud, because the device cannot know this by itself.",
        "ar": "يذهب إلى السحابة، لأن الجهاز لا يستطيع معرفة ذلك وحده.",
    },
    "withdrawn_joint": {
        "en": "The cloud answers and the device drafts for it, because the device's own answer was"
        " not sure enough to stand.",
        "ar": "تُجيب السحابة ويصوغ لها الجهاز المسودة، لأن إجابة الجهاز نفسه لم تكن مؤكدة بما يكفي.",
    },
    "withdrawn": {
        "en": "It goes to the cloud, because the device's answer was not sure enough to stand.",
        "ar": "يذهب إلى السحابة، لأن إجابة الجهاز لم تكن مؤكدة بما يكفي.",
    },
    "joint_better": {
        "en": "The cloud answers and the device drafts for it, because the cloud is expected to be"
        " enough better here.",
        "ar": "تُجيب السحابة ويصوغ لها الجهاز المسودة، لأن المتوقع أن تكون السحابة أفضل هنا"
        " بما يكفي.",
    },
    "cloud_better": {
        "en": "It goes to the cloud, because the cloud is expected to be enough better here.",
        "ar": "يذهب إلى السحابة، لأن المتوقع أن تكون السحابة أفضل هنا بما يكفي.",
    },
    "device_checked": {
        "en": "The device answers and its answer is checked; the cloud answers if it does not"
        " stand.",
        "ar": "يُجيب الجهاز وتُفحص إجابته، وتُجيب السحابة إن لم تثبت.",
    },
    "device_better": {
        "en": "The device answers and its answer is checked; even if it does not stand, the cloud"
        " is not expected to be worth asking.",
        "ar": "يُجيب الجهاز وتُفحص إجابته، وحتى إن لم تثبت فلا يُتوقع أن تستحق السحابة السؤال.",
    },
    "default": {
        "en": "It stays on the device, because nothing calls for the cloud.",
        "ar": "يبقى على الجهاز، لأنه لا حاجة إلى السحابة.",
    },
}
"""By reason, then by language: why a turn runs where it runs."""

BARRED: Mapping[str, str] = {
    "only_cloud": "you allow the cloud only (wish = only_cloud); prefer_cloud would allow both",
    "no_device": "there is no model on it; pull one with `jisr models pull`",
    "needs_tools": "the model on it takes no tools; leave tools out, or set a server on this"
    " machine that takes them (device.url)",
    "device_failed": "it failed in this turn; `jisr doctor` looks for the cause",
    "only_device": "you allow the device only (wish = only_device); prefer_device would allow both",
    "no_cloud": "none is set up; set cloud.base_url and cloud.model",
    "cloud_failed": "it failed in this turn; try again in a moment",
    "offline": "you are offline; turn the offline switch off",
    "private": "the turn must stay on the device; take the private part out, or allow it to leave",
    "budget": "it would cost more than you allow, or its price is not known; raise the budget"
    " (budget.usd_per_day, budget.usd_per_month) or add the price (ledger.prices)",
}
"""By reason: why a place is barred, and what could be done."""
