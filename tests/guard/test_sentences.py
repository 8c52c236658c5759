"""Reasons in words."""

import pytest

from jisr.arbiter.rules import RULES, Reason
from jisr.guard.sentences import CLOUD, HELP, OF_CLOUD, help_for, instead_of_answer, sentence
from jisr.types import Place


def test_a_reason_is_told_in_the_language_asked_for() -> None:
    offered = "I can't know this offline; one tap asks the cloud."
    assert instead_of_answer("fresh_facts", "en", {"default"}) == offered
    assert "السحابة" in instead_of_answer("fresh_facts", "ar", {"default"})
    assert "سؤال" in sentence("too_short", "ar") or "السؤال" in sentence("too_short", "ar")


def test_an_unknown_language_is_told_in_english_and_an_unknown_reason_by_its_word() -> None:
    assert sentence("weak", "fr") == sentence("weak", "en")
    assert sentence("brand_new", "ar") == help_for("brand_new", "ar") == "brand_new"


def test_a_reason_without_help_is_its_sentence() -> None:
    assert help_for("sure", "en") == sentence("sure", "en")


def test_every_reason_that_keeps_a_turn_here_says_how_it_stands_with_the_cloud() -> None:
    keeping = {it.reason for it in RULES if it.place is Place.DEVICE and not it.options}

    assert CLOUD.keys() == keeping
    for said in CLOUD.values():
        assert said.keys() == {"en", "ar"}
        assert all(text.endswith(".") for text in said.values())


@pytest.mark.parametrize("language", ["en", "ar"])
@pytest.mark.parametrize("bar", CLOUD)
def test_one_tap_is_offered_only_where_it_works(bar: str, language: str) -> None:
    tap = {"en": "one tap", "ar": "لمسة واحدة"}[language]
    is_offered = bar in {Reason.DEFAULT, Reason.OFFLINE, Reason.REDACTION_LOSS}

    for reason in OF_CLOUD:
        assert (tap in instead_of_answer(reason, language, {bar, "default"})) is is_offered


def test_where_the_cloud_has_the_answer_no_more_than_the_device_it_is_not_spoken_of() -> None:
    assert HELP.keys() - OF_CLOUD == {"not_borne_out", "own_data", "too_short", "which_one"}
    assert instead_of_answer("own_data", "en", {"default"}) == HELP["own_data"]["en"]
    assert "cloud" not in HELP["own_data"]["en"]


@pytest.mark.parametrize("tap", [Reason.OFFLINE, Reason.REDACTION_LOSS, Reason.DEFAULT])
def test_nothing_is_offered_that_something_else_bars(tap: Reason) -> None:
    for bar in (Reason.NO_CLOUD, Reason.PRIVATE, Reason.BUDGET):
        said = instead_of_answer("weak", "en", {tap, bar})
        assert said == f"I do not know this; {CLOUD[bar]['en']}"


def test_what_has_no_words_is_still_told() -> None:
    assert instead_of_answer("brand_new", "en", ()) == instead_of_answer("unsure", "en", ())
    assert instead_of_answer("brand_new", "en", (), "My own words.") == "My own words."
