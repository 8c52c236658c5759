import pytest

from jisr.cli.client import Ended
from jisr.cli.terminal import failures, summary, wants_of
from jisr.config import JointSettings, Settings
from jisr.types import Goal, Wish

JISR: dict[str, object] = {
    "place": "device",
    "reason": "default",
    "model": "small",
    "confidence": None,
    "usd": "0",
    "private_spans": {},
    "left_device": False,
    "failed_places": [],
    "ttft_ms": 210.0,
}
JOINT: dict[str, object] = {
    "drafted": 60,
    "accepted": 41,
    "passes_per_token": 0.24,
    "fallback": None,
    "fallback_reason": None,
}
USAGE = {"prompt_tokens": 31, "completion_tokens": 9}


def line(usage: dict[str, int] | None = USAGE, finish: str = "stop", **jisr: object) -> str:
    return summary(Ended(finish, {**JISR, **jisr}, usage), 1.26)


def test_what_a_turn_is_for_and_that_it_may_leave_is_said_where_it_was_given() -> None:
    wants = wants_of(Settings(), "auto", private=False, purpose="write", allow=True)

    assert (wants["purpose"], wants["allow"]) == ("write", True)
    assert not {"purpose", "allow"} & wants_of(Settings(), "auto", private=False).keys()


def test_what_is_wanted_of_jisr_is_always_said_whole() -> None:
    settings = Settings(wish=Wish.PREFER_CLOUD, joint=JointSettings(goal=Goal.CHEAP))

    assert wants_of(settings, "auto", private=True) == {
        "wish": "prefer_cloud",
        "private": True,
        "goal": "cheap",
        "exact": "fast",
    }
    assert wants_of(settings, "joint", private=False, goal="fast", exact="strict") == {
        "wish": "prefer_joint",
        "private": False,
        "goal": "fast",
        "exact": "strict",
    }


def test_the_line_says_how_an_answer_came_about() -> None:
    assert line() == (
        "device (default) · model small · confidence unknown · 31 → 9 tokens · "
        "1.3 s (0.2 s to the first word) · $0 · nothing left this machine"
    )


@pytest.mark.parametrize(
    ("told", "shown"),
    [
        ({"confidence": 0.731}, "· confidence 0.73 ·"),
        ({"confidence": 0.16, "support": 0.905}, "· confidence 0.16, support 0.91 ·"),
        ({"confidence": 0.731, "support": None}, "· confidence 0.73 ·"),
        (
            {"confidence_reason": "no answer is given"},
            "· confidence unknown (no answer is given) ·",
        ),
        ({"usd": None}, "price unknown"),
        ({"usd": "2.4E-7"}, "$0.00000024"),
        ({"ttft_ms": None}, " · 1.3 s · "),
        ({"left_device": True}, "the question left this machine"),
        (
            {"left_device": True, "private_spans": {"EMAIL_ADDRESS": 2, "IBAN_CODE": 1}},
            "the question left this machine, without 2 EMAIL_ADDRESS, 1 IBAN_CODE",
        ),
        ({"private_spans": {"EMAIL_ADDRESS": 2}}, "nothing left this machine"),
        ({"failed_places": ["cloud"]}, "after cloud failed"),
        ({"joint": None}, "model small · confidence"),
        ({"joint": JOINT}, "· 41 of 60 drafts accepted, 0.24 passes a token · confidence"),
        ({"joint": JOINT | {"drafted": 0}}, "· no draft was sent, 0.24 passes a token ·"),
        ({"joint": JOINT | {"passes_per_token": None}}, "drafts accepted · confidence"),
        (
            {"joint": JOINT | {"fallback": "device", "fallback_reason": "the link is gone"}},
            "0.24 passes a token · the device made the rest: the link is gone",
        ),
        (
            {"joint": JOINT | {"fallback": "device", "fallback_reason": "a\x1b[2J\n\u202eb" * 99}},
            "made the rest: " + ("a [2J ba [2J b" * 99)[:119] + "… · confidence",
        ),
        ({"verdict": {"action": "keep", "reason": "sure"}}, "model small · checked · confidence"),
        (
            {"verdict": {"action": "keep", "reason": "not_judged"}},
            "model small · not judged · confidence unknown",
        ),
        ({"verdict": {"action": "abstain", "reason": "unsure"}}, "· abstained (unsure) ·"),
        (
            {"verdict": {"action": "escalate", "reason": "weak"}},
            "· the device's answer was not given (weak) ·",
        ),
        ({"verdict": None}, "model small · confidence"),
        ({"usage": None}, "tokens unknown"),
        ({"finish": "length"}, "cut at the length limit"),
    ],
)
def test_what_is_known_and_what_is_not_is_said(told: dict[str, object], shown: str) -> None:
    assert shown in line(**told)  # type: ignore[arg-type]  # a table of mixed keywords


def test_why_a_place_gave_nothing_is_said_on_a_line_of_its_own() -> None:
    why = "backend_refused: cloud.test refused\x1b[2J the key (401): set the right one in A_KEY."

    assert failures({"failed_places": ["cloud"], "failures": [why]}) == [
        "the cloud gave no answer: backend_refused: cloud.test refused [2J the key (401): set the"
        " right one in A_KEY."
    ]
    assert failures({"failed_places": ["cloud"]}) == []  # an older Jisr does not tell
