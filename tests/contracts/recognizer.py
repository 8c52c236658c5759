"""What every recognizer promises.

A recognizer's test file subclasses `RecognizerContract`, says how to make one, and adds
its table of what is found and what is not.
"""

from abc import ABC, abstractmethod

import pytest
from hypothesis import given
from hypothesis import strategies as st

from jisr.privacy.base import Recognizer

PIECES = st.sampled_from(
    [*'@ali.com-<"\\( \n\u200f٥x)0', "com", "+966", "50", "123", "4567", "1111"]
) | (st.sampled_from(["4111", "DE89", "3704004405320130", "00", "ext. ", "جسر", "650-253-0000"]))
TEXTS = st.text() | st.lists(PIECES, max_size=40).map("".join)
HOSTILE = ["@", "1", "4", " ", "a@", "a.", "4444 ", "1 ", "de89 ", "2012-01-02 08 ", "(", "+1"]


class RecognizerContract(ABC):
    broken_by = '"\\\n\r\t'
    """What no span holds: a placeholder in its stead would break JSON. Addresses span lines."""

    @abstractmethod
    def make(self) -> Recognizer:
        """Return a recognizer."""

    def found(self, text: str) -> list[str]:
        return [text[span.start : span.end] for span in sorted(self.make().find(text))]

    def test_spans_lie_in_the_text_break_no_json_and_do_not_change(self) -> None:
        recognizer = self.make()

        @given(TEXTS)
        def holds(text: str) -> None:
            spans = list(recognizer.find(text))
            assert spans == list(recognizer.find(text))
            for span in spans:
                assert 0 <= span.start < span.end <= len(text)
                assert not set(text[span.start : span.end]) & set(self.broken_by)

        holds()

    @pytest.mark.timeout(20)  # one try per pair of characters would take far longer
    @pytest.mark.parametrize("unit", HOSTILE)
    def test_hostile_text_takes_no_quadratic_time(self, unit: str) -> None:
        text = unit * (50_000 // len(unit))

        assert len(list(self.make().find(text))) <= len(text)

    def test_one_piece_of_arabic_text_holds_nothing(self) -> None:
        assert not self.found("ما هي عاصمة فرنسا في عام ٢٠٢٤؟ ")
