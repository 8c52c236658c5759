"""More answers agree where they come to the same number, and are drawn only where that can tell."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from jisr.guard.agreement import NUM_MORE, agreement, final_number, sampling_of
from jisr.guard.answer import Answer
from jisr.question import Question, TaskKind
from jisr.types import FinishReason, Sampling

SUM = Question("Rima has 3 boxes of 4 pens. How many pens has she?", TaskKind.NUMBER)


class Draws:
    """Gives answers in turn, and counts them."""

    def __init__(self, *texts: str) -> None:
        self.texts = texts
        self.num_drawn = 0

    def __call__(self, number: int) -> str:
        assert number == self.num_drawn, "each is drawn once, in order"
        self.num_drawn += 1
        return self.texts[number]


@pytest.mark.parametrize(
    ("own", "texts", "found", "num_drawn"),
    [
        ("3 * 4 = 12 pens.", ("She has 12.", "12"), 2, 2),
        ("3 * 4 = 12 pens.", ("She has 12.", "It is 7."), 1, 2),
        ("3 * 4 = 12 pens.", ("It is 7.", "12"), 0, 1),
        ("3 * 4 = 12 pens.", ("I do not know.", "12"), 0, 1),
        ("لديها ١٢ قلما.", ("12", "١٢"), 2, 2),
        (r"So \\boxed{12}, which is 3 times 4.", ("1,200 / 100 is 12.0", "12"), 2, 2),
    ],
)
def test_answers_are_drawn_until_one_does_not_agree(
    own: str, texts: tuple[str, ...], found: int, num_drawn: int
) -> None:
    draws = Draws(*texts)

    assert agreement(SUM, Answer(text=own), draws) == found
    assert draws.num_drawn == num_drawn


@pytest.mark.parametrize(
    ("question", "answer"),
    [
        (SUM, Answer(text="First, 3 * 4", finish_reason=FinishReason.LENGTH)),
        (SUM, Answer(text="I cannot tell.")),
        (SUM, Answer(text="")),
        (Question("Who wrote it?", TaskKind.SHORT), Answer(text="12")),
    ],
)
def test_none_is_drawn_where_it_cannot_tell(question: Question, answer: Answer) -> None:
    draws = Draws()

    assert agreement(question, answer, draws) == 0
    assert draws.num_drawn == 0


def test_a_number_without_end_is_none() -> None:
    assert final_number("9" * 400) is None


@given(st.text(max_size=200))
def test_any_text_has_a_number_or_none(text: str) -> None:
    found = final_number(text)

    assert found is None or isinstance(found, float)


@given(st.integers(-(10**9), 10**9))
def test_a_number_is_found_as_it_is_written(number: int) -> None:
    assert final_number(f"The answer is {number:,}.") == number


def test_one_more_answer_is_drawn_by_chance_and_not_without_end() -> None:
    first = Sampling(temperature=0.0, seed=9, max_output_tokens=4096, num_top_logprobs=20)
    drawn = [sampling_of(first, number) for number in range(NUM_MORE)]

    assert len({it.seed for it in drawn}) == NUM_MORE
    assert all(it.temperature > 0 and it.num_top_logprobs is None for it in drawn)
    assert all(it.max_output_tokens <= 320 for it in drawn)
    filtered = Sampling(top_k=1, top_p=0.1, min_p=0.9, seed=1, max_output_tokens=64)
    again = [sampling_of(filtered, number) for number in range(NUM_MORE)]
    assert all((it.top_k, it.top_p, it.min_p) == (0, 1.0, 0.0) for it in again)
    assert filtered.seed not in {it.seed for it in again}
    assert sampling_of(Sampling(max_output_tokens=8), 0).max_output_tokens == 8
