import json
from dataclasses import replace
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from jisr.guard.verdicts import Action, Verdict
from jisr.server import wire_answer
from jisr.types import Delta, Place, TokenLogprob, Usage
from tests.ledger.records import PLAIN
from tests.runtimes import JOINT_USE


def test_money_is_exact_text_and_joules_are_told_apart() -> None:
    told = wire_answer.jisr(
        replace(PLAIN, usd=Decimal("0.0000001"), joules_measured=1.5, joules_estimated=2.5)
    )

    assert told["usd"] == "1E-7"
    assert told["joules"] == {"measured": 1.5, "estimated": 2.5}


def test_what_is_not_known_is_null_and_not_made_up() -> None:
    told = wire_answer.jisr(replace(PLAIN, usd=None, joules_estimated=None))

    assert (told["usd"], told["confidence"], told["ttft_ms"]) == (None, None, None)
    assert told["joules"] == {"measured": None, "estimated": None}
    assert wire_answer.usage(None) is None


@pytest.mark.parametrize(
    ("action", "support"),
    [(Action.KEEP, 0.8), (Action.ABSTAIN, None), (Action.ASK, None), (Action.ESCALATE, None)],
)
def test_the_support_of_a_text_is_told_of_an_answer_that_is_given(
    action: Action, support: float | None
) -> None:
    verdict = Verdict(action=action, reason="sure", confidence=0.2, support=0.8)

    assert wire_answer.jisr(PLAIN, verdict)["support"] == support
    assert wire_answer.jisr(PLAIN)["support"] is None


def test_a_fallback_is_never_silent() -> None:
    told = wire_answer.jisr(replace(PLAIN, failed_places=(Place.CLOUD,), failures=("why",)))

    assert (told["failed_places"], told["failures"]) == (["cloud"], ["why"])


def test_what_a_joint_turn_took_is_told_with_its_shares() -> None:
    usage = Usage(input_tokens=9, output_tokens=50)
    told = wire_answer.jisr(replace(PLAIN, place=Place.JOINT, usage=usage, joint=JOINT_USE))

    assert json.loads(wire_answer.encode(told["joint"])) == {
        "goal": "fast",
        "exact": "fast",
        "drafted": 60,
        "accepted": 41,
        "acceptance": 0.6833,
        "passes": 12,
        "passes_per_token": 0.24,
        "rounds": 11,
        "alone": 2,
        "on_device": 0,
        "bytes_up": 300,
        "bytes_down": 400,
        "rtt_ms": 20.5,
        "block_lengths": [5, 6],
        "strict_block": 8,
        "fallback": None,
        "fallback_reason": None,
    }


def test_a_share_of_nothing_is_null_and_a_turn_that_was_not_joint_has_none() -> None:
    told = wire_answer.joint(replace(JOINT_USE, drafted=0, accepted=0, rtt_ms=None), None)

    assert (told["acceptance"], told["passes_per_token"], told["rtt_ms"]) == (None, None, None)
    assert wire_answer.jisr(PLAIN)["joint"] is None


def test_what_the_device_made_after_a_fallback_took_no_pass() -> None:
    use = replace(JOINT_USE, on_device=20)
    told = [wire_answer.joint(use, Usage(input_tokens=9, output_tokens=n)) for n in (50, 20)]

    assert [it["passes_per_token"] for it in told] == [0.4, None]
    assert told[0]["on_device"] == 20


def test_cached_tokens_are_a_part_of_the_prompts() -> None:
    told = wire_answer.usage(Usage(input_tokens=10, output_tokens=3, cached_tokens=8))

    assert told == {
        "prompt_tokens": 10,
        "completion_tokens": 3,
        "total_tokens": 13,
        "prompt_tokens_details": {"cached_tokens": 8},
    }


@given(st.text(), st.text())
def test_a_chunk_holds_its_text_whatever_it_is(text: str, model: str) -> None:
    raw = wire_answer.Chunks("turn_1", model, 7).next(Delta(text))

    assert raw.startswith(b"data: ")
    assert raw.endswith(b"\n\n")
    assert raw.count(b"\n") == 2
    shape = json.loads(raw.removeprefix(b"data: "))
    assert shape["choices"][0]["delta"] == {"content": text}
    assert (shape["id"], shape["model"], shape["created"]) == ("turn_1", model, 7)


@pytest.mark.parametrize("token", [b"hi", b"\xd9", "م".encode(), b""])
def test_a_token_has_its_own_bytes_even_if_they_are_no_text(token: bytes) -> None:
    raw = wire_answer.Chunks("turn_1", "m", 7).next(Delta("", (TokenLogprob(token, -0.5),)))

    shape = json.loads(raw.removeprefix(b"data: "))
    (entry,) = shape["choices"][0]["logprobs"]["content"]
    assert bytes(entry["bytes"]) == token
    assert entry["token"] == token.decode("utf-8", "replace")


def test_numbers_that_json_has_not_are_null() -> None:
    assert wire_answer.encode({"a": float("-inf"), "b": float("nan")}) == b'{"a":null,"b":null}'
