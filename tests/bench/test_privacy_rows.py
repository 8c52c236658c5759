from pathlib import Path

import pytest

from jisr.bench.privacy_rows import SpanRow, StringRow, choose, read
from jisr.errors import BenchError
from jisr.privacy.base import Span


def test_the_form_is_told_by_the_row(tmp_path: Path) -> None:
    file = tmp_path / "rows.jsonl"
    file.write_text(
        '{"id": "a", "lang": "ar", "text": "أنا علي", "spans": '
        '[{"start": 4, "end": 7, "type": "PERSON"}]}\n\n'
        '{"id": 7, "text": "I am Sara", "private": ["sara"]}\n'
        '{"text": "Nothing.", "spans": []}\n',
        encoding="utf-8",
    )

    assert read(file) == [
        SpanRow(id="a", lang="ar", text="أنا علي", spans=(Span(4, 7, "PERSON"),)),
        StringRow(id="7", text="I am Sara", private=("sara",)),
        SpanRow(id="4", lang="", text="Nothing.", spans=()),
    ]


@pytest.mark.parametrize(
    ("line", "told"),
    [
        ("{", "is not JSON"),
        ("[]", "it has no text"),
        ('{"text": 3, "spans": []}', "it has no text"),
        ('{"text": "a"}', "neither spans nor private"),
        ('{"text": "a", "spans": [], "private": []}', "both spans and private"),
        ('{"text": "a", "private": "a"}', "`private` is a list"),
        ('{"text": "a", "private": [""]}', "strings that are not empty"),
        ('{"text": "a", "private": [1]}', "strings that are not empty"),
        ('{"text": "a", "spans": {}}', "`spans` is a list"),
        ('{"text": "a", "spans": [3]}', "each of `spans`"),
        ('{"text": "a", "spans": [{"start": 0, "end": 1}]}', "and a type"),
        ('{"text": "a", "spans": [{"start": 0, "end": 2, "type": "X"}]}', "end ≤ 1"),
        ('{"text": "a", "spans": [{"start": 1, "end": 1, "type": "X"}]}', "start < end"),
        ('{"text": "a", "spans": [{"start": "0", "end": 1, "type": "X"}]}', "each of `spans`"),
    ],
)
def test_what_is_no_row_is_an_error_that_names_the_line(
    tmp_path: Path, line: str, told: str
) -> None:
    file = tmp_path / "rows.jsonl"
    file.write_text('{"text": "", "spans": []}\n' + line, encoding="utf-8")

    with pytest.raises(BenchError, match=r"rows\.jsonl:2") as caught:
        read(file)

    assert told in str(caught.value)


@pytest.mark.parametrize(("content", "told"), [("\n", "holds no row"), (None, "cannot be read")])
def test_a_file_without_rows_is_an_error(tmp_path: Path, content: str | None, told: str) -> None:
    file = tmp_path / "rows.jsonl"
    if content is not None:
        file.write_text(content)

    with pytest.raises(BenchError, match=told):
        read(file)


def test_the_seed_chooses_rows_and_keeps_their_order() -> None:
    rows = [StringRow(id=str(n), text="", private=()) for n in range(50)]

    chosen = choose(rows, 10, seed=1)

    assert [int(it.id) for it in chosen] == sorted(int(it.id) for it in chosen)
    assert chosen == choose(rows, 10, seed=1) != choose(rows, 10, seed=2)
    assert choose(rows, None, seed=1) == rows == choose(rows, 50, seed=1)
