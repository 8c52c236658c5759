import asyncio

import pytest

from jisr.backends.scripted import ScriptedBackend
from jisr.bench.joint_turn import Turn, Way, gaps_ms, timed
from jisr.errors import BackendBroken
from jisr.types import Delta, Exact, FinishReason, Goal, JointUse, Usage, Wish

USAGE = Usage(input_tokens=5, output_tokens=4)
USE = JointUse(
    goal=Goal.FAST,
    exact=Exact.FAST,
    drafted=8,
    accepted=3,
    passes=2,
    rounds=2,
    alone=0,
    bytes_up=100,
    bytes_down=50,
    rtt_ms=20.5,
    block_lengths=(4, 4),
    strict_block=3,
)
TURN = Turn(way=Way.FAST, prompt="hi", max_tokens=4, model="m", url="http://127.0.0.1:1/v1")


def row_of(backend: ScriptedBackend, turn: Turn = TURN) -> dict[str, object]:
    return asyncio.run(timed(turn, backend.stream(turn.request()), lambda text: len(text.split())))


def test_a_row_tells_what_an_answer_took_and_not_what_it_said() -> None:
    last = Delta("d", finish_reason=FinishReason.LENGTH, usage=USAGE, joint=USE)

    row = row_of(ScriptedBackend([["a ", "b c ", last]]))

    assert row["tokens"] == 4 and row["way"] == "fast"
    assert (row["passes"], row["passes_per_token"], row["link_ms"]) == (2, 0.5, 20.5)
    assert row["block_lengths"] == [4, 4] and "rtt_ms" not in row
    assert "a b c d" not in str(row)


def test_the_same_text_in_other_pieces_has_the_same_hash() -> None:
    whole, cut = (
        ScriptedBackend([["جسر"]], usage=USAGE),
        ScriptedBackend([["جس", "ر"]], usage=USAGE),
    )

    assert row_of(whole)["text_sha256"] == row_of(cut)["text_sha256"]


def test_an_answer_that_tells_no_usage_is_broken() -> None:
    with pytest.raises(BackendBroken, match="told no usage"):
        row_of(ScriptedBackend([["a"]]))


def test_a_piece_of_several_tokens_is_as_many_times() -> None:
    pieces = [(0.1, "first"), (0.4, "a b c"), (0.5, "d")]

    gaps = gaps_ms(pieces, lambda text: len(text.split()))

    assert gaps["tpot_p50_ms"] == pytest.approx(100)
    assert gaps["tpot_mean_ms"] == pytest.approx(100)
    assert gaps["gap_p90_ms"] == pytest.approx(300)


def test_an_answer_of_one_piece_has_no_times_between() -> None:
    assert set(gaps_ms([(0.1, "all")], len).values()) == {None}


@pytest.mark.parametrize(
    ("way", "goal", "exact"),
    [
        (Way.FAST, Goal.FAST, Exact.FAST),
        (Way.CHEAP, Goal.CHEAP, Exact.FAST),
        (Way.STRICT, Goal.FAST, Exact.STRICT),
        (Way.STOP_AND_WAIT, Goal.FAST, Exact.FAST),
    ],
)
def test_a_way_is_a_request_that_only_the_cloud_s_model_may_end(
    way: Way, goal: Goal, exact: Exact
) -> None:
    request = Turn(way=way, prompt="hi", max_tokens=7).request()

    assert (request.joint.goal, request.joint.exact) == (goal, exact)
    assert request.wish is Wish.ONLY_CLOUD
    assert (request.sampling.temperature, request.sampling.max_output_tokens) == (0, 7)


def test_a_turn_survives_being_a_row() -> None:
    assert Turn.of_row(TURN.as_row()) == TURN
