"""The verify service over real sockets, with a real model behind it."""

import asyncio
import json
from collections.abc import Sequence
from typing import Any

import pytest

from jisr.assemble import Assembled
from jisr.config import Settings
from jisr.engine.llama import Append, Logits
from jisr.joint.wire import PATH, Hello, Refused, pack
from tests.cloud.verifying import BEARER, NUM, QUESTION, Cloud, connected, drafted, serving
from tests.journeys.served import send
from tests.weights import small_model


def test_it_says_what_it_is(cloud: Cloud) -> None:
    async def hello() -> Hello:
        async with connected(cloud) as device:
            return device.hello

    told = asyncio.run(hello())
    shown = send(cloud.url, path=PATH, method="GET", headers=BEARER).json()

    assert (told.model, told.context_tokens) == (small_model().stem, 512)
    assert "{%" in told.template
    assert 1 <= told.strict_block <= len(told.pass_ms) == 16
    assert shown == {
        name: json.loads(json.dumps(getattr(told, name)))
        for name in told.__struct_fields__
        if name != "template"
    }
    assert send(cloud.url, path=PATH, method="GET").status == 401


def test_what_it_says_alone_is_what_the_chat_endpoint_answers(
    cloud: Cloud, alone: list[int]
) -> None:
    body = {
        "model": small_model().stem,
        "messages": [{"role": "user", "content": QUESTION}],
        "max_tokens": NUM,
        "temperature": 0,
    }
    answer = send(cloud.url, json.dumps(body).encode(), headers=BEARER).text()

    text = b"".join(map(cloud.engine.vocabulary.piece, alone)).decode(errors="replace")
    assert len(alone) == NUM
    assert text == answer


@pytest.mark.parametrize("error_every", [0, 1, 3, 5])
@pytest.mark.parametrize("block", [1, 4, 15])
def test_the_output_is_the_targets_own_whatever_was_drafted(
    cloud: Cloud, alone: list[int], block: int, error_every: int
) -> None:
    drafts = [
        7 if error_every and number % error_every == 0 else token
        for number, token in enumerate(alone[:-1])
    ]

    async def turn() -> list[int]:
        async with connected(cloud) as device:
            return await drafted(device, cloud.prompt(), drafts, block=block)

    output = asyncio.run(turn())
    assert output == alone[: len(output)]
    assert len(output) >= NUM - 1


def test_drawn_tokens_depend_on_the_seed_and_on_no_draft(cloud: Cloud) -> None:
    fields = {"temperature": 0.9, "top_p": 0.95, "seed": 5}

    async def turn() -> tuple[list[int], list[int], list[int]]:
        async with connected(cloud) as device:
            await device.open(cloud.prompt(), until=999, **fields)
            first = await device.hear(NUM)
            await device.open(cloud.prompt(), until=999, **{**fields, "seed": 6})
            other = await device.hear(NUM)
            guess = [token if n % 4 else 7 for n, token in enumerate(first[:-1])]
            return first, other, await drafted(device, cloud.prompt(), guess, block=6, **fields)

    first, other, jointly = asyncio.run(turn())
    assert first != other
    assert jointly == first[: len(jointly)]


@pytest.mark.parametrize(
    ("fields", "code"),
    [
        ({"vocabulary": "another"}, "tokenizer"),
        ({"template": "another"}, "template"),
        ({"max_tokens": 513}, "too_long"),
        ({"prompt": pack([2**24 - 1])}, "invalid"),
    ],
)
def test_what_does_not_fit_is_refused_and_the_connection_stays(
    cloud: Cloud, alone: list[int], fields: dict[str, Any], code: str
) -> None:
    async def turn() -> tuple[Refused, list[int]]:
        async with connected(cloud) as device:
            await device.open(cloud.prompt(), session=3, until=999, **fields)
            refused = await device.refusal()
            await device.open(cloud.prompt(), until=len(cloud.prompt()) + 2)
            return refused, await device.hear(2)

    refused, output = asyncio.run(turn())
    assert (refused.session, refused.code) == (3, code)
    assert output == alone[:2]


@pytest.mark.parametrize("is_strict", [True, False])
def test_sessions_of_many_devices_share_passes(
    cloud: Cloud, monkeypatch: pytest.MonkeyPatch, is_strict: bool
) -> None:
    prompts = [cloud.prompt(f"Count from {number}.") for number in range(8)]
    passes: list[int] = []
    decode = cloud.engine._context.decode

    def counted(appends: Sequence[Append]) -> list[Logits] | None:
        passes.append(len(appends))
        return decode(appends)

    async def turn(prompt: list[int]) -> list[int]:
        async with connected(cloud) as device:
            return await drafted(device, prompt, [7] * 6, block=3, is_strict=is_strict)

    async def at_once() -> list[list[int]]:
        return await asyncio.gather(*map(turn, prompts))

    apart = [asyncio.run(turn(prompt)) for prompt in prompts if is_strict]
    monkeypatch.setattr(cloud.engine._context, "decode", counted)
    together = asyncio.run(at_once())

    assert not is_strict or together == apart
    assert max(passes) > 1
    assert len(passes) < sum(map(len, together))


def test_a_turn_goes_on_where_a_killed_server_left_it(
    assembled: Assembled, settings: Settings, alone: list[int]
) -> None:
    async def begin(cloud: Cloud) -> list[int]:
        async with connected(cloud) as device:
            return await drafted(device, cloud.prompt(), alone[:9], block=4)

    async def go_on(cloud: Cloud, output: list[int]) -> list[int]:
        async with connected(cloud) as device:
            for number in range(8):  # its KV makes way for others'
                await drafted(device, cloud.prompt(f"{number}?"), [7], block=1)
            await device.open(cloud.prompt(), output=pack(output), until=999)
            return output + await device.hear(NUM - len(output))

    with serving(assembled, settings) as cloud:
        output = asyncio.run(begin(cloud))
    with serving(assembled, settings) as cloud:
        assert asyncio.run(go_on(cloud, output)) == alone
