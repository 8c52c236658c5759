"""Questions are asked several at once, each once, and answers come back as they were."""

from pathlib import Path

import pytest

from jisr.bench.answering import Answered, EngineAnswerer, answered, ask_all, is_known
from jisr.bench.cache import Cache
from jisr.engine.engine import Engine, EngineSettings
from tests.bench.routed import LawfulAnswerer, rows
from tests.weights import small_model


def test_each_is_asked_once_and_comes_back_in_its_place(tmp_path: Path) -> None:
    some, answerer = rows(5), LawfulAnswerer(0.5)
    cache = Cache(tmp_path / "cache.jsonl")
    told: list[tuple[int, int]] = []

    found = ask_all(some, answerer, cache, lambda done, total: told.append((done, total)))
    again = ask_all(some, answerer, Cache(tmp_path / "cache.jsonl"))

    assert [it.row.id for it in found] == [row.id for row in some]
    assert again == found
    assert sorted(answerer.asked) == sorted(row.id for row in some)
    assert told[0] == (0, 15)
    assert told[-1] == (15, 15)
    assert is_known("lawful", some, cache, checks_itself=False)
    assert not is_known("another", some, cache, checks_itself=False)


def test_a_run_that_was_stopped_goes_on_where_it_was(tmp_path: Path) -> None:
    class Failing(LawfulAnswerer):
        def answer(self, row):  # type: ignore[no-untyped-def]  # as its parent's
            if len(self.asked) >= 4:
                raise KeyboardInterrupt
            return super().answer(row)

    some, cache = rows(4), Cache(tmp_path / "cache.jsonl")
    with pytest.raises(KeyboardInterrupt):
        ask_all(some, Failing(0.5), cache)
    known, rest = len(cache), LawfulAnswerer(0.5)

    found = ask_all(some, rest, Cache(tmp_path / "cache.jsonl"))

    assert len(found) == len(some)
    assert known >= 1
    assert len(rest.asked) == len(some) - known


def test_an_engine_answers_and_says_how_sure_it_is() -> None:
    row = rows(1)[1]
    settings = EngineSettings(context_tokens=512, num_sequences=2, threads=1)
    with Engine(small_model(), settings) as engine:
        answerer = EngineAnswerer(engine, "tiny", checks_itself=True)
        found: Answered = answered(row, answerer.answer(row))
        again = answered(row, answerer.answer(row))

    assert found.answer.text
    assert found.answer.logprobs
    assert all(token.logprob <= 0 for token in found.answer.logprobs)
    assert len(found.answer.logprobs[0].top) == 20
    assert found.self_check is not None
    assert again == found
