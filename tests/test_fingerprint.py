"""One file of weights is told from another."""

from pathlib import Path

from jisr.fingerprint import END_BYTES, fingerprint_of


def test_the_same_file_has_the_same_fingerprint_wherever_it_is(tmp_path: Path) -> None:
    first, second = tmp_path / "a.gguf", tmp_path / "b.gguf"
    for path in (first, second):
        path.write_bytes(b"weights")

    assert fingerprint_of(first) == fingerprint_of(second)
    assert len(fingerprint_of(first)) == 16


def test_beginning_end_and_size_tell_files_apart(tmp_path: Path) -> None:
    middle = b"m" * (3 * END_BYTES)
    found = set()
    for number, raw in enumerate(
        (b"a" + middle + b"z", b"b" + middle + b"z", b"a" + middle + b"y")
    ):
        path = tmp_path / f"{number}.gguf"
        path.write_bytes(raw)
        found.add(fingerprint_of(path))
    longer = tmp_path / "longer.gguf"
    longer.write_bytes(b"a" + middle + middle + b"z")

    assert len(found | {fingerprint_of(longer)}) == 4
