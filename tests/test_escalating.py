"""What becomes of a withdrawn answer: the cloud, both together, or words that it is withheld."""

import asyncio
from dataclasses import replace
from typing import Any

import pytest

from jisr.arbiter.policy import Policy
from jisr.arbiter.rules import Reason
from jisr.arbiter.scorer import Estimate, Scorer
from jisr.backends.scripted import Line
from jisr.checker import DeviceChecker
from jisr.errors import BackendUnavailable, NoPlace
from jisr.guard.guard import GuardPolicy
from jisr.guard.sentences import instead_of_answer
from jisr.guard.verdicts import Action, Verdict
from jisr.lately import Lately
from jisr.places import Limits
from jisr.question import TaskKind
from jisr.runtime import Runtime
from jisr.scripted_checker import KEEP, ScriptedChecker
from jisr.thresholds import CheckShares
from jisr.turn import Output, TurnDecided, TurnEnded
from jisr.types import JointOffer, JointOptions, Place, Request, TurnRecord, Wish
from tests.runtimes import OFFER, asked, drafting, outputs, runtime, saying, text_of

QUESTION = "Which year did the old mill by the river burn down?"
ARABIC = "في أي سنة احترقت الطاحونة القديمة عند النهر؟"
UNSURE = Verdict(action=Action.ESCALATE, reason="unsure", confidence=0.1)
HOPELESS = replace(UNSURE, cloud_confidence=0.02)
HOPEFUL = replace(UNSURE, cloud_confidence=0.9)
FRESH = Verdict(action=Action.ESCALATE, reason="fresh_facts", confidence=None)
FAR_BETTER = Estimate(0.05, 0.95)
DOWN: Line = [BackendUnavailable("switched off")]
SLOW = replace(OFFER, joint_ms=80.0)
"""Drafts from here would make it slower."""


class Known(Lately):
    """Knows what turns take in each place."""

    def ms(self, place: Place) -> float | None:
        return 4000.0


class Asked:
    """An offer that remembers how often it was looked for."""

    def __init__(self, offer: JointOffer | None = OFFER) -> None:
        self.num_asked = 0
        self._offer = offer

    def __call__(self, options: JointOptions) -> JointOffer | None:
        self.num_asked += 1
        return self._offer


def joining(checker: ScriptedChecker, offer: Asked, **more: Any) -> Runtime:
    """Return a runtime in which device and cloud may work on one answer."""
    usual: dict[str, Any] = {"cloud": saying(["above"]), "joint": drafting("together")}
    jisr = runtime(device=saying(["here"]), checker=checker, **(usual | more))
    joint = jisr._gathering.joint
    assert joint is not None
    jisr._gathering.joint = replace(joint, offer=offer)
    return jisr


def told(jisr: Runtime, request: Request | None = None) -> list[Output]:
    return asyncio.run(outputs(jisr, request or asked(QUESTION)))


def places(got: list[Output]) -> list[Place]:
    return [it.decision.place for it in got if isinstance(it, TurnDecided)]


def record_of(got: list[Output]) -> TurnRecord:
    ended = got[-1]
    assert isinstance(ended, TurnEnded)
    return ended.record


@pytest.mark.parametrize(
    ("verdict", "expected", "is_asked"),
    [
        (HOPELESS, Estimate(None, None), False),
        (HOPEFUL, Estimate(None, None), True),
        # what is expected after the answer is nearer than what was before
        (HOPELESS, Estimate(0.7, 0.9), False),
        (HOPEFUL, Estimate(0.5, 0.02), True),
        # where that is not known, what was expected before tells it
        (UNSURE, Estimate(0.5, 0.02), False),
        (UNSURE, Estimate(0.7, 0.9), True),
        # and where nothing is known the cloud is asked
        (UNSURE, Estimate(None, None), True),
    ],
)
def test_after_a_withdrawal_the_cloud_is_asked_only_where_that_is_worth_it(
    verdict: Verdict, expected: Estimate, is_asked: bool
) -> None:
    checker = ScriptedChecker([verdict], expected=expected)
    cloud = saying(["above"])
    got = told(runtime(device=saying(["here"]), cloud=cloud, checker=checker))

    record = record_of(got)
    assert checker.seen[0][2], "it could have been asked"
    assert bool(cloud.seen) is is_asked
    assert places(got) == [Place.DEVICE, Place.CLOUD][: 1 + is_asked]
    assert (record.verdict, record.withdrawn_model) == (
        "escalate" if is_asked else "abstain",
        "scripted",
    )
    assert text_of(got) == ("above" if is_asked else instead_of_answer("unsure", "en", ()))


def test_that_the_cloud_can_be_asked_is_said_in_arabic_too() -> None:
    checker = ScriptedChecker([HOPELESS])
    jisr = runtime(device=saying(["هنا"]), cloud=saying(), checker=checker)

    assert text_of(told(jisr, asked(ARABIC))) == instead_of_answer("unsure", "ar", ())


def test_who_then_asks_the_cloud_gets_it() -> None:
    jisr = runtime(
        device=saying(["here"]), cloud=saying(["above"]), checker=ScriptedChecker([HOPELESS] * 2)
    )

    assert text_of(told(jisr)) == instead_of_answer("unsure", "en", ())
    assert text_of(told(jisr, asked(QUESTION, wish=Wish.PREFER_CLOUD))) == "above"


@pytest.mark.parametrize(
    ("checker", "reason"),
    [
        (ScriptedChecker([UNSURE]), Reason.WITHDRAWN_JOINT),
        (ScriptedChecker([HOPEFUL]), Reason.WITHDRAWN_JOINT),
        (ScriptedChecker(rules={"mill": FRESH}), Reason.GUARD_JOINT),
    ],
)
def test_a_turn_that_leaves_is_drafted_for_where_that_pays(
    checker: ScriptedChecker, reason: Reason
) -> None:
    offer = Asked()
    got = told(joining(checker, offer))

    record = record_of(got)
    assert (record.place, record.reason, text_of(got)) == (Place.JOINT, reason, "together")
    assert offer.num_asked > 0


@pytest.mark.parametrize(
    ("looks", "shares"),
    [
        ({}, (0.9, 0.3)),
        # a model that cannot be asked has no confidence, so that no threshold withdraws anything
        ({TaskKind.NUMBER: frozenset({"agreement"})}, (0.0, 0.0)),
    ],
)
def test_the_arbiter_sees_what_the_check_withdraws(
    looks: dict[TaskKind, frozenset[str]], shares: tuple[float | None, float | None]
) -> None:
    checker = DeviceChecker(
        scorer=Scorer(None, device="", cloud=""),
        policy=GuardPolicy(risk=0.3),
        looks=looks,
        shares={TaskKind.NUMBER: CheckShares(0.9, 0.3)},
    )
    jisr = runtime(device=saying(), cloud=saying(), checker=checker)
    signals, _ = asyncio.run(jisr.decide(asked("How much is 17 + 26 - 9?")))

    assert signals.kind == TaskKind.NUMBER
    assert (signals.check_catches, signals.check_doubts) == shares


@pytest.mark.parametrize("offer", [None, SLOW])
def test_a_turn_that_leaves_goes_to_the_cloud_alone_where_drafts_do_not_pay(
    offer: JointOffer | None,
) -> None:
    got = told(joining(ScriptedChecker([UNSURE]), Asked(offer)))

    assert (record_of(got).place, record_of(got).reason) == (Place.CLOUD, "withdrawn")


def test_a_better_cloud_is_drafted_for_once_it_is_known_what_that_saves() -> None:
    offer = Asked()
    jisr = joining(ScriptedChecker(expected=FAR_BETTER), offer)
    alone = told(jisr)
    jisr._gathering.lately = Known()
    joint = told(jisr)

    assert record_of(alone).reason == "cloud_better"
    assert (record_of(joint).place, record_of(joint).reason) == (Place.JOINT, "joint_better")
    assert offer.num_asked == 2


def test_where_joint_fails_an_escalated_turn_goes_to_the_cloud_alone() -> None:
    got = told(joining(ScriptedChecker([UNSURE]), Asked(), joint=saying(DOWN)))

    assert places(got) == [Place.DEVICE, Place.JOINT, Place.CLOUD]
    assert (record_of(got).reason, text_of(got)) == ("withdrawn", "above")


@pytest.mark.parametrize(
    ("checker", "request_", "limits"),
    [
        # nothing has decided that it leaves
        (ScriptedChecker([KEEP]), asked(QUESTION), Limits()),
        (ScriptedChecker([HOPELESS]), asked(QUESTION), Limits()),
        # it may not
        (ScriptedChecker([UNSURE]), asked(QUESTION), Limits(is_offline=True)),
        (ScriptedChecker([UNSURE]), asked(QUESTION, is_private=True), Limits()),
        (ScriptedChecker([UNSURE]), asked(QUESTION, wish=Wish.ONLY_DEVICE), Limits()),
        (ScriptedChecker(rules={"mill": FRESH}), asked(QUESTION), Limits(is_offline=True)),
        (ScriptedChecker(expected=FAR_BETTER), asked(QUESTION), Limits(is_offline=True)),
        # the user's policy does not send it
        (
            ScriptedChecker([UNSURE]),
            asked(QUESTION),
            Limits(policy=Policy(off=frozenset({Reason.WITHDRAWN}))),
        ),
    ],
)
def test_the_link_is_not_looked_at_for_a_turn_that_stays(
    checker: ScriptedChecker, request_: Request, limits: Limits
) -> None:
    offer = Asked()
    got = told(joining(checker, offer, limits=limits), request_)

    assert places(got) == [Place.DEVICE]
    assert offer.num_asked == 0


def test_who_has_no_device_left_is_refused_as_ever() -> None:
    offer = Asked()
    jisr = joining(ScriptedChecker(), offer, limits=Limits(is_offline=True))

    with pytest.raises(NoPlace):
        told(jisr, asked(QUESTION, wish=Wish.ONLY_CLOUD))
    assert offer.num_asked == 0


def test_a_rule_of_the_guard_comes_before_what_is_expected_of_the_cloud() -> None:
    checker = ScriptedChecker(rules={"mill": FRESH}, expected=FAR_BETTER)
    jisr = runtime(device=saying(["here"]), cloud=saying(["above"]), checker=checker)

    record = record_of(told(jisr))

    assert (record.place, record.reason) == (Place.CLOUD, Reason.GUARD)


def test_what_the_cloud_cannot_know_either_is_not_asked_there_however_good_it_is() -> None:
    missing = Verdict(action=Action.ABSTAIN, reason="own_data", confidence=None, said="Add it.")
    checker = ScriptedChecker(rules={"mill": missing}, expected=FAR_BETTER)
    jisr = runtime(device=saying(["here"]), cloud=saying(["above"]), checker=checker)

    got = told(jisr)

    assert (record_of(got).place, text_of(got)) == (Place.DEVICE, "Add it.")
