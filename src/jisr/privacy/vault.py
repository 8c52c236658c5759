"""The placeholders of one conversation, and the values they stand for.

A value has the same placeholder all through a conversation. In which forms a placeholder is
put back, `jisr.privacy.forms` says. A vault never leaves the device and is never shared
between conversations: a placeholder of one would be given the value of another.

Source: placeholders named by entity type, and their return, as Microsoft Presidio
(replace and deanonymize) and LLM Guard (its Vault) have them.
"""

from __future__ import annotations

import html
import json
from collections.abc import Iterable
from urllib.parse import quote

from jisr.privacy.forms import Form, find
from jisr.privacy.spelling import Spelling

LITERAL = "LITERAL"
"""Type of text of the user's own that looks like a placeholder."""
TOOL_NAME = "TOOL_NAME"
"""Type of the name of a tool that says something private."""
_ADDRESSES = ("URL_", "DOMAIN_NAME_")
_SAFE_IN_ADDRESSES = "@:/"


class Vault:
    """What placeholders stand for. It changes as text is redacted with it."""

    def __init__(self) -> None:
        self._names: dict[tuple[str, str], str] = {}
        self._values: dict[str, str] = {}
        self._counts: dict[str, int] = {}
        self._beginnings: set[str] = set()  # of every name, the whole name too

    def __repr__(self) -> str:
        return f"Vault({len(self._values)} placeholders)"

    def __len__(self) -> int:
        return len(self._values)

    @classmethod
    def from_rows(cls, rows: Iterable[tuple[str, str]]) -> Vault:
        """Return the vault that `to_rows` was called on."""
        vault = cls()
        for entity_type, value in rows:
            vault.name_for(entity_type, value)
        return vault

    def to_rows(self) -> list[tuple[str, str]]:
        """Return entity types and values, in the order that their placeholders are numbered."""
        return list(self._names)

    @property
    def types(self) -> frozenset[str]:
        """Entity types it has placeholders of."""
        return frozenset(self._counts)

    def knows(self, entity_type: str, value: str) -> bool:
        """Return whether a value has a placeholder of that type."""
        return (entity_type, value) in self._names

    def placeholder_for(self, entity_type: str, value: str) -> str:
        """Return the placeholder of a value, the same one every time."""
        return f"<{self.name_for(entity_type, value)}>"

    def name_for(self, entity_type: str, value: str) -> str:
        """Return the name of a value's placeholder, for where brackets cannot stand."""
        name = self._names.get((entity_type, value))
        if name is None:
            number = self._counts[entity_type] = self._counts.get(entity_type, 0) + 1
            name = self._names[entity_type, value] = f"{entity_type}_{number}"
            self._values[name] = value
            self._beginnings |= {name[:end] for end in range(1, len(name) + 1)}
        return name

    def begins(self, name: str) -> bool:
        """Return whether the name of any placeholder begins so."""
        return name in self._beginnings

    def has(self, name: str) -> bool:
        """Return whether there is a placeholder of this name."""
        return name in self._values

    def value_of(self, form: Form) -> str:
        """Return what is put in the place of a placeholder, written as its surroundings are."""
        value = self._values[form.name] + form.ending
        match form.spelling:
            case Spelling.HTML:
                return html.escape(value, quote=False).replace('"', "&quot;")
            case Spelling.JSON:
                return json.dumps(value, ensure_ascii=False)[1:-1]
            case Spelling.URL if not form.name.startswith(_ADDRESSES):
                return quote(value, _SAFE_IN_ADDRESSES, errors="replace")
            case _:
                return value

    def restore(self, text: str) -> str:
        """Return `text` with every value this vault knows put back, the rest as it is."""
        pieces, done = [], 0
        for form in find(text, 0, self):
            pieces += [text[done : form.start], self.value_of(form)]
            done = form.end
        return "".join([*pieces, text[done:]])
