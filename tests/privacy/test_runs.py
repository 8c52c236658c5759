import pytest

from jisr.privacy.runs import find_runs
from jisr.privacy.words import split


@pytest.mark.parametrize(
    ("text", "runs"),
    [
        ("then Johnny B. Bay came", ["Johnny B. Bay"]),
        ("with Tom I. Holz today", ["Tom I. Holz"]),
        ("then Vincent van der Lith came", ["Vincent van der Lith"]),
        ("the Ministry of Health said", ["Ministry of Health"]),
        ("by Procter & Gamble there", ["Procter & Gamble"]),
        ("Anna and Ben came", ["Anna", "Ben"]),
        ("on Monday I saw nothing", []),
        ("write to olga krylova today", ["olga krylova"]),
        ("WRITE TO OLGA KRYLOVA TODAY PLEASE", ["OLGA KRYLOVA"]),
        ("Please write to lualhati today", ["Please", "lualhati"]),
        ("please recieve it", []),
    ],
)
def test_runs_hold_what_may_be_one_name(text: str, runs: list[str]) -> None:
    there = split(text)

    found = [
        text[there.words[run.first].start : there.words[run.last].end] for run in find_runs(there)
    ]
    assert found == runs
