import asyncio
import itertools
from collections.abc import AsyncGenerator, Iterable
from contextlib import aclosing, suppress
from dataclasses import replace
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from jisr.backends.scripted import Line, ScriptedBackend
from jisr.bench.behaviours import Behaviour
from jisr.errors import (
    AskFirst,
    BackendBroken,
    BackendError,
    BackendUnavailable,
    ContextOverflow,
    NoPlace,
)
from jisr.events import StageEnded, StageStarted
from jisr.places import Limits
from jisr.privacy.base import Span
from jisr.privacy.sight import Sight
from jisr.runtime import LONG_TEXT_CHARACTERS, Runtime
from jisr.turn import Output, TurnDecided, TurnEnded
from jisr.types import (
    Delta,
    Exact,
    FinishReason,
    Goal,
    JointOffer,
    JointOptions,
    Outbound,
    Place,
    Request,
    Sampling,
    TurnRecord,
    Wish,
)
from tests.runtimes import (
    BALANCED,
    JOINT_USE,
    OFFER,
    USAGE,
    Kept,
    asked,
    clouded,
    drafting,
    outputs,
    runtime,
    saying,
    text_of,
)

EMAIL = "layla@example.com"
PRIVATE = f"Write to {EMAIL} or +1 202 555 0143, card 4111 1111 1111 1111, DE89370400440532013000."
STAYING = "My IBAN is DE89370400440532013000."
VALUES = (EMAIL, "202 555 0143", "4111 1111 1111 1111", "DE89370400440532013000")
PATIENT = {"read_timeout_s": 60}
DOWN: Line = [BackendUnavailable("switched off")]


def told(jisr: Runtime, request: Request) -> list[Output]:
    return asyncio.run(outputs(jisr, request))


def record_of(outputs: list[Output]) -> TurnRecord:
    ended = outputs[-1]
    assert isinstance(ended, TurnEnded)
    return ended.record


def places(outputs: list[Output]) -> list[tuple[str, str]]:
    """Where a turn was to run, and why, each time it was decided."""
    return [
        (output.decision.place.value, output.decision.reason.value)
        for output in outputs
        if isinstance(output, TurnDecided)
    ]


def stages(jisr: Runtime, request: Request) -> list[str]:
    """The stages of a turn as they began (+) and ended (-)."""
    events: list[str] = []

    def note(event: StageStarted | StageEnded) -> None:
        events.append(f"{'+' if isinstance(event, StageStarted) else '-'}{event.stage}")

    async def turn() -> None:
        with suppress(BackendError):
            await outputs(jisr, request, on_event=note)

    asyncio.run(turn())
    return events


def pairs(*names: str) -> list[str]:
    return [sign + name for name in names for sign in "+-"]


def test_a_turn_on_the_device_goes_through_its_stages_in_order() -> None:
    assert stages(runtime(device=saying()), asked()) == pairs(
        "sight", "decide", "generate", "record"
    )


def test_a_turn_to_the_cloud_is_redacted_before_anything_is_generated() -> None:
    assert stages(runtime(cloud=saying()), asked()) == pairs(
        "sight", "decide", "outbound", "generate", "record"
    )


def test_only_deciding_and_what_comes_after_is_repeated_when_a_place_fails() -> None:
    jisr = runtime(device=saying(), cloud=saying(DOWN))

    assert stages(jisr, asked(wish=Wish.PREFER_CLOUD)) == pairs(
        "sight", "decide", "outbound", "generate", "decide", "generate", "record"
    )


def test_a_stage_that_fails_ends_and_the_turn_is_recorded() -> None:
    assert stages(runtime(device=saying(DOWN)), asked()) == pairs(
        "sight", "decide", "generate", "record"
    )


def test_the_record_has_the_stages_in_the_order_they_ran() -> None:
    record = record_of(told(runtime(device=saying(), cloud=saying()), asked(wish=Wish.ONLY_CLOUD)))

    assert list(record.stages) == [
        "receive",
        "sight",
        "decide",
        "outbound",
        "generate",
        "restore",
    ]


def test_a_turn_is_decided_then_answered_then_ended() -> None:
    decided, first, last, ended = told(runtime(device=saying(["hello"])), asked())

    assert isinstance(decided, TurnDecided)
    assert first == Delta("hello")
    assert last == Delta("", finish_reason=FinishReason.STOP, usage=USAGE)
    assert isinstance(ended, TurnEnded)
    assert ended.record.turn_id == decided.turn_id
    assert ended.record.usage == USAGE
    assert ended.record.finish_reason is FinishReason.STOP


def test_each_turn_has_a_name_of_its_own() -> None:
    jisr = runtime(device=saying())

    assert len({record_of(told(jisr, asked())).turn_id for _ in range(20)}) == 20


@pytest.mark.parametrize(
    ("wish", "expected"),
    [
        (Wish.PREFER_DEVICE, ("device", "default")),
        (Wish.ONLY_DEVICE, ("device", "only_device")),
        (Wish.PREFER_CLOUD, ("cloud", "prefer_cloud")),
        (Wish.ONLY_CLOUD, ("cloud", "only_cloud")),
        (Wish.PREFER_JOINT, ("cloud", "joint_unavailable")),
    ],
)
def test_a_wish_is_followed_where_nothing_bars_it(wish: Wish, expected: tuple[str, str]) -> None:
    outputs = told(runtime(device=saying(), cloud=saying()), asked(wish=wish))

    assert places(outputs) == [expected]
    assert record_of(outputs).reason == expected[1]


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


@pytest.mark.parametrize(
    ("limits", "request_", "words"),
    [
        (Limits(), asked(STAYING), "private"),
        (Limits(), asked(is_private=True), "private"),
        (Limits(is_offline=True), asked(), "offline"),
        (Limits(usd_per_day=Decimal(1)), asked(), "budget"),
        (Limits(usd_per_month=Decimal(1)), asked(), "budget"),
    ],
)
def test_a_limit_keeps_a_turn_here_and_only_cloud_is_then_refused(
    limits: Limits, request_: Request, words: str
) -> None:
    cloud = saying()
    kept = Kept(spent=Decimal(2))
    policy = BALANCED.staying(["IBAN_CODE"])
    jisr = runtime(device=saying(), cloud=cloud, limits=limits, recorder=kept, policy=policy)
    only = Request(messages=request_.messages, is_private=request_.is_private, wish=Wish.ONLY_CLOUD)
    prefers = Request(
        messages=request_.messages, is_private=request_.is_private, wish=Wish.PREFER_CLOUD
    )

    assert places(told(jisr, prefers)) == [("device", words)]
    with pytest.raises(NoPlace):
        told(jisr, only)
    assert kept.last.error == "no_place"
    assert cloud.seen == []


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


def test_a_prompt_too_long_for_the_device_goes_to_the_cloud() -> None:
    outputs = told(
        runtime(device=saying(), cloud=saying(), device_context_tokens=64), asked("word " * 200)
    )

    assert places(outputs) == [("cloud", "too_long")]


def test_a_prompt_too_long_for_both_is_an_error_that_nobody_falls_back_from() -> None:
    cloud = saying()
    jisr = runtime(device=saying([ContextOverflow("too long by 7")]), cloud=cloud)

    with pytest.raises(ContextOverflow, match="too long by 7"):
        told(jisr, asked())
    assert cloud.seen == []


def test_a_prompt_far_beyond_every_place_is_refused_before_it_is_looked_at() -> None:
    jisr = runtime(device=saying(), cloud=saying(), sight=Sight([Broken()]))

    with pytest.raises(ContextOverflow, match="about 512001 tokens, about 384001 more"):
        told(jisr, asked("7" * 2_048_004))
    assert text_of(told(jisr, asked("7" * 2_048_000))) == "hello"


def test_a_long_prompt_is_looked_at_and_redacted_like_any_other() -> None:
    cloud = saying()
    text = f"{EMAIL} " + "word " * LONG_TEXT_CHARACTERS

    told(runtime(cloud=cloud), asked(text))

    assert cloud.seen[0].messages[0].text.startswith("<EMAIL_ADDRESS_1> word")


@pytest.mark.parametrize(
    ("device", "cloud", "wish", "expected"),
    [
        (
            ["fine"],
            DOWN,
            Wish.PREFER_CLOUD,
            [("cloud", "prefer_cloud"), ("device", "cloud_failed")],
        ),
        (DOWN, ["fine"], Wish.PREFER_DEVICE, [("device", "default"), ("cloud", "device_failed")]),
    ],
)
def test_a_place_that_gives_nothing_is_replaced_and_the_record_says_so(
    device: Line, cloud: Line, wish: Wish, expected: list[tuple[str, str]]
) -> None:
    kept = Kept()
    jisr = runtime(device=saying(device), cloud=saying(cloud), recorder=kept)

    outputs = told(jisr, asked(wish=wish))

    assert places(outputs) == expected
    assert text_of(outputs) == "fine"
    assert [place.value for place in kept.last.failed_places] == [expected[0][0]]
    assert kept.last.failures == ("backend_unavailable",)
    assert (kept.last.place.value, kept.last.reason) == expected[1]


@pytest.mark.parametrize("wish", [Wish.ONLY_CLOUD, Wish.ONLY_DEVICE])
def test_only_means_only_even_when_that_place_fails(wish: Wish) -> None:
    device, cloud, kept = saying(DOWN), saying(DOWN), Kept()

    with pytest.raises(BackendUnavailable):
        told(runtime(device=device, cloud=cloud, recorder=kept), asked(wish=wish))

    assert len(device.seen) + len(cloud.seen) == 1
    assert kept.last.error == "backend_unavailable"


def test_the_error_of_the_place_that_was_tried_last_is_the_error() -> None:
    jisr = runtime(device=saying(DOWN), cloud=saying([BackendBroken("cut")]))

    with pytest.raises(BackendBroken):
        told(jisr, asked())


def test_what_was_shown_is_never_repeated_by_another_place() -> None:
    device, kept = saying(["again"]), Kept()
    jisr = runtime(device=device, cloud=saying(["half", BackendBroken("cut")]), recorder=kept)
    shown: list[str] = []

    async def turn() -> None:
        async for output in jisr.turn(asked(wish=Wish.PREFER_CLOUD)):
            if isinstance(output, Delta):
                shown.append(output.text)

    with pytest.raises(BackendBroken):
        asyncio.run(turn())
    assert shown == ["half"]
    assert device.seen == []
    assert (kept.last.error, kept.last.finish_reason) == ("backend_broken", None)


def test_what_was_held_back_for_restoring_was_not_shown_so_another_place_may_answer() -> None:
    cloud = saying(["<EMAIL_ADD", BackendBroken("cut")])
    jisr = runtime(device=saying(["fine"]), cloud=cloud)

    assert text_of(told(jisr, asked(EMAIL, wish=Wish.PREFER_CLOUD))) == "fine"


def test_closing_a_turn_stops_the_work_and_records_it_as_cancelled() -> None:
    kept, device = Kept(), saying(["one", "two", "three"])
    jisr = runtime(device=device, recorder=kept)

    async def turn() -> None:
        async with aclosing(jisr.turn(asked())) as outputs:
            async for output in outputs:
                if isinstance(output, Delta):
                    return

    asyncio.run(turn())
    assert device.num_streaming == 0
    assert (kept.last.error, kept.last.finish_reason) == ("cancelled", None)


def test_a_cancelled_task_closes_the_clouds_connection() -> None:
    kept = Kept()

    async def turn() -> None:
        async with clouded(Behaviour.HANG_MIDWAY, patience={"read_timeout_s": 30}) as (
            server,
            cloud,
        ):
            jisr = runtime(cloud=cloud, recorder=kept)
            task = asyncio.ensure_future(outputs(jisr, asked()))
            while not server.captured:
                await asyncio.sleep(0.001)
            task.cancel()
            with pytest.raises(asyncio.CancelledError):
                await task
            async with asyncio.timeout(5):
                await server.until_no_connection()

    asyncio.run(turn())
    assert kept.last.error == "cancelled"


def test_a_turn_after_one_in_the_cloud_is_decided_by_the_same_rules() -> None:
    jisr = runtime(device=saying(), cloud=saying())

    first = told(jisr, asked(wish=Wish.PREFER_CLOUD))
    second = told(jisr, asked())

    assert places(first) + places(second) == [("cloud", "prefer_cloud"), ("device", "default")]


class Broken:
    """A recognizer that fails."""

    def find(self, text: str) -> Iterable[Span]:
        raise RuntimeError(text)


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


def test_turns_at_once_cannot_overspend_together() -> None:
    cloud, kept = saying(["a"], ["b"]), Kept()
    limits = Limits(usd_per_day=Decimal("0.001"))
    jisr = runtime(device=saying(["here"]), cloud=cloud, limits=limits, recorder=kept)
    request = asked(wish=Wish.PREFER_CLOUD)

    async def both() -> list[tuple[str, str]]:
        async with aclosing(jisr.turn(request)) as first:
            decided = [await anext(first)]  # under way, and not billed yet
            decided += (await outputs(jisr, request))[:1]
        return places(decided)

    assert asyncio.run(both()) == [("cloud", "prefer_cloud"), ("device", "budget")]


def test_what_was_set_aside_is_free_again_after_a_turn_that_told_its_size() -> None:
    limits = Limits(usd_per_day=Decimal("0.001"))
    jisr = runtime(cloud=saying(["a"], ["b"]), limits=limits)
    request = asked(wish=Wish.PREFER_CLOUD)

    assert [text_of(told(jisr, request)) for _ in range(2)] == ["a", "b"]


def test_a_cloud_turn_that_did_not_tell_its_size_stays_set_aside() -> None:
    limits = Limits(usd_per_day=Decimal("0.001"))
    silent = ScriptedBackend([["a"], ["b"]], usage=None)
    jisr = runtime(device=saying(["here"]), cloud=silent, limits=limits)
    request = asked(wish=Wish.PREFER_CLOUD)

    assert [text_of(told(jisr, request)) for _ in range(2)] == ["a", "here"]


class Faulty(ScriptedBackend):
    """A backend with a mistake in it."""

    def stream(self, turn: Request | Outbound) -> AsyncGenerator[Delta, None]:
        raise ZeroDivisionError


def test_a_mistake_of_ours_is_recorded_as_one_and_not_as_a_client_that_left() -> None:
    kept = Kept()

    with pytest.raises(ZeroDivisionError):
        told(runtime(device=Faulty([]), recorder=kept), asked())

    assert kept.last.error == "internal"


def test_deciding_alone_runs_nothing_and_records_nothing() -> None:
    device, cloud, kept = saying(), saying(), Kept()
    jisr = runtime(device=device, cloud=cloud, recorder=kept)

    signals, decision = asyncio.run(jisr.decide(asked(PRIVATE, wish=Wish.PREFER_CLOUD)))

    assert (decision.place, decision.reason.value) == (Place.CLOUD, "prefer_cloud")
    assert EMAIL not in repr(signals)
    assert (device.seen, cloud.seen, kept.records) == ([], [], [])


def test_the_record_tells_costs_and_what_left_but_no_text() -> None:
    kept = Kept()
    jisr = runtime(device=saying(["my secret"]), cloud=saying(["my secret"]), recorder=kept)

    told(jisr, asked(PRIVATE))
    told(jisr, asked(PRIVATE, wish=Wish.ONLY_CLOUD))
    here, there = kept.records

    assert (here.left_device, there.left_device) == (False, True)
    assert here.usd == 0
    assert there.usd == there.usd_cloud_only == here.usd_cloud_only
    assert there.usd
    assert here.private_spans == there.private_spans
    assert not [value for value in (*VALUES, "secret") if value in repr(kept.records)]


def test_text_sent_to_a_cloud_on_this_machine_has_not_left() -> None:
    jisr = runtime(cloud=saying(), is_cloud_loopback=True)

    assert not record_of(told(jisr, asked())).left_device


def test_the_record_has_no_confidence_and_says_why() -> None:
    record = record_of(told(runtime(device=saying()), asked()))

    assert record.confidence is None
    assert record.confidence_reason


def test_the_model_that_answered_is_named_as_its_service_names_it() -> None:
    async def turn() -> list[Output]:
        async with clouded(Behaviour.OK) as (_, cloud):
            return await outputs(runtime(cloud=cloud), asked())

    assert record_of(asyncio.run(turn())).model == "ok"


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


def test_closing_closes_both_places() -> None:
    async def close() -> None:
        async with clouded(Behaviour.OK) as (_, cloud):
            jisr = runtime(device=saying(), cloud=cloud)
            await jisr.close()
            await jisr.close()
            with pytest.raises(BackendError, match="closed"):
                await outputs(jisr, asked(wish=Wish.ONLY_CLOUD))

    asyncio.run(close())


def test_a_joint_turn_is_redacted_and_restored_as_one_to_the_cloud_is() -> None:
    device, cloud, joint = saying(), saying(), drafting("Ask <EMAIL_", "ADDRESS_1>.")
    jisr = runtime(device=device, cloud=cloud, joint=joint)
    options = JointOptions(Goal.CHEAP, Exact.STRICT)

    answer = told(jisr, asked(f"I am {EMAIL}.", wish=Wish.PREFER_JOINT, joint=options))

    (outbound,) = joint.seen
    assert isinstance(outbound, Outbound)
    assert [it.text for it in outbound.messages] == ["I am <EMAIL_ADDRESS_1>."]
    assert outbound.joint == options
    assert text_of(answer) == f"Ask {EMAIL}."
    assert (device.seen, cloud.seen) == ([], [])


def test_the_record_of_a_joint_turn_tells_what_it_took() -> None:
    jisr = runtime(device=saying(), cloud=saying(), joint=drafting("hello"))

    record = record_of(told(jisr, asked(wish=Wish.PREFER_JOINT)))

    assert (record.place, record.reason) == (Place.JOINT, "prefer_joint")
    assert (record.model, record.joint, record.left_device) == ("large", JOINT_USE, True)
    assert record.usd == record.usd_cloud_only
    assert list(record.stages)[-3:] == ["outbound", "generate", "restore"]


def test_a_joint_turn_with_a_cloud_on_this_machine_has_not_left() -> None:
    jisr = runtime(device=saying(), cloud=saying(), joint=drafting("a"), is_cloud_loopback=True)

    assert not record_of(told(jisr, asked(wish=Wish.PREFER_JOINT))).left_device


def failing_joint(*said: str) -> ScriptedBackend:
    return saying([*said, BackendUnavailable("the link is gone")])


@pytest.mark.parametrize(
    ("wish", "expected"),
    [
        (Wish.PREFER_JOINT, [("joint", "prefer_joint"), ("cloud", "joint_unavailable")]),
        (Wish.PREFER_CLOUD, [("joint", "joint_pays"), ("cloud", "prefer_cloud")]),
        (Wish.ONLY_CLOUD, [("joint", "joint_pays"), ("cloud", "only_cloud")]),
    ],
)
def test_where_joint_gives_nothing_the_cloud_answers_and_then_the_device(
    wish: Wish, expected: list[tuple[str, str]]
) -> None:
    cloud = saying(["fine"], DOWN)
    jisr = runtime(device=saying(["here"]), cloud=cloud, joint=failing_joint(), offer=OFFER)

    answer = told(jisr, asked(wish=wish))

    assert places(answer) == expected
    assert text_of(answer) == "fine"
    assert record_of(answer).failed_places == (Place.JOINT,)
    assert record_of(answer).joint is None
    if wish is not Wish.ONLY_CLOUD:
        answer = told(jisr, asked(wish=wish))
        assert places(answer) == [*expected, ("device", "cloud_failed")]
        assert text_of(answer) == "here"
        assert record_of(answer).failed_places == (Place.JOINT, Place.CLOUD)


def test_what_joint_has_shown_no_other_place_repeats() -> None:
    device, cloud, kept = saying(), saying(), Kept()
    jisr = runtime(device=device, cloud=cloud, joint=failing_joint("half"), recorder=kept)

    with pytest.raises(BackendUnavailable):
        told(jisr, asked(wish=Wish.PREFER_JOINT))

    assert (device.seen, cloud.seen) == ([], [])
    assert (kept.last.place, kept.last.error) == (Place.JOINT, "backend_unavailable")


def test_what_was_set_aside_for_a_joint_turn_that_gave_nothing_is_there_for_the_cloud() -> None:
    limits = Limits(usd_per_day=Decimal("0.001"))  # enough for one turn and not for two
    jisr = runtime(device=saying(), cloud=saying(), joint=failing_joint(), limits=limits)

    answer = told(jisr, asked(wish=Wish.PREFER_JOINT))

    assert places(answer)[-1] == ("cloud", "joint_unavailable")


@pytest.mark.parametrize(
    "sampling", [Sampling(json_schema="{}"), Sampling(grammar='root ::= "a"')], ids=["json", "gbnf"]
)
def test_a_form_that_cannot_be_kept_jointly_is_left_to_the_cloud(sampling: Sampling) -> None:
    joint = drafting("hello")
    jisr = runtime(device=saying(), cloud=saying(), joint=joint, offer=OFFER)

    told_ = [
        places(told(jisr, asked(wish=wish, sampling=sampling)))
        for wish in (Wish.PREFER_JOINT, Wish.PREFER_CLOUD)
    ]

    assert told_ == [[("cloud", "joint_unavailable")], [("cloud", "prefer_cloud")]]
    assert joint.seen == []


def test_log_probabilities_of_a_joint_turn_are_said_to_be_missing() -> None:
    jisr = runtime(device=saying(), cloud=saying(), joint=drafting("hello"))
    request = asked(wish=Wish.PREFER_JOINT, sampling=Sampling(num_top_logprobs=1))

    assert record_of(told(jisr, request)).missing == ("logprobs",)


def test_who_wants_the_cloud_and_log_probabilities_gets_both_even_if_joint_would_pay() -> None:
    jisr = runtime(device=saying(), cloud=saying(), joint=drafting("hello"), offer=OFFER)
    request = asked(wish=Wish.ONLY_CLOUD, sampling=Sampling(num_top_logprobs=1))

    assert places(told(jisr, request)) == [("cloud", "only_cloud")]


def test_a_joint_place_that_is_not_well_is_passed_over() -> None:
    joint = drafting("hello")
    joint.is_well = False

    answer = told(
        runtime(device=saying(), cloud=saying(), joint=joint), asked(wish=Wish.PREFER_JOINT)
    )

    assert places(answer) == [("cloud", "joint_unavailable")]


@pytest.mark.parametrize(
    ("offer", "options", "expected"),
    [
        (OFFER, JointOptions(), (True, 20.0, 50.0)),
        (replace(OFFER, joint_ms=60.0), JointOptions(), (False, 60.0, 50.0)),
        (replace(OFFER, joint_ms=60.0), JointOptions(Goal.CHEAP), (True, 60.0, 50.0)),
        (None, JointOptions(), (None, None, None)),
    ],
)
def test_the_arbiter_sees_what_the_cloud_offers(
    offer: JointOffer | None, options: JointOptions, expected: tuple[object, ...]
) -> None:
    jisr = runtime(device=saying(), cloud=saying(), joint=drafting("a"), offer=offer)

    signals, _ = asyncio.run(jisr.decide(asked(wish=Wish.PREFER_CLOUD, joint=options)))

    told_ = (signals.joint_pays, signals.joint_ms_per_token, signals.alone_ms_per_token)
    assert told_ == expected
    assert jisr.joint_offer == offer


@pytest.mark.parametrize(
    ("limits", "request_"),
    [
        (Limits(is_offline=True), asked(wish=Wish.PREFER_JOINT)),
        (Limits(), asked(wish=Wish.PREFER_JOINT, is_private=True)),
        (Limits(), asked(wish=Wish.ONLY_DEVICE)),
        (Limits(), asked()),
    ],
    ids=["offline", "private", "only device", "device"],
)
def test_the_link_is_not_looked_at_for_a_turn_that_stays(limits: Limits, request_: Request) -> None:
    joint = drafting("a")
    jisr = runtime(device=saying(), cloud=saying(), joint=joint, offer=OFFER, limits=limits)

    answer = told(jisr, request_)

    assert record_of(answer).place is Place.DEVICE
    assert (jisr.joint_offer, joint.seen) == (None, [])
