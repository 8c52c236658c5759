import base64

import pytest
from hypothesis import given
from hypothesis import strategies as st

from jisr.privacy.base import Span
from jisr.privacy.unmasking import LOOKALIKES, readings


def read(text: str) -> list[str]:
    """Return all that is read in a text."""
    return [reading.text for reading in readings(text)]


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("a\u200bli\u00ad@ex\u2060ample.com", "ali@example.com"),
        ("\u202eali\u202c", "ali"),
        ("ali\U000e0041", "ali"),  # a tag
        ("ａｌｉ＠４１１", "ali@411"),
        ("𝐀𝐥𝐢 Ⓞⓜⓐⓡ ﬁ", "Ali Omar fi"),
        ("Jose\u0301", "José"),
        ("A\u0336l\u0336i\u0336", "Ali"),
        ("мiller and Аli", "мiller and Ali"),  # only what looks alike
        ("Саша", "Саша"),  # a word of its own alphabet
        ("مُـحَـمَّـد", "محمد"),
        ("ﻋﻠﻲ", "علي"),  # the shapes of letters
        ("x² ½ µg", "x² ½ µg"),  # not masks
        ("plain", "plain"),
        ("", ""),
    ],
)
def test_masks_are_taken_off(text: str, shown: str) -> None:
    assert read(text)[0] == shown


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("ali%40example.com", "ali@example.com"),
        ("%D8%B9%D9%84%D9%8A", "علي"),
        ("ali&#64;example&period;com &#x41;", "ali@example.com A"),
        (r"\u0639\u0644\u064a \x41\ud83d\ude00", "علي A😀"),
        (r"{\"name\":\"Ali\"}\n", '{"name":"Ali"}\n'),
        (base64.b64encode(b"ali@example.com").decode(), "ali@example.com\n"),
        (base64.urlsafe_b64encode("علي بن سالم؟".encode()).decode(), "علي بن سالم؟\n"),
        ("x=" + base64.b64encode(b"ali@example.com").decode().rstrip("="), "ali@example.com\n"),
        (base64.b64encode(base64.b64encode(b"ali@example.com")).decode(), "ali@example.com\n"),
        (base64.encodebytes(b"ali@example.com " * 5).decode(), "ali@example.com " * 5 + "\n"),
        ("616c69406578616d706c652e636f6d", "ali@example.com\n"),
        ("0x61:6c:69:40:65:78", "ali@ex\n"),
        ("call four one one one double five twenty one", "call 41115521\n"),
        ("plus nine six six, five oh one - two three four", "+966501234\n"),
        ("اتصل صفر خمسة صفر واحد اثنين وثلاثة أربعة", "اتصل 0501234\n"),
        ("0 5 0 1 2 3 4", "0501234\n"),
        ("4111 1111\n1111/1111", "4111111111111111\n"),
        ("+966|50|123|4567", "+966501234567\n"),
        ("41 11 11 11 11 11 11 11", "4111111111111111\n"),
        ("DE89/3704/0044/0532/0130/00", "DE89370400440532013000\n"),
        ("MFWGSQDFPBQW24DMMUXGG33N", "ali@example.com\n"),  # base32
    ],
)
def test_what_is_encoded_is_read_too(text: str, said: str) -> None:
    assert said in read(text)[1:]


@pytest.mark.parametrize(
    "text",
    [
        "internationalization of 100% of names & addresses",
        "50% off &nothing; C:\\users\\ali",
        "da39a3ee5e6b4b0d3255bfef95601890afd80709",
        "7f9c2ba4-e88f-11ee-a951-0242ac120002",
        "one two three four",
        "4111 1111 1111 1111 and 1,234,567",
        "12/05/2024 10:30 192.168.1.10",
    ],
)
def test_what_says_nothing_is_read_once(text: str) -> None:
    assert len(read(text)) == 1


@pytest.mark.parametrize(
    ("text", "found", "part"),
    [
        ("an a\u200bli b", (3, 6), "a\u200bli"),
        ("مُـحَـمَّـد هنا", (0, 4), "مُـحَـمَّـد"),
        ("Jose\u0301 x", (0, 4), "Jose\u0301"),
    ],
)
def test_a_span_is_placed_over_all_that_it_was_made_of(
    text: str, found: tuple[int, int], part: str
) -> None:
    (span,) = next(readings(text)).placed([Span(*found, "PERSON")])

    assert text[span.start : span.end] == part


def test_a_block_is_private_as_a_whole_and_says_why() -> None:
    block = base64.b64encode(b"to ali@example.com").decode()
    reading = list(readings(f"see {block} now"))[1]

    (span,) = reading.placed([Span(3, 18, "EMAIL_ADDRESS", why="its form")])

    assert (span.start, span.end) == (4, 4 + len(block))
    assert span.why == "in an encoded block: its form"


def test_digits_set_apart_are_believed_to_be_a_card_only() -> None:
    (reading,) = list(readings("4111/1111/1111/1111"))[1:]

    assert not list(reading.placed([Span(0, 16, "PHONE_NUMBER")]))
    assert list(reading.placed([Span(0, 16, "CREDIT_CARD")]))


def test_letters_that_look_alike_become_latin_ones() -> None:
    assert all(latin.isascii() and not other.isascii() for other, latin in LOOKALIKES.items())


@given(st.text())
def test_every_character_of_a_reading_stands_somewhere_in_order(text: str) -> None:
    for reading in readings(text):
        assert len(reading.text) == len(reading.starts) == len(reading.ends)
        assert list(reading.starts) == sorted(reading.starts)
        assert all(
            0 <= start < end <= len(text)
            for start, end in zip(reading.starts, reading.ends, strict=True)
        )


@pytest.mark.parametrize(
    "unit",
    [
        *("a\u0301", "\u0301", "ـ", "а", "aа", "%4", "%41", "&#6", "&a", "\\u004", "\\", "\\n"),
        *("QUJD", "QUJD\n", "61 ", "6", "one ", "double ", "twenty ", "1 ", "12/", "+1|", "1,"),
        *("صفر ", "ﷺ", "𝐀", "\U000e0041", "ａ", "QQ==\n", "0x61:"),
    ],
)
@pytest.mark.timeout(20)
def test_a_long_text_of_nasty_units_is_read_fast(unit: str) -> None:
    text = unit * (50_000 // len(unit))

    assert all(len(reading.text) <= 20 * len(text) for reading in readings(text))
