"""Put private values back into an answer that comes in pieces, wherever it is cut.

What is covered: the text, and the names and arguments of tool calls. In JSON (arguments, and
a text that was asked for as JSON) a value is escaped inside of a string and quoted outside of
one, so that what was JSON stays JSON.

What is not covered: JSON inside a string of JSON; JSON that was not asked for as such.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from dataclasses import replace

from jisr.privacy.forms import LOOK_BEHIND, Form, find
from jisr.privacy.spelling import Spelling
from jisr.privacy.vault import Vault
from jisr.tools import ToolCallPiece
from jisr.types import Delta

_NUMBER = re.compile(r"-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][-+]?\d+)?", re.ASCII)
_STRING_MARKS = re.compile(r'\\.|"', re.DOTALL)


class AnswerRestorer:
    """Restores one answer: its text, and the names and arguments of the tools it calls.

    Args:
        vault: What is put back.
        is_json: Whether its text was asked for as JSON.
    """

    def __init__(self, vault: Vault, *, is_json: bool = False) -> None:
        self._vault = vault
        self._text = StreamRestorer(vault, is_json=is_json)
        self._calls: dict[int, _CallRestorer] = {}

    def restore(self, delta: Delta) -> Delta | None:
        """Return the next piece with what can no longer change; None if there is nothing to show.

        The piece with the finish reason is the last.
        """
        if not len(self._vault):
            return delta
        text, calls = self._text.push(delta.text), [*self._pushed(delta.tool_calls)]
        if delta.finish_reason is not None:
            text += self._text.close()
            calls += (piece for call in self._calls.values() for piece in call.close())
        if text or calls or delta.logprobs or delta.finish_reason is not None:
            return replace(delta, text=text, tool_calls=tuple(calls))
        return None

    def _pushed(self, pieces: tuple[ToolCallPiece, ...]) -> Iterator[ToolCallPiece]:
        for piece in pieces:
            call = self._calls.get(piece.index)
            if call is None:
                call = self._calls[piece.index] = _CallRestorer(self._vault, piece.index)
            yield from call.push(piece)


class _CallRestorer:
    """Restores one call; it begins to be shown when its name is known."""

    def __init__(self, vault: Vault, index: int) -> None:
        self._name = StreamRestorer(vault)
        self._arguments = StreamRestorer(vault, is_json=True)
        self._index = index
        self._call_id = ""

    def push(self, piece: ToolCallPiece) -> Iterator[ToolCallPiece]:
        """Take the next piece; yield what can no longer change, if there is anything."""
        self._call_id = self._call_id or piece.call_id
        name = self._name.push(piece.name)
        if piece.arguments:  # the name is over
            name += self._name.close()
        yield from self._shown(name, self._arguments.push(piece.arguments))

    def close(self) -> Iterator[ToolCallPiece]:
        """Yield the rest, if there is any."""
        yield from self._shown(self._name.close(), self._arguments.close())

    def _shown(self, name: str, arguments: str) -> Iterator[ToolCallPiece]:
        if name or arguments:
            yield ToolCallPiece(self._index, self._call_id, name, arguments)
            self._call_id = ""


class StreamRestorer:
    """Restores one stream of text. What it holds back is no longer than a placeholder.

    Args:
        vault: What is put back.
        is_json: Whether the whole stream is JSON.
    """

    def __init__(self, vault: Vault, *, is_json: bool = False) -> None:
        self._vault = vault
        self._json = _JsonPlace() if is_json else None
        self._seen = ""  # the last characters let go: they say whether a word starts after them
        self._held = ""

    def push(self, text: str) -> str:
        """Take the next piece; return what can no longer change."""
        if not len(self._vault):
            return text
        return self._let_go(self._held + text, is_whole=False)

    def close(self) -> str:
        """Return the rest. The stream is over; the restorer may not be used again."""
        return self._let_go(self._held, is_whole=True)

    def _let_go(self, new: str, *, is_whole: bool) -> str:
        whole = self._seen + new
        done, pieces = len(self._seen), []
        self._held = ""
        for form in find(whole, done, self._vault, is_whole=is_whole):
            pieces.append(self._passed(whole[done : form.start]))
            done = form.start
            if not form.name:
                self._held = whole[done:]
                break
            if self._json is not None and self._json.has_brackets(whole[done]):
                pieces.append(self._passed(whole[done : form.name_start]))
                form = replace(form, end=form.name_end)
            pieces.append(self._value(form))
            done = form.end
        end = len(whole) - len(self._held)
        pieces.append(self._passed(whole[done:end]))
        self._seen = whole[max(0, end - LOOK_BEHIND) : end]
        return "".join(pieces)

    def _passed(self, text: str) -> str:
        if self._json is not None:
            self._json.move_over(text)
        return text

    def _value(self, form: Form) -> str:
        if self._json is None:
            return self._vault.value_of(form)
        if form.spelling is Spelling.JSON:
            form = replace(form, spelling=Spelling.PLAIN)
        return self._json.write(self._vault.value_of(form))


class _JsonPlace:
    """Whether a place in JSON is inside of a string."""

    def __init__(self) -> None:
        self._is_in_string = False
        self._is_escaped = False

    def move_over(self, text: str) -> None:
        """Go on to the end of a piece."""
        if not text:
            return
        start = 1 if self._is_escaped else 0
        self._is_escaped = False
        for match in _STRING_MARKS.finditer(text, start):
            if match[0] == '"':
                self._is_in_string = not self._is_in_string
        marks = text[start:]
        self._is_escaped = (len(marks) - len(marks.rstrip("\\"))) % 2 == 1

    def has_brackets(self, bracket: str) -> bool:
        """Return whether a bracket that stands here is of the JSON."""
        return bracket in "[{" and not self._is_in_string

    def write(self, value: str) -> str:
        """Return a value as JSON has it at this place."""
        if self._is_in_string:
            return json.dumps(value, ensure_ascii=False)[1:-1]
        is_number = _NUMBER.fullmatch(value) is not None
        return value if is_number else json.dumps(value, ensure_ascii=False)
