from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from jisr.privacy.entities import ENTITY_TYPES
from jisr.privacy.generalise import GENERALISERS, Subject, ascii_digits

TODAY = date(2025, 6, 1)


def general(entity_type: str, value: str, *, is_arabic: bool = False, city: str = "") -> str | None:
    return GENERALISERS[entity_type](Subject(value, is_arabic, TODAY, city))


@pytest.mark.parametrize(
    ("entity_type", "value", "words"),
    [
        ("AGE", "34", "30 to 39"),
        ("AGE", "34 years old", "30 to 39 years old"),
        ("AGE", "34-year-old", "30-to-39-year-old"),
        ("AGE", "7", "0 to 12"),
        ("AGE", "aged 16", "aged 13 to 17"),
        ("AGE", "93", "90 or more"),
        ("AGE", "3 years and 4 months", None),
        ("AGE", "thirty", None),
        ("AGE", "999", None),
        ("BIRTH_DATE", "12 May 1990", "a date 30 to 39 years ago"),
        ("BIRTH_DATE", "1990-05-12", "a date 30 to 39 years ago"),
        ("BIRTH_DATE", "12/05/90", None),  # which century?
        ("BIRTH_DATE", "2090-01-01", None),
        ("STREET_ADDRESS", "12 Palm Road, Muscat", "an address"),
        ("POSTCODE", "SW1A 1AA", "a postcode that begins with SW1A"),
        ("POSTCODE", "K1A 0B1", "a postcode that begins with K1A"),
        ("POSTCODE", "94043", "a postcode that begins with 940"),
        ("POSTCODE", "94043-1351", "a postcode that begins with 940"),
        ("POSTCODE", "133", "a postcode that begins with 1"),
        ("POSTCODE", "whatever", None),
        ("COORDINATES", "23.58800, 58.38290", "about 23.6, 58.4"),
        ("COORDINATES", "33.8688° S, 151.2093° E", "about -33.9, 151.2"),
        ("COORDINATES", "-33.8688,151.2093", "about -33.9, 151.2"),
        ("COORDINATES", "40°26'46\"N 79°58'56\"W", None),
        ("IP_ADDRESS", "8.8.8.8", "a public IPv4 address"),
        ("IP_ADDRESS", "192.168.1.20:8080", "a private IPv4 address"),
        ("IP_ADDRESS", "10.0.0.0/8", "a private IPv4 address"),
        ("IP_ADDRESS", "127.0.0.1", "the loopback address"),
        ("IP_ADDRESS", "fe80::1%eth0", "a private IPv6 address"),
        ("IP_ADDRESS", "[2606:4700::1111]:443", "a public IPv6 address"),
        ("IP_ADDRESS", "300.1.1.1", None),
        ("ORGANIZATION", "Royal Hospital", "a hospital"),
        ("ORGANIZATION", "Sultan Qaboos University Hospital", "a hospital"),
        ("ORGANIZATION", "Acme Inc.", "a company"),
        ("ORGANIZATION", "Riverbank", None),
    ],
)
def test_a_value_is_said_in_words_that_say_less(
    entity_type: str, value: str, words: str | None
) -> None:
    assert general(entity_type, value) == words


@pytest.mark.parametrize(
    ("entity_type", "value", "words"),
    [
        ("AGE", "٣٤ سنة", "30 إلى 39 سنة"),
        ("BIRTH_DATE", "١٢ مايو ١٩٩٠", "تاريخ قبل 30 إلى 39 سنة"),
        ("POSTCODE", "١٣٣", "رمز بريدي يبدأ بـ 1"),
        ("COORDINATES", "٢٣٫٥٨٨، ٥٨٫٣٨٢", "قرب 23.6, 58.4"),
        ("IP_ADDRESS", "10.0.0.1", "عنوان IPv4 خاص بشبكة داخلية"),
        ("ORGANIZATION", "مستشفى النهضة", "مستشفى"),
        ("ORGANIZATION", "البنك الوطني", "بنك"),
        ("STREET_ADDRESS", "شارع السلطان قابوس ١٢", "عنوان ما"),
    ],
)
def test_it_is_said_in_arabic_too(entity_type: str, value: str, words: str | None) -> None:
    assert general(entity_type, value, is_arabic=True) == words


def test_an_address_is_its_city_where_that_may_leave() -> None:
    value = "12 Palm Road, Muscat"

    assert general("STREET_ADDRESS", value, city="Muscat") == "an address in Muscat"
    assert general("STREET_ADDRESS", value, city="مسقط", is_arabic=True) == "عنوان في مسقط"


@given(st.sampled_from(sorted(GENERALISERS)), st.text(max_size=40), st.booleans())
def test_no_value_is_so_odd_that_it_cannot_be_asked_about(
    entity_type: str, value: str, is_arabic: bool
) -> None:
    words = general(entity_type, value, is_arabic=is_arabic)

    assert words is None or words


@given(st.integers(0, 125))
def test_no_age_is_in_two_bands_or_stands_alone(years: int) -> None:
    words = general("AGE", str(years)) or ""

    bounds = [int(it) for it in words.split() if it.isdigit()]
    assert words == "90 or more" if years >= 90 else bounds[0] <= years <= bounds[-1]


@given(st.text())
def test_folding_digits_keeps_every_offset(text: str) -> None:
    assert len(ascii_digits(text)) == len(text)


def test_only_known_types_can_be_generalised() -> None:
    assert GENERALISERS.keys() <= ENTITY_TYPES.keys()
