"""Reads a stream of server-sent events, however the network cut it.

It knows lines, comments and `data` fields, not what the data means. Event
names, ids and retry times are read over: no service Jisr asks needs them.

Source: WHATWG HTML Living Standard, section 9.2, "Server-sent events".
"""

from __future__ import annotations

from collections.abc import Iterator

from jisr.errors import BackendBroken

MAX_EVENT_BYTES = 2**20


class EventReader:
    """Bytes in, data of whole events out; an event that never ends is an error."""

    def __init__(self, max_event_bytes: int = MAX_EVENT_BYTES) -> None:
        self._max_event_bytes = max_event_bytes
        self._rest: list[bytes] = []
        """Pieces of the line that has not ended yet."""
        self._num_rest_bytes = 0
        self._fields: list[str] = []
        """`data` fields of the event that has not ended yet."""
        self._num_field_bytes = 0
        self._ended_in_cr = False
        self._is_first_line = True

    def feed(self, received: bytes) -> Iterator[str]:
        """Yield the data of each event that `received` completes.

        Raises:
            BackendBroken: A line is not UTF-8, or an event is longer than allowed.
        """
        if not received:
            return
        ended_in_cr, self._ended_in_cr = self._ended_in_cr, received.endswith(b"\r")
        if ended_in_cr:
            received = received.removeprefix(b"\n")
        for line in received.splitlines(keepends=True):
            self._rest.append(line)
            self._num_rest_bytes += len(line)
            if self._num_rest_bytes + self._num_field_bytes > self._max_event_bytes:
                raise BackendBroken(
                    f"An event of the answer is longer than {self._max_event_bytes} bytes."
                )
            if line.endswith((b"\n", b"\r")):
                yield from self._end_line()

    def _end_line(self) -> Iterator[str]:
        line = b"".join(self._rest).rstrip(b"\r\n")
        self._rest, self._num_rest_bytes = [], 0
        if self._is_first_line:
            self._is_first_line = False
            line = line.removeprefix(b"\xef\xbb\xbf")
        if not line and self._fields:
            event = "\n".join(self._fields)
            self._fields, self._num_field_bytes = [], 0
            yield event
        elif line.startswith(b"data:"):
            self._fields.append(_decode(line[5:].removeprefix(b" ")))
            self._num_field_bytes += len(line)


def _decode(field: bytes) -> str:
    try:
        return field.decode()
    except UnicodeDecodeError:
        raise BackendBroken("The answer holds bytes that are not UTF-8.") from None
