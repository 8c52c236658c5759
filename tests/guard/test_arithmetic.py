"""Steps of answers, done again: right, wrong, and not to be told."""

import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from jisr.guard.arithmetic import MOST_STEPS, recheck

RIGHT = r"""3 x 4 = 12
12/4=3
$5 * 2 = $10
5 + 5 + 2 = 12
20% of 50 = 10
٢٠٪ من ٥٠ = ١٠
He pays $5 × 2 = $10.
\( 3 \times 4 = 12 \)
\[ \frac{12}{4} = 3 \]
So she gets \(\frac{1}{2} \times 48 = 24\) pens
120 \text{ cm} \times 2 = 240 \text{ cm}
2^{10} = 1{,}024
٣ × ٤ = ١٢
٣٫٥ × ٢ = ٧
3 في 4 = 12
3 ضرب 4 يساوي 12
3 × 4 = 12، ثم 12 + 1 = 13
خمسة: 5 + 3 = 8 كتب
1,200 + 300 = 1,500
1,00,000 + 1 = 1,00,001
12 000 * 2 = 24 000
10 / 3 = 3.33
10 / 3 = 3
10/3 ≈ 3.3
0.33 = 1/3
3.33 * 3 = 10
2^10 = 1024
2**10 = 1024
5² = 25
-3 + 5 = 2
3 - -5 = 8
-2 * -3 = 6
10 - 2*3 = 4
(3 + 4) * 2 = 14
2(3 + 4) = 14
3 apples + 4 green apples = 7 apples
60 km/hour * 2 hours = 120 km
5 cm * 5 cm = 25 cm^2
5/20 * 100 = 25%
5/20 = 25%
150/7 = 21.43%
100% - 20% = 80%
1/2 of 48 = 24
1 1/2 * 4 = 6
1½ * 4 = 6
5 times 3 equals 15
12 divided by 4 is equal to 3
5 + 3 = **8**
**Step 1**: 5 * 3 = 15 eggs
1. 5 * 3 = 15 eggs
- 5 * 3 = 15 eggs
(so 5 * 3 = 15)
12 = 3 * 4
$1,000.50 + $0.50 = $1,001
48/2 = <<48/2=24>>24 pens
Cost: 5 * $3 = $15, so 15 + 2 = 17
5 + 7 = 12 - 3 = 9
20 + 30 = 50 = 100 / 2
3 weeks * 7 days = 21 days
3 + 4 = 7!"""

WRONG = r"""3 x 4 = 13
12/4=4
$5 * 2 = $11
20% of 50 = 12
\frac{12}{4} = 5
٣ × ٤ = ١٣
3 ضرب 4 يساوي 14
7/2 = 3
16 - 3 - 4 = 8 eggs
5 + 5 = 10 = 3 * 4
1,200 + 300 = 1,600
2^10 = 1000
3 apples + 4 apples = 8 apples
(3+4) * 2 = 11
0.1 + 0.2 = 0.4
3.5 * 2 = 8
10 / 3 = 3.4
10 / 3 ≈ 4"""

UNREAD = r"""x + 3 = 8
2x = 10
4 + 2/x = 5
1 hour + 30 minutes = 90 minutes
1 million + 500 thousand = 2 million
10:30 + 2 = 12:30
2:3 = 4:6
the match of 3/4/2020 = lost
10^9^9 = 5
1/0 = 3
0^-1 = 3
f(2) + 1 = 2
sqrt(16) + 2 = 7
\sqrt{16} + 2 = 7
5! = 120
17 % 5 = 2
1,5 * 2 = 3
100 - 20% = 70
5 = 5
a = 3
price * 5 = 10
3 + 4 => 8
3 + 4 >= 9
x_1 + 3 = 4
((((((((((((((((1+1)))))))))))))))) = 3
4 or 5 = many
= 5"""


@pytest.mark.parametrize("text", RIGHT.splitlines())
def test_a_right_step_is_found_right(text: str) -> None:
    found = recheck(text)
    assert (found.num_checked > 0, found.wrong) == (True, ())


@pytest.mark.parametrize("text", WRONG.splitlines())
def test_a_wrong_step_is_found_wrong(text: str) -> None:
    assert recheck(text).num_wrong == 1


@pytest.mark.parametrize("text", UNREAD.splitlines())
def test_what_cannot_be_told_is_not_counted(text: str) -> None:
    assert recheck(text).num_checked == 0


def test_every_step_of_an_answer_is_counted() -> None:
    text = "First 3 * 4 = 12 eggs.\nThen 12 - 5 = 8, and 8 * $2 = $16.\nSo the answer is $16."
    assert recheck(text).num_checked == 3
    assert recheck(text).wrong == ("12 - 5 = 8",)


NUMBERS = st.integers(-9_999, 9_999)
SIGNS = {"+": lambda a, b: a + b, "-": lambda a, b: a - b, "*": lambda a, b: a * b}
ARABIC_DIGITS = str.maketrans("0123456789", "٠١٢٣٤٥٦٧٨٩")


@given(NUMBERS, st.sampled_from(sorted(SIGNS)), NUMBERS, st.integers(-3, 3), st.booleans())
def test_a_step_is_right_exactly_if_it_is(
    first: int, sign: str, second: int, off: int, is_arabic: bool
) -> None:
    text = f"{first} {sign} {second} = {SIGNS[sign](first, second) + off}"
    found = recheck(text.translate(ARABIC_DIGITS) if is_arabic else text)
    assert (found.num_checked, found.num_wrong) == (1, int(off != 0))


@given(NUMBERS, NUMBERS, st.sampled_from([",", " ", "\u202f", "٬"]))
def test_groups_of_thousands_change_nothing(first: int, second: int, mark: str) -> None:
    text = f"{first:,} + {second:,} = {first + second:,}".replace(",", mark)
    assert (recheck(text).num_checked, recheck(text).num_wrong) == (1, 0)


@given(st.integers(1, 9_999), st.integers(1, 999), st.integers(1, 6))
def test_a_quotient_may_be_rounded(above: int, below: int, places: int) -> None:
    assert recheck(f"{above} / {below} = {above / below:.{places}f}").num_wrong == 0


@given(st.text(alphabet="0123456789+-*/^()=.,%$x \n{}\\frac٣×اﷺ<>:!_", max_size=120))
def test_any_text_is_read_without_an_error(text: str) -> None:
    found = recheck(text)
    assert 0 <= found.num_wrong == len(found.wrong) <= found.num_checked


@pytest.mark.parametrize(
    "text",
    [
        "10^9^9^9 = 1",
        "(" * 50_000 + "1 = 1 + 1",
        "1+" * 50_000 + "1 = 3",
        "9" * 50_000 + " = 1 + 1",
        ("9" * 39 + "*") * 50 + "1 = 1",
        ("(" * 10 + "9^60" + ")" * 10 + "*") * 30 + "1 = 1",
        "\\frac{" * 9_000,
        "^{" * 9_000,
        "1=" * 50_000,
        "1+1=" * 50_000,
        "1,000 " * 9_000,
        " " * 50_000,
        "<<" * 50_000,
        "_" * 50_000,
        "- " * 50_000,
        "\n " * 50_000,
    ],
    ids=lambda text: text[:12],
)
def test_hostile_text_is_bounded_in_time(text: str) -> None:
    begun = time.process_time()
    assert recheck(text).num_checked <= MOST_STEPS
    assert time.process_time() - begun < 2
