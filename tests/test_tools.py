from jisr.tools import Effect, Tool, Toolbox, ToolCall, ToolCallPiece, ToolCalls, ToolMode
from jisr.types import Message, Request, Role

WEATHER = Tool("weather", "Tells the weather.", '{"type": "object"}')


def test_pieces_of_calls_join_by_their_index() -> None:
    calls = ToolCalls()

    calls.take([ToolCallPiece(1, "b", "mail"), ToolCallPiece(0, "a", "wea")])
    calls.take([ToolCallPiece(0, "a", "ther", '{"ci')])
    calls.take([ToolCallPiece(0, arguments='ty": 1}'), ToolCallPiece(1, arguments="{}")])

    assert calls.whole == (ToolCall("a", "weather", '{"city": 1}'), ToolCall("b", "mail", "{}"))


def test_tools_are_offered_unless_they_may_not_be_called() -> None:
    assert not Toolbox().is_offered
    assert Toolbox(tools=(WEATHER,)).is_offered
    assert not Toolbox(tools=(WEATHER,), mode=ToolMode.NONE).is_offered


def test_a_turn_needs_tools_for_what_is_offered_and_for_what_was_called() -> None:
    asked = Message(Role.USER, "hi")
    called = Message(Role.ASSISTANT, "", (ToolCall("a", "weather", "{}"),))
    given = Message(Role.TOOL, "sunny", call_id="a")

    assert not Request(messages=(asked,)).needs_tools
    assert Request(messages=(asked,), toolbox=Toolbox(tools=(WEATHER,))).needs_tools
    assert Request(messages=(asked, called)).needs_tools
    assert Request(messages=(asked, given)).needs_tools


def test_the_length_of_a_turn_takes_in_its_calls_and_tools() -> None:
    called = Message(Role.ASSISTANT, "ok", (ToolCall("a", "weather", '{"city": 1}'),))
    turn = Request(messages=(called,), toolbox=Toolbox(tools=(WEATHER,)))

    assert turn.num_characters == len('okweather{"city": 1}') + len(
        'weatherTells the weather.{"type": "object"}'
    )
    assert Request(messages=(Message(Role.USER, "جسر"),)).num_bytes == 6


def test_an_effect_beyond_reading_needs_a_confirmation() -> None:
    assert [it for it in Effect if it.needs_confirmation] == [Effect.WRITE, Effect.SEND]
