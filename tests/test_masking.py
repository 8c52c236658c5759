import io
import logging
import subprocess
import sys
import time
from collections.abc import Iterator

import pytest

from jisr import masking
from jisr.masking import MaskingFormatter, mask, remember

KEY = "Zq7-hidden/ring+value"
"""Of no known form: it is masked because it is known."""

UNCAUGHT = f"""
from jisr import masking
masking.remember({KEY!r})
masking.mask_uncaught()
def send(headers):
    raise OSError("refused: " + headers["Authorization"])
send({{"Authorization": "Bearer {KEY}"}})
"""


@pytest.fixture(autouse=True)
def known() -> Iterator[None]:
    remember(KEY)
    yield
    masking.forget()


@pytest.mark.parametrize(
    ("text", "masked"),
    [
        (f"GET https://x.org/v1?key={KEY}", "GET https://x.org/v1?key=****"),
        ("GET https://x.org/v1?q=Zq7-hidden%2Fring%2Bvalue.", "GET https://x.org/v1?q=****."),
        (f"{{'Authorization': 'Bearer {KEY}'}}", "{'Authorization': 'Bearer ****'}"),
        (f"OSError: {KEY}{KEY}", "OSError: ********"),
        ("key sk-proj-abcDEF123456_78 refused", "key **** refused"),
        ("ghp_0123456789abcdefABCD, hf_abcdefghijklmnopqrst", "****, ****"),
        ("xoxb-1234567890-abcdef", "****"),
        ("AKIAIOSFODNN7EXAMPLE", "****"),
        ("eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxMjM0In0.dGhpcyBpcyBub3Q", "****"),
        ("Authorization: bearer abcdef.123", "Authorization: bearer ****"),
        ('{"api_key": "0123456789"}', '{"api_key": "****"}'),
        ("API-KEY=0123456789&x=1", "API-KEY=****&x=1"),
        ("password: hunter22", "password: ****"),
        ("https://ali:hunter22@x.org/v1", "https://ali:****@x.org/v1"),
        ("مفتاح sk-abcdefghijklmnop هنا", "مفتاح **** هنا"),
    ],
)
def test_what_may_be_a_key_is_masked(text: str, masked: str) -> None:
    assert mask(text) == masked
    assert mask(masked) == masked


@pytest.mark.parametrize(
    "text",
    [
        "max_tokens: 1024, output_tokens=20",
        "a turn stays on the device: it holds PERSON",
        "http://127.0.0.1:8484/v1 model qwen2.5-coder-0.5b",
        "turn_0123456789abcdef01234567",
        "the key of JISR_CLOUD_API_KEY is missing",
        "bearer of news",
        "النص كما هو",
    ],
)
def test_other_text_stays_as_it_is(text: str) -> None:
    assert mask(text) == text


def test_a_short_word_is_not_taken_for_a_key() -> None:
    remember("cat")

    assert mask("concatenate") == "concatenate"


def test_a_log_line_and_its_traceback_hold_no_key() -> None:
    out = io.StringIO()
    handler = logging.StreamHandler(out)
    handler.setFormatter(MaskingFormatter("%(levelname)s %(message)s"))
    log = logging.Logger("test")
    log.addHandler(handler)
    try:
        raise ValueError(f"no such key: {KEY}")
    except ValueError:
        log.exception("sent %s to %s", KEY, f"https://u:{KEY}@x.org")

    assert KEY not in out.getvalue()
    assert "ValueError: no such key: ****" in out.getvalue()


def test_what_nobody_catches_is_printed_without_the_key() -> None:
    child = subprocess.run(
        [sys.executable, "-c", UNCAUGHT], capture_output=True, text=True, check=False
    )

    assert child.returncode == 1
    assert "OSError: refused: Bearer ****" in child.stderr
    assert KEY not in child.stderr


@pytest.mark.parametrize(
    "unit", ["sk-", "Bearer ", "api_key=", "://a:", "eyJaaaaaaaaaa.", "key: '"]
)
def test_masking_is_linear(unit: str) -> None:
    start = time.perf_counter()
    mask(unit * (200_000 // len(unit)))

    assert time.perf_counter() - start < 5
