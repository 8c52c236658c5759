from collections.abc import Sequence

import numpy as np
import pytest

from jisr.engine.generation import Generation
from jisr.engine.llama import Logits, Vocabulary
from jisr.errors import EngineError, InvalidRequest, JisrError
from jisr.types import Delta, FinishReason, Sampling

PROMPT = [1, 2, 3]


class Script:
    """A generation that is handed the logits of a text somebody wrote."""

    def __init__(self, vocabulary: Vocabulary, context_tokens: int = 100, **sampling: object):
        self.vocabulary = vocabulary
        self.pieces: list[Delta | JisrError] = []
        self.generation = Generation(
            PROMPT,
            Sampling(**sampling),  # type: ignore[arg-type]
            vocabulary,
            self.pieces.append,
            context_tokens=context_tokens,
        )

    def say(self, text: str) -> bool:
        """Make each token of the text the likeliest in turn; return whether it went on."""
        return self.tokens(self.vocabulary.tokenize(text, parse_special=False))

    def end(self) -> bool:
        return self.tokens(self.vocabulary.tokenize("<|im_end|>", parse_special=True))

    def tokens(self, tokens: Sequence[int]) -> bool:
        return all(self.generation.advance(self.row(token)) is not None for token in tokens)

    def row(self, token: int) -> Logits:
        logits = np.zeros((1, self.vocabulary.num_tokens), np.float32)
        logits[0, token] = 20
        return logits

    @property
    def deltas(self) -> list[Delta]:
        return [piece for piece in self.pieces if isinstance(piece, Delta)]

    @property
    def text(self) -> str:
        return "".join(delta.text for delta in self.deltas)

    @property
    def last(self) -> Delta:
        return self.deltas[-1]


def test_the_end_of_the_turn_ends_it_and_the_last_delta_says_what_was_used(
    vocabulary: Vocabulary,
) -> None:
    script = Script(vocabulary)
    script.generation.begin(2)
    assert script.say("جسر 😀 bridge")
    assert not script.end()
    usage = script.last.usage

    assert script.text == "جسر 😀 bridge"
    assert script.last.finish_reason is FinishReason.STOP
    assert usage is not None
    assert (usage.input_tokens, usage.cached_tokens) == (3, 2)
    assert usage.output_tokens == len(vocabulary.tokenize("جسر 😀 bridge", parse_special=False))
    assert [delta.finish_reason for delta in script.deltas[:-1]] == [None] * (
        len(script.deltas) - 1
    )


def test_characters_come_whole(vocabulary: Vocabulary) -> None:
    script = Script(vocabulary)
    script.say("👩‍🚀 مرحبا")

    assert len(script.deltas) > 1
    assert not any("\ufffd" in delta.text for delta in script.deltas)


def test_a_character_cut_by_the_limit_is_left_out(vocabulary: Vocabulary) -> None:
    tokens = vocabulary.tokenize("😀", parse_special=False)
    assert len(tokens) > 1
    script = Script(vocabulary, max_output_tokens=1)

    assert not script.tokens(tokens[:1])
    assert script.text == ""


@pytest.mark.parametrize(
    ("context_tokens", "max_output_tokens", "num_output"), [(100, 4, 4), (8, 50, 5), (4, 50, 1)]
)
def test_it_ends_at_its_own_limit_or_at_the_end_of_the_context(
    vocabulary: Vocabulary, context_tokens: int, max_output_tokens: int, num_output: int
) -> None:
    script = Script(vocabulary, context_tokens, max_output_tokens=max_output_tokens)
    script.say("one two three four five six seven eight nine ten")
    usage = script.last.usage

    assert usage is not None
    assert usage.output_tokens == num_output
    assert script.last.finish_reason is FinishReason.LENGTH


def test_a_stop_string_ends_it_and_is_not_part_of_it(vocabulary: Vocabulary) -> None:
    script = Script(vocabulary, stop=("END",), num_top_logprobs=1)
    went_on = script.say("one two END three")

    assert not went_on
    assert script.text == "one two "
    assert script.last.finish_reason is FinishReason.STOP


def test_a_stop_string_in_the_last_token_counts_more_than_the_limit(vocabulary: Vocabulary) -> None:
    tokens = vocabulary.tokenize("one END", parse_special=False)
    script = Script(vocabulary, stop=("END",), max_output_tokens=len(tokens))
    script.tokens(tokens)

    assert script.last.finish_reason is FinishReason.STOP


def test_every_token_has_its_log_probability_and_the_likeliest_in_order(
    vocabulary: Vocabulary,
) -> None:
    script = Script(vocabulary, num_top_logprobs=3)
    tokens = vocabulary.tokenize("a 😀", parse_special=False)
    script.tokens(tokens)
    script.end()
    logprobs = [logprob for delta in script.deltas for logprob in delta.logprobs]

    assert [logprob.token for logprob in logprobs] == [*map(vocabulary.piece, tokens)]
    assert all(len(logprob.top) == 3 for logprob in logprobs)
    assert all(logprob.top[0] == (logprob.token, logprob.logprob) for logprob in logprobs)
    assert all(-0.01 < logprob.logprob <= 0 for logprob in logprobs)


@pytest.mark.parametrize(
    ("text", "stop", "kept"),
    [
        ("one two END three", "END", "one two "),
        ("one two three", "o thr", "one tw"),  # the held tokens go with the stop string
        ("one two three", "ee", "one two thr"),  # a token of which a part is shown stays
        ("a 😀 b", " b", "a 😀"),
        ("END", "END", ""),
    ],
)
def test_tokens_whose_text_is_shown_keep_their_log_probabilities_before_a_stop_string(
    vocabulary: Vocabulary, text: str, stop: str, kept: str
) -> None:
    script = Script(vocabulary, stop=(stop,), num_top_logprobs=0)
    tokens = vocabulary.tokenize(text, parse_special=False)
    assert not script.tokens(tokens)
    logprobs = [logprob.token for delta in script.deltas for logprob in delta.logprobs]

    assert script.text == kept
    assert logprobs == [*map(vocabulary.piece, tokens)][: len(logprobs)]
    shown = b"".join(logprobs)
    assert shown.startswith(kept.encode()), "every shown token has one"
    assert len(b"".join(logprobs[:-1])) < len(kept.encode()) or not logprobs, "and no other"


@pytest.mark.parametrize("num_top", [None, 0])
def test_log_probabilities_come_as_asked_for(vocabulary: Vocabulary, num_top: int | None) -> None:
    script = Script(vocabulary, num_top_logprobs=num_top)
    script.say("hello")

    assert [len(delta.logprobs) for delta in script.deltas] == [0 if num_top is None else 1]
    assert all(not logprob.top for delta in script.deltas for logprob in delta.logprobs)


def test_a_grammar_overrules_the_model(vocabulary: Vocabulary) -> None:
    script = Script(vocabulary, grammar='root ::= "yes"')
    script.say("no no no no no")

    assert script.text == "yes"
    assert script.last.finish_reason is FinishReason.STOP


def test_a_grammar_without_a_way_on_ends_it(vocabulary: Vocabulary) -> None:
    script = Script(vocabulary, grammar='root ::= "yes"')
    only_no = np.full_like(script.row(0), -np.inf)
    only_no[0, vocabulary.tokenize("no", parse_special=False)] = 0

    assert script.generation.advance(only_no) is None
    assert script.last.finish_reason is FinishReason.STOP


def test_a_grammar_that_is_none_is_refused_before_anything_runs(vocabulary: Vocabulary) -> None:
    with pytest.raises(InvalidRequest, match="GBNF"):
        Script(vocabulary, grammar="root ::= (")


def test_an_error_is_delivered(vocabulary: Vocabulary) -> None:
    script = Script(vocabulary)
    error = EngineError("no")
    script.generation.fail(error)
    script.generation.cancel()

    assert script.pieces == [error]
    assert script.generation.is_cancelled
