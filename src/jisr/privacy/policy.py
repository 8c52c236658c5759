"""What may leave, and in what form: an action for each entity type and purpose.

A policy is a TOML file. Three come with Jisr, `strict`, `balanced` and `open`; one of
one's own names the file it extends and says only what differs:

    extends = "balanced"
    min_score = 0.5                    # findings less sure than this are left alone

    [risk]
    most = 0.6                         # 0 to 1; above it `action` is taken
    action = "stay"

    [types]
    CITY = "keep"
    IBAN_CODE = "stay"
    PERSON = { action = "replace", min_score = 0.7, code = "keep" }

In a row a purpose (answer, write, translate, code, personal) stands for the action there.
A word that does not exist is an error that names the nearest one that does.

Actions: `jisr.privacy.plan.Action`. What can be generalised: `jisr.privacy.generalise`.
"""

from __future__ import annotations

import tomllib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from difflib import get_close_matches
from importlib.resources import files
from pathlib import Path

from jisr.errors import ConfigError
from jisr.privacy.entities import ENTITY_TYPES
from jisr.privacy.generalise import GENERALISERS
from jisr.privacy.plan import Action
from jisr.setting_values import expand
from jisr.types import Purpose

READY = ("strict", "balanced", "open")
"""Policies that come with Jisr, the strictest first."""
_TOP = ("extends", "min_score", "default", "risk", "types")
_RISK = ("most", "action")
_RISK_ACTIONS = (Action.REPLACE, Action.STAY)
_ROW = ("action", "min_score", *Purpose)


@dataclass(frozen=True, slots=True)
class Rule:
    """What is done with one type."""

    action: Action
    min_score: float
    """Findings less sure than this, 0 to 1, are left alone."""


@dataclass(frozen=True, slots=True)
class Policy:
    """What is done with every type, by purpose, and how much risk is taken."""

    name: str
    default: Rule = Rule(Action.REPLACE, 0.0)
    """For a type without a row."""
    rows: Mapping[str, Rule] = field(default_factory=dict)
    by_purpose: Mapping[tuple[str, Purpose], Action] = field(default_factory=dict)
    most_risk: float = 1.0
    """Risk, 0 to 1, above which `risk_action` is taken."""
    risk_action: Action = Action.REPLACE
    """`replace`: what adds to the risk is replaced, and only if that is not enough the turn
    stays; `stay`: it stays at once."""

    def rule(self, entity_type: str, purpose: Purpose = Purpose.ANSWER) -> Rule:
        """Return what is done with a type."""
        rule = self.rows.get(entity_type, self.default)
        action = self.by_purpose.get((entity_type, purpose))
        return rule if action is None else replace(rule, action=action)

    def staying(self, types: Iterable[str]) -> Policy:
        """Return this policy with more types that keep a turn on the device."""
        types = set(types)
        rows = {it: replace(self.rule(it), action=Action.STAY) for it in types}
        others = {key: it for key, it in self.by_purpose.items() if key[0] not in types}
        return replace(self, rows={**self.rows, **rows}, by_purpose=others)


def load_policy(named: str = "balanced", stay: Sequence[str] = ()) -> Policy:
    """Return a policy.

    Args:
        named: One that comes with Jisr, or the path of a file.
        stay: More types that keep a turn on the device.

    Raises:
        ConfigError: There is none of that name, its file cannot be read, or a word in it is
            unknown or means what cannot be.
    """
    for entity_type in stay:
        _check(entity_type, tuple(ENTITY_TYPES), "privacy.stay", "entity type")
    return _load(named, ()).staying(stay)


def _load(named: str, by: tuple[str, ...]) -> Policy:
    if named in by:
        raise ConfigError(f"The privacy policies {', '.join(by)} extend each other in a circle.")
    text, where = _read(named, by[-1] if by else "privacy.policy")
    try:
        tables = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise ConfigError(f"The privacy policy {where} cannot be read: {error}") from None
    for key in tables:
        _check(key, _TOP, where, "setting")
    base = Policy(named)
    if (extends := tables.get("extends")) is not None:
        base = _load(_text(extends, f"{where}: extends"), (*by, named))
    return _Reader(where).read(tables, replace(base, name=named))


def _read(named: str, by: str) -> tuple[str, str]:
    """Return the text of a policy, and what it is called in messages."""
    if named in READY:
        file = files("jisr.privacy") / "policies" / f"{named}.toml"
        return file.read_text(encoding="utf-8"), named
    path = expand(Path(named))
    if not path.exists() and path.suffix != ".toml":
        _check(named, READY, by, "policy", "or give the path of a file")
    try:
        return path.read_text(encoding="utf-8-sig"), str(path)
    except (OSError, UnicodeDecodeError) as error:
        reason = getattr(error, "strerror", None) or "it is not UTF-8 text"
        raise ConfigError(f"The privacy policy {path} cannot be read: {reason}.") from None


@dataclass(frozen=True, slots=True)
class _Reader:
    """Reads the tables of one file."""

    where: str

    def read(self, tables: Mapping[str, object], base: Policy) -> Policy:
        """Return `base` with what the tables say differently."""
        score = self._share(tables, "min_score", base.default.min_score, "min_score")
        action = self._action(tables.get("default", base.default.action), "default")
        if action is Action.GENERALISE:
            raise self._fault("default", "not every type can be generalised: name those that are")
        policy = replace(base, default=Rule(action, score))
        if "min_score" in tables:  # it is every row's, unless a row says otherwise
            policy = replace(
                policy, rows={it: replace(row, min_score=score) for it, row in base.rows.items()}
            )
        if "risk" in tables:
            policy = self._with_risk(policy, self._table(tables["risk"], "risk"))
        for entity_type, row in self._table(tables.get("types", {}), "types").items():
            _check(entity_type, tuple(ENTITY_TYPES), self.where, "entity type")
            policy = self._with_row(policy, entity_type, row)
        return policy

    def _with_risk(self, policy: Policy, row: Mapping[str, object]) -> Policy:
        for key in row:
            _check(key, _RISK, f"{self.where}: risk", "setting")
        most = self._share(row, "most", policy.most_risk, "risk.most")
        action = self._action(row.get("action", policy.risk_action), "risk.action")
        if action not in _RISK_ACTIONS:
            raise self._fault("risk.action", f"it is replace or stay, not {action}")
        return replace(policy, most_risk=most, risk_action=action)

    def _with_row(self, policy: Policy, entity_type: str, row: object) -> Policy:
        name = f"types.{entity_type}"
        if not isinstance(row, Mapping):
            row = {"action": row}
        for key in row:
            _check(key, _ROW, f"{self.where}: {name}", "setting")
        old = policy.rows.get(entity_type, policy.default)
        action = self._action(row.get("action", old.action), name, entity_type)
        rule = Rule(action, self._share(row, "min_score", old.min_score, f"{name}.min_score"))
        purposes = {
            (entity_type, purpose): self._action(row[purpose], f"{name}.{purpose}", entity_type)
            for purpose in Purpose
            if purpose in row
        }
        others = policy.by_purpose
        if "action" in row:  # a new action is that of every purpose it does not name
            others = {key: it for key, it in others.items() if key[0] != entity_type}
        return replace(
            policy, rows={**policy.rows, entity_type: rule}, by_purpose={**others, **purposes}
        )

    def _action(self, value: object, name: str, entity_type: str = "") -> Action:
        word = _text(value, f"{self.where}: {name}")
        _check(word, tuple(Action), f"{self.where}: {name}", "action")
        action = Action(word)
        if action is Action.GENERALISE and entity_type and entity_type not in GENERALISERS:
            can = ", ".join(sorted(GENERALISERS))
            raise self._fault(name, f"{entity_type} cannot be generalised; these can: {can}")
        return action

    def _share(self, row: Mapping[str, object], key: str, default: float, name: str) -> float:
        value = row.get(key, default)
        if isinstance(value, bool) or not isinstance(value, int | float) or not 0 <= value <= 1:
            raise self._fault(name, f"it is a number from 0 to 1, not {value!r}")
        return float(value)

    def _table(self, value: object, name: str) -> Mapping[str, object]:
        if not isinstance(value, Mapping):
            raise self._fault(name, "it is a table, written [" + name + "]")
        return value

    def _fault(self, name: str, what: str) -> ConfigError:
        return ConfigError(f"The privacy policy {self.where}: {name}: {what}.")


def _text(value: object, name: str) -> str:
    if not isinstance(value, str):
        raise ConfigError(f"The privacy policy {name}: it is a word in quotes, not {value!r}.")
    return value


def _check(word: str, words: Sequence[str], where: str, kind: str, more: str = "") -> None:
    """Refuse a word that is none of `words`, and name the nearest that is."""
    if word in words:
        return
    likely = word.upper() if words and words[0].isupper() else word.lower()
    near = get_close_matches(likely, words, n=1, cutoff=0.4)
    remedy = f"did you mean {near[0]}?" if near else f"there are {', '.join(words)}"
    raise ConfigError(
        f"{where} names {word!r}, which is no {kind}: {remedy}" + (f" {more}." if more else "")
    )
