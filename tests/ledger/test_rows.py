from dataclasses import replace
from datetime import UTC, datetime
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from jisr.ledger.rows import pico_usd, record_of, row_from_json, row_of, usd_of
from jisr.types import FinishReason, JointUse, Place, TurnRecord, Usage
from tests.ledger.records import PLAIN
from tests.runtimes import JOINT_USE

TOKENS = st.integers(0, 2**40)
WORDS = st.text(st.characters(codec="utf-8"))
COUNTS = st.integers(0, 2**40)
JOINT_USES = st.builds(
    JointUse,
    drafted=COUNTS,
    on_device=COUNTS,
    rtt_ms=st.none() | st.floats(0, 1e6),
    block_lengths=st.lists(COUNTS).map(tuple),
    fallback=st.none() | st.just("device"),
    fallback_reason=st.none() | st.text(),
)
RECORDS = st.builds(
    TurnRecord,
    turn_id=WORDS,
    at=st.datetimes(datetime(1970, 1, 1), datetime(2200, 1, 1), timezones=st.just(UTC)),
    reason=WORDS,
    model=WORDS,
    usage=st.none()
    | st.builds(Usage, input_tokens=TOKENS, output_tokens=TOKENS, cached_tokens=TOKENS),
    usd=st.none() | st.decimals(0, 10**6, places=12),
    usd_cloud_only=st.none() | st.decimals(0, 10**6, places=12),
    joules_measured=st.none() | st.floats(0, 1e9),
    joules_estimated=st.none() | st.floats(0, 1e9),
    confidence=st.none() | st.floats(0, 1),
    ttft_ms=st.none() | st.floats(0, 1e6),
    private_spans=st.dictionaries(st.sampled_from(["IBAN_CODE", "PERSON"]), st.integers(1, 9)),
    stages=st.dictionaries(st.sampled_from(["sight", "decide"]), st.floats(0, 1e6)),
    finish_reason=st.none() | st.sampled_from(FinishReason),
    failed_places=st.lists(st.sampled_from(Place)).map(tuple),
    joint=st.none() | JOINT_USES,
    verdict=st.none() | st.sampled_from(["keep", "ask", "escalate", "abstain"]),
    verdict_reason=st.none() | WORDS,
    withdrawn_model=st.none() | WORDS,
    signals=st.dictionaries(
        st.sampled_from(["kind", "estimate_device", "failed_places"]),
        st.none() | st.booleans() | st.floats(0, 1) | WORDS | st.lists(st.sampled_from(Place)),
    ),
)


@given(RECORDS)
def test_a_record_comes_back_from_its_row_and_its_line(record: TurnRecord) -> None:
    row = row_of(record)

    assert record_of(row) == record
    assert row_from_json(row.to_json()) == row


def test_half_characters_and_huge_counts_can_be_kept() -> None:
    odd = replace(
        PLAIN,
        model="a\ud800b",
        usage=Usage(input_tokens=10**30, output_tokens=1),
        usd=Decimal(10**30),
        joint=replace(JOINT_USE, fallback="device", fallback_reason="c\ud800 جسر"),
    )

    row = row_of(odd)

    assert (row.model, row.input_tokens, row.pico_usd) == ("a?b", 2**63 - 1, 2**63 - 1)
    joint = record_of(row).joint
    assert joint and joint.fallback_reason == "c? جسر"


def test_money_is_rounded_only_beyond_the_twelfth_decimal() -> None:
    assert usd_of(pico_usd(Decimal("0.0000000000005"))) == Decimal("0.000000000001")
    assert pico_usd(None) is None
    assert usd_of(None) is None


@pytest.mark.parametrize("line", ["", "{}", "[1]", "null", '{"turn_id": "t"}', "{"])
def test_a_line_that_is_no_row_is_refused(line: str) -> None:
    with pytest.raises(ValueError):
        row_from_json(line)
