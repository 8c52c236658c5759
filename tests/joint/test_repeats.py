import pytest

from jisr.joint.ngram import drafts
from jisr.joint.repeats import PRIORS, Repeats

QUOTE = list(range(40))


def test_what_an_ngram_is_worth_is_a_guess_at_first_and_more_for_longer_matches() -> None:
    worths = [Repeats().acceptance(drafts([*QUOTE, *QUOTE[:num]])[0]) for num in range(2, 14)]

    assert worths == sorted(worths)
    assert (worths[0], worths[-1]) == (PRIORS[0], PRIORS[-1])


def test_an_answer_that_quotes_is_soon_trusted_and_one_that_does_not_is_not() -> None:
    quoting, other = Repeats(), Repeats()
    quoting.learn([*QUOTE, *QUOTE], len(QUOTE))
    other.learn([*QUOTE, *(token for pair in range(20) for token in (5, 6, 100 + pair))], 60)
    long, short = drafts([*QUOTE, *QUOTE[:20]])[0], drafts([*QUOTE, 5, 6])[0]

    assert quoting.acceptance(long) > 0.95
    assert other.acceptance(short) < 0.1


def test_every_token_is_learned_from_once_and_those_of_the_prompt_never() -> None:
    learned = Repeats()
    learned.learn([*QUOTE, *QUOTE], 0)
    assert learned.acceptance(drafts([*QUOTE, 0, 1])[0]) == PRIORS[0]

    learned.learn([1, 2, 3, 1, 2, 3], 1)
    assert learned.acceptance(drafts([1, 2, 3, 1, 2])[0]) == pytest.approx((1 + 4 * 0.35) / 5)


def test_what_one_answer_teaches_the_next_begins_with() -> None:
    usual = Repeats()
    Repeats(usual).learn([*QUOTE, *QUOTE], len(QUOTE))
    guess = drafts([*QUOTE, *QUOTE[:20]])[0]

    assert Repeats(usual).acceptance(guess) == usual.acceptance(guess) > PRIORS[-1]
