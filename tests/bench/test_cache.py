from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from jisr.bench.cache import Cache, Value, key_of
from jisr.types import Sampling

PROMPT = "اسمي منى ورقمي 0100"


def test_an_answer_is_asked_for_once_and_again_in_no_later_run(tmp_path: Path) -> None:
    asked: list[str] = []

    def ask() -> Value:
        asked.append("asked")
        return {"is_right": True, "output_tokens": 7, "answer": "نعم"}

    key = key_of("weights", Sampling(), PROMPT)
    values = [Cache(tmp_path / "runs" / "cache.jsonl").once(key, ask) for _ in range(3)]

    assert asked == ["asked"]
    assert values == [{"is_right": True, "output_tokens": 7, "answer": "نعم"}] * 3


def test_whatever_was_asked_otherwise_has_another_key() -> None:
    keys = {
        key_of("weights", Sampling(), PROMPT),
        key_of("weights", Sampling(), PROMPT + " "),
        key_of("others", Sampling(), PROMPT),
        key_of("weights", Sampling(seed=1), PROMPT),
        key_of("weights", Sampling(stop=("\n",)), PROMPT),
        key_of("weights", Sampling(), "\ud800"),
    }

    assert len(keys) == 6


def test_the_file_has_nobodys_text_in_it(tmp_path: Path) -> None:
    path = tmp_path / "cache.jsonl"
    Cache(path).put(key_of("weights", Sampling(), PROMPT), {"is_right": False})

    assert "منى" not in path.read_text(encoding="utf-8")


@given(cut=st.integers(0, 400))
def test_a_file_cut_anywhere_loses_at_most_the_lines_that_were_cut(
    tmp_path_factory: pytest.TempPathFactory, cut: int
) -> None:
    path = tmp_path_factory.mktemp("cut") / "cache.jsonl"
    cache = Cache(path)
    for number in range(5):
        cache.put(f"key{number}", {"number": number, "text": "جسر"})
    path.write_bytes(path.read_bytes()[:cut])
    again = Cache(path)
    num_kept = len(again)
    again.put("after", {"number": 9})

    assert [again.get(f"key{n}") is not None for n in range(5)] == [n < num_kept for n in range(5)]
    assert len(Cache(path)) == num_kept + 1
    assert Cache(path).get("after") == {"number": 9}


@pytest.mark.parametrize("junk", [b"\xff\xfe\x00", b"{}", b"[1]", b'["a", 1, 2]', b"null\n\n7"])
def test_lines_that_are_none_are_passed_over(tmp_path: Path, junk: bytes) -> None:
    path = tmp_path / "cache.jsonl"
    path.write_bytes(junk)
    Cache(path).put("key", {"number": 1})

    assert Cache(path).get("key") == {"number": 1}
