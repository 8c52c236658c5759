import asyncio

from jisr.preview import Preview
from jisr.types import Message, Request, Role, Wish
from tests.runtimes import BALANCED, asked, runtime, saying


def previewed(request: Request, *stay: str) -> Preview:
    jisr = runtime(device=saying(), cloud=saying(), policy=BALANCED.staying(stay))
    return asyncio.run(jisr.preview(request))


def test_findings_are_told_message_by_message_with_what_leaves_in_their_place() -> None:
    texts = ("I am ali@example.com", "Hello", "and sara@example.com, ali@example.com")
    request = Request(messages=tuple(Message(Role.USER, text) for text in texts))

    findings = list(previewed(request).findings())

    assert [(it.message, it.value, it.leaves_as) for it in findings] == [
        (0, "ali@example.com", "<EMAIL_ADDRESS_1>"),
        (2, "sara@example.com", "<EMAIL_ADDRESS_2>"),
        (2, "ali@example.com", "<EMAIL_ADDRESS_1>"),
    ]


def test_what_is_kept_leaves_as_it_is_and_what_stays_as_nothing() -> None:
    stays = previewed(asked("to ali@example.com", wish=Wish.ONLY_CLOUD), "EMAIL_ADDRESS")

    assert [it.leaves_as for it in stays.findings()] == [None]
    assert stays.outbound is None


def test_what_is_printed_of_a_preview_shows_no_value_of_a_finding() -> None:
    (finding,) = previewed(asked("to ali@example.com")).findings()

    assert "ali@" not in repr(finding)
