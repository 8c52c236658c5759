from dataclasses import replace

import pytest

from jisr.arbiter.signals import Signals
from jisr.errors import AskFirst, NoPlace
from jisr.privacy.plan import Plan
from jisr.staying import check_asked, stay_reasons
from jisr.types import Request, Wish
from tests.arbiter.turns import PLAIN
from tests.runtimes import asked

STAYS = Plan({}, stay_reason="it holds a card", stay_reason_arabic="فيه بطاقة", can_be_allowed=True)
LEAVES = replace(PLAIN, wish=Wish.PREFER_CLOUD, must_stay=True)


def test_why_a_turn_stays_is_said_in_both_languages() -> None:
    assert stay_reasons(asked(), Plan({})) == ("", "")
    assert stay_reasons(asked(), STAYS) == ("it holds a card", "فيه بطاقة")
    for request, plan in ((asked(is_private=True), Plan({})), (asked(), None)):
        english, arabic = stay_reasons(request, plan)
        assert english.isascii()
        assert arabic[0] > "\u0600"


def test_what_would_leave_if_it_were_allowed_is_asked_about() -> None:
    with pytest.raises(AskFirst, match=r"it holds a card.*--allow") as caught:
        check_asked(asked(), STAYS, LEAVES)

    assert isinstance(caught.value, NoPlace)


@pytest.mark.parametrize(
    ("request_", "plan", "signals"),
    [
        (asked(), STAYS, replace(LEAVES, wish=Wish.PREFER_DEVICE)),
        (asked(), STAYS, replace(LEAVES, has_cloud=False)),
        # there is no place at all
        (asked(), STAYS, replace(LEAVES, has_device=False, has_cloud=False)),
        (asked(), replace(STAYS, can_be_allowed=False), LEAVES),
        (asked(is_private=True), STAYS, LEAVES),
        (asked(), None, LEAVES),
    ],
)
def test_nothing_is_asked_where_nothing_would_leave(
    request_: Request, plan: Plan | None, signals: Signals
) -> None:
    assert check_asked(request_, plan, signals) is None  # type: ignore[func-returns-value]  # no raise
