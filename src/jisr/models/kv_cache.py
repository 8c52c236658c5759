"""How much memory a model's KV cache takes, from its file's header alone.

What is covered: models whose layers all have the same number of key and value
heads, and keys and values of two bytes a number, as the engine keeps them.
What is not covered: other models; of them it is not known.
"""

from __future__ import annotations

import mmap
import struct
from pathlib import Path

from jisr.models.gguf import PREFIX, UINT32, Header, check_prefix, skip_value

BYTES_A_NUMBER = 2


def kv_cache_bytes(path: Path, *, num_sequences: int, context_tokens: int) -> int | None:
    """Return the size of so many KV caches of so many tokens each; None if it is not known.

    Raises:
        ModelDamaged: The file is not a GGUF file.
    """
    found = _numbers(path)
    try:
        num_heads = found["attention.head_count"]
        width = found["embedding_length"] // num_heads
        widths = found.get("attention.key_length", width) + found.get(
            "attention.value_length", width
        )
        num_heads_kv = found["attention.head_count_kv"]
        a_token = found["block_count"] * num_heads_kv * widths * BYTES_A_NUMBER
        return a_token * num_sequences * min(context_tokens, found["context_length"])
    except (KeyError, ZeroDivisionError):
        return None


def _numbers(path: Path) -> dict[str, int]:
    """Return the header's whole numbers by name, without the architecture's part."""
    _, num_keys = check_prefix(path)
    found: dict[str, int] = {}
    with (
        path.open("rb") as file,
        mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ) as content,
    ):
        header = Header(content, PREFIX.size)
        try:
            for _ in range(num_keys):
                key, kind = header.text().decode("utf-8", "replace"), header.number("<I")
                if kind == UINT32:
                    found[key.partition(".")[2]] = header.number("<I")
                else:
                    skip_value(header, kind, 0)
        except (struct.error, ValueError):
            return {}
    return found
