"""Whether a file has the form of GGUF weights, from its header alone.

What is covered: another kind of file, a file cut off in its header or before
the last tensor's first byte, counts and lengths that cannot be.
What is not covered: bytes changed in the tensors. A checksum tells that, and a
file outside the catalog has none.

Source: GGUF specification, version 3 (ggml, docs/gguf.md, 2024).
"""

from __future__ import annotations

import mmap
import struct
from dataclasses import dataclass
from pathlib import Path

from jisr.errors import ModelDamaged

MAGIC = b"GGUF"
VERSIONS = (2, 3)
PREFIX = struct.Struct("<4sIQQ")
MAX_TENSORS = 1 << 16
MAX_KEYS = 1 << 16
MAX_ITEMS = 1 << 22
MAX_DIMENSIONS = 8
MAX_NESTING = 4
ALIGNMENT_KEY = b"general.alignment"
SCALAR_BYTES = {0: 1, 1: 1, 2: 2, 3: 2, 4: 4, 5: 4, 6: 4, 7: 1, 10: 8, 11: 8, 12: 8}
STRING, ARRAY, UINT32 = 8, 9, 4


def check_prefix(path: Path) -> tuple[int, int]:
    """Return the number of tensors and of keys, from the first 24 bytes.

    Raises:
        ModelDamaged: They are not the beginning of a GGUF file.
    """
    with path.open("rb") as file:
        start = file.read(PREFIX.size)
    if not start.startswith(MAGIC):
        raise ModelDamaged(f"{path} is not a GGUF file: it does not begin with GGUF.")
    if len(start) < PREFIX.size:
        raise ModelDamaged(f"{path} is cut off in its header.")
    _, version, num_tensors, num_keys = PREFIX.unpack(start)
    if version not in VERSIONS:
        raise ModelDamaged(f"{path} is GGUF of version {version}; versions 2 and 3 are read.")
    if not 0 < num_tensors <= MAX_TENSORS or not 0 < num_keys <= MAX_KEYS:
        raise ModelDamaged(
            f"{path} is damaged: {num_tensors:,} tensors, {num_keys:,} keys in its header."
        )
    return num_tensors, num_keys


def check(path: Path) -> None:
    """Read the whole header and see that the file reaches its last tensor.

    It takes about 0.1 s for a vocabulary of 150,000 tokens.

    Raises:
        ModelDamaged: It does not, or the header makes no sense.
    """
    num_tensors, num_keys = check_prefix(path)
    with (
        path.open("rb") as file,
        mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ) as content,
    ):
        header = Header(content, PREFIX.size)
        try:
            end = _last_tensor_start(header, num_tensors, num_keys)
        except (struct.error, ValueError) as error:
            raise ModelDamaged(f"{path} is damaged in its header: {error}") from None
        if end >= len(content):
            raise ModelDamaged(
                f"{path} is cut off: {len(content):,} bytes, and its last tensor begins at {end:,}."
            )


@dataclass(slots=True)
class Header:
    """A place in a file's header, which moves on as it is read."""

    content: mmap.mmap
    at: int
    alignment: int = 32

    def number(self, form: str) -> int:
        """Return the number here, of a form that `struct` knows."""
        value: int = struct.unpack_from(form, self.content, self.at)[0]
        self.at += struct.calcsize(form)
        return value

    def skip(self, size: int) -> None:
        """Move on; raises ValueError beyond the file's end."""
        self.at += size
        if self.at > len(self.content):
            raise ValueError("it ends too early")

    def text(self) -> bytes:
        """Return the text here, whose length stands before it."""
        start = self.at + 8
        self.skip(8 + self.number_at())
        return self.content[start : self.at]

    def number_at(self) -> int:
        """Return the 64-bit length here, without moving."""
        value: int = struct.unpack_from("<Q", self.content, self.at)[0]
        return value


def _last_tensor_start(header: Header, num_tensors: int, num_keys: int) -> int:
    for _ in range(num_keys):
        key, kind = header.text(), header.number("<I")
        if key == ALIGNMENT_KEY and kind == UINT32:
            header.alignment = max(1, header.number("<I"))
        else:
            skip_value(header, kind, 0)
    last = 0
    for _ in range(num_tensors):
        header.text()
        num_dimensions = header.number("<I")
        if num_dimensions > MAX_DIMENSIONS:
            raise ValueError(f"a tensor of {num_dimensions:,} dimensions")
        header.skip(8 * num_dimensions + 4)
        last = max(last, header.number("<Q"))
    return -(-header.at // header.alignment) * header.alignment + last


def skip_value(header: Header, kind: int, depth: int) -> None:
    """Move on behind a value of some kind; raises ValueError if there is no such kind."""
    if kind == STRING:
        header.text()
    elif kind == ARRAY and depth < MAX_NESTING:
        _skip_array(header, depth)
    elif kind in SCALAR_BYTES:
        header.skip(SCALAR_BYTES[kind])
    else:
        raise ValueError(f"a value of unknown type {kind}")


def _skip_array(header: Header, depth: int) -> None:
    kind, count = header.number("<I"), header.number("<Q")
    if kind in SCALAR_BYTES:
        header.skip(count * SCALAR_BYTES[kind])
        return
    if count > MAX_ITEMS:
        raise ValueError(f"an array of {count:,} items")
    for _ in range(count):
        skip_value(header, kind, depth + 1)
