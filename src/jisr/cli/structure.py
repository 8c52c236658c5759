"""The page `docs/structure.md`: the way of one turn, and a line for every module."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

PACKAGE = Path(__file__).parents[1]

INTRODUCTION = """\
# Structure

What each file is, in its own words: this page is written out of the first line of every module.

## The way of one turn

1. **receive**: `server.wire` reads the body into a `Request`; `server.auth` has let it in.
2. **sight**: `privacy.sight` marks private spans with the recognizers.
3. **decide**: `runtime` gathers `arbiter.signals`; `arbiter.policy` returns a `Decision`, with why.
4. **outbound**, cloud and joint: `privacy.redact` makes an `Outbound` of a `Request`; only it can.
5. **generate**: a `Backend` streams deltas: `backends.device`, `.cloud` or `.joint`, whose other
   half is `cloud.verify` on the cloud's side.
6. **restore**, cloud and joint: `privacy.restore` puts the real values back, mid-stream.
7. **record**: `ledger` keeps what was done and used; the answer carries it as its `jisr` object.

If a place fails before anything was shown, the turn goes back to **decide** with that place ruled
out, and says so. `recall` and `check` have their places in `events.Stage` and are not built yet.

## Layers

    0 nouns          types tools errors clock events setting_values privacy_settings config offline
                     private_files keychain masking departure door
    1 capabilities   models engine arbiter privacy ledger      layer 0 only, never each other
                     joint                                     layer 0 and the engine
    2 places         backends                                  layer 0, engine and joint
    3 composition    places turn runtime conversation -> assemble   only it names concrete classes
    4 edges          server cloud bench -> cli

Two edges reach further down: `cloud` to `joint`, whose verifier it serves, and `cli` to `engine`,
for `jisr models quantize`.

`tests/test_architecture.py` keeps this, the doors of heavy dependencies, and the sizes of files
(400 lines) and functions (60 lines).

## Modules
"""


def structure_page() -> str:
    """Return the text of docs/structure.md."""
    lines = [INTRODUCTION]
    for folder, rows in _by_folder(PACKAGE):
        lines += [f"### `{folder}`", "", "| module | is |", "|---|---|"]
        lines += [f"| `{name}` | {line} |" for name, line in rows]
        lines += [""]
    return "\n".join(lines)


def _by_folder(root: Path) -> Iterator[tuple[str, list[tuple[str, str]]]]:
    folders = sorted({path.parent for path in root.rglob("*.py")})
    for folder in folders:
        files = sorted(path for path in folder.glob("*.py") if path.stat().st_size)
        rows = [(path.name, _first_line(path)) for path in files]
        if rows:
            yield f"{folder.relative_to(root.parent)}/", rows


def _first_line(path: Path) -> str:
    """Return the first sentence of a module's docstring, on one line."""
    docstring = ast.get_docstring(ast.parse(path.read_text(encoding="utf-8"))) or ""
    return " ".join(docstring.partition("\n\n")[0].split()).replace("|", "\\|")
