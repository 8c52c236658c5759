import json
from itertools import pairwise

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from jisr.privacy.forms import LONGEST
from jisr.privacy.restore import AnswerRestorer, JsonRestorer, StreamRestorer
from jisr.privacy.vault import Vault
from jisr.tools import ToolCall, ToolCallPiece, ToolCalls
from jisr.types import Delta, FinishReason
from tests.privacy.examples import TRICKY


def filled() -> Vault:
    vault = Vault()
    for entity_type, value in [("NUMBER", "112"), ("EVEN_NUMBER", "8"), ("EVEN_NUMBER", "10")]:
        vault.placeholder_for(entity_type, value)
    return vault


def cut_up(text: str, cuts: list[int]) -> list[str]:
    bounds = sorted({0, len(text), *(cut for cut in cuts if cut < len(text))})
    return [text[a:b] for a, b in pairwise(bounds)]


@given(TRICKY, st.lists(st.integers(0, 80), max_size=12))
@example("&lt;NUMBER_1&gt;NUMBER_1", list(range(80)))
@example("aNUMBER_1", [1])
def test_restoring_a_stream_does_not_depend_on_its_cuts(text: str, cuts: list[int]) -> None:
    vault = filled()
    restorer = StreamRestorer(vault)

    pieces = [restorer.push(piece) for piece in cut_up(text, cuts)]

    assert "".join(pieces) + restorer.close() == vault.restore(text)


@given(TRICKY)
def test_what_is_held_back_is_no_longer_than_a_placeholder(text: str) -> None:
    restorer, pushed, released = StreamRestorer(Vault()), 0, 0
    for character in text:
        pushed, released = pushed + 1, released + len(restorer.push(character))
        assert pushed == released, "an empty vault holds nothing"

    restorer = StreamRestorer(filled())
    for character in text:
        restorer.push(character)
        assert len(restorer._held) <= LONGEST


@pytest.mark.parametrize(
    ("pieces", "released"),
    [
        (["<NUM", "BER_1>"], ["", "112"]),
        (["a < b", "<", "p>", "x"], ["a < b", "", "<p>", "x"]),  # no placeholder, let go at once
        (["<NUMBER_7", ">"], ["<NUMBER_7", ">"]),  # a number the vault does not have
        (["NUMBER_1", "!"], ["", "112!"]),
        (["NUMBER_1", "2"], ["", "NUMBER_12"]),
        (["NUMBER_", "1"], ["", ""]),
        (["&l", "t;number_1&g", "t;."], ["", "", "112."]),
        (["\\u0", "03cNUMBER_1\\u003", "e"], ["", "", "112"]),
    ],
)
def test_a_piece_is_let_go_as_soon_as_it_cannot_change(
    pieces: list[str], released: list[str]
) -> None:
    restorer = StreamRestorer(filled())

    assert [restorer.push(piece) for piece in pieces] == released


def test_closing_lets_go_of_a_placeholder_that_never_closed() -> None:
    restorer = StreamRestorer(filled())

    assert restorer.push("see <NUMBER_1") == "see "
    assert restorer.close() == "<112"


def in_json(text: str) -> str:
    restorer = JsonRestorer(quoted())
    return "".join(restorer.push(character) for character in text) + restorer.close()


def quoted() -> Vault:
    vault = Vault()
    vault.placeholder_for("PERSON", 'Ali "Abu\nLayla" حسن\\')
    vault.placeholder_for("AGE", "34")
    return vault


@pytest.mark.parametrize(
    ("text", "meant"),
    [
        ('{"to": "<PERSON_1>!"}', {"to": 'Ali "Abu\nLayla" حسن\\!'}),
        ('{"<PERSON_1>": 1}', {'Ali "Abu\nLayla" حسن\\': 1}),
        (r'{"to": "\u003cPERSON_1\u003e"}', {"to": 'Ali "Abu\nLayla" حسن\\'}),
        (r'{"to": "C:\\<AGE_1>\"\nAGE_1"}', {"to": 'C:\\34"\n34'}),
        (r'{"to": "\\<AGE\\_1\\>"}', {"to": "34"}),
        ('{"n": <AGE_1>, "of": <PERSON_1>}', {"n": 34, "of": 'Ali "Abu\nLayla" حسن\\'}),
        ("[PERSON_1]", ['Ali "Abu\nLayla" حسن\\']),  # its brackets are of the JSON
        ('["[AGE_1]", [AGE_1, AGE_1]]', ["34", [34, 34]]),
        ('"<PERSON_2>"', "<PERSON_2>"),
    ],
)
def test_what_was_json_stays_json(text: str, meant: object) -> None:
    assert json.loads(in_json(text)) == meant


def answered(deltas: list[Delta], vault: Vault, *, is_json: bool = False) -> list[Delta]:
    restorer = AnswerRestorer(vault, is_json=is_json)
    return [shown for delta in deltas if (shown := restorer.restore(delta)) is not None]


def streamed(call: ToolCall, cuts: list[int], index: int = 0) -> list[Delta]:
    first = Delta("", tool_calls=(ToolCallPiece(index, call.call_id, call.name),))
    pieces = [ToolCallPiece(index, arguments=it) for it in cut_up(call.arguments, cuts)]
    return [first, *(Delta("", tool_calls=(piece,)) for piece in pieces)]


END = Delta("", finish_reason=FinishReason.TOOL_CALLS)


def calls_of(deltas: list[Delta]) -> tuple[ToolCall, ...]:
    calls = ToolCalls()
    for delta in deltas:
        calls.take(delta.tool_calls)
    return calls.whole


@given(st.lists(st.integers(0, 90), max_size=12), st.lists(st.integers(0, 90), max_size=12))
def test_arguments_are_restored_as_json_wherever_they_are_cut(
    first: list[int], second: list[int]
) -> None:
    to, note = '{"to": "<PERSON_1>", "n": [1, <AGE_1>]}', r'{"note": "\u003cPERSON_1\u003e\n"}'
    mails = streamed(ToolCall("a", "mail", to), first)
    notes = streamed(ToolCall("b", "note", note), second, index=1)

    mail, noted = calls_of(answered([*mails, *notes, END], quoted()))

    value = 'Ali "Abu\nLayla" حسن\\'
    assert (mail.call_id, mail.name, noted.call_id, noted.name) == ("a", "mail", "b", "note")
    assert json.loads(mail.arguments) == {"to": value, "n": [1, 34]}
    assert json.loads(noted.arguments) == {"note": f"{value}\n"}


@pytest.mark.parametrize("cuts", [[], [3], list(range(12))])
def test_the_name_of_a_tool_is_whole_before_its_arguments_begin(cuts: list[int]) -> None:
    vault = quoted()
    vault.name_for("TOOL_NAME", "mail_ali")
    names = [ToolCallPiece(0, name=piece) for piece in cut_up("TOOL_NAME_1", cuts)]
    pieces = [ToolCallPiece(0, "a"), *names, ToolCallPiece(0, arguments="{}")]

    shown = answered([Delta("", tool_calls=(piece,)) for piece in pieces] + [END], vault)

    assert [it.tool_calls for it in shown[:-1]] == [(ToolCallPiece(0, "a", "mail_ali", "{}"),)]


def test_a_call_without_arguments_is_shown_at_the_end_at_the_latest() -> None:
    vault = quoted()
    vault.name_for("TOOL_NAME", "mail_ali")

    shown = answered([Delta("", tool_calls=(ToolCallPiece(0, "a", "TOOL_NAME_1"),)), END], vault)

    assert calls_of(shown) == (ToolCall("a", "mail_ali", ""),)
    assert shown[-1].finish_reason is FinishReason.TOOL_CALLS


def test_a_text_that_was_asked_for_as_json_is_restored_as_json() -> None:
    pieces = [Delta('{"to": "<PER'), Delta('SON_1>"'), Delta("}"), END]

    shown = answered(pieces, quoted(), is_json=True)

    assert json.loads("".join(delta.text for delta in shown)) == {"to": 'Ali "Abu\nLayla" حسن\\'}


def test_with_nothing_to_restore_an_answer_is_shown_as_it_comes() -> None:
    pieces = [Delta("<"), Delta("", tool_calls=(ToolCallPiece(0, "a"),)), END]

    assert answered(pieces, Vault()) == pieces


def test_what_is_held_back_is_not_shown_as_an_empty_piece() -> None:
    assert [delta.text for delta in answered([Delta("<PERS"), Delta("on"), END], quoted())] == [
        "<PERSon"
    ]
