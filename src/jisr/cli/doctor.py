"""`jisr doctor`: is everything here that a turn needs, and what to do if not."""

from __future__ import annotations

import asyncio
import json
import os
import shutil
from collections.abc import Callable, Iterator, Sequence
from contextlib import closing
from dataclasses import asdict, dataclass, replace
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Protocol
from urllib.parse import urlsplit

import click

from jisr.cli.answers import find_server
from jisr.cli.context import Run, pass_run
from jisr.cli.exposed import exposed
from jisr.errors import BackendError, BackendRefused, JisrError
from jisr.masking import mask
from jisr.offline import is_loopback
from jisr.types import Wish

if TYPE_CHECKING:
    from jisr.config import DeviceSettings, Settings

LEAST_FREE_BYTES = 200 * 2**20
ROOM_BESIDE_WEIGHTS = 1.3
"""Memory an engine needs, as a multiple of its weights, before its KV caches."""
LESS_MEMORY = (
    "close programs, use a smaller model, or lower device.num_sequences or .context_tokens"
)
COLOURS = {"ok": "green", "warning": "yellow", "failed": "red"}


class Outcome(StrEnum):
    """How a check came out."""

    OK = "ok"
    WARNING = "warning"
    FAILED = "failed"


@dataclass(frozen=True, slots=True)
class Finding:
    """What one check found, and the remedy if something is wrong."""

    check: str
    outcome: Outcome
    found: str
    remedy: str = ""


@click.command()
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
@pass_run
def doctor(run: Run, as_json: bool) -> None:
    """Check weights, disk, memory, port, keys, clouds, joint, ledger, prices, names and files.

    What is not well comes with its remedy. Ends with 1 if something has failed.

    \b
    Examples:
      jisr doctor
      jisr doctor --json | jq '.[] | select(.outcome != "ok")'
    """
    findings = []
    for finding in _findings(run):
        findings.append(finding)
        if not as_json:
            _show(finding)
    if as_json:
        click.echo(json.dumps([asdict(it) for it in findings], indent=2))
    if any(it.outcome is Outcome.FAILED for it in findings):
        raise SystemExit(1)


def _findings(run: Run) -> Iterator[Finding]:
    for check in CHECKS:
        try:
            yield check(run.settings)
        except (JisrError, OSError) as error:
            yield Finding(check.__name__.strip("_"), Outcome.FAILED, mask(str(error)))
    yield _files(run)


def _show(finding: Finding) -> None:
    mark = click.style(f"{finding.outcome.value:<8}", fg=COLOURS[finding.outcome.value])
    click.echo(f"{mark} {finding.check:<9} {finding.found}")
    if finding.remedy:
        click.echo(f"{'':<18} → {finding.remedy}")


def _weights(settings: Settings) -> Finding:
    from jisr.assemble import store  # heavy, and only this check needs it

    if not settings.device.enabled:
        return Finding("weights", Outcome.OK, "not needed: the cloud answers every turn")
    if settings.device.url is not None:
        return _local_server(settings)
    path = store(settings).path(settings.device.model)
    return Finding("weights", Outcome.OK, f"{path} ({path.stat().st_size / 1e6:,.0f} MB)")


def _local_server(settings: Settings) -> Finding:
    from jisr.assemble import local_server
    from jisr.clock import SystemClock

    device = settings.device
    return _served("weights", local_server(settings, SystemClock()), device.url)


def _disk(settings: Settings) -> Finding:
    folder = _existing(settings.home)
    free = shutil.disk_usage(folder).free
    if free < LEAST_FREE_BYTES:
        found = f"{free / 1e6:,.0f} MB free in {folder}"
        return Finding("disk", Outcome.WARNING, found, "free some space, or set home elsewhere")
    return Finding("disk", Outcome.OK, f"{free / 1e9:,.0f} GB free in {folder}")


def _memory(settings: Settings) -> Finding:
    from jisr.assemble import store

    if settings.device.url is not None or not settings.device.enabled:
        return Finding("memory", Outcome.OK, "no weights are loaded here")
    free = _available_bytes()
    if free is None:
        return Finding("memory", Outcome.OK, "not measured on this system")
    needed, parts = _needed_bytes(store(settings).path(settings.device.model), settings.device)
    found = f"{free / 1e9:.1f} GB available, about {needed / 1e9:.1f} GB needed ({parts})"
    if free < needed:
        return Finding("memory", Outcome.WARNING, found, LESS_MEMORY)
    return Finding("memory", Outcome.OK, found)


def _needed_bytes(path: Path, device: DeviceSettings) -> tuple[float, str]:
    """Return the memory an engine needs, and what is counted."""
    from jisr.models.kv_cache import kv_cache_bytes

    weights = path.stat().st_size * ROOM_BESIDE_WEIGHTS
    caches = kv_cache_bytes(
        path, num_sequences=device.num_sequences, context_tokens=device.context_tokens
    )
    if caches is None:
        return weights, "without the KV caches, whose size is not known"
    return weights + caches, f"{caches / 1e9:.1f} GB of it for {device.num_sequences} KV caches"


def _port(settings: Settings) -> Finding:
    from jisr.server.run import bind

    server = settings.server
    if find_server(settings) is not None:
        return Finding("port", Outcome.OK, f"a Jisr answers at {server.host}:{server.port}")
    bind(server.host, server.port).close()
    return Finding("port", Outcome.OK, f"{server.host}:{server.port} is free")


def _key(settings: Settings) -> Finding:
    from jisr.assemble import find_server_key
    from jisr.server.service import device_gate

    device_gate(settings)
    variable = settings.cloud.api_key_env
    if settings.cloud.base_url is None:
        return Finding("key", Outcome.OK, "not needed: no cloud is set")
    if find_server_key(variable, os.environ) is None:
        remedy = f"export {variable}=…, or: keyring set jisr {variable}"
        return Finding("key", Outcome.WARNING, f"{variable} is empty", remedy)
    return Finding("key", Outcome.OK, f"{variable} is set")


def _cloud(settings: Settings) -> Finding:
    from jisr.assemble import cloud_backends
    from jisr.clock import SystemClock

    if settings.cloud.base_url is None:
        remedy = "set cloud.base_url and cloud.model, or run `jisr up` for a stand-in"
        if not settings.device.enabled:
            return Finding("cloud", Outcome.FAILED, "none is set, and the device is off", remedy)
        return Finding("cloud", Outcome.WARNING, "none is set: the device answers alone", remedy)
    if settings.offline and not is_loopback(urlsplit(settings.cloud.base_url).hostname):
        return Finding("cloud", Outcome.OK, "not asked: the offline switch is on")
    backend = cloud_backends(settings, os.environ, SystemClock())[0]
    return _served("cloud", backend, settings.cloud.base_url)


def _joint(settings: Settings) -> Finding:
    from jisr.assemble import verify_link
    from jisr.clock import SystemClock

    joint, url = settings.joint, settings.cloud.base_url
    if not joint.enabled or url is None:
        why = "the switch joint.enabled is off" if not joint.enabled else "no cloud is set"
        return Finding("joint", Outcome.OK, f"not looked for: {why}")
    if settings.offline and not is_loopback(urlsplit(url).hostname):
        return Finding("joint", Outcome.OK, "not asked: the offline switch is on")
    link = verify_link(settings, os.environ, SystemClock())

    async def ask() -> Finding:
        try:
            hello = await link.open()
        finally:
            await link.close()
        found = f"{hello.model} verifies; exact to the bit up to {hello.strict_block} tokens a pass"
        return Finding("joint", Outcome.OK, found)

    try:
        return asyncio.run(ask())
    except BackendError as error:
        # most clouds do not verify, and nothing is wrong with that unless it is wished for
        is_fine = isinstance(error, BackendRefused) and settings.wish is not Wish.PREFER_JOINT
        outcome = Outcome.OK if is_fine else Outcome.WARNING
        remedy = "serve the cloud with `jisr cloud`, or set joint.enabled = false"
        return Finding("joint", outcome, str(error), remedy)


def _fallbacks(settings: Settings) -> Finding:
    from jisr.assemble import cloud_backends
    from jisr.clock import SystemClock

    fallbacks = settings.cloud.fallbacks if settings.cloud.base_url else ()
    if not fallbacks:
        return Finding("fallbacks", Outcome.OK, "none is set")
    backends = cloud_backends(settings, os.environ, SystemClock())[1:]
    findings = [
        _found_of_fallback(backend, upstream.base_url)
        for backend, upstream in zip(backends, fallbacks, strict=True)
    ]
    bad = [it for it in findings if it.outcome is not Outcome.OK]
    return bad[0] if bad else Finding("fallbacks", Outcome.OK, f"{len(findings)}, all are there")


def _found_of_fallback(backend: Asked, url: str | None) -> Finding:
    try:
        found = _served("fallbacks", backend, url)
    except BackendError as error:
        return Finding("fallbacks", Outcome.WARNING, str(error), "mend it, or take it out")
    is_ok = found.outcome is Outcome.OK
    return found if is_ok else replace(found, outcome=Outcome.WARNING)


class Asked(Protocol):
    """A service that tells what it serves."""

    @property
    def model(self) -> str:
        """Name of the model that is asked of it."""

    async def check(self) -> tuple[str, ...]:
        """Return the names of its models, having asked it."""

    async def close(self) -> None:
        """Close the connections."""


def _served(check: str, service: Asked, url: str | None) -> Finding:
    """Ask a service whether it has the model that is set."""

    async def ask() -> tuple[str, ...]:
        try:
            return await service.check()
        finally:
            await service.close()

    models = asyncio.run(ask())
    if service.model not in models:
        found = f"{url} is there, and has no model {service.model!r}"
        remedy = f"set its model to one of: {', '.join(models[:8])}"
        return Finding(check, Outcome.FAILED, found, remedy)
    return Finding(check, Outcome.OK, f"{service.model} at {url}")


def _ledger(settings: Settings) -> Finding:
    from jisr.assemble import open_ledger
    from jisr.clock import SystemClock
    from jisr.ledger.ledger import FILE_NAME

    turns: Sequence[object] = ()
    if (settings.home / FILE_NAME).exists():
        with closing(open_ledger(settings, SystemClock())) as ledger:
            turns = ledger.turns(1)
    damaged = sorted(settings.home.glob("ledger-damaged-*"))
    if damaged:
        found = f"one was damaged and moved aside: {damaged[-1]}"
        return Finding("ledger", Outcome.WARNING, found, "repair it with sqlite3, or remove it")
    return Finding("ledger", Outcome.OK, "readable" if turns else "no turn is in it yet")


def _prices(settings: Settings) -> Finding:
    from jisr.ledger.prices import PriceTable

    PriceTable.load(settings.ledger.prices)
    return Finding("prices", Outcome.OK, f"{settings.ledger.prices or 'those that come with Jisr'}")


def _names(settings: Settings) -> Finding:
    from jisr.privacy import entity_model  # loads nothing of the model

    if entity_model.is_installed():
        return Finding("names", Outcome.OK, "found by a model, lists and rules")
    found = "found by lists and rules only, which miss names made of ordinary words"
    return Finding("names", Outcome.WARNING, found, entity_model.REMEDY)


def _audit(settings: Settings) -> Finding:
    from jisr.privacy.audit import FOLDER_NAME
    from jisr.privacy.audit_check import check
    from jisr.privacy.vault_key import load_key

    if not settings.privacy.audit:
        remedy = "set privacy.audit = true, so that what leaves can be shown"
        return Finding("audit", Outcome.WARNING, "turned off", remedy)
    folder = settings.home / FOLDER_NAME
    if not folder.exists():
        return Finding("audit", Outcome.OK, "nothing was ever sent")
    checked = check(folder, load_key(settings.home, settings.privacy.key_store))
    if checked.faults:
        first = checked.faults[0]
        found = f"row {first.row}: {first.words}"
        return Finding("audit", Outcome.FAILED, found, "jisr audit verify says more")
    return Finding("audit", Outcome.OK, f"{checked.num_rows:,} rows, all as they were written")


def _files(run: Run) -> Finding:
    from jisr.config import chosen_path

    found = exposed(run.settings, chosen_path(run.config_path))
    if not found:
        return Finding("files", Outcome.OK, "private ones can be opened by you alone")
    told = ", ".join(dict.fromkeys(it.what for it in found))
    remedy = "; ".join(it.remedy for it in found)
    return Finding("files", Outcome.WARNING, f"others can open {told}", remedy)


CHECKS: tuple[Callable[[Settings], Finding], ...] = (
    _weights,
    _disk,
    _memory,
    _port,
    _key,
    _cloud,
    _joint,
    _fallbacks,
    _ledger,
    _prices,
    _names,
    _audit,
)


def _existing(folder: Path) -> Path:
    return next(it for it in (folder, *folder.parents) if it.exists())


def _available_bytes() -> int | None:
    try:
        lines = Path("/proc/meminfo").read_text(encoding="ascii").splitlines()
    except OSError:
        return None
    kilobytes = next(line.split()[1] for line in lines if line.startswith("MemAvailable"))
    return int(kilobytes) * 1024
