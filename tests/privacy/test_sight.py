import re
from collections.abc import Iterator

import pytest
from hypothesis import given
from hypothesis import strategies as st

from jisr.config import PrivacySettings
from jisr.errors import PrivacyError
from jisr.privacy.base import Span
from jisr.privacy.recognizers import load_recognizers
from jisr.privacy.sight import Sight, occurrences, resolve
from jisr.types import Message, Request, Role, Sampling
from tests.privacy.examples import Digits


class Failing:
    def find(self, text: str) -> Iterator[Span]:
        raise ValueError(f"cannot read {text}")


class Outside:
    def find(self, text: str) -> Iterator[Span]:
        yield Span(0, len(text) + 1, "TOO_LONG")


class Standing:
    """Finds digits that stand alone."""

    def find(self, text: str) -> Iterator[Span]:
        return (Span(*m.span(), "NUMBER") for m in re.finditer(r"\b\d+\b", text))


def request(*texts: str, sampling: Sampling | None = None) -> Request:
    messages = tuple(Message(Role.USER, text) for text in texts)
    return Request(messages=messages, sampling=sampling or Sampling())


def test_spans_are_counted_by_type() -> None:
    sight = Sight(load_recognizers(PrivacySettings()))
    turn = request(
        "ali@example.com or sara@example.com, card 4111 1111 1111 1111", "+966 50 123 4567"
    )

    sighting = sight.look(turn)

    assert sighting.counts == {"CREDIT_CARD": 1, "EMAIL_ADDRESS": 2, "PHONE_NUMBER": 1}
    assert sighting.types == {"CREDIT_CARD", "EMAIL_ADDRESS", "PHONE_NUMBER"}


def test_a_checksum_is_believed_before_a_number_to_dial() -> None:
    sight = Sight(load_recognizers(PrivacySettings()))

    sighting = sight.look(request("DE89 3704 0044 0532 0130 00"))

    assert sighting.counts == {"IBAN_CODE": 1}


def test_a_value_found_once_is_marked_everywhere() -> None:
    sighting = Sight([Standing()]).look(request("pin 4711", "pin=x4711y"))

    assert sighting.spans["pin=x4711y"] == (Span(5, 9, "NUMBER"),)


@pytest.mark.parametrize(
    ("value", "text", "starts"),
    [
        ("Ali", "Ali, Alice and Ali's; the Alis, Somali", [0, 15, 26]),
        ("Ali", "SaraAli 7Ali Ali7 ali_Ali", [22]),
        ("علي", "علي وعلي ولعلي عليك وبعلي معلي", [0, 5, 11, 22]),
        ("حسن", "الحسن والحسن للحسن", [2, 9, 15]),
        ("田中", "私は田中です", [2]),  # no spaces are set there
        ("4711", "x4711y 14711 47110 4711", [1, 19]),
        ("47110", "147110 471100", [1, 7]),
        ("a-1", "ba-1", [1]),
    ],
)
def test_a_name_is_private_as_a_word_and_a_number_anywhere(
    value: str, text: str, starts: list[int]
) -> None:
    assert list(occurrences(value, text)) == starts


def test_a_part_of_a_name_and_a_rare_name_in_small_letters_are_marked_too() -> None:
    class Names:
        def find(self, text: str) -> Iterator[Span]:
            return (
                Span(*m.span(), "PERSON", 0.9) for m in re.finditer("Johnny Zodvboz|Kreutz", text)
            )

    text = "Johnny came, then Zodvboz, kreutz and johnny"
    spans = Sight([Names()]).look(request("Johnny Zodvboz and Kreutz", text)).spans[text]

    assert [text[span.start : span.end] for span in spans] == [
        *("Johnny", "Zodvboz", "kreutz", "johnny")
    ]
    assert [span.score < 0.9 for span in spans] == [True, True, False, True]


def test_an_age_is_private_where_it_was_found_only() -> None:
    class Ages:
        def find(self, text: str) -> Iterator[Span]:
            return (Span(m.start(1), m.end(1), "AGE") for m in re.finditer(r"age (\d+)", text))

    sighting = Sight([Ages()]).look(request("age 34 and 34 apples"))

    assert sighting.spans["age 34 and 34 apples"] == (Span(4, 6, "AGE"),)


def test_the_spans_are_kept_as_they_were_found_too() -> None:
    text = "12 b8"
    sighting = Sight([Standing(), Digits()]).look(request(text))

    assert {span.entity_type for span in sighting.found[text]} == {"NUMBER", "EVEN_NUMBER"}
    assert resolve(sighting.found[text]) == list(sighting.spans[text])


def test_a_recognizer_that_fails_lets_nothing_leave_and_quotes_nothing() -> None:
    with pytest.raises(PrivacyError, match=r"Failing failed \(ValueError\)") as caught:
        Sight([Failing()]).look(request("my secret"))

    assert "secret" not in str(caught.value)
    assert caught.value.__context__ is None


def test_a_span_outside_of_its_text_is_an_error() -> None:
    with pytest.raises(PrivacyError):
        Sight([Outside()]).look(request("abc"))


def test_what_is_printed_of_a_sighting_is_not_private() -> None:
    sighting = Sight([Standing()]).look(request("pin 4711"))

    assert "4711" not in repr(sighting)


@pytest.mark.parametrize(
    ("spans", "resolved"),
    [
        ([Span(0, 2, "A"), Span(2, 4, "B")], [Span(0, 2, "A"), Span(2, 4, "B")]),
        # the surest names it, and nothing of the other is left uncovered
        ([Span(0, 6, "B", 0.8), Span(2, 4, "A", 0.9)], [Span(0, 6, "A", 0.9)]),
        ([Span(0, 3, "A"), Span(2, 9, "B")], [Span(0, 9, "B")]),
        ([Span(0, 3, "A"), Span(2, 5, "B"), Span(4, 7, "C")], [Span(0, 7, "A")]),
        ([], []),
    ],
)
def test_spans_that_overlap_become_one(spans: list[Span], resolved: list[Span]) -> None:
    assert resolve(spans) == resolved


SPANS = st.lists(
    st.builds(
        lambda start, length, kind: Span(start, start + length, kind),
        st.integers(0, 30),
        st.integers(1, 9),
        st.sampled_from("AB"),
    )
)


@given(SPANS)
def test_resolving_covers_what_was_covered_and_no_more(spans: list[Span]) -> None:
    resolved = resolve(spans)

    def covered(them: list[Span]) -> set[int]:
        return {at for span in them for at in range(span.start, span.end)}

    assert covered(resolved) == covered(spans)
    assert sum(span.end - span.start for span in resolved) == len(covered(spans))


@pytest.mark.parametrize(
    ("hidden", "shown"),
    [
        ("l\u200bayla@exam\u200bple.org", "layla@example.org"),
        ("DE89\u00ad 3704 0044 0532 0130 00", "DE89 3704 0044 0532 0130 00"),
        ("layla＠example．org", "layla@example.org"),
    ],
)
def test_characters_that_nobody_sees_hide_nothing(hidden: str, shown: str) -> None:
    sight = Sight(load_recognizers(PrivacySettings()))

    (span,) = sight.look(request(f"to {hidden}, please")).spans[f"to {hidden}, please"]

    assert f"to {hidden}, please"[span.start : span.end] == hidden
    assert sight.look(request(shown)).types == {span.entity_type}
