"""`jisr config`: the effective settings, and where each of them comes from."""

from __future__ import annotations

import json

import click

from jisr.cli.context import Run, pass_run


@click.group(invoke_without_command=True)
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
@click.pass_context
def config(ctx: click.Context, as_json: bool) -> None:
    """Show the settings and where each comes from: default, file, environment or argument.

    \b
    Examples:
      jisr config
      jisr config --json | jq .settings
      jisr --set device.threads=2 config
      JISR_OFFLINE=1 jisr config
    """
    if ctx.invoked_subcommand is None:
        _show(ctx.ensure_object(Run), as_json)


@config.command()
@pass_run
def path(run: Run) -> None:
    """Print the settings file that is read, or would be if it were there.

    \b
    Examples:
      $EDITOR "$(jisr config path)"
    """
    from jisr.config import chosen_path  # pydantic is slow to import

    click.echo(chosen_path(run.config_path))


def _show(run: Run, as_json: bool) -> None:
    table = run.loaded.table()
    if as_json:
        values = run.settings.model_dump(mode="json")
        origins = {it.name: it.origin for it in table}
        click.echo(json.dumps({"settings": values, "origins": origins}, indent=2))
        return
    width = max(len(it.name) for it in table)
    for it in table:
        click.echo(f"{it.name:<{width}}  {shown(it.value):<28}  {it.origin}")


def shown(value: object) -> str:
    """Return a setting's value as people write it."""
    if value is None:
        return "(none)"
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, tuple):
        return ", ".join(_shown_item(it) for it in value) or "(none)"
    return str(value)


def _shown_item(value: object) -> str:
    return str(getattr(value, "base_url", value))
