"""The wire between a device that drafts and a cloud that verifies: its messages, as bytes.

MessagePack in binary WebSocket frames, one message each; arrays, not maps, and
token ids in three bytes. No text crosses but what the verifier tells of itself
(`Hello`) and of a refusal: a prompt is token ids, and they come from an `Outbound`.

Every message can be lost, doubled, late or out of order without harm: a proposal
is a guess, which is checked, and a verdict carries the tokens it speaks of and
their place, so it is true whenever it comes.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TypeAlias

import msgspec
import numpy as np

from jisr.engine import exactness
from jisr.errors import BackendBroken

VERSION = 1
MAX_BLOCK = exactness.MAX_BLOCK
"""Tokens of one verify pass: the last committed one and up to 15 that were drafted."""
TOKEN_BYTES = 3
MAX_FRAME_BYTES = 2**20
"""Of a frame; a prompt of 128,000 tokens takes 384,000."""
PATH = "/v1/jisr/verify"


class _Message(msgspec.Struct, frozen=True, array_like=True, forbid_unknown_fields=True):
    """A message; its tag comes first."""


class Hello(_Message, frozen=True, tag=0):
    """What the verifier tells of itself, once, when a connection opens."""

    version: int
    model: str
    vocabulary: str
    """Fingerprint of the tokenizer."""
    template: str
    """Jinja source of the chat template; prompts are rendered with this one."""
    context_tokens: int
    """Longest prompt and answer of a session together."""
    strict_block: int
    """Tokens of a pass up to which logits equal single-token ones bit for bit; 1 to `MAX_BLOCK`."""
    pass_ms: tuple[float, ...]
    """Time of a pass over 1, 2 … `MAX_BLOCK` tokens, as measured when the weights were loaded."""


class Open(_Message, frozen=True, tag=1):
    """Begin a session, or go on with one whose connection broke."""

    session: int
    """Number of it on this connection, the device's choice; 0 or more."""
    vocabulary: str
    """Fingerprint of the device's tokenizer; another than the verifier's is refused."""
    template: str
    """Fingerprint of the template that the prompt was rendered with; the same."""
    prompt: bytes
    """Token ids."""
    output: bytes
    """Token ids that are committed already, after the prompt."""
    temperature: float
    top_k: int
    top_p: float
    min_p: float
    seed: int
    is_strict: bool
    max_tokens: int
    """Most tokens that the session may ever hold, prompt included: its KV budget."""
    until: int
    """As in `Alone`."""


class Propose(_Message, frozen=True, tag=2):
    """Drafted tokens to be verified."""

    session: int
    position: int
    """Place of the first of them in the sequence, prompt included, from 0."""
    tokens: bytes


class Alone(_Message, frozen=True, tag=3):
    """How far the verifier may decode by itself where there is nothing to verify."""

    session: int
    until: int
    """Length of the sequence, prompt included, at which it waits for drafts; 0: it always waits.
    From the length of the prompt on, that is read before drafts come."""


class Resume(_Message, frozen=True, tag=4):
    """Ask again for what is committed from a position on: a verdict seems lost."""

    session: int
    position: int


class Cancel(_Message, frozen=True, tag=5):
    """Forget what was proposed and is not verified yet, and stop decoding alone."""

    session: int


class Close(_Message, frozen=True, tag=6):
    """End a session; its KV is free for others."""

    session: int


class Verdict(_Message, frozen=True, tag=7):
    """Tokens that are committed: the target's own, whoever guessed them."""

    session: int
    position: int
    """Place of the first of them in the sequence, prompt included, from 0."""
    tokens: bytes
    num_accepted: int
    """How many of them were drafted; the last one was not, unless it ends the turn. 0 in an answer
    to `Resume`."""
    num_rejected: int
    """Drafted tokens that the pass refused or never came to."""
    service_ms: int
    """From the start of the block's pass to its end, 1 or more; 0 in an answer to `Resume`."""
    num_sessions: int = 1
    """Sessions that are open there, this one included: for what is drafted in one, all wait."""


class Refused(_Message, frozen=True, tag=8):
    """A session cannot go on; it is closed."""

    session: int
    code: str
    """Stable word: `tokenizer`, `template`, `too_long`, `sessions`, `busy`, `idle`, `invalid`,
    `engine`."""
    message: str
    """For people, with the remedy."""


FromDevice: TypeAlias = Open | Propose | Alone | Resume | Cancel | Close
FromCloud: TypeAlias = Hello | Verdict | Refused

_ENCODER = msgspec.msgpack.Encoder()
_FROM_DEVICE: msgspec.msgpack.Decoder[FromDevice] = msgspec.msgpack.Decoder(FromDevice)
_FROM_CLOUD: msgspec.msgpack.Decoder[FromCloud] = msgspec.msgpack.Decoder(FromCloud)


def is_same(hello: Hello, other: Hello) -> bool:
    """Return whether one answer may be made by both: all but how fast they were found to be."""
    return msgspec.structs.replace(hello, pass_ms=other.pass_ms) == other


def encode(message: FromDevice | FromCloud) -> bytes:
    """Return a message as the body of a frame."""
    return _ENCODER.encode(message)


def read_from_device(frame: bytes) -> FromDevice:
    """Return the message of a frame that a device sent.

    Raises:
        BackendBroken: It is none.
    """
    try:
        return _FROM_DEVICE.decode(frame)
    except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError) as error:
        raise BackendBroken(f"The device sent what is no message: {error}") from None


def read_from_cloud(frame: bytes) -> FromCloud:
    """Return the message of a frame that a verifier sent.

    Raises:
        BackendBroken: It is none.
    """
    try:
        return _FROM_CLOUD.decode(frame)
    except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError) as error:
        raise BackendBroken(f"The verifier sent what is no message: {error}") from None


def pack(tokens: Sequence[int]) -> bytes:
    """Return token ids in three bytes each, low byte first; ids from 0 to 2^24 - 1."""
    wide = np.asarray(tokens, "<u4")
    return wide.view(np.uint8).reshape(-1, 4)[:, :TOKEN_BYTES].tobytes()


def unpack(packed: bytes) -> list[int]:
    """Return the token ids that `pack` packed.

    Raises:
        BackendBroken: The bytes do not come in threes.
    """
    if len(packed) % TOKEN_BYTES:
        raise BackendBroken(f"{len(packed)} bytes are no token ids of {TOKEN_BYTES} bytes each.")
    wide = np.zeros((len(packed) // TOKEN_BYTES, 4), np.uint8)
    wide[:, :TOKEN_BYTES] = np.frombuffer(packed, np.uint8).reshape(-1, TOKEN_BYTES)
    tokens: list[int] = wide.view("<u4").reshape(-1).tolist()
    return tokens
