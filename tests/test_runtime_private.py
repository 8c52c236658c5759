"""What is private in a turn: replaced where it leaves, restored where it comes back, kept here."""

import asyncio
import itertools
from contextlib import suppress
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from jisr.backends.scripted import Line
from jisr.bench.behaviours import Behaviour
from jisr.errors import AskFirst, BackendBroken, BackendError, NoPlace
from jisr.places import Limits
from jisr.privacy.sight import Sight
from jisr.runtime import LONG_TEXT_CHARACTERS
from jisr.types import Place, Wish
from tests.runtimes import BALANCED, asked, clouded, outputs, runtime, saying, text_of
from tests.turns import DOWN, EMAIL, PRIVATE, STAYING, VALUES, Broken, places, record_of, told


def test_what_is_private_never_reaches_the_cloud_and_comes_back_restored() -> None:
    cloud = saying([PRIVATE])

    async def turn() -> tuple[str, str]:
        async with clouded(Behaviour.ECHO, piece_chars=1) as (server, cloud):
            answer = text_of(await outputs(runtime(cloud=cloud), asked(PRIVATE)))
            return answer, b"".join(server.captured).decode()

    answer, sent = asyncio.run(turn())

    assert answer == PRIVATE
    assert "<EMAIL_ADDRESS_1>" in sent
    assert not [value for value in VALUES if value in sent]
    assert cloud.seen == []


@given(st.data())
def test_placeholders_are_restored_wherever_the_answer_is_cut(data: st.DataObject) -> None:
    said = "Ask <EMAIL_ADDRESS_1>, مرحبا <EMAIL_ADDRESS_1>!"
    cuts = sorted(data.draw(st.lists(st.integers(0, len(said)), max_size=8)))
    edges = [0, *cuts, len(said)]
    cloud = saying([said[a:b] for a, b in itertools.pairwise(edges)])

    outputs = told(runtime(cloud=cloud), asked(f"I am {EMAIL}."))

    assert text_of(outputs) == f"Ask {EMAIL}, مرحبا {EMAIL}!"
    assert record_of(outputs).private_spans == {"EMAIL_ADDRESS": 1}


def test_the_device_is_given_the_turn_as_it_is() -> None:
    device = saying()
    request = asked(PRIVATE)

    told(runtime(device=device), request)

    assert device.seen == [request]


def test_the_record_says_what_happened_to_what_was_private() -> None:
    record = record_of(told(runtime(cloud=saying()), asked(f"I am {EMAIL}, aged 34.")))

    assert record.private_actions == {"EMAIL_ADDRESS": {"replace": 1}, "AGE": {"generalise": 1}}


def test_what_only_real_values_tell_is_reckoned_for_the_device() -> None:
    device, cloud = saying(), saying()
    text = "I was born on 12 May 1990. How old am I?"

    answer = told(runtime(device=device, cloud=cloud), asked(text, wish=Wish.PREFER_CLOUD))

    assert places(answer) == [("device", "private")]
    assert cloud.seen == []
    assert device.seen[0].messages[0].text.startswith(text)
    assert "(Reckoned: age on 2025-06-01: 35 years" in device.seen[0].messages[0].text


@pytest.mark.parametrize(
    ("more", "wanted"),
    [
        ({"wish": Wish.PREFER_CLOUD}, AskFirst),
        ({"wish": Wish.ONLY_CLOUD}, AskFirst),
        ({"wish": Wish.PREFER_CLOUD, "may_leave": True}, [("cloud", "prefer_cloud")]),
        ({"wish": Wish.PREFER_DEVICE}, [("device", "private")]),  # it would not leave anyway
        ({"wish": Wish.ONLY_DEVICE}, [("device", "only_device")]),
        # nobody is asked about what the user himself marked
        ({"wish": Wish.PREFER_CLOUD, "is_private": True}, [("device", "private")]),
    ],
)
def test_who_wants_to_be_asked_is_asked_before_a_turn_leaves(
    more: dict[str, Any], wanted: list[tuple[str, str]] | type[AskFirst]
) -> None:
    cloud = saying()
    policy = BALANCED.staying(["IBAN_CODE"])
    jisr = runtime(device=saying(), cloud=cloud, limits=Limits(asks=True), policy=policy)

    if isinstance(wanted, list):
        assert places(told(jisr, asked(STAYING, **more))) == wanted
        return
    with pytest.raises(AskFirst, match="it holds IBAN_CODE") as caught:
        told(jisr, asked(STAYING, **more))
    assert "DE89" not in str(caught.value)
    assert cloud.seen == []


def test_a_turn_that_loses_too_much_by_redaction_is_left_to_the_device() -> None:
    jisr = runtime(device=saying(), cloud=saying(), limits=Limits(most_redaction_loss=0.5))

    lossy = asked(f"What is the domain of {EMAIL}?", wish=Wish.PREFER_CLOUD)
    slight = asked(f"Write a long and friendly letter to {EMAIL}", wish=Wish.PREFER_CLOUD)

    assert places(told(jisr, lossy)) == [("device", "redaction_loss")]
    assert places(told(jisr, slight)) == [("cloud", "prefer_cloud")]


def test_a_preview_is_what_would_be_sent_and_sends_nothing() -> None:
    cloud = saying()
    jisr = runtime(device=saying(), cloud=cloud)
    turn = asked(PRIVATE, wish=Wish.ONLY_CLOUD)

    preview = asyncio.run(jisr.preview(turn))

    assert cloud.seen == []
    told(jisr, turn)
    assert [preview.outbound] == cloud.seen
    assert preview.decision is not None
    assert preview.decision.place is Place.CLOUD


def test_a_preview_of_a_turn_that_stays_shows_nothing_that_leaves() -> None:
    policy = BALANCED.staying(["IBAN_CODE"])
    jisr = runtime(device=saying(), cloud=saying(), policy=policy)

    stays = asyncio.run(jisr.preview(asked(STAYING, wish=Wish.ONLY_CLOUD)))
    marked = asyncio.run(jisr.preview(asked(is_private=True)))
    allowed = asyncio.run(jisr.preview(asked(STAYING, wish=Wish.ONLY_CLOUD, may_leave=True)))

    assert (stays.outbound, stays.decision) == (None, None)
    assert stays.signals.stay_reason == "it holds IBAN_CODE, which your policy keeps here"
    assert marked.outbound is None
    assert allowed.outbound is not None
    assert allowed.outbound.messages[0].text == "My IBAN is <IBAN_CODE_1>."


wishes = st.sampled_from(Wish)
lines = st.sampled_from([["fine"], DOWN, ["half", BackendBroken("cut")]])


@given(wishes, lines, lines, st.booleans(), st.booleans())
def test_a_turn_that_must_stay_stays_whatever_else_happens(
    wish: Wish, here: Line, there: Line, is_healthy: bool, is_offline: bool
) -> None:
    cloud = saying(there)
    jisr = runtime(
        device=saying(here),
        cloud=cloud,
        limits=Limits(is_offline=is_offline),
        is_cloud_healthy=is_healthy,
        device_context_tokens=1,  # it would have to go, if it could
    )

    with suppress(NoPlace, BackendError):
        told(jisr, asked("x" * 400, wish=wish, is_private=True))

    assert cloud.seen == []


def test_a_long_prompt_is_looked_at_and_redacted_like_any_other() -> None:
    cloud = saying()
    text = f"{EMAIL} " + "word " * LONG_TEXT_CHARACTERS

    told(runtime(cloud=cloud), asked(text))

    assert cloud.seen[0].messages[0].text.startswith("<EMAIL_ADDRESS_1> word")


@pytest.mark.parametrize("wish", list(Wish))
def test_a_recognizer_that_fails_lets_nothing_leave(
    wish: Wish, caplog: pytest.LogCaptureFixture
) -> None:
    device, cloud = saying(), saying()
    jisr = runtime(device=device, cloud=cloud, sight=Sight([Broken()]))

    with suppress(NoPlace):
        told(jisr, asked("a secret", wish=wish))

    assert cloud.seen == []
    assert len(device.seen) == (wish is not Wish.ONLY_CLOUD)
    assert "secret" not in caplog.text


def test_text_sent_to_a_cloud_on_this_machine_has_not_left() -> None:
    jisr = runtime(cloud=saying(), is_cloud_loopback=True)

    assert not record_of(told(jisr, asked())).left_device


def test_turns_at_once_never_restore_each_others_values() -> None:
    async def turns() -> list[str]:
        async with clouded(Behaviour.ECHO, piece_chars=2) as (_, cloud):
            jisr = runtime(cloud=cloud)
            questions = [asked(f"I am user{n}@example.com.") for n in range(20)]
            answers = await asyncio.gather(*(outputs(jisr, question) for question in questions))
            return [text_of(answer) for answer in answers]

    assert asyncio.run(turns()) == [f"I am user{n}@example.com." for n in range(20)]


def test_a_placeholder_the_user_wrote_is_not_given_anothers_value() -> None:
    cloud = saying(["<EMAIL_ADDRESS_1> and <EMAIL_ADDRESS_2>"])

    outputs = told(runtime(cloud=cloud), asked("What is <EMAIL_ADDRESS_1>?"))

    assert text_of(outputs) == "<EMAIL_ADDRESS_1> and <EMAIL_ADDRESS_2>"
