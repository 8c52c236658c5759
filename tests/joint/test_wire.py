import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from jisr.errors import BackendBroken
from jisr.joint import wire
from jisr.joint.wire import (
    Alone,
    Cancel,
    Close,
    FromCloud,
    FromDevice,
    Hello,
    Open,
    Propose,
    Refused,
    Resume,
    Verdict,
    encode,
    pack,
    read_from_cloud,
    read_from_device,
    unpack,
)

numbers = st.integers(0, 2**31)
shares = st.floats(0, 1)
tokens = st.lists(st.integers(0, 2**24 - 1), max_size=40)
packed = tokens.map(pack)
from_device = st.one_of(
    st.builds(
        Open,
        session=numbers,
        vocabulary=st.text(max_size=20),
        template=st.text(max_size=20),
        prompt=packed,
        output=packed,
        temperature=shares,
        top_k=numbers,
        top_p=shares,
        min_p=shares,
        seed=st.integers(0, 2**63 - 1),
        is_strict=st.booleans(),
        max_tokens=numbers,
        until=numbers,
    ),
    st.builds(Propose, session=numbers, position=numbers, tokens=packed),
    st.builds(Alone, session=numbers, until=numbers),
    st.builds(Resume, session=numbers, position=numbers),
    st.builds(Cancel, session=numbers),
    st.builds(Close, session=numbers),
)
from_cloud = st.one_of(
    st.builds(
        Hello,
        version=numbers,
        model=st.text(max_size=20),
        vocabulary=st.text(max_size=20),
        template=st.text(max_size=200),
        context_tokens=numbers,
        strict_block=st.integers(1, wire.MAX_BLOCK),
        pass_ms=st.lists(st.floats(0, 1e6), max_size=16).map(tuple),
    ),
    st.builds(
        Verdict,
        session=numbers,
        position=numbers,
        tokens=packed,
        num_accepted=numbers,
        num_rejected=numbers,
        service_ms=numbers,
        num_sessions=numbers,
    ),
    st.builds(Refused, session=numbers, code=st.text(max_size=9), message=st.text(max_size=99)),
)


@given(from_device)
def test_what_a_device_sends_is_read_as_it_was_written(message: FromDevice) -> None:
    assert read_from_device(encode(message)) == message


@given(from_cloud)
def test_what_a_cloud_sends_is_read_as_it_was_written(message: FromCloud) -> None:
    assert read_from_cloud(encode(message)) == message


@given(tokens)
def test_token_ids_take_three_bytes_each_and_come_back(ids: list[int]) -> None:
    assert unpack(pack(ids)) == ids
    assert len(pack(ids)) == 3 * len(ids)


@given(st.binary(max_size=200))
def test_garbage_is_a_message_or_refused(frame: bytes) -> None:
    for read in (read_from_device, read_from_cloud):
        try:
            assert read(frame) is not None
        except BackendBroken as error:
            assert "no message" in str(error)


@given(from_device, st.data())
def test_a_frame_that_was_cut_or_changed_is_a_message_or_refused(
    message: FromDevice, drawn: st.DataObject
) -> None:
    frame = bytearray(encode(message))
    frame[drawn.draw(st.integers(0, len(frame) - 1))] ^= drawn.draw(st.integers(1, 255))
    try:
        assert read_from_device(bytes(frame)) is not None
    except BackendBroken as error:
        assert "no message" in str(error)
    with pytest.raises(BackendBroken):
        read_from_device(encode(message)[:-1])


@pytest.mark.parametrize(
    "frame",
    [
        b"",
        msgspec.msgpack.encode([99, 1]),  # no such tag
        msgspec.msgpack.encode([6]),  # a field is missing
        msgspec.msgpack.encode([6, "one"]),  # of another type
        msgspec.msgpack.encode([6, 2**70 % 2**64 + 0.5]),
        msgspec.msgpack.encode({"type": 6, "session": 1}),  # a map
        msgspec.msgpack.encode([6, 1]) + b"\x00",  # more behind it
        msgspec.msgpack.encode([2, 0, 0, "text"]),  # token ids are bytes
        b"\x91" * 5000,  # deeper than any message
        msgspec.msgpack.encode([7, 0, 0, b"", 0, 0, 0]),  # what only a cloud says
    ],
)
def test_what_is_no_message_of_a_device_is_refused(frame: bytes) -> None:
    with pytest.raises(BackendBroken, match="no message"):
        read_from_device(frame)


@pytest.mark.parametrize("packed", [b"a", b"abcd"])
def test_bytes_that_do_not_come_in_threes_are_no_token_ids(packed: bytes) -> None:
    with pytest.raises(BackendBroken, match="3 bytes each"):
        unpack(packed)


def test_messages_are_small() -> None:
    block = pack([150_000] * 8)

    assert len(encode(Propose(3, 3000, block))) <= 34
    assert len(encode(Verdict(3, 3000, block, 7, 0, 200))) <= 37
    assert len(encode(Cancel(3))) <= 4


def test_a_prompt_of_128_000_tokens_fits_a_frame() -> None:
    opening = Open(0, "v" * 64, "t" * 64, bytes(384_000), b"", 1, 0, 1, 0, 0, False, 2**17, 0)

    assert len(encode(opening)) < wire.MAX_FRAME_BYTES
