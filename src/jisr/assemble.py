"""Settings become a runtime: the one module that names concrete classes.

Nothing here decides or does anything with a turn; it reads settings, finds keys
and weights, and puts the parts together.
"""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass
from functools import partial
from pathlib import Path

from jisr import offline
from jisr.arbiter import policy_file
from jisr.arbiter.policy import DEFAULT
from jisr.backends.base import Backend
from jisr.backends.cloud import CloudBackend
from jisr.backends.device import DeviceBackend
from jisr.backends.fallback import FallbackBackend
from jisr.backends.joint import JointBackend
from jisr.backends.keys import find_key
from jisr.backends.local_server import LocalServerBackend
from jisr.backends.upstream import Upstream, parse_base_url
from jisr.backends.verify_link import VerifyLink
from jisr.checker import checker_for
from jisr.clock import Clock, SystemClock
from jisr.config import CloudSettings, DeviceSettings, Settings, UpstreamSettings
from jisr.door import Door
from jisr.engine.engine import Engine, EngineSettings
from jisr.ledger.bill import Bill, CloudRate, Rates
from jisr.ledger.energy import EnergyMeter
from jisr.ledger.ledger import Ledger
from jisr.ledger.prices import PriceTable
from jisr.models import catalog
from jisr.models.store import Store
from jisr.offline import is_loopback
from jisr.places import Checker, CloudPlace, DevicePlace, JointPlace, Limits
from jisr.privacy import vault_store
from jisr.privacy.audit import open_audit
from jisr.privacy.planner import Planner
from jisr.privacy.policy import Policy, load_policy
from jisr.privacy.recognizers import load_recognizers
from jisr.privacy.sight import Sight
from jisr.privacy.vault_key import load_key
from jisr.privacy.vault_store import TurnVaults, Vaults, VaultStore
from jisr.runtime import Runtime
from jisr.types import Outbound

LEDGER_FILE = "ledger.sqlite3"


@dataclass(slots=True)
class Assembled:
    """A runtime with what must be closed after it."""

    runtime: Runtime
    ledger: Ledger
    engine: Engine | None

    async def close(self) -> None:
        """Stop the engine, close connections, write what the ledger still holds."""
        await self.runtime.close()
        self.ledger.close()


def assemble(settings: Settings, environ: Mapping[str, str] = os.environ) -> Assembled:
    """Return the runtime of a device: weights are loaded if it has any, nothing is sent.

    Raises:
        ConfigError: A setting cannot be what it is.
        ModelError: The weights are not here, or damaged.
        EngineError: There is no memory for the KV cache.
    """
    if settings.offline:
        offline.go_offline()
    clock = SystemClock()
    cloud = _cloud(settings, environ, clock)
    bill = _bill(settings, cloud_rates(settings.cloud), clock)
    planner = Planner(load_policy(settings.privacy.policy, settings.privacy.stay))
    sight = Sight(load_recognizers(settings.privacy))
    engine, device = _device(settings, clock)
    ledger = open_ledger(settings, clock)
    runtime = Runtime(
        device=device,
        cloud=cloud,
        joint=_joint(settings, environ, engine, clock),
        checker=_checker(settings, engine),
        sight=sight,
        planner=planner,
        vaults=_vaults(settings, clock),
        limits=_limits(settings),
        bill=bill,
        recorder=ledger,
        clock=clock,
    )
    return Assembled(runtime, ledger, engine)


def assemble_cloud(settings: Settings) -> Assembled:
    """Return the runtime of the cloud role: one engine, no other place to go.

    What it is sent was redacted by the device that sent it, so it looks for nothing.

    Raises:
        ModelError: The weights are not here, or damaged.
        EngineError: There is no memory for the KV cache.
    """
    if settings.offline:
        offline.go_offline()
    clock = SystemClock()
    role = settings.cloud_role
    engine = load_engine(
        settings,
        settings.device.model_copy(update={"model": role.model}),
        measures_exactness=role.verify,
    )
    backend = DeviceBackend(engine, name_of(role.model))
    device = DevicePlace(
        backend=backend, context_tokens=engine.context_tokens, count_tokens=backend.count_tokens
    )
    ledger = open_ledger(settings, clock, file="cloud-ledger.sqlite3")
    runtime = Runtime(
        device=device,
        cloud=None,
        sight=Sight(()),
        planner=Planner(Policy("none")),
        vaults=TurnVaults(),
        limits=Limits(is_offline=settings.offline),
        bill=_bill(settings, (), clock),
        recorder=ledger,
        clock=clock,
    )
    return Assembled(runtime, ledger, engine)


def name_of(model: str) -> str:
    """Return the name of a model that a setting gives as a name or a path."""
    return Path(model).stem if model.endswith(".gguf") else model


def find_server_key(variable: str, environ: Mapping[str, str]) -> str | None:
    """Return the key that clients of an endpoint here must send; None if there is none.

    Raises:
        ConfigError: What was found cannot be a key.
    """
    return find_key(variable, environ)


def store(settings: Settings) -> Store:
    """Return where weights are kept."""
    auditor = open_audit(settings.home, settings.privacy, SystemClock())
    return Store(settings.models_dir, catalog.load(), auditor=auditor)


def open_ledger(settings: Settings, clock: Clock, file: str = LEDGER_FILE) -> Ledger:
    """Return the ledger, its folder made."""
    return Ledger(settings.home / file, clock)


def open_vaults(settings: Settings, clock: Clock) -> VaultStore:
    """Return where the vaults of conversations are kept; nothing is made before it is needed."""
    return VaultStore(
        settings.home / vault_store.FOLDER_NAME,
        partial(load_key, settings.home, settings.privacy.key_store),
        clock,
        idle_days=settings.privacy.conversation_idle_days,
        max_conversations=settings.privacy.max_conversations,
    )


def load_engine(
    settings: Settings, device: DeviceSettings, *, measures_exactness: bool = False
) -> Engine:
    """Load a model's weights; with how long passes may be, if it is to verify drafts.

    Raises:
        ModelError: They are not here, or damaged.
        EngineError: There is no memory for the KV cache.
    """
    path: Path = store(settings).path(device.model)
    return Engine(
        path,
        EngineSettings(
            context_tokens=device.context_tokens,
            num_sequences=device.num_sequences,
            max_waiting=device.max_waiting,
            threads=device.threads,
            measures_exactness=measures_exactness,
        ),
    )


def open_door(settings: Settings, clock: Clock) -> Door:
    """Return the door to the services that are set up; what goes out there is written down."""
    services = (settings.cloud, *settings.cloud.fallbacks)
    urls = (*(it.base_url for it in services), settings.device.url)
    return Door(open_audit(settings.home, settings.privacy, clock), urls)


def local_server(settings: Settings, clock: Clock) -> LocalServerBackend:
    """Return the server on this machine that is the device.

    Raises:
        ConfigError: Its address or model cannot be what it is.
    """
    device = settings.device
    server = UpstreamSettings(base_url=device.url, model=device.server_model)
    return LocalServerBackend(server, clock, open_door(settings, clock))


def cloud_backends(
    settings: Settings, environ: Mapping[str, str], clock: Clock
) -> list[CloudBackend]:
    """Return the cloud and what stands in for it, in order; none if no cloud is set.

    Raises:
        ConfigError: An address, model or key cannot be what it is.
    """
    if settings.cloud.base_url is None:
        return []
    door = open_door(settings, clock)
    return [
        CloudBackend(
            Upstream(
                upstream,
                find_key(upstream.api_key_env, environ) if upstream.api_key_env else None,
                clock,
                door,
                retry_after_failure_s=settings.cloud.retry_after_failure_s,
            )
        )
        for upstream in cloud_upstreams(settings.cloud)
    ]


def verify_link(settings: Settings, environ: Mapping[str, str], clock: Clock) -> VerifyLink:
    """Return the connection to the cloud on which it verifies, if it does; nothing is sent.

    Raises:
        ConfigError: The address or the key cannot be what it is.
    """
    cloud = settings.cloud.model_copy(
        update={"connect_timeout_s": settings.joint.connect_timeout_s}
    )
    key = find_key(cloud.api_key_env, environ)
    return VerifyLink(cloud, key, clock, open_door(settings, clock))


def cloud_upstreams(cloud: CloudSettings) -> tuple[UpstreamSettings, ...]:
    """Return the cloud and what stands in for it; its own key goes to no other host.

    Raises:
        ConfigError: An address cannot be what it is.
    """
    own = _origin(cloud)
    fallbacks = (
        it.model_copy(update={"api_key_env": cloud.api_key_env})
        if it.api_key_env is None and _origin(it) == own
        else it
        for it in cloud.fallbacks
    )
    return (cloud, *fallbacks)


def _origin(upstream: UpstreamSettings) -> tuple[str, str | None, int | None]:
    url = parse_base_url(upstream.base_url)
    return url.scheme, url.host, url.port


def _cloud(settings: Settings, environ: Mapping[str, str], clock: Clock) -> CloudPlace | None:
    clouds = cloud_backends(settings, environ, clock)
    if not clouds:
        return None
    backend: Backend[Outbound] = clouds[0] if len(clouds) == 1 else FallbackBackend(clouds)
    upstreams = cloud_upstreams(settings.cloud)
    return CloudPlace(
        backend=backend,
        context_tokens=min(upstream.context_tokens for upstream in upstreams),
        is_loopback=all(map(_is_loopback, upstreams)),
        is_healthy=backend.is_healthy,
    )


def _is_loopback(upstream: UpstreamSettings) -> bool:
    return is_loopback(parse_base_url(upstream.base_url).host)


def _device(settings: Settings, clock: Clock) -> tuple[Engine | None, DevicePlace | None]:
    device = settings.device
    if not device.enabled:
        return None, None
    if device.url is not None:
        return None, DevicePlace(backend=local_server(settings, clock), takes_tools=True)
    engine = load_engine(settings, device)
    backend = DeviceBackend(engine, name_of(device.model))
    place = DevicePlace(
        backend=backend, context_tokens=engine.context_tokens, count_tokens=backend.count_tokens
    )
    return engine, place


def _joint(
    settings: Settings, environ: Mapping[str, str], engine: Engine | None, clock: Clock
) -> JointPlace | None:
    """Return what drafts for the cloud, if it may; whether the cloud verifies is found later.

    It needs the built-in engine: a server on this machine tells no tokens.
    """
    if engine is None or settings.cloud.base_url is None or not settings.joint.enabled:
        return None
    link = verify_link(settings, environ, clock)
    backend = JointBackend(link=link, engine=engine, settings=settings.joint, clock=clock)
    return JointPlace(backend=backend, offer=backend.offer)


def _checker(settings: Settings, engine: Engine | None) -> Checker | None:
    """Return what checks the device's answers; None: there is no device, or no check is wanted."""
    if not settings.device.enabled:
        return None
    weights = store(settings).path(settings.device.model) if engine is not None else None
    return checker_for(settings, engine=engine, weights=weights)


def _vaults(settings: Settings, clock: Clock) -> Vaults:
    return open_vaults(settings, clock) if settings.privacy.keep_conversations else TurnVaults()


def _bill(settings: Settings, clouds: tuple[CloudRate, ...], clock: Clock) -> Bill:
    ledger = settings.ledger
    rates = Rates(
        clouds=clouds,
        reference_model=ledger.reference_model,
        device_watts=ledger.device_watts,
        cloud_joules_per_token=ledger.cloud_joules_per_token,
    )
    return Bill(rates, PriceTable.load(ledger.prices), EnergyMeter(), clock)


def cloud_rates(cloud: CloudSettings) -> tuple[CloudRate, ...]:
    """Return by what each cloud is billed, in the order of the clouds; none if none is set."""
    if cloud.base_url is None:
        return ()
    upstreams = cloud_upstreams(cloud)
    rows = (cloud.price_model or cloud.model, *(it.model for it in cloud.fallbacks))
    return tuple(
        CloudRate(model=row or "", is_free=_is_loopback(upstream))
        for row, upstream in zip(rows, upstreams, strict=True)
    )


def _limits(settings: Settings) -> Limits:
    return Limits(
        is_offline=settings.offline,
        asks=settings.privacy.ask,
        most_redaction_loss=settings.privacy.max_redaction_loss,
        usd_per_day=settings.budget.usd_per_day,
        usd_per_month=settings.budget.usd_per_month,
        quality=settings.arbiter.quality,
        policy=policy_file.load_policy(path) if (path := settings.arbiter.policy) else DEFAULT,
        shows_unchecked=settings.guard.show == "checking",
    )
