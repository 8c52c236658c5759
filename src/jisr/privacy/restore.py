"""Put private values back into an answer that comes in pieces, wherever it is cut.

What is covered: the text, and the names and arguments of tool calls. In JSON (arguments, and
a text that was asked for as JSON) placeholders are looked for in what strings mean, however
they are escaped, and a value is escaped inside of a string and quoted outside of one, so that
what was JSON stays JSON.

What is not covered: JSON inside a string of JSON; JSON that was not asked for as such.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from dataclasses import replace

from jisr.privacy.forms import LOOK_BEHIND, Form, find
from jisr.privacy.vault import Vault
from jisr.tools import ToolCallPiece
from jisr.types import Delta

_NUMBER = re.compile(r"-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][-+]?\d+)?", re.ASCII)
_ESCAPE = re.compile(r"""\\(?:u[0-9a-fA-F]{4}|["\\/bfnrt])""")
_TOKEN_OF_STRING = re.compile(
    rf"""[^"\\]+|"|{_ESCAPE.pattern}|\\(?!u[0-9a-fA-F]{{0,3}}\Z|\Z)""", re.DOTALL
)
_SURROGATE = re.compile("[\ud800-\udfff]")
_BRACKETS_OF_JSON = frozenset("[{")


class AnswerRestorer:
    """Restores one answer: its text, and the names and arguments of the tools it calls.

    Args:
        vault: What is put back.
        is_json: Whether its text was asked for as JSON.
    """

    def __init__(self, vault: Vault, *, is_json: bool = False) -> None:
        self._vault = vault
        self._text = JsonRestorer(vault) if is_json else StreamRestorer(vault)
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
        self._arguments = JsonRestorer(vault)
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
        is_json: Whether it stands in JSON outside of strings, where a value is a string or a
            number, and brackets are of the JSON.
    """

    def __init__(self, vault: Vault, *, is_json: bool = False) -> None:
        self._vault = vault
        self._is_json = is_json
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
            if not form.name:
                self._held = whole[form.start :]
                break
            start, end = form.start, form.end
            if self._is_json and whole[start] in _BRACKETS_OF_JSON:
                start, end = form.name_start, form.name_end
            pieces += [whole[done:start], self._value(form)]
            done = end
        end = len(whole) - len(self._held)
        pieces.append(whole[done:end])
        self._seen = whole[max(0, end - LOOK_BEHIND) : end]
        return "".join(pieces)

    def _value(self, form: Form) -> str:
        value = self._vault.value_of(form)
        return value if not self._is_json or _NUMBER.fullmatch(value) else _quoted(value)


class JsonRestorer:
    """Restores one stream of JSON: each string by what it means, however it is escaped."""

    def __init__(self, vault: Vault) -> None:
        self._vault = vault
        self._outside = StreamRestorer(vault, is_json=True)
        self._inside: StreamRestorer | None = None
        """None outside of a string."""
        self._cut = ""
        """The beginning of an escape."""
        self._half = ""
        """High surrogate whose other half is still to come."""

    def push(self, text: str) -> str:
        """Take the next piece; return what can no longer change."""
        if not len(self._vault):
            return text
        return "".join(self._pieces(text))

    def close(self) -> str:
        """Return the rest. The stream is over; the restorer may not be used again."""
        if self._inside is None:
            return self._outside.close()
        left, self._cut = self._meant(self._cut), ""
        return _escaped(self._inside.push(left) + self._inside.close())

    def _pieces(self, text: str) -> Iterator[str]:
        text, self._cut, at = self._cut + text, "", 0
        while at < len(text):
            if self._inside is None:
                quote = text.find('"', at)
                end = len(text) if quote < 0 else quote
                yield self._outside.push(text[at:end])
                if quote >= 0:
                    yield self._outside.close() + '"'
                    self._inside = StreamRestorer(self._vault)
                at = end + 1
                continue
            token = _TOKEN_OF_STRING.match(text, at)
            if token is None:  # an escape that is cut
                self._cut = text[at:]
                return
            at = token.end()
            if token[0] != '"':
                yield _escaped(self._inside.push(self._meant(token[0])))
                continue
            yield _escaped(self._inside.push(self._meant("")) + self._inside.close()) + '"'
            self._inside, self._outside = None, StreamRestorer(self._vault, is_json=True)

    def _meant(self, token: str) -> str:
        """Return what a part of a string means; half a character waits for its other half."""
        if _ESCAPE.fullmatch(token):
            token = str(json.loads(f'"{token}"'))
        text, self._half = self._half + token, ""
        if token and "\ud800" <= text[-1] <= "\udbff":
            text, self._half = text[:-1], text[-1]
        return text.encode("utf-16-le", "surrogatepass").decode("utf-16-le", "surrogatepass")


def _quoted(value: str) -> str:
    """Return a text as a string of JSON; half a character stays an escape."""
    quoted = json.dumps(value, ensure_ascii=False)
    return _SURROGATE.sub(lambda match: f"\\u{ord(match[0]):04x}", quoted)


def _escaped(text: str) -> str:
    return _quoted(text)[1:-1]
