import re
from collections.abc import Sequence

import pytest

from jisr.bench.privacy import USUAL_LENGTHS, figures, measure, misses
from jisr.bench.privacy_clean import CLEAN
from jisr.bench.privacy_counts import APART, Counts, ours, standing, stands
from jisr.bench.privacy_finders import Jisr, Presidio, replaced
from jisr.bench.privacy_rows import SpanRow, StringRow
from jisr.bench.privacy_tables import by_clean_text, by_type, mapping
from jisr.config import PrivacySettings
from jisr.privacy.base import Span


class Capitals:
    """Finds words in capitals."""

    prefix = "capitals_"

    def __init__(self) -> None:
        self.seen: list[str] = []

    def find(self, text: str) -> Sequence[Span]:
        self.seen.append(text)
        return [Span(*match.span(), "PERSON") for match in re.finditer(r"\b[A-Z]{2,}\b", text)]

    def leaving(self, text: str) -> str:
        return replaced(text, self.find(text))


def row(text: str, *spans: Span) -> SpanRow:
    return SpanRow(id="1", lang="en", text=text, spans=spans)


def counted(text: str, gold: Sequence[Span], found: Sequence[Span]) -> Counts:
    counts = Counts()
    counts.add(row(text, *gold), found)
    return counts


def test_a_span_is_covered_when_all_of_it_was_found_of_whatever_type() -> None:
    gold = [Span(0, 8, "PERSON")]
    whole = counted("Ali Omar", gold, [Span(0, 3, "CITY"), Span(3, 8, "CITY")])
    part = counted("Ali Omar", gold, [Span(0, 7, "PERSON")])

    assert (whole.covered_share, part.covered_share) == (1, 0)
    assert whole.named["PERSON"] == 0
    assert [span for _, span in part.missed_spans] == gold


def test_white_space_at_the_edges_of_a_span_needs_not_be_found() -> None:
    counts = counted(" Ali\n", [Span(0, 5, "PERSON")], [Span(1, 4, "PERSON")])

    assert counts.covered_share == 1 == counts.named["PERSON"]


def test_characters_are_right_in_any_private_span() -> None:
    counts = counted(
        "Ali in Rome now", [Span(0, 3, "PERSON"), Span(7, 11, "GPE")], [Span(0, 11, "PERSON")]
    )

    assert (counts.right, counts.wrong, counts.missed) == (7, 4, 0)
    assert counts.of_characters() == (7 / 11, 1, 5 * 7 / (5 * 7 + 4))


def test_dates_titles_and_nationalities_are_neither_required_nor_false_alarms() -> None:
    gold = [Span(0, 3, "TITLE"), Span(4, 7, "PERSON")]
    without = counted("Dr. Ali came today", gold, [Span(4, 7, "PERSON")])
    with_them = counted(
        "Dr. Ali came today", gold, [Span(0, 7, "PERSON"), Span(13, 18, "DATE_TIME")]
    )

    assert without.of_characters() == (1, 1, 1)
    assert with_them.right == 3 and with_them.wrong == 1  # the blank between title and name
    assert with_them.alarms.total() == 0
    assert with_them.covered["TITLE"] == 1


def test_what_is_found_where_nothing_is_private_is_a_false_alarm() -> None:
    counts = counted("Ali uses C4", [Span(0, 3, "PERSON")], [Span(9, 11, "ORGANIZATION")])

    assert counts.alarms == {"ORGANIZATION": 1}


@pytest.mark.parametrize(
    ("string", "text", "is_there"),
    [
        ("sara", "I am Sara.", True),
        ("sara", "Sarah", False),
        ("new york", "NEW\n York", True),
        ("h&r", "the H&R office", True),
        ("@sara", "mail@sara now", True),
        ("علي", "أنا علي.", True),
        ("علي", "عليكم", False),
        ("person", "<PERSON_1>", False),
    ],
)
def test_a_string_stands_as_words_of_its_own(string: str, text: str, is_there: bool) -> None:
    assert stands(string, text) is is_there


def test_a_string_that_is_given_twice_counts_once() -> None:
    assert standing(["Rome", "rome", "Oslo"], "From Rome") == ["rome"]


def test_both_finders_look_at_every_text_in_turns() -> None:
    first, second = Capitals(), Capitals()
    rows = [row(f"text {number}") for number in range(20)]

    found = measure([first, second], rows, [], lambda done, total: None)

    assert first.seen == second.seen
    assert len(found[0].times_ms) == len(rows) + sum(map(len, CLEAN.values()))


def test_the_figures_tell_shares_alarms_and_times() -> None:
    spans = [row("I am ALI", Span(5, 8, "PERSON")), row("ALI of Rome", Span(7, 11, "GPE"))]
    strings = [StringRow(id="2", text="SARA and Omar in Oslo", private=("sara", "omar", "kim"))]
    told: list[tuple[float, float]] = []

    (found,) = measure([Capitals()], spans, strings, lambda *it: told.append(it))
    measured = figures(found)

    assert measured["capitals_covered_share"] == 0.5
    assert measured["capitals_strings_left_share"] == 0.5  # of the two that stand there at all
    assert measured["capitals_false_alarms_per_1000_words"] > 0
    assert measured["capitals_ms_per_text"] >= 0
    assert "capitals_address_covered_share" not in measured
    assert told[-1] == (len(told), len(told))


def test_what_was_missed_is_told_with_its_text() -> None:
    spans = [row("ALI of Rome", Span(7, 11, "GPE"))]
    strings = [StringRow(id="2", text="Omar", private=("omar",))]

    (found,) = measure([Capitals()], spans, strings, lambda done, total: None)

    values = {(it["what"], it["value"]) for it in misses(found)}
    assert {("missed", "Rome"), ("alarm", "ALI"), ("alarm", "EKS"), ("left", "omar")} <= values


def test_the_tables_have_a_row_for_every_type_and_every_kind_of_clean_text() -> None:
    spans = [row("Mr. ALI of Rome", Span(0, 3, "TITLE"), Span(4, 7, "PERSON"))]

    found = measure([Capitals()], spans, [], lambda done, total: None)

    types = {str(it["type"]): it for it in by_type(found)}
    assert types["PERSON"]["capitals_covered_share"] == 1
    assert types["PERSON"]["capitals_found_as"] == "PERSON 1"
    assert types["TITLE"]["is_apart"] and types["TITLE"]["capitals_found_as"] == "nothing 1"
    assert {it["text"] for it in by_clean_text(found)} == set(CLEAN)
    assert {"theirs": "GPE", "ours": ["CITY", "COUNTRY"]}.items() <= next(
        it for it in mapping(found) if it["theirs"] == "GPE"
    ).items()


def test_a_type_that_is_not_in_the_table_keeps_its_name() -> None:
    assert ours("EMAIL_ADDRESS") == ("EMAIL_ADDRESS",)
    assert not APART & {"PERSON", "AGE"}


def test_jisr_is_asked_the_way_a_turn_goes() -> None:
    jisr = Jisr(PrivacySettings())
    text = "Mail ali@example.com about it."

    assert [text[it.start : it.end] for it in jisr.find(text)] == ["ali@example.com"]
    assert jisr.leaving(text) == "Mail <EMAIL_ADDRESS_1> about it."
    outbound, vault = jisr.outbound(text)
    assert vault.restore(outbound.messages[0].text) == text


def test_spans_that_overlap_are_replaced_once() -> None:
    spans = [Span(0, 5, "A"), Span(2, 7, "B"), Span(8, 9, "C")]

    assert replaced("0123456789", spans) == "<A>7<C>9"


def test_the_clean_texts_are_of_every_kind_and_of_some_length() -> None:
    assert {"english", "arabic", "code"} == set(CLEAN)
    assert all(text.strip() for texts in CLEAN.values() for text in texts)
    assert 400 in USUAL_LENGTHS and 401 not in USUAL_LENGTHS


@pytest.mark.large
def test_presidio_finds_as_it_comes_and_asks_nobody() -> None:
    presidio = Presidio()

    found = presidio.find("I am Sara Miller, mail sara.miller@example.com")

    assert {"PERSON", "EMAIL_ADDRESS"} <= {it.entity_type for it in found}
    assert "example.com" not in presidio.leaving("mail sara.miller@example.com")
