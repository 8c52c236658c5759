import re
from typing import Any

import pytest

from jisr.cli.preview_text import BETWEEN, NOTHING, shown

ISOLATES = "\u2068\u2069\u200f"


def told(before: str, after: str | None, *findings: dict[str, Any], **more: Any) -> dict[str, Any]:
    return {
        "messages": [{"role": "user", "content": before}],
        "outbound": None if after is None else [{"role": "user", "content": after}],
        "findings": list(findings),
        "must_stay": after is None,
        "stay_reason": "it holds IBAN_CODE",
        "stay_reason_arabic": "فيه IBAN_CODE",
        "redaction_loss": 0.125,
        "risk": 0.0,
        "risk_sentence": "",
        "place": "cloud",
        "sentence": "It goes to the cloud.",
        "sentence_arabic": "يذهب إلى السحابة.",
    } | more


FOUND = {
    "entity_type": "PERSON",
    "score": 0.9,
    "action": "replace",
    "leaves_as": "<PERSON_1>",
    "text": "Sara",
    "why": "a given name",
}


def test_what_was_written_stands_beside_what_would_leave() -> None:
    lines = shown(told("Sara is ill", "<PERSON_1> is ill", FOUND)).splitlines()

    assert [it.strip() for it in lines[0].split(BETWEEN)] == ["You wrote", "Would leave"]
    assert [it.strip() for it in lines[2].split(BETWEEN)] == ["Sara is ill", "<PERSON_1> is ill"]
    assert "  PERSON             0.90  replace → <PERSON_1>  Sara  (a given name)" in lines
    assert "It goes to the cloud." in lines
    assert lines[-1] == "Expected loss by redaction 0.12, risk 0.00"


def test_columns_stay_straight_whatever_is_in_them(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COLUMNS", "60")
    text = (
        "one two three\n" * 3
        + "سَارَة تَكتُب رسالة طويلة إلى عُمر عن الجسر القديم في المدينة " * 2
        + "x" * 90
    )

    rows = shown(told(text, "short")).split("\n\n")[0].splitlines()

    middles = {re.sub(f"[{ISOLATES}\u064b-\u0652]", "", row).find("│") for row in rows[2:]}
    assert len(middles) == 1
    assert len(rows) > 8


def test_arabic_stands_to_the_right_and_placeholders_do_not_change_its_order() -> None:
    row = shown(told("سارة مريضة", "<PERSON_1> مريضة")).splitlines()[2]
    left, right = row.split(BETWEEN)

    assert left.startswith(" ")
    assert left.strip() == "\u2068\u200fسارة مريضة\u2069"
    assert right.strip() == "\u2068\u200f<PERSON_1> مريضة\u2069"


def test_a_turn_that_stays_says_why_in_both_languages() -> None:
    text = shown(told("pay", None, FOUND | {"action": "stay", "leaves_as": None}))

    assert NOTHING in text
    assert "It stays on the device: it holds IBAN_CODE." in text
    assert "يبقى على الجهاز: فيه IBAN_CODE." in text
    assert "→" not in text


def test_where_nothing_was_found_and_where_no_place_is_left_that_is_said() -> None:
    text = shown(told("hi", "hi", place=None, sentence=None, sentence_arabic=None))

    assert "Nothing private was found." in text
    assert "Your limits leave no place for it" in text
    assert "if it went away" in text


def test_codes_that_a_terminal_would_obey_are_not_shown() -> None:
    assert "\x1b" not in shown(told("\x1b[2J hi", "\x1b]0;x", FOUND | {"text": "\x1b[1m"}))


def test_a_conversation_is_shown_message_by_message() -> None:
    both = [{"role": "system", "content": "Be kind."}, {"role": "user", "content": "Hello"}]

    rows = shown(told("", "") | {"messages": both, "outbound": both}).splitlines()

    assert [row.split(BETWEEN)[0].strip() for row in rows[2:5]] == ["Be kind.", "│", "Hello"]
