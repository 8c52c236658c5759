"""llama.cpp's own server, to be measured beside ours: `python -m jisr.bench.peer_server PATH`.

It comes with the package `xllamacpp`. It prints its address, and ends when its
standard input does.
"""

from __future__ import annotations

import argparse
import sys


def main() -> None:
    """Serve until standard input ends."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("path")
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--num-sequences", type=int, default=8)
    parser.add_argument("--context-tokens", type=int, default=1024)
    asked = parser.parse_args()
    import xllamacpp  # an extra: [bench]

    params = xllamacpp.CommonParams()
    params.model.path = asked.path
    params.port = 0
    params.n_parallel = asked.num_sequences
    params.n_ctx = asked.num_sequences * asked.context_tokens
    params.cpuparams.n_threads = params.cpuparams_batch.n_threads = asked.threads
    params.flash_attn_type = xllamacpp.llama_flash_attn_type.LLAMA_FLASH_ATTN_TYPE_ENABLED
    server = xllamacpp.Server(params)
    print(f"listening at {server.listening_address}", flush=True)
    while sys.stdin.buffer.read(4096):
        pass


if __name__ == "__main__":
    main()
