import json
import signal
import time
from contextlib import closing
from pathlib import Path

import pytest

from jisr.ledger.ledger import FILE_NAME, Ledger
from jisr.types import TurnRecord
from tests.cli.conftest import Served
from tests.cli.jisr import LIMIT_S, LONG, Command

SOON_S = 20
SHORT = ("--max-tokens", "3", "Say hello.")


def turns(home: Path) -> tuple[TurnRecord, ...]:
    with closing(Ledger(home / FILE_NAME)) as ledger:
        return tuple(ledger.turns(100))


def until_idle(served: Served) -> float:
    """Return the seconds until the server's engine has nothing to do."""
    start = time.monotonic()
    while time.monotonic() - start < LIMIT_S:
        health = served.client.health()
        assert health is not None
        device = health["device"]
        assert isinstance(device, dict)
        if not device["running"]:
            break
        time.sleep(0.005)
    return time.monotonic() - start


def test_the_answer_is_on_standard_output_and_how_it_came_on_standard_error(warm: Command) -> None:
    result = warm.run("ask", *SHORT)

    assert result.returncode == 0
    assert result.stdout.strip()
    assert result.stderr.startswith("device (default) · model ")
    assert "→ 3 tokens" in result.stderr
    assert "$0 · nothing left this machine · cut at the length limit\n" in result.stderr


def test_json_holds_the_answer_its_tokens_and_its_record(warm: Command) -> None:
    result = warm.invoke("ask", "--json", *SHORT)
    told = json.loads(result.stdout)

    assert told["text"] + "\n" == warm.invoke("ask", *SHORT).stdout
    assert told["finish_reason"] == "length"
    assert told["usage"]["completion_tokens"] == 3
    assert told["jisr"]["place"] == "device"
    assert told["jisr"]["ttft_ms"] > 0
    assert result.stderr == ""


def test_the_cloud_answers_when_it_is_asked_for(warm: Command) -> None:
    result = warm.invoke("ask", "--place", "cloud", "Hello!")

    assert result.stdout == "piece 0 piece 1 piece 2 \n"
    assert result.stderr.startswith("cloud (only_cloud) · model ")


def test_what_is_private_stays_on_the_device(warm: Command) -> None:
    result = warm.invoke("ask", "--private", "--json", *SHORT)

    assert json.loads(result.stdout)["jisr"]["place"] == "device"


@pytest.mark.parametrize("arguments", [(), ("-",)])
def test_the_question_may_come_from_standard_input(
    warm: Command, arguments: tuple[str, ...]
) -> None:
    result = warm.invoke("ask", *SHORT[:2], *arguments, stdin=SHORT[2])

    assert result.exit_code == 0
    assert result.stdout == warm.invoke("ask", *SHORT).stdout


def test_words_need_no_quotes(warm: Command) -> None:
    words = warm.invoke("ask", *SHORT[:2], *SHORT[2].split(" "))

    assert words.stdout == warm.invoke("ask", *SHORT).stdout


def test_arabic_goes_in_and_comes_out_whole(warm: Command) -> None:
    result = warm.run("ask", "--max-tokens", "8", "--json", "ما هو الجسر؟")

    told = json.loads(result.stdout)
    assert any("\u0600" <= letter <= "\u06ff" for letter in told["text"])
    assert "\ufffd" not in told["text"][:-1]  # the length limit may cut the last one


def test_the_same_seed_gives_the_same_answer(warm: Command) -> None:
    drawn = [
        warm.invoke("ask", "--temperature", "1", "--seed", "7", *SHORT).stdout for _ in range(2)
    ]

    assert drawn[0] == drawn[1]


def test_an_answer_can_be_held_to_a_schema(warm: Command, tmp_path: Path) -> None:
    schema = tmp_path / "schema.json"
    schema.write_text(
        '{"type": "object", "properties": {"ok": {"type": "boolean"}},'
        ' "required": ["ok"], "additionalProperties": false}'
    )

    result = warm.invoke("ask", "--schema", str(schema), "--max-tokens", "20", "Is it good?")

    assert isinstance(json.loads(result.stdout)["ok"], bool)


@pytest.mark.parametrize(
    ("arguments", "stdin", "told"),
    [
        ((), b"", "The question is empty."),
        ((), b" \n", "The question is empty."),
        (("-",), b"\xff\xfe", "Standard input is not UTF-8 text (byte 0)"),
        (("--schema", __file__, "x"), b"", "The schema is not JSON"),
        (("--place", "cloud", "--private", "x"), b"", "No place is left for this turn."),
        (("--place", "device", "word " * 2000), b"", "The prompt has 20"),
    ],
    ids=["empty", "blank", "not text", "no schema", "private cloud", "too long"],
)
def test_what_cannot_be_asked_is_said_in_one_line(
    warm: Command, arguments: tuple[str, ...], stdin: bytes, told: str
) -> None:
    result = warm.invoke("ask", *arguments, stdin=stdin)

    assert (result.exit_code, result.stdout) == (1, "")
    assert result.stderr.startswith(f"Error: {told}")
    assert result.stderr.count("\n") == 1


def test_bytes_that_are_no_text_are_refused_as_an_argument_too(warm: Command) -> None:
    result = warm.run("ask", "\udcff\udcfe")

    assert result.returncode == 1
    assert "That is not UTF-8 text" in result.stderr


def test_missing_weights_are_an_error_with_the_remedy(alone: Command, tmp_path: Path) -> None:
    nowhere = alone.but(JISR_DEVICE__MODEL="smollm2-135m", JISR_MODELS_DIR=str(tmp_path))
    result = nowhere.invoke("ask", "Hello!")

    assert result.exit_code == 1
    assert "`jisr models pull smollm2-135m` gets it" in result.stderr


def test_without_a_cloud_the_cloud_cannot_be_asked(alone: Command) -> None:
    result = alone.run("ask", "--place", "cloud", "Hello!")

    assert result.returncode == 1
    assert "set cloud.base_url and cloud.model" in result.stderr


def test_ctrl_c_stops_the_answer_and_the_engine_behind_it(warm: Command, served: Served) -> None:
    with warm.started("ask", "--max-tokens", "900", LONG) as child:
        assert child.stdout and child.stdout.read(4) == b"Once"
        child.send_signal(signal.SIGINT)
        _, err = child.communicate(timeout=SOON_S)

    assert child.returncode == 130
    assert err == b"\n"
    assert until_idle(served) < 5  # the answer would take longer


def test_ctrl_c_stops_an_engine_of_its_own_and_the_ledger_keeps_the_turn(alone: Command) -> None:
    with alone.started("ask", "--max-tokens", "900", LONG) as child:
        assert child.stdout and child.stdout.read(4) == b"Once"
        child.send_signal(signal.SIGINT)
        _, err = child.communicate(timeout=SOON_S)

    assert (child.returncode, err) == (130, b"\n")
    (turn,) = turns(alone.home)
    assert turn.error == "cancelled"
    assert turn.finish_reason is None


def test_a_reader_that_leaves_ends_it_quietly(warm: Command, served: Served) -> None:
    with warm.started("ask", "--max-tokens", "900", LONG) as child:
        assert child.stdout and child.stderr
        assert child.stdout.read(4) == b"Once"
        child.stdout.close()
        assert child.stderr.read() == b""
        child.wait(SOON_S)

    assert child.returncode == 1
    assert until_idle(served) < 5  # the answer would take longer
