import json
from itertools import pairwise

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from jisr.privacy.forms import LONGEST
from jisr.privacy.restore import StreamRestorer
from jisr.privacy.vault import Vault
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
    restorer = StreamRestorer(quoted(), is_json=True)
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
