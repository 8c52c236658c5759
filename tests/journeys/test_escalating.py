"""A withdrawn answer over HTTP: sent on where that is worth it, said to be withheld where not."""

from dataclasses import replace

import pytest

from jisr.guard.sentences import instead_of_answer
from jisr.guard.verdicts import Action, Verdict
from jisr.scripted_checker import ScriptedChecker
from tests.journeys.served import ask, serving
from tests.runtimes import OFFER, drafting, runtime, saying

QUESTION = "Who painted the ceiling of our village hall?"
UNSURE = Verdict(action=Action.ESCALATE, reason="unsure", confidence=0.1)


@pytest.mark.parametrize(
    ("cloud_confidence", "place", "reason", "text"),
    [
        (0.8, "joint", "withdrawn_joint", "together"),
        (None, "joint", "withdrawn_joint", "together"),
        (0.01, "device", "default", instead_of_answer("unsure", "en", ())),
    ],
)
def test_what_becomes_of_a_withdrawn_answer(
    cloud_confidence: float | None, place: str, reason: str, text: str
) -> None:
    cloud, joint = saying(["above"]), drafting("together")
    verdict = replace(UNSURE, cloud_confidence=cloud_confidence)
    jisr = runtime(
        device=saying(["A wrong name."]),
        cloud=cloud,
        joint=joint,
        offer=OFFER,
        checker=ScriptedChecker([verdict]),
    )

    with serving(jisr) as url:
        answer = ask(url, QUESTION).json()

    told = answer["jisr"]
    assert (told["place"], told["reason"]) == (place, reason)
    assert answer["choices"][0]["message"]["content"] == text
    assert (len(joint.seen), cloud.seen) == (place == "joint", [])


def test_who_is_told_that_the_cloud_can_be_asked_can_ask_it() -> None:
    cloud = saying(["above"])
    checker = ScriptedChecker([replace(UNSURE, cloud_confidence=0.01)])
    jisr = runtime(device=saying(["A wrong name."]), cloud=cloud, checker=checker)

    with serving(jisr) as url:
        withheld = ask(url, QUESTION).json()
        answer = ask(url, QUESTION, model="jisr/cloud").json()

    assert withheld["jisr"]["place"] == "device"
    assert answer["choices"][0]["message"]["content"] == "above"
