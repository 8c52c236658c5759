"""Settings: file < environment < argument, loaded once, then frozen.

A setting has a dotted name, `cloud.base_url`. In the TOML file it is a key in
its table, in the environment `JISR_CLOUD__BASE_URL` (two underscores for the
dot), as an argument `--set cloud.base_url=…`. A name that does not exist is an
error that says the nearest one that does. An empty value is no value: in the
environment it is passed over, as an argument it brings the default back. Keys
and passwords are not settings: they come from the environment or the keyring,
whose names are settings.
"""

from __future__ import annotations

import os
import tomllib
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path
from typing import Annotated, Any, Literal

import platformdirs
from pydantic import Field, ValidationError

from jisr.arbiter_settings import ArbiterSettings as ArbiterSettings
from jisr.errors import ConfigError
from jisr.guard_settings import GuardSettings as GuardSettings
from jisr.privacy_settings import PrivacySettings as PrivacySettings
from jisr.setting_values import (
    File,
    Name,
    Port,
    Table,
    Url,
    Words,
    expand,
    explain,
    remedy,
)
from jisr.types import Exact, Goal, Wish

PREFIX = "JISR_"
CONFIG_VARIABLE = "JISR_CONFIG"
"""Names another settings file; not a setting itself."""


class DeviceSettings(Table):
    """The model on this machine."""

    enabled: bool = True
    """Whether this machine answers; false loads no weights and leaves every turn to the cloud."""
    model: Name = "qwen2.5-coder-0.5b"
    """Name in the catalog, or path of a GGUF file."""
    url: Url | None = None
    """Base URL of a server on this machine to use instead of the built-in engine (Ollama's is
    http://127.0.0.1:11434/v1); loopback only."""
    server_model: str | None = None
    """Name of the model on that server."""
    context_tokens: Annotated[int, Field(ge=64)] = 4096
    """Longest prompt and answer of one turn together."""
    num_sequences: Annotated[int, Field(ge=1, le=64)] = 8
    """Turns that may run at once, each with its own KV cache of `context_tokens`; more wait."""
    max_waiting: Annotated[int, Field(ge=0)] = 256
    """Turns that may wait; more are refused."""
    threads: Annotated[int, Field(ge=0)] = 0
    """Threads of the engine; 0 is one for each physical core."""
    max_output_tokens: Annotated[int, Field(ge=1)] = 1024
    """Length of an answer when the request does not say."""
    temperature: Annotated[float, Field(ge=0, le=5)] = 0.0
    """Temperature when the request does not say; 0 takes the likeliest token each time, and a near
    tie may fall otherwise once the beginning of the prompt is cached."""


class UpstreamSettings(Table):
    """One OpenAI-compatible service."""

    base_url: Url | None = None
    """Base URL with its version part, https://api.openai.com/v1; none: there is no cloud."""
    model: str | None = None
    """Name of the model there."""
    api_key_env: Name | None = None
    """Environment variable (or keyring user) that holds its key; none: it is sent no key, unless
    it is at the scheme, host and port of `cloud.base_url`, whose key it then has."""
    connect_timeout_s: Annotated[float, Field(gt=0)] = 5.0
    """Longest wait for a connection."""
    read_timeout_s: Annotated[float, Field(gt=0)] = 60.0
    """Longest wait for the next piece of an answer."""
    turn_timeout_s: Annotated[float, Field(gt=0)] = 600.0
    """Longest time of a whole turn."""
    retries: Annotated[int, Field(ge=0, le=10)] = 2
    """Tries after the first when it says 429 or 5xx, before any text came."""
    context_tokens: Annotated[int, Field(ge=1)] = 128_000
    """Longest prompt and answer there."""


class CloudSettings(UpstreamSettings):
    """The large model somewhere else."""

    api_key_env: Name = "JISR_CLOUD_API_KEY"
    """Environment variable that holds the key; if it is empty the keyring is asked for it,
    service `jisr`, user the variable's name."""
    price_model: str | None = None
    """Row of the price table that bills it; none: `cloud.model`. A fallback is billed by the row
    of its own `model`."""
    retry_after_failure_s: Annotated[float, Field(ge=0)] = 15.0
    """How long the cloud counts as unhealthy after it failed."""
    fallbacks: tuple[UpstreamSettings, ...] = ()
    """Services to try in order when the first gives nothing (`[[cloud.fallbacks]]`)."""


class ServerSettings(Table):
    """The endpoint of `jisr serve`."""

    host: Name = "127.0.0.1"
    """Address to bind; any but loopback needs a key."""
    port: Port = 8484
    """Port to bind; 0 takes a free one."""
    api_key_env: Name = "JISR_SERVER_API_KEY"
    """Environment variable (or keyring user) that holds the key clients must send."""
    allowed_hosts: Words = ()
    """More names that requests may carry as Host; beyond loopback the key stands in for that."""
    allowed_origins: Words = ()
    """Web origins that may call it, besides its own."""
    max_body_bytes: Annotated[int, Field(ge=1024)] = 16 * 2**20
    """Largest request."""
    max_connections: Annotated[int, Field(ge=1)] = 1024
    """Requests that are answered at once; more are told to try again (503)."""
    allow_grammar: bool = False
    """Take a `grammar` from other machines too: a hostile one can hold the engine."""


class CloudRoleSettings(Table):
    """The endpoint of `jisr cloud`, which makes this machine somebody's cloud.

    Its engine, its queue and what a request does not say are set as the device's are:
    `device.context_tokens`, `num_sequences`, `max_waiting`, `threads`, `max_output_tokens`
    and `temperature`.
    """

    model: Name = "qwen2.5-coder-1.5b"
    """Name in the catalog, or path of a GGUF file."""
    host: Name = "127.0.0.1"
    """Address to bind; any but loopback needs a key."""
    port: Port = 8485
    """Port to bind; 0 takes a free one."""
    api_key_env: Name = "JISR_CLOUD_ROLE_API_KEY"
    """Environment variable (or keyring user) that holds the key clients must send."""
    verify: bool = True
    """Offer to verify what devices draft (joint decoding)."""
    max_sessions: Annotated[int, Field(ge=1)] = 8
    """Sequences that are verified for all devices together; more are refused. More than
    `device.num_sequences` evict each other's KV, and are prefilled again at every turn."""
    max_sessions_per_client: Annotated[int, Field(ge=1)] = 8
    """The same, for devices of one address."""
    session_idle_s: Annotated[float, Field(gt=0)] = 300.0
    """A sequence for which nothing came for so long is forgotten, and a connection without any
    is closed."""
    max_verify_connections: Annotated[int, Field(ge=1)] = 64
    """Connections of devices that draft; more are refused (503)."""


class JointSettings(Table):
    """Answers that the device drafts and the cloud verifies, token by token its own."""

    enabled: bool = True
    """Draft for a cloud that offers to verify (another Jisr's cloud role)."""
    goal: Goal = Goal.FAST
    """What is wanted when the request does not say: time (`fast`) or few cloud passes (`cheap`)."""
    exact: Exact = Exact.FAST
    """Whether passes may be longer than gives the same bits as single tokens (`fast`) or never
    (`strict`), when the request does not say."""
    drafter: Literal["both", "model", "ngram"] = "both"
    """Who drafts: the device's `model`, a look-up in the text so far (`ngram`), or `both`."""
    connect_timeout_s: Annotated[float, Field(gt=0)] = 5.0
    """Longest wait for the connection."""
    verdict_timeout_s: Annotated[float, Field(gt=0)] = 5.0
    """Longest wait for a verdict before it is asked for again."""
    give_up_s: Annotated[float, Field(ge=0)] = 15.0
    """How long a broken link is tried again before the device goes on alone."""


class BudgetSettings(Table):
    """What the cloud may cost."""

    usd_per_day: Annotated[Decimal, Field(ge=0)] | None = None
    """Most USD a day (UTC); none is no limit. A cloud on this machine (loopback) costs nothing, and
    no budget counts it."""
    usd_per_month: Annotated[Decimal, Field(ge=0)] | None = None
    """Most USD a calendar month (UTC), counted in the same way; none is no limit."""


class LedgerSettings(Table):
    """What turns cost."""

    prices: File | None = None
    """A price table of your own (TOML), read over the one that comes with Jisr."""
    reference_model: Name = "gpt-4o-mini"
    """Row of the price table for "what cloud-only would have cost" when the cloud has none."""
    device_watts: Annotated[float, Field(ge=0)] = 15.0
    """Power the device draws while it generates, for the estimate where it cannot be measured."""
    cloud_joules_per_token: Annotated[float, Field(ge=0)] = 2.0
    """Energy of one output token in the cloud, for the estimate."""


class Settings(Table):
    """Everything that can be set."""

    wish: Wish = Wish.PREFER_DEVICE
    """Which place answers when a request does not say."""
    offline: bool = False
    """Open no socket beyond loopback, whoever asks."""
    home: File = Field(default_factory=lambda: Path(platformdirs.user_data_dir("jisr")))
    """Folder of the ledger and all else that Jisr keeps, but the weights."""
    models_dir: File = Field(
        default_factory=lambda: Path(platformdirs.user_cache_dir("jisr")) / "models"
    )
    """Folder of the weights."""
    log_level: Literal["debug", "info", "warning", "error"] = "warning"
    """How much is logged, to standard error."""
    device: DeviceSettings = DeviceSettings()
    cloud: CloudSettings = CloudSettings()
    joint: JointSettings = JointSettings()
    server: ServerSettings = ServerSettings()
    cloud_role: CloudRoleSettings = CloudRoleSettings()
    arbiter: ArbiterSettings = ArbiterSettings()
    guard: GuardSettings = GuardSettings()
    privacy: PrivacySettings = PrivacySettings()
    budget: BudgetSettings = BudgetSettings()
    ledger: LedgerSettings = LedgerSettings()


@dataclass(frozen=True, slots=True)
class Setting:
    """One effective setting, for people."""

    name: str
    value: object
    origin: str
    """`default`, `file PATH`, `environment NAME` or `argument`."""


@dataclass(frozen=True, slots=True)
class Loaded:
    """Settings and where each of them comes from."""

    settings: Settings
    origins: Mapping[str, str]

    def table(self) -> list[Setting]:
        """Return every setting with its value and origin, in the order of the manual."""
        return [
            Setting(name, value, self.origins.get(name, "default"))
            for name, value in flatten(self.settings)
        ]


def chosen_path(path: Path | None = None, environ: Mapping[str, str] = os.environ) -> Path:
    """Return the settings file that `load` reads: `path`, else `JISR_CONFIG`, else the usual."""
    usual = Path(platformdirs.user_config_dir("jisr")) / "config.toml"
    return expand(Path(path or environ.get(CONFIG_VARIABLE) or usual))


def load(
    path: Path | None = None,
    environ: Mapping[str, str] = os.environ,
    arguments: Mapping[str, object] | None = None,
) -> Loaded:
    """Return the effective settings.

    Args:
        path: Settings file; None reads `JISR_CONFIG`, else the usual file if it is there.
        environ: Environment; names that start with `JISR_` and are no setting, no key
            variable named by a setting and not `JISR_CONFIG` are errors.
        arguments: Values by dotted name.

    Raises:
        ConfigError: The file cannot be read, a name is unknown or a value does not fit.
    """
    is_named = path is not None or bool(environ.get(CONFIG_VARIABLE))
    file = list(_from_file(chosen_path(path, environ), must_exist=is_named))
    given = [(name, value, "argument") for name, value in (arguments or {}).items()]
    in_environment = _from_environment(environ, _key_variables([*file, *given]))
    merged, origins = _merge([*file, *in_environment, *given])
    try:
        return Loaded(Settings.model_validate(merged), origins)
    except ValidationError as error:
        raise ConfigError(explain(error, origins, tuple(UpstreamSettings.model_fields))) from None


def flatten(settings: Table, prefix: str = "") -> Iterator[tuple[str, object]]:
    """Yield dotted names and values, tables opened."""
    for name in type(settings).model_fields:
        value = getattr(settings, name)
        if isinstance(value, Table):
            yield from flatten(value, f"{prefix}{name}.")
        else:
            yield prefix + name, value


NAMES = tuple(name for name, _ in flatten(Settings()))
TABLES = {name.partition(".")[0] for name in NAMES if "." in name}
Layer = tuple[str, object, str]
"""A dotted name, its value and its origin."""


def variable_of(name: str) -> str:
    """Return the environment variable of a setting."""
    return PREFIX + name.replace(".", "__").upper()


def parse_argument(text: str) -> tuple[str, str]:
    """Return name and value of `name=value`.

    Raises:
        ConfigError: There is no `=`, or no such name.
    """
    name, equals, value = text.partition("=")
    if not equals:
        raise ConfigError(f"--set wants NAME=VALUE, as in --set server.port=8080; got {text!r}.")
    _check_name(name.strip(), "argument")
    return name.strip(), value.strip()


def _merge(layers: Iterable[Layer]) -> tuple[dict[str, Any], dict[str, str]]:
    """Return nested values and their origins; a later layer wins."""
    merged: dict[str, Any] = {}
    origins: dict[str, str] = {}
    for name, value, origin in layers:
        _check_name(name, origin)
        table, _, key = name.rpartition(".")
        place = merged.setdefault(table, {}) if table else merged
        if value == "" and origin == "argument":
            place.pop(key, None)
        else:
            place[key] = value
        origins[name] = origin
    return merged, origins


def _check_name(name: str, origin: str) -> None:
    if name not in NAMES:
        raise ConfigError(f"There is no setting {name!r} ({origin}): {remedy(name, NAMES)}")


def _from_file(path: Path, *, must_exist: bool) -> Iterator[Layer]:
    if not must_exist and not path.exists():
        return
    try:
        tables = tomllib.loads(path.read_text(encoding="utf-8-sig"))
    except UnicodeDecodeError as error:
        raise ConfigError(
            f"The settings file {path} is not UTF-8 text (byte {error.start}): save it as UTF-8."
        ) from None
    except (OSError, tomllib.TOMLDecodeError) as error:
        raise ConfigError(f"The settings file {path} cannot be read: {error}") from None
    for key, value in tables.items():
        if not isinstance(value, dict):
            yield key, value, f"file {path}"
        elif not value and key not in TABLES:
            _check_name(key, f"file {path}")
        else:
            yield from ((f"{key}.{inner}", it, f"file {path}") for inner, it in value.items())


def _from_environment(environ: Mapping[str, str], keys: set[str]) -> Iterator[Layer]:
    keys = keys | {value for name, value in environ.items() if name.endswith("API_KEY_ENV")}
    for variable, value in sorted(environ.items()):
        is_key = variable in keys or variable.endswith("_API_KEY")
        if not variable.startswith(PREFIX) or variable == CONFIG_VARIABLE or is_key:
            continue
        name = variable.removeprefix(PREFIX).lower().replace("__", ".")
        _check_name(name, f"environment {variable}")
        if value.strip():
            yield name, value.strip(), f"environment {variable}"


def _key_variables(layers: Iterable[Layer]) -> set[str]:
    """Return the variables that settings name as those of keys."""
    found: set[str] = set()
    for name, value, _ in layers:
        if name.endswith("api_key_env"):
            found.add(str(value))
        elif name == "cloud.fallbacks" and isinstance(value, list):
            found |= {str(row["api_key_env"]) for row in value if "api_key_env" in row}
    return found
