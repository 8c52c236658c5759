from jisr.conversation import Conversation
from jisr.types import Message, Role


def test_the_first_turn_is_what_was_said() -> None:
    assert Conversation().with_next("hi") == (Message(Role.USER, "hi"),)


def test_instructions_stand_before_everything() -> None:
    talk = Conversation("Be brief.")
    talk.keep("hi", "hello")

    assert talk.with_next("and?")[0] == Message(Role.SYSTEM, "Be brief.")


def test_what_was_kept_is_said_again_in_order() -> None:
    talk = Conversation()
    talk.keep("ما عاصمة عُمان؟", "مسقط")

    assert [message.text for message in talk.with_next("why?")] == [
        "ما عاصمة عُمان؟",
        "مسقط",
        "why?",
    ]
    assert [message.role for message in talk.with_next("why?")] == [
        Role.USER,
        Role.ASSISTANT,
        Role.USER,
    ]


def test_asking_alone_keeps_nothing() -> None:
    talk = Conversation()
    talk.with_next("hi")

    assert talk.messages == []


def test_forgetting_leaves_the_instructions() -> None:
    talk = Conversation("Be brief.")
    talk.keep("hi", "hello")
    talk.forget()

    assert [message.role for message in talk.with_next("hi")] == [Role.SYSTEM, Role.USER]
