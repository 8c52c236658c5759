import dataclasses
import inspect
from math import inf, nan
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from jisr import types
from jisr.errors import InvalidRequest
from jisr.types import (
    MAX_SEED,
    Exact,
    Goal,
    JointOffer,
    JointOptions,
    Message,
    Request,
    Role,
    Sampling,
    Wish,
)


@pytest.mark.parametrize(
    ("field", "value", "param"),
    [
        ("temperature", -0.1, "temperature"),
        ("temperature", 5.1, "temperature"),
        ("temperature", nan, "temperature"),
        ("temperature", inf, "temperature"),
        ("temperature", -inf, "temperature"),
        ("top_k", -1, "top_k"),
        ("top_k", nan, "top_k"),
        ("top_p", 0, "top_p"),
        ("top_p", 1.1, "top_p"),
        ("top_p", nan, "top_p"),
        ("min_p", -0.1, "min_p"),
        ("min_p", 1.1, "min_p"),
        ("min_p", nan, "min_p"),
        ("min_p", inf, "min_p"),
        ("seed", -1, "seed"),
        ("seed", MAX_SEED + 1, "seed"),
        ("stop", ("",), "stop"),
        ("stop", ("a",) * 17, "stop"),
        ("max_output_tokens", 0, "max_tokens"),
        ("max_output_tokens", -5, "max_tokens"),
        ("num_top_logprobs", -1, "top_logprobs"),
        ("num_top_logprobs", 21, "top_logprobs"),
    ],
)
def test_sampling_refuses_what_is_out_of_range(field: str, value: Any, param: str) -> None:
    with pytest.raises(InvalidRequest, match=f"{param} must be") as caught:
        Sampling(**{field: value})

    assert caught.value.param == param


def test_a_schema_and_a_grammar_at_once_are_refused() -> None:
    with pytest.raises(InvalidRequest, match="grammar"):
        Sampling(json_schema="{}", grammar='root ::= "a"')


@pytest.mark.parametrize(
    "fields",
    [
        {},
        {"temperature": 0, "top_p": 1, "min_p": 0, "seed": 0},
        {"temperature": 5, "top_p": 1e-9, "min_p": 1, "seed": MAX_SEED},
        {"stop": ("قف",) * 16, "max_output_tokens": 1, "num_top_logprobs": 0},
        {"num_top_logprobs": 20},
    ],
)
def test_sampling_takes_the_ends_of_each_range(fields: dict[str, Any]) -> None:
    assert Sampling(**fields) == Sampling(**fields)


@given(st.floats())
def test_a_temperature_is_taken_only_from_its_range(temperature: float) -> None:
    try:
        taken = Sampling(temperature=temperature).temperature
    except InvalidRequest:
        assert not 0 <= temperature <= 5
    else:
        assert 0 <= taken <= 5


RECORDS = [it for _, it in inspect.getmembers(types, dataclasses.is_dataclass)]


@pytest.mark.parametrize("record", RECORDS)
def test_a_record_is_frozen_and_slotted(record: type) -> None:
    assert getattr(record, "__dataclass_params__").frozen  # noqa: B009 - dataclasses' own, untyped
    assert "__slots__" in vars(record)


def test_a_request_prefers_the_device_and_samples_greedily_by_default() -> None:
    request = Request(messages=(Message(Role.USER, "مرحبا"),))

    assert (request.wish, request.sampling) == (Wish.PREFER_DEVICE, Sampling())


@pytest.mark.parametrize(
    ("change", "options", "pays"),
    [
        ({}, JointOptions(), True),
        ({"joint_ms": 50.0}, JointOptions(), False),
        ({"joint_ms": 50.0}, JointOptions(Goal.CHEAP), True),
        ({"passes_per_token": 1.0}, JointOptions(Goal.CHEAP), False),
        ({}, JointOptions(exact=Exact.STRICT), True),
        # no draft fits into a pass of one token
        ({"strict_block": 1}, JointOptions(exact=Exact.STRICT), False),
        ({"strict_block": 1}, JointOptions(), True),
    ],
)
def test_an_offer_pays_if_it_is_better_than_streaming_for_what_is_wanted(
    change: dict[str, Any], options: JointOptions, pays: bool
) -> None:
    offer = JointOffer(
        model="big", joint_ms=20.0, alone_ms=50.0, passes_per_token=0.4, strict_block=8
    )

    assert dataclasses.replace(offer, **change).pays(options) is pays
