"""Weights by name: what there is, where to get it, and whether it is whole."""

from importlib import import_module

from jisr.departure import Auditor
from jisr.models.base import Source

SOURCES = {
    "index": "jisr.models.index:IndexSource",
    "hub": "jisr.models.hub:HubSource",
    "folder": "jisr.models.folder:FolderSource",  # wants a path, so it is never opened unasked
}


def open_source(name: str, auditor: Auditor) -> Source:
    """Return the source of that name, with its usual parameters."""
    module, _, attribute = SOURCES[name].partition(":")
    source: Source = getattr(import_module(module), attribute)(auditor=auditor)
    return source
