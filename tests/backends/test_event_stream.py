import pytest
from hypothesis import given
from hypothesis import strategies as st

from jisr.backends.event_stream import EventReader
from jisr.errors import BackendBroken


def read(*parts: bytes) -> list[str]:
    reader = EventReader()
    return [event for part in parts for event in reader.feed(part)]


@pytest.mark.parametrize(
    ("stream", "events"),
    [
        (b"data: a\n\ndata: b\n\n", ["a", "b"]),
        (b"data: a\r\n\r\ndata: b\r\n\r\n", ["a", "b"]),
        (b"data: a\r\rdata: b\r\r", ["a", "b"]),
        (b"data:a\n\n", ["a"]),
        (b"data:  a\n\n", [" a"]),  # one space belongs to the field, not two
        (b": comment\n\ndata: a\n\n", ["a"]),
        (b"event: x\nid: 7\nretry: 9\ndata: a\n\n", ["a"]),
        (b"data: a\ndata: b\n\n", ["a\nb"]),
        (b"data\ndata: a\n\n", ["a"]),
        (b"database: a\n\n", []),
        (b"\n\n\n", []),
        (b"\xef\xbb\xbfdata: a\n\n", ["a"]),
        (b"data: a\n", []),  # never ended
        (b"", []),
        ("data: جسر 🙂\n\n".encode(), ["جسر 🙂"]),
    ],
)
def test_events_are_read(stream: bytes, events: list[str]) -> None:
    assert read(stream) == events


@given(
    st.lists(st.text(st.characters(exclude_characters="\r\n", codec="utf-8")), max_size=5),
    st.sampled_from(["\n", "\r\n", "\r"]),
    st.data(),
)
def test_where_the_network_cuts_does_not_matter(
    events: list[str], end: str, cuts: st.DataObject
) -> None:
    stream = "".join(f"data: {event}{end}: note{end}{end}" for event in events).encode()
    at = sorted(cuts.draw(st.lists(st.integers(0, len(stream)), max_size=8)))
    parts = [stream[a:b] for a, b in zip([0, *at], [*at, len(stream)], strict=True)]

    assert read(*parts) == events
    assert read(*(bytes([byte]) for byte in stream)) == events


def test_bytes_that_are_not_utf_8_are_an_error() -> None:
    with pytest.raises(BackendBroken, match="UTF-8"):
        read(b"data: \xff\n\n")


@pytest.mark.parametrize("part", [b"x" * 10, b"data: x\n", b"data:\n"])
def test_an_event_without_end_is_an_error(part: bytes) -> None:
    reader = EventReader(max_event_bytes=100)

    with pytest.raises(BackendBroken, match="longer than 100 bytes"):
        for _ in range(100):
            list(reader.feed(part))


def test_a_long_stream_of_short_events_is_none() -> None:
    reader = EventReader(max_event_bytes=100)

    assert sum(len(list(reader.feed(b"data: x\n\n"))) for _ in range(1000)) == 1000
