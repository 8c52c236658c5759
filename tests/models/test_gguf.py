from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from jisr.errors import ModelDamaged
from jisr.models import gguf
from tests.models.made_up import gguf_bytes

WHOLE = gguf_bytes(4096)
LAST_TENSOR = len(WHOLE) - 4096 + 128


def test_a_whole_file_passes(tmp_path: Path) -> None:
    (tmp_path / "it.gguf").write_bytes(WHOLE)

    gguf.check(tmp_path / "it.gguf")

    assert gguf.check_prefix(tmp_path / "it.gguf") == (2, 5)


@pytest.mark.parametrize("size", [*range(0, LAST_TENSOR, 7), LAST_TENSOR])
def test_a_file_cut_off_before_its_last_tensor_is_damaged(size: int, tmp_path: Path) -> None:
    (tmp_path / "it.gguf").write_bytes(WHOLE[:size])

    with pytest.raises(ModelDamaged):
        gguf.check(tmp_path / "it.gguf")


@pytest.mark.parametrize(
    ("content", "told"),
    [
        (b"", "does not begin with GGUF"),
        (b"PK\x03\x04" + bytes(100), "does not begin with GGUF"),
        (b"GGUF", "cut off"),
        (b"GGUF" + (1).to_bytes(4, "little") + bytes(16), "version 1"),
        (b"GGUF" + (3).to_bytes(4, "big") + bytes(16), "version 50331648"),  # big-endian
        (b"GGUF" + (3).to_bytes(4, "little") + bytes(16), "0 tensors"),
        (b"GGUF" + (3).to_bytes(4, "little") + b"\xff" * 16, "tensors"),
    ],
)
def test_what_is_not_gguf_is_said_so(content: bytes, told: str, tmp_path: Path) -> None:
    (tmp_path / "it.gguf").write_bytes(content)

    with pytest.raises(ModelDamaged, match=told):
        gguf.check(tmp_path / "it.gguf")


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=300)
@given(at=st.integers(24, LAST_TENSOR), junk=st.binary(min_size=1, max_size=16))
def test_a_header_of_junk_passes_or_is_damaged_and_nothing_else(
    at: int, junk: bytes, tmp_path: Path
) -> None:
    path = tmp_path / "it.gguf"
    path.write_bytes(WHOLE[:at] + junk + WHOLE[at + len(junk) :])

    try:
        gguf.check(path)
    except ModelDamaged as error:
        assert str(path) in str(error)
