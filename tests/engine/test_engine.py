"""Turns on the engine: what they answer and share, how they are left, and what is refused."""

import subprocess
import sys
import threading
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from jisr.engine.engine import Engine, EngineSettings
from jisr.errors import ContextOverflow, EngineBusy, EngineClosed, InvalidRequest, JisrError
from jisr.types import Delta, FinishReason, Message, Role, Sampling
from tests.engine.conftest import COLD
from tests.engine.turns import WAIT_S, Answer, chat, complete, plain, start

STORY = "Once upon a time a small bridge stood between two places, and every evening people "


def until(holds: Callable[[], bool]) -> float:
    """Wait until something holds; return how long that took."""
    began_s = time.perf_counter()
    while not holds():
        assert time.perf_counter() - began_s < WAIT_S
        time.sleep(0.001)
    return time.perf_counter() - began_s


def test_an_answer_streams_in_pieces_that_join_to_it(engine: Engine) -> None:
    answer = complete(engine, chat(engine, "What is the capital of France?"), max_output_tokens=24)

    assert len(answer.text) > len(answer.deltas) > 3
    assert answer.usage.output_tokens <= 24
    assert [delta.finish_reason for delta in answer.deltas[:-1]] == [None] * (
        len(answer.deltas) - 1
    )


@pytest.mark.parametrize("text", ["ما عاصمة مصر؟", "😀😀😀 👩‍🚀", "\x00\ud800", ""])
def test_any_text_gets_an_answer_that_can_be_encoded(engine: Engine, text: str) -> None:
    answer = complete(engine, chat(engine, text), max_output_tokens=12, temperature=1, seed=3)

    assert answer.text.encode() is not None
    assert answer.usage.output_tokens <= 12


def test_greedy_is_the_argmax_of_the_scores(engine: Engine) -> None:
    prompt = chat(engine, "Tell me about rivers.")
    answer = complete(engine, prompt, max_output_tokens=12, num_top_logprobs=1)
    tokens = list(prompt)
    for logprob in (logprob for delta in answer.deltas for logprob in delta.logprobs):
        token = int(engine.score(tokens, 1)[0].argmax())
        assert engine.vocabulary.piece(token) == logprob.token == logprob.top[0][0]
        tokens.append(token)


def test_the_same_seed_gives_the_same_answer_and_another_seed_another(engine: Engine) -> None:
    prompt = chat(engine, "Write a poem about the sea.")
    answers = [
        complete(engine, prompt, max_output_tokens=24, temperature=1.0, seed=seed).text
        for seed in (7, 7, 8)
    ]

    assert answers[0] == answers[1] != answers[2]


def test_without_a_seed_answers_differ(engine: Engine) -> None:
    prompt = chat(engine, "Write a poem about the sea.")
    texts = {complete(engine, prompt, max_output_tokens=24, temperature=1.5).text for _ in "abc"}

    assert len(texts) > 1


def test_a_stop_string_ends_the_answer_before_it(engine: Engine) -> None:
    prompt = chat(engine, "Count from one to ten.")
    whole = complete(engine, prompt, max_output_tokens=40).text
    stop = whole[10:14]
    answer = complete(engine, prompt, max_output_tokens=40, stop=(stop,))

    assert answer.text == whole[: whole.index(stop)]
    assert answer.finish_reason is FinishReason.STOP


def test_a_follow_up_prefills_only_what_is_new_and_answers_as_if_all_were(
    engine: Engine, cold: Engine
) -> None:
    asked = [STORY * 8 + "What is the story about?"]
    first = complete(engine, chat(engine, *asked), max_output_tokens=16)
    follow_up = chat(engine, *asked, first.text, "And then?")
    again = complete(engine, follow_up, max_output_tokens=16)
    alone = complete(cold, follow_up, max_output_tokens=16)

    held = len(chat(engine, *asked)) + first.usage.output_tokens - 1
    assert again.usage.cached_tokens >= held - 1
    assert alone.usage.cached_tokens == 0
    assert again.text == alone.text
    assert again.usage.input_tokens == alone.usage.input_tokens == len(follow_up)


def test_the_same_prompt_again_prefills_its_last_token_only(engine: Engine) -> None:
    prompt = chat(engine, STORY * 3)
    answers = [complete(engine, prompt, max_output_tokens=4) for _ in range(2)]

    assert answers[1].usage.cached_tokens == len(prompt) - 1
    assert answers[0].text == answers[1].text


def test_a_sequence_that_is_still_running_is_copied(cold: Engine) -> None:
    prompt = plain(cold, STORY * 6)
    fork = [*prompt, *plain(cold, "The fork goes elsewhere")]
    alone = [complete(cold, tokens, max_output_tokens=40).text for tokens in (prompt, fork)]
    forget(cold)
    running = start(cold, prompt, Sampling(max_output_tokens=40))
    first = running.pieces.get(timeout=WAIT_S)
    assert isinstance(first, Delta)
    copied = start(cold, fork, Sampling(max_output_tokens=40)).result()

    assert copied.usage.cached_tokens >= len(prompt)
    assert [first.text + running.result().text, copied.text] == alone


def forget(engine: Engine) -> None:
    """Fill every sequence with something else."""
    turns = [
        start(engine, plain(engine, f"{i} other"), Sampling(max_output_tokens=1)) for i in (1, 2)
    ]
    for turn in turns:
        turn.result()


def test_two_hundred_at_once_all_get_the_answer_they_would_get_alone(engine: Engine) -> None:
    prompts = [[300 + i] for i in range(8)]
    alone = [complete(engine, prompt, max_output_tokens=4).text for prompt in prompts]
    answers: list[Answer | None] = [None] * 200

    def ask(number: int) -> None:
        answers[number] = complete(engine, prompts[number % 8], max_output_tokens=4)

    threads = [threading.Thread(target=ask, args=(i,)) for i in range(200)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(WAIT_S)

    texts = [answer.text if answer else None for answer in answers]
    assert texts == [alone[i % 8] for i in range(200)]
    until(lambda: engine.num_running + engine.num_waiting == 0)


def stop_latency_s(engine: Engine, prompt: list[int], *, is_decoding: bool) -> float:
    """Leave in the middle of the work; return how long it went on."""
    turn = start(engine, prompt, Sampling(max_output_tokens=900))
    until(lambda: engine.num_running == 1)
    if is_decoding:
        turn.pieces.get(timeout=WAIT_S)
    else:
        time.sleep(0.1)  # into the pass: there is nothing to see of it from outside
    assert turn.generation is not None
    engine.cancel(turn.generation)
    took_s = until(lambda: engine.num_running == 0)
    engine.cancel(turn.generation)  # again is harmless
    return took_s


@pytest.mark.parametrize("is_decoding", [False, True], ids=["prefill", "decode"])
def test_leaving_stops_the_work_within_a_tenth_of_a_second(
    engine: Engine, is_decoding: bool
) -> None:
    prompt = plain(engine, STORY * (1 if is_decoding else 90))[:500]
    latencies = (
        stop_latency_s(engine, [500 + i, *prompt[1:]], is_decoding=is_decoding) for i in range(9)
    )

    # a busy machine may hold up a try or two, so it has several
    assert any(latency_s < 0.1 for latency_s in latencies)


def test_a_closed_stream_frees_its_sequence_and_the_others_go_on(engine: Engine) -> None:
    prompts = [plain(engine, f"{name} went to the market and") for name in ("Ali", "Mona")]
    alone = complete(engine, prompts[1], max_output_tokens=30).text
    staying = start(engine, prompts[1], Sampling(max_output_tokens=30))
    stream = engine.stream(prompts[0], Sampling(max_output_tokens=900))
    next(stream)
    stream.close()

    assert staying.result().text == alone
    until(lambda: engine.num_running == 0)


def test_more_than_may_wait_are_refused(model_path: Path) -> None:
    settings = EngineSettings(num_sequences=1, context_tokens=1024, max_waiting=2, threads=1)
    with Engine(model_path, settings) as engine:
        prompt = plain(engine, STORY)
        turns = [start(engine, prompt, Sampling(max_output_tokens=900))]
        turns[0].pieces.get(timeout=WAIT_S)
        turns += [start(engine, prompt, Sampling(max_output_tokens=2)) for _ in range(2)]
        with pytest.raises(EngineBusy, match="2 turns wait"):
            start(engine, prompt, Sampling())
        assert (engine.num_running, engine.num_waiting) == (1, 2)
        for turn in turns:
            assert turn.generation is not None
            engine.cancel(turn.generation)


def test_a_prompt_beyond_the_context_says_by_how_much(engine: Engine) -> None:
    prompt = [100] * (engine.context_tokens + 6)

    with pytest.raises(ContextOverflow, match=r"518 tokens, 7 more than fit .* 512"):
        complete(engine, prompt)
    with pytest.raises(ContextOverflow, match="6 more than fit"):
        engine.score(prompt, 1)


def test_a_prompt_that_just_fits_gets_one_token(engine: Engine) -> None:
    prompt = plain(engine, STORY * 90)[: engine.context_tokens - 1]
    answer = complete(engine, prompt)

    assert answer.usage.output_tokens == 1
    assert answer.finish_reason is FinishReason.LENGTH


def test_an_answer_ends_with_the_context(engine: Engine) -> None:
    prompt = plain(engine, STORY * 90)[: engine.context_tokens - 10]
    answer = complete(engine, prompt, grammar="root ::= [a-z ]*")

    assert answer.usage.output_tokens == 10
    assert answer.finish_reason is FinishReason.LENGTH


@pytest.mark.parametrize("prompt", [[], [-1], [10**6], [5, 49_152]])
def test_a_prompt_that_is_none_is_refused(engine: Engine, prompt: list[int]) -> None:
    for ask in (lambda: complete(engine, prompt), lambda: engine.score(prompt, 1)):
        with pytest.raises(InvalidRequest):
            ask()


def test_a_prompt_of_one_token_is_one(engine: Engine) -> None:
    assert complete(engine, (260,), max_output_tokens=2).usage.input_tokens == 1


def test_a_consumer_that_raises_harms_nobody_else(engine: Engine) -> None:
    def raises(piece: Delta | JisrError) -> None:
        raise RuntimeError("the event loop is closed")

    engine.start(engine.prepare(plain(engine, STORY), Sampling(max_output_tokens=9), raises))

    assert complete(engine, plain(engine, STORY), max_output_tokens=3).text
    until(lambda: engine.num_running == 0)


def test_closing_fails_what_runs_and_what_waits_and_hangs_nobody(model_path: Path) -> None:
    engine = Engine(model_path, COLD)
    turns = [
        start(engine, plain(engine, f"{i} {STORY}"), Sampling(max_output_tokens=900))
        for i in range(5)
    ]
    turns[0].pieces.get(timeout=WAIT_S)
    engine.close()
    engine.close()

    for turn in turns:
        with pytest.raises(EngineClosed):
            turn.result()
    for ask in (lambda: complete(engine, [260]), lambda: engine.score([260], 1)):
        with pytest.raises(EngineClosed):
            ask()
    assert engine.render([Message(Role.USER, "hi")]), "the vocabulary is still whole"


EXIT = """
import sys, time
from pathlib import Path
from jisr.engine.engine import Engine, Sampling
engine = Engine(Path(sys.argv[1]))
engine.start(engine.prepare([100] * 2000, Sampling(), print))
time.sleep(0.2)
"""


def test_python_may_exit_in_the_middle_of_a_completion(model_path: Path) -> None:
    child = subprocess.run(
        [sys.executable, "-c", EXIT, str(model_path)],
        env={"PYTHONPATH": ":".join(sys.path)},
        capture_output=True,
        timeout=WAIT_S,
        check=False,
    )

    assert child.returncode == 0, child.stderr
