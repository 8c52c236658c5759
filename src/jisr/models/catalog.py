"""The models that Jisr knows by name, read from `catalog.toml`."""

from __future__ import annotations

import tomllib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from difflib import get_close_matches
from importlib.resources import files
from typing import Any

from jisr.errors import ModelNotFound
from jisr.models.base import HubFile, Model, Part


@dataclass(frozen=True, slots=True)
class Catalog:
    """Models by name, in the order of the catalog."""

    models: Mapping[str, Model]

    def __iter__(self) -> Iterator[Model]:
        return iter(self.models.values())

    def __contains__(self, name: str) -> bool:
        return name in self.models

    def get(self, name: str) -> Model:
        """Return the model of that name.

        Raises:
            ModelNotFound: There is none.
        """
        if name in self.models:
            return self.models[name]
        near = get_close_matches(name.lower(), self.models, n=2, cutoff=0.4) or self.models
        raise ModelNotFound(
            f"No model is called {name!r}. Did you mean {' or '.join(near)}? "
            "`jisr models list` shows all; a GGUF file goes by its path."
        )


def load() -> Catalog:
    """Return the catalog that comes with Jisr."""
    return parse(files("jisr.models").joinpath("catalog.toml").read_text(encoding="utf-8"))


def parse(text: str) -> Catalog:
    """Return the catalog that a TOML text describes."""
    return Catalog({name: _model(name, row) for name, row in tomllib.loads(text).items()})


def _model(name: str, row: Mapping[str, Any]) -> Model:
    rest = {key: row[key] for key in row.keys() - {"sources", "index", "hub"}}
    return Model(
        name=name,
        sources=tuple(row["sources"]),
        hub=HubFile(**row["hub"]) if "hub" in row else None,
        index=tuple(Part(**part) for part in row.get("index", ())),
        **rest,
    )
