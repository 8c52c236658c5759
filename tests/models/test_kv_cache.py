from pathlib import Path

import pytest

from jisr.errors import ModelDamaged
from jisr.models.kv_cache import kv_cache_bytes
from tests.weights import small_model


@pytest.mark.parametrize(
    ("num_sequences", "context_tokens", "num_tokens"),
    [(1, 1, 1), (8, 1024, 8192), (1, 10**9, 8192)],  # it was trained on 8192 tokens
)
def test_the_size_follows_from_the_shape_of_the_model(
    num_sequences: int, context_tokens: int, num_tokens: int
) -> None:
    # SmolLM2-135M: 30 layers, 3 key and value heads of 64 numbers, keys and values, 2 bytes
    found = kv_cache_bytes(
        small_model(), num_sequences=num_sequences, context_tokens=context_tokens
    )

    assert found == num_tokens * 30 * 3 * 64 * 2 * 2


def test_of_a_header_that_does_not_tell_it_is_not_known(tmp_path: Path) -> None:
    cut = tmp_path / "cut.gguf"
    cut.write_bytes(small_model().read_bytes()[:200])

    assert kv_cache_bytes(cut, num_sequences=1, context_tokens=1) is None


def test_what_is_no_gguf_file_is_said_to_be_none(tmp_path: Path) -> None:
    other = tmp_path / "other.gguf"
    other.write_bytes(b"PK" * 100)

    with pytest.raises(ModelDamaged):
        kv_cache_bytes(other, num_sequences=1, context_tokens=1)
