"""A policy of the arbiter as a file: what things are worth, and which rules are not asked.

    quality = 0.7            # takes the place of the user's dial

    [weights]                # see `jisr.arbiter.utility.Weights`
    money_per_usd = 20.0

    [rules]                  # see `jisr.arbiter.rules.SWITCHES`
    cloud_better = false

What a file does not name stays as it is by default. Limits cannot be switched off.
"""

from __future__ import annotations

import tomllib
from collections.abc import Iterable, Mapping
from dataclasses import fields
from difflib import get_close_matches
from math import isfinite
from pathlib import Path

from jisr.arbiter.policy import Policy
from jisr.arbiter.rules import SWITCHES, Reason
from jisr.arbiter.utility import Weights
from jisr.errors import ConfigError

TABLES = ("quality", "weights", "rules")
SHARES = frozenset({"check_catches", "check_doubts", "alike"})
LEAST = {"hot_slowdown": 1.0}
WEIGHTS = tuple(it.name for it in fields(Weights))


def load_policy(path: Path) -> Policy:
    """Return the policy of a file.

    Raises:
        ConfigError: It cannot be read, or a key is unknown or has a value it cannot have.
    """
    try:
        tables = tomllib.loads(path.read_text(encoding="utf-8"))
    except OSError as error:
        raise ConfigError(f"The policy {path} cannot be read: {error.strerror}.") from None
    except (ValueError, RecursionError) as error:  # also what no number or no nesting may be
        raise ConfigError(f"The policy {path} is no TOML: {error}.") from None
    try:
        return policy_of(tables)
    except ConfigError as error:
        raise ConfigError(f"In the policy {path}: {error}") from None


def policy_of(tables: Mapping[str, object]) -> Policy:
    """Return the policy that a file's tables make.

    Raises:
        ConfigError: A key is unknown or has a value it cannot have; the message names it.
    """
    _check_known(tables, TABLES, "")
    weights, rules = _table(tables, "weights"), _table(tables, "rules")
    _check_known(weights, WEIGHTS, "weights.")
    quality = tables.get("quality")
    return Policy(
        weights=Weights(**{name: _weight(name, value) for name, value in weights.items()}),
        off=frozenset(_switch(name) for name, value in rules.items() if not _flag(name, value)),
        quality=None if quality is None else _number("quality", quality, 0.0, 1.0),
    )


def _weight(name: str, value: object) -> float:
    most = 1.0 if name in SHARES else None
    return _number(f"weights.{name}", value, LEAST.get(name, 0.0), most)


def _number(key: str, value: object, least: float, most: float | None) -> float:
    is_number = isinstance(value, int | float) and not isinstance(value, bool)
    if is_number and isfinite(float(str(value))):
        number = float(str(value))
        if least <= number and (most is None or number <= most):
            return number
    wanted = f"from {least:g} to {most:g}" if most is not None else f"{least:g} or more"
    raise ConfigError(f"{key} must be a number, {wanted}; it is {value!r}.")


def _flag(name: str, value: object) -> bool:
    _switch(name)
    if not isinstance(value, bool):
        raise ConfigError(f"rules.{name} must be true or false; it is {value!r}.")
    return value


def _switch(name: str) -> Reason:
    _check_known({name: None}, [reason.value for reason in Reason], "rules.")
    if Reason(name) not in SWITCHES:
        raise ConfigError(
            f"rules.{name} is a limit or a wish of the user's, which no policy switches off;"
            f" it may switch {', '.join(sorted(SWITCHES))}."
        )
    return Reason(name)


def _table(tables: Mapping[str, object], name: str) -> Mapping[str, object]:
    table = tables.get(name, {})
    if not isinstance(table, Mapping):
        raise ConfigError(f"{name} must be a table, [{name}]; it is {table!r}.")
    return table


def _check_known(table: Mapping[str, object], known: Iterable[str], prefix: str) -> None:
    """Refuse a key that nothing reads, and say the nearest that something does."""
    known = list(known)
    for name in table:
        if name not in known:
            near = get_close_matches(name, known, n=1, cutoff=0.5)
            remedy = (
                f"did you mean {prefix}{near[0]}?" if near else f"there are {', '.join(known)}."
            )
            raise ConfigError(f"there is no {prefix}{name}: {remedy}")
