"""What holds for any text: what leaves comes back, cuts change nothing, nobody's values mix."""

import asyncio
import json
import random
import re
from collections.abc import AsyncGenerator, Iterator, Sequence
from contextlib import aclosing
from dataclasses import dataclass, field
from itertools import pairwise
from typing import Any

import pytest
from hypothesis import example, given, reject, settings
from hypothesis import strategies as st

from jisr.errors import NoPlace, PrivacyError
from jisr.privacy.base import Span
from jisr.privacy.recognizers.email_address import EmailRecognizer
from jisr.privacy.redact import redact
from jisr.privacy.restore import JsonRestorer, StreamRestorer
from jisr.privacy.sight import Sight
from jisr.privacy.vault import Vault
from jisr.tools import ToolCall
from jisr.types import Delta, FinishReason, Message, Outbound, Request, Role, Wish
from tests.runtimes import asked, outputs, runtime, saying, text_of

TYPES = ("PERSON", "PERSON_FEMALE", "NUMBER", "EMAIL_ADDRESS", "URL", "LITERAL", "TOOL_NAME")
FORMS = r"""
<PERSON_1> <person_1> <PERSON_FEMALE_1> <LITERAL_1> PERSON_1 PERSON_12 PERSON_1s NUMBER-1
[PERSON_1] [[PERSON_1]] {{PERSON_1}} (PERSON_1) «PERSON_1» ‹person_1› ＜ＰＥＲＳＯＮ＿１＞
&lt;PERSON_1&gt; &#60;NUMBER_1&#62; &amp;lt;URL_1&amp;gt; %3CPERSON_1%3E %3curl%5f1%3e
\<PERSON_1\> <PERSON\_1> EMAIL\_ADDRESS\_1 \u003cPERSON_1\u003e \\<PERSON_1\\>
<PERSON_١> <PERSON_1's> <PERSON_1s> <PERSON-1> <PERSON1> TOOL_NAME_1 وPERSON_1
"""
PARTS = r"""
PERSON _ 1 2 PER SON_1 NUMBER_ _1> < > [ ] { } ( ) « » \ \\ & &lt; &gt; %3C %3E \u003c
]( ' s علي و ل ١ a B 🙂 é İ ſ
"""
MARKS = ("\u200f", "\u2066", " ", "\n", '"', "(PERSON 1)", "<PERSON 1>", "< PERSON_1 >")
NO_SURROGATES = st.characters(exclude_categories=["Cs"])
PIECES = st.sampled_from([*FORMS.split(), *PARTS.split(), *MARKS])
TEXTS = st.lists(PIECES, max_size=10).map("".join) | st.text(NO_SURROGATES, max_size=60)
RANGES = st.tuples(st.integers(0, 60), st.integers(1, 12), st.sampled_from(TYPES))
MANY = settings(max_examples=300, deadline=None)
CUTS = st.lists(st.integers(0, 120), max_size=12)


@dataclass
class Chosen:
    """Finds what it was told to find, in any text that is as long."""

    ranges: Sequence[tuple[int, int, str]]

    def find(self, text: str) -> Iterator[Span]:
        for start, length, entity_type in self.ranges:
            if start < len(text):
                yield Span(start, min(start + length, len(text)), entity_type)


def sent(request: Request, ranges: Sequence[tuple[int, int, str]], vault: Vault) -> Outbound:
    """Return what leaves of a turn; one that may not leave is no example of anything."""
    try:
        return redact(request, Sight([Chosen(ranges)]).look(request), vault)
    except PrivacyError:
        return reject()


def streamed(restorer: StreamRestorer | JsonRestorer, text: str, cuts: Sequence[int]) -> str:
    bounds = sorted({0, len(text), *(cut for cut in cuts if cut < len(text))})
    pieces = [text[a:b] for a, b in pairwise(bounds)]
    return "".join(map(restorer.push, pieces)) + restorer.close()


@MANY
@given(st.lists(TEXTS, min_size=1, max_size=3), st.lists(RANGES, min_size=1, max_size=4), CUTS)
@example(["C:\\ab"], [(3, 2, "PERSON")], [])
@example(["<ab> [ab] \\<ab\\> %3Cab%3E"], [(1, 2, "PERSON")], [3, 5])
@example(["PERSON_1ab"], [(8, 2, "PERSON")], [])
@example(["abPERSON_1", "PERSON_2 <PERSON_2>"], [(0, 2, "PERSON")], [])
@example(["[ab](x) PERSON_1"], [(1, 2, "PERSON")], [])
def test_what_leaves_comes_back_as_it_was(
    texts: list[str], ranges: list[tuple[int, int, str]], cuts: list[int]
) -> None:
    vault = Vault()
    request = Request(messages=tuple(Message(Role.USER, text) for text in texts))

    left = [message.text for message in sent(request, ranges, vault).messages]

    assert [vault.restore(text) for text in left] == texts
    assert [streamed(StreamRestorer(vault), text, cuts) for text in left] == texts


def filled() -> Vault:
    vault = Vault()
    for number in range(12):
        vault.placeholder_for("PERSON", f'Ali {number} "x"\n\\')
    for entity_type in TYPES[1:]:
        vault.placeholder_for(entity_type, f"<{entity_type.lower()}> & 1")
    return vault


@MANY
@given(TEXTS, CUTS)
def test_cutting_a_stream_anywhere_changes_nothing(text: str, cuts: list[int]) -> None:
    vault = filled()

    assert streamed(StreamRestorer(vault), text, cuts) == vault.restore(text)
    assert streamed(StreamRestorer(vault), text, range(len(text))) == vault.restore(text)


JSON = st.recursive(
    st.none() | st.booleans() | TEXTS,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(TEXTS, inner, max_size=3),
    max_leaves=6,
)
DOCUMENTS = st.lists(JSON, max_size=3) | st.dictionaries(TEXTS, JSON, max_size=3)


def mapped(shape: Any, vault: Vault) -> Any:
    """Return JSON with every string restored."""
    if isinstance(shape, str):
        return vault.restore(shape)
    if isinstance(shape, list):
        return [mapped(it, vault) for it in shape]
    if isinstance(shape, dict):
        return {vault.restore(name): mapped(it, vault) for name, it in shape.items()}
    return shape


@MANY
@given(DOCUMENTS, st.booleans(), CUTS)
@example({"a": "\\u003cPERSON_1>", "b": "\ud83d"}, True, [])
@example(["و<PERSON_\u0661>", "وPERSON_1"], True, [])
def test_what_was_json_stays_json_and_says_what_it_said(
    shape: Any, is_ascii: bool, cuts: list[int]
) -> None:
    vault, text = filled(), json.dumps(shape, ensure_ascii=is_ascii)

    restored = streamed(JsonRestorer(vault), text, cuts)

    assert json.loads(restored) == mapped(shape, vault)
    assert streamed(JsonRestorer(vault), text, range(len(text))) == restored


@MANY
@given(DOCUMENTS, st.lists(RANGES, min_size=1, max_size=3), st.booleans(), CUTS)
def test_the_arguments_of_a_call_leave_as_json_and_come_back_the_same(
    shape: Any, ranges: list[tuple[int, int, str]], is_ascii: bool, cuts: list[int]
) -> None:
    vault, text = Vault(), json.dumps(shape, ensure_ascii=is_ascii)
    made = Message(Role.ASSISTANT, "", (ToolCall("c", "tool", text),))

    (message,) = sent(Request(messages=(made,)), ranges, vault).messages
    left = message.tool_calls[0].arguments

    assert json.loads(left) is not None
    assert json.loads(streamed(JsonRestorer(vault), left, cuts)) == shape


@MANY
@given(TEXTS)
def test_no_vault_shows_what_only_another_knows(text: str) -> None:
    other = Vault()
    other.placeholder_for("OTHER", "known")

    assert other.restore(text) == text


NUM_TURNS = 200
PLACEHOLDER = re.compile(r"<[A-Z_]+_[0-9]+>")


@dataclass
class Echoing:
    """A cloud that says again what it was asked, its placeholders in another order."""

    seen: list[Outbound] = field(default_factory=list)
    model: str = "echo"

    def is_healthy(self) -> bool:
        return True

    async def stream(self, turn: Outbound) -> AsyncGenerator[Delta, None]:
        self.seen.append(turn)
        text = turn.messages[-1].text
        names = PLACEHOLDER.findall(text)
        waiting = iter(reversed(names))
        said = PLACEHOLDER.sub(lambda _: next(waiting), text)
        dice = random.Random(len(self.seen))
        at = 0
        while at < len(said):
            await asyncio.sleep(0)
            size = dice.randint(1, 5)
            yield Delta(said[at : at + size])
            at += size
        yield Delta("", finish_reason=FinishReason.STOP)

    async def close(self) -> None:
        pass


def test_conversations_never_mix_under_many_turns_at_once() -> None:
    cloud = Echoing()
    jisr = runtime(cloud=cloud, sight=Sight([EmailRecognizer()]))

    async def turn(number: int) -> str:
        text = f"from a{number}@example.com to b{number}@example.org, not <EMAIL_ADDRESS_3>"
        return text_of(await outputs(jisr, asked(text, wish=Wish.ONLY_CLOUD)))

    async def turns() -> list[str]:
        return await asyncio.gather(*map(turn, range(NUM_TURNS)))

    assert asyncio.run(turns()) == [
        f"from EMAIL_ADDRESS_3 to b{n}@example.org, not <a{n}@example.com>"
        for n in range(NUM_TURNS)
    ]
    assert len(cloud.seen) == NUM_TURNS
    assert not any("example" in message.text for it in cloud.seen for message in it.messages)


class Raising:
    """A recognizer that fails."""

    def find(self, text: str) -> Iterator[Span]:
        raise ValueError(f"cannot read {text}")


@pytest.mark.parametrize("text", ["a secret", "سرّ", ""])
def test_a_recognizer_that_raises_stops_the_send(text: str) -> None:
    cloud = Echoing()
    jisr = runtime(device=saying(), cloud=cloud, sight=Sight([EmailRecognizer(), Raising()]))

    async def turns() -> str:
        stayed = text_of(await outputs(jisr, asked(text, wish=Wish.PREFER_CLOUD)))
        async with aclosing(jisr.turn(asked(text, wish=Wish.ONLY_CLOUD))) as turn:
            with pytest.raises((NoPlace, PrivacyError)) as caught:
                await anext(turn)
        assert "must stay on the device" in str(caught.value)
        assert not text or text not in str(caught.value)
        return stayed

    assert asyncio.run(turns()) == "hello"
    assert cloud.seen == []
