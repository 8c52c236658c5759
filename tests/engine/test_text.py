import codecs
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from jisr.engine.text import TextAssembler

TEXTS = st.text(alphabet=st.sampled_from("abc \néجسر😀👩‍🚀\u0640ف"), max_size=24)
STOPS = st.lists(st.text(alphabet="abجر😀", min_size=1, max_size=4), max_size=4)


@st.composite
def cuts(draw: st.DrawFn, raw: bytes) -> list[bytes]:
    places = draw(st.lists(st.integers(0, len(raw)), max_size=12))
    return [raw[a:b] for a, b in pairwise([0, *sorted(places), len(raw)])]


def assemble(pieces: list[bytes], stop: list[str]) -> tuple[list[str], bool]:
    assembler = TextAssembler(stop)
    texts = [assembler.push(piece) for piece in pieces]
    return [*texts, assembler.close()], assembler.is_stopped


def before_stop(text: str, stops: list[str]) -> str:
    """What reading character by character gives: all before the first stop that is complete."""
    for end in range(1, len(text) + 1):
        starts = [end - len(stop) for stop in stops if text[:end].endswith(stop)]
        if starts:
            return text[: min(starts)]
    return text


@given(st.data(), TEXTS)
def test_the_text_is_the_same_wherever_its_bytes_are_cut(data: st.DataObject, text: str) -> None:
    texts, _ = assemble(data.draw(cuts(text.encode())), [])

    assert "".join(texts) == text
    assert not any("\ufffd" in piece for piece in texts)


@given(st.data(), TEXTS, STOPS)
def test_the_output_ends_before_the_first_complete_stop_wherever_it_is_cut(
    data: st.DataObject, text: str, stops: list[str]
) -> None:
    texts, is_stopped = assemble(data.draw(cuts(text.encode())), stops)

    assert "".join(texts) == before_stop(text, stops)
    assert is_stopped == any(stop in text for stop in stops)


@given(st.data(), st.binary(max_size=40))
def test_any_bytes_become_text_that_can_be_encoded(data: st.DataObject, raw: bytes) -> None:
    texts, _ = assemble(data.draw(cuts(raw)), [])

    whole = codecs.getincrementaldecoder("utf-8")("replace").decode(raw)
    assert "".join(texts) == whole
    assert all(piece.encode() is not None for piece in texts)


@given(st.data(), TEXTS, STOPS)
def test_what_was_given_out_is_never_part_of_a_stop(
    data: st.DataObject, text: str, stops: list[str]
) -> None:
    assembler = TextAssembler(stops)
    given_out = ""
    for piece in data.draw(cuts(text.encode())):
        given_out += assembler.push(piece)
        assert before_stop(text, stops).startswith(given_out)


@pytest.mark.parametrize(
    ("pieces", "stop", "texts"),
    [
        ([b"a", b"b"], [], ["a", "b", ""]),
        (["ج".encode()[:1], "ج".encode()[1:]], [], ["", "ج", ""]),
        ([b"\xf0\x9f", b"\x98", b"\x80"], [], ["", "", "😀", ""]),
        ([b"\xf0\x9f"], [], ["", ""]),  # half a character says nothing
        ([b"one EN", b"D two"], ["END"], ["one ", "", ""]),
        ([b"one EN", b"Ding"], ["ENOUGH"], ["one ", "ENDing", ""]),  # it was none
        ([b"one EN"], ["END"], ["one ", "EN"]),  # held to the end
        ([b"ab", b"c"], ["abc", "b"], ["a", "", ""]),  # complete first, though it began later
        ([b"xabc"], ["bc", "abc"], ["x", ""]),  # complete together: the longer
        ([b"aaab"], ["aab"], ["a", ""]),
        ([b"END", b"more"], ["END"], ["", "", ""]),
    ],
)
def test_pieces_come_as_soon_as_they_are_certain(
    pieces: list[bytes], stop: list[str], texts: list[str]
) -> None:
    assert assemble(pieces, stop)[0] == texts
