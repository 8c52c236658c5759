import asyncio
from collections.abc import AsyncGenerator

import pytest

from jisr.backends.scripted import Line, ScriptedBackend
from jisr.bench.joint_child import Lines
from jisr.bench.joint_device import answer
from jisr.bench.joint_turn import Row, Turn, Way
from jisr.errors import BackendBroken
from jisr.types import Delta, Usage
from tests.weights import small_model

MODULE = "jisr.bench.joint_device"
SMALL = ("--context-tokens", "256", "--num-sequences", "2")
TURN = Turn(way=Way.STREAMING, prompt="hi", max_tokens=8)


class Scripted:
    """Backends that are all one script."""

    def __init__(self, *lines: Line) -> None:
        self.backend = ScriptedBackend(lines, usage=Usage(input_tokens=1, output_tokens=2))
        self.num_read = 0

    def stream(self, turn: Turn) -> AsyncGenerator[Delta, None]:
        return self.backend.stream(turn.request())

    async def read(self, turn: Turn) -> None:
        self.num_read += 1

    def count_tokens(self, text: str) -> int:
        return 1

    def trace(self, turn: Turn) -> list[dict[str, object]]:
        return [{"ms": 1}] if turn.way is Way.FAST else []

    async def close(self) -> None:
        """Do nothing."""


def answered(backends: Scripted, *turns: Turn) -> Row:
    return asyncio.run(answer(turns, backends))


def test_a_turn_is_asked_before_with_room_for_one_token() -> None:
    backends = Scripted(["warm"], ["measured"])

    row = answered(backends, TURN)["rows"][0]

    rooms = [turn.sampling.max_output_tokens for turn in backends.backend.seen]
    assert rooms == [1, 8]
    assert backends.num_read == 1
    assert row["tokens"] == 2 and "trace" not in row


def test_a_joint_turn_has_its_trace() -> None:
    turn = Turn(way=Way.FAST, prompt="hi", max_tokens=8)

    assert answered(Scripted(["a"], ["b"]), turn)["rows"][0]["trace"] == [{"ms": 1}]


def test_a_turn_that_fails_is_a_row_that_says_so() -> None:
    told = answered(Scripted(["a"], ["b"], ["c"], [BackendBroken("It broke.")]), TURN, TURN)

    assert [row.get("error") for row in told["rows"]] == [None, BackendBroken.code]
    assert told["rows"][1]["message"] == "It broke."


def test_as_a_program_it_answers_line_by_line() -> None:
    turn = Turn(way=Way.DEVICE, prompt="Count to ten.", max_tokens=4)
    with Lines(MODULE, str(small_model()), *SMALL) as device:
        assert device.read() == {"is_ready": True}
        told = [device.ask({"turns": [turn.as_row()]}) for _ in range(2)]

    hashes = {row["text_sha256"] for it in told for row in it["rows"]}
    assert len(hashes) == 1
    assert all(it["rows"][0]["tokens"] == 4 for it in told)
    assert all(it["rows"][0]["cached_tokens"] > 0 for it in told)


def test_one_that_breaks_off_is_an_error_with_its_last_words() -> None:
    with (
        Lines(MODULE, "no-such-file.gguf") as device,
        pytest.raises(BackendBroken, match="joint_device broke off"),
    ):
        device.read()
