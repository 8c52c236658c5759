"""Reasons in words."""

from jisr.guard.sentences import help_for, sentence


def test_a_reason_is_told_in_the_language_asked_for() -> None:
    assert help_for("fresh_facts", "en") == "I can't know this offline; one tap asks the cloud."
    assert "السحابة" in help_for("fresh_facts", "ar")
    assert "سؤال" in sentence("too_short", "ar") or "السؤال" in sentence("too_short", "ar")


def test_an_unknown_language_is_told_in_english_and_an_unknown_reason_by_its_word() -> None:
    assert sentence("weak", "fr") == sentence("weak", "en")
    assert sentence("brand_new", "ar") == help_for("brand_new", "ar") == "brand_new"


def test_a_reason_without_help_is_its_sentence() -> None:
    assert help_for("sure", "en") == sentence("sure", "en")
