import pytest

from jisr.cli.client import Ended
from jisr.cli.terminal import summary

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
USAGE = {"prompt_tokens": 31, "completion_tokens": 9}


def line(usage: dict[str, int] | None = USAGE, finish: str = "stop", **jisr: object) -> str:
    return summary(Ended(finish, {**JISR, **jisr}, usage), 1.26)


def test_the_line_says_how_an_answer_came_about() -> None:
    assert line() == (
        "device (default) · model small · confidence unknown · 31 → 9 tokens · "
        "1.3 s (0.2 s to the first word) · $0 · nothing left this machine"
    )


@pytest.mark.parametrize(
    ("told", "shown"),
    [
        ({"confidence": 0.731}, "confidence 0.73"),
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
        ({"usage": None}, "tokens unknown"),
        ({"finish": "length"}, "cut at the length limit"),
    ],
)
def test_what_is_known_and_what_is_not_is_said(told: dict[str, object], shown: str) -> None:
    assert shown in line(**told)  # type: ignore[arg-type]  # a table of mixed keywords
