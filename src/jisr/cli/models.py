"""`jisr models`: what weights there are, and getting, checking, converting and removing them."""

from __future__ import annotations

import json
from pathlib import Path

import click

from jisr.cli.context import Run, pass_run
from jisr.cli.progress import shown_progress
from jisr.clock import SystemClock
from jisr.errors import ModelDamaged
from jisr.models import SOURCES, catalog
from jisr.models.folder import FolderSource
from jisr.models.store import Held, State, Store
from jisr.privacy.audit import open_audit

TYPES = ("bf16", "q8_0", "q4_0", "q4_1", "q2_k")
"""What `quantize` can make; the engine's own table is not loaded for a help page."""


@click.group()
def models() -> None:
    """Pull, verify, quantize and remove weights.

    \b
    Examples:
      jisr models list
      jisr models pull qwen2.5-coder-0.5b
      jisr models path qwen2.5-coder-0.5b
    """


@models.command("list")
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
@pass_run
def list_(run: Run, as_json: bool) -> None:
    """Show the models that have names, and what is here of them.

    \b
    Examples:
      jisr models list
      jisr models list --json | jq '.[] | select(.state == "pulled") | .path'
    """
    held = _store(run).list()
    if as_json:
        click.echo(json.dumps([_row(it) for it in held], indent=2))
        return
    click.echo(f"{'NAME':<22}{'SIZE':>9}  {'STATE':<9}{'WEIGHTS':<9}{'LICENCE':<12}NOTE")
    for it in held:
        model = it.model
        click.echo(
            f"{model.name:<22}{_mb(model.size_bytes):>9}  {_state(it):<9}"
            f"{model.quantization:<9}{model.license:<12}{model.note}"
        )


@models.command()
@click.argument("names", metavar="NAME...", nargs=-1, required=True)
@click.option("--source", type=click.Choice(list(SOURCES)), help="Ask this source only.")
@click.option(
    "--from",
    "folder",
    type=click.Path(path_type=Path),
    metavar="PATH",
    help="Copy from this file or folder; needs no network.",
)
@pass_run
def pull(run: Run, names: tuple[str, ...], source: str | None, folder: Path | None) -> None:
    """Get models; print where each is.

    What is here already is only checked. A pull that was stopped goes on where it ended.

    \b
    Examples:
      jisr models pull smollm2-135m qwen2.5-coder-0.5b
      jisr models pull qwen2.5-coder-1.5b --source hub
      jisr models pull qwen2.5-coder-0.5b --from /media/usb
    """
    if folder is not None and source not in (None, "folder"):
        raise click.UsageError(f"--from copies from a folder; --source {source} does not.")
    store = _store(run, folder)
    for name in names:
        with shown_progress(name) as progress:
            path = store.pull(
                name,
                "folder" if folder is not None else source,
                progress,
                is_offline=run.settings.offline,
            )
        click.echo(path)


@models.command()
@click.argument("names", metavar="[NAME_OR_PATH]...", nargs=-1)
@pass_run
def verify(run: Run, names: tuple[str, ...]) -> None:
    """Read models from end to end and compare their checksums; all pulled ones by default.

    A file outside the catalog has no checksum: only its form is checked.

    \b
    Examples:
      jisr models verify
      jisr models verify qwen2.5-coder-0.5b ./own.gguf
    """
    store = _store(run)
    damaged = []
    chosen = names or [it.model.name for it in store.list() if _is_file(it)]
    if not chosen:
        click.echo("No model is pulled yet; `jisr models list` shows what there is.", err=True)
    for name in chosen:
        try:
            click.echo(f"whole  {store.verify(name)}")
        except ModelDamaged as error:
            damaged.append(str(error))
    if damaged:
        raise ModelDamaged("\n".join(damaged))


@models.command()
@click.argument("names", metavar="NAME...", nargs=-1, required=True)
@pass_run
def rm(run: Run, names: tuple[str, ...]) -> None:
    """Remove models, whole or begun; their space is free again.

    \b
    Examples:
      jisr models rm smollm2-135m
    """
    store = _store(run)
    for name in names:
        click.echo(f"removed {name}, {_mb(store.remove(name))} freed")


@models.command()
@click.argument("name", metavar="NAME_OR_PATH")
@pass_run
def path(run: Run, name: str) -> None:
    """Print the file of a pulled model.

    \b
    Examples:
      llama-cli -m "$(jisr models path qwen2.5-coder-0.5b)"
    """
    click.echo(_store(run).path(name))


@models.command()
@click.argument("name", metavar="NAME_OR_PATH")
@click.option("--type", "kind", type=click.Choice(TYPES), required=True, help="Of the weights.")
@click.option(
    "--pure/--no-pure",
    "is_pure",
    help="Give the type to the output and embedding tensors too: smaller, faster, a little worse.",
)
@click.option(
    "--out",
    type=click.Path(path_type=Path, dir_okay=False),
    metavar="PATH",
    help="Write here instead of into models_dir.",
)
@pass_run
def quantize(run: Run, name: str, kind: str, is_pure: bool, out: Path | None) -> None:
    """Write a model's weights in another type; print where they are.

    Fewer bits make a drafter faster; bf16 makes a target that memory binds, not arithmetic. What
    is there already is not made again.

    \b
    Examples:
      jisr models quantize qwen2.5-coder-0.5b --type q4_0 --pure
      jisr models quantize qwen2.5-coder-1.5b --type bf16
      jisr models quantize ./own.gguf --type q8_0 --out own.q8_0.gguf
    """
    from jisr.engine import quantize as engine  # heavy, and only this command needs it

    source = _store(run).path(name)
    target = out or run.settings.models_dir / engine.file_name(source, kind, is_pure=is_pure)
    if out is None:
        target.parent.mkdir(parents=True, exist_ok=True)
    with shown_progress(target.name) as progress:
        path = engine.quantize(source, target, kind, is_pure=is_pure, progress=progress)
    click.echo(path)


def _store(run: Run, folder: Path | None = None) -> Store:
    sources = {"folder": FolderSource(folder)} if folder is not None else {}
    settings = run.settings
    auditor = open_audit(settings.home, settings.privacy, SystemClock())
    return Store(settings.models_dir, catalog.load(), auditor=auditor, sources=sources)


def _is_file(held: Held) -> bool:
    return held.state in (State.PULLED, State.DAMAGED)


def _state(held: Held) -> str:
    if held.state is State.PARTIAL:
        return f"{100 * held.held_bytes // held.model.size_bytes} %"
    return {State.ABSENT: "-"}.get(held.state, str(held.state))


def _row(held: Held) -> dict[str, object]:
    model = held.model
    return {
        "name": model.name,
        "title": model.title,
        "state": held.state,
        "path": str(held.path),
        "size_bytes": model.size_bytes,
        "held_bytes": held.held_bytes,
        "sha256": model.sha256,
        "license": model.license,
        "parameters": model.parameters,
        "quantization": model.quantization,
        "template": model.template,
        "sources": model.sources,
    }


def _mb(size: int) -> str:
    return f"{size / 10**6:,.0f} MB"
