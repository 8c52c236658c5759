import pytest
from hypothesis import given
from hypothesis import strategies as st

from jisr.privacy.folding import fold


@given(st.text())
def test_folding_keeps_every_offset(text: str) -> None:
    assert len(fold(text)) == len(text)


@pytest.mark.parametrize(
    ("text", "folded"),
    [
        ("٠١٢٣٤٥٦٧٨٩ ۰۱۲۳۴۵۶۷۸۹", "0123456789 0123456789"),
        ("جسر ١٢٣\u200f٤٥٦\u202f٧", "جسر 123\u2060456 7"),
        ("عام ٢٠٢٤", "عام ٢٠٢٤"),  # too short to be anything that is looked for
        ("1234567é", "1234567é"),
    ],
)
def test_digits_of_every_script_become_ascii(text: str, folded: str) -> None:
    assert fold(text) == folded
