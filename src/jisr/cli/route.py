"""`jisr route`: where a question would go, and why; nothing is answered."""

from __future__ import annotations

import json
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import Any

import click

from jisr.cli.answers import answers
from jisr.cli.context import Run, pass_run
from jisr.cli.terminal import PLACES, PURPOSES, wants_of

NO_BUDGET = "no limit"
FEATURES = "features"
"""The signal that is shown line by line."""
ASKED = "the cloud is asked"
NOT_ASKED = "that is said, and the cloud is not asked"
"""What becomes of an answer of the device that the check withdraws, as expected before it."""


@click.command()
@click.argument("words", metavar="QUESTION", nargs=-1, required=True)
@click.option("--place", type=click.Choice(PLACES), default="auto", show_default=True)
@click.option("--private", is_flag=True, help="As if it were marked private.")
@click.option("--purpose", type=click.Choice(PURPOSES), help="What it is for, for the policy.")
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
@pass_run
def route(
    run: Run,
    *,
    words: tuple[str, ...],
    place: str,
    private: bool,
    purpose: str | None,
    as_json: bool,
) -> None:
    """Print the decision for a question, every signal, and every rule that was asked.

    Besides: how likely each place is expected to be right, what each way is worth, and what
    was read in the question.

    \b
    Examples:
      jisr route "What is the capital of Oman?"
      jisr route --private "Call me at +968 9212 3456"
      jisr --set wish=prefer_cloud route --json "Hello" | jq .reason
    """
    body = {
        "model": "jisr",
        "messages": [{"role": "user", "content": " ".join(words)}],
        "jisr": wants_of(run.settings, place, private=private, purpose=purpose),
    }
    with answers(run) as client:
        decided = client.route(body)
    if as_json:
        click.echo(json.dumps(decided, ensure_ascii=False, indent=2))
        return
    _show(decided)
    _show_reasons(decided, run.settings.arbiter.policy, " ".join(words))


def _show(decided: Mapping[str, Any]) -> None:
    click.secho(f"{decided['place']}: {decided['sentence']}", bold=True)
    click.echo(f"reason   {decided['reason']}")
    click.echo(decided["sentence_arabic"])
    click.echo("\nRules, in order; the first that applies decides:")
    for asked in decided["asked"]:
        mark = "→" if asked["applies"] else " "
        click.echo(f" {mark} {asked['reason']:<18} {asked['question']}")
    click.echo("\nSignals:")
    for name, value in decided["signals"].items():
        if name == FEATURES:
            continue
        shown = NO_BUDGET if name == "budget_left_usd" and value is None else _shown(value)
        click.echo(f"   {name:<22} {shown}")


def _show_reasons(decided: Mapping[str, Any], policy_path: Path | None, text: str) -> None:
    signals: Mapping[str, Any] = decided["signals"]
    _show_expected(signals, policy_path)
    _show_features(signals.get(FEATURES) or _read(text))


def _show_expected(signals: Mapping[str, Any], policy_path: Path | None) -> None:
    """Print how likely each place is right, and what each way is worth."""
    from jisr.arbiter.policy import DEFAULT, decide
    from jisr.arbiter.policy_file import load_policy
    from jisr.arbiter.scorer import Estimate
    from jisr.arbiter.signals import of_plain
    from jisr.arbiter.utility import prefer
    from jisr.errors import NoPlace
    from jisr.types import Place

    known = of_plain(signals)
    click.echo("\nExpected to be right:")
    for place, chance in (("device", known.estimate_device), ("cloud", known.estimate_cloud)):
        why = f" ({known.estimate_reason})" if known.estimate_reason else ""
        click.echo(f"   {place:<22} {f'not known{why}' if chance is None else f'{chance:.0%}'}")
    win_rate = Estimate(known.estimate_device, known.estimate_cloud).win_rate
    if win_rate is not None:
        click.echo(f"   {'cloud, device not':<22} {win_rate:.0%} (taken as independent)")
    policy = load_policy(policy_path) if policy_path else DEFAULT
    is_asked = False
    with suppress(NoPlace):
        is_asked = decide(replace(known, withdrawn=True), policy).place is not Place.DEVICE
    click.echo(f"   {'if it does not stand':<22} {ASKED if is_asked else NOT_ASKED}")
    quality = known.quality if policy.quality is None else policy.quality
    preference = prefer(replace(known, quality=quality), policy.weights)
    if preference is None:
        return
    click.echo("\nWorth of each way, in right answers:")
    for option, worth in preference.utilities.items():
        mark = "→" if option is preference.option else " "
        click.echo(f" {mark} {option:<22} {worth:+.3f}")


def _read(text: str) -> Mapping[str, float]:
    """Return the features of a question that came without them."""
    from jisr.arbiter.readers import read_all
    from jisr.question import question_of
    from jisr.types import Message, Role

    return read_all(question_of([Message(Role.USER, text)]))


def _show_features(features: Mapping[str, float]) -> None:
    """Print what each reader read, and say why a likeness to known questions was not read."""
    from jisr.arbiter.embedding import REMEDY, is_installed
    from jisr.arbiter.readers import READERS
    from jisr.arbiter.readers.similarity import MODELS, NEAR_HARD, explained

    lines = {reader.name: reader.explain for reader in READERS}
    lines |= {name: partial(explained, name) for name in MODELS}
    click.echo("\nRead in the question:")
    for name, value in features.items():
        line = lines[name](value) if name in lines else ""
        click.echo(f"   {name:<16} {value:>6.2f}  {line}".rstrip())
    if NEAR_HARD not in features:
        why = "it tells nothing of this kind" if is_installed() else REMEDY
        click.echo(f"   its likeness to known questions is not read: {why}")


def _shown(value: object) -> str:
    if isinstance(value, bool):
        return "yes" if value else "no"
    if value is None:
        return "not known"
    if isinstance(value, list):
        return ", ".join(map(str, value)) or "none"
    return str(value) or "none"
