"""What an answer looks like on a terminal: its text, then one dim line on how it came about."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from typing import TYPE_CHECKING

import click

from jisr.cli.client import Ended

if TYPE_CHECKING:
    from jisr.config import Settings

WISH_OF_PLACE = {"device": "only_device", "cloud": "only_cloud", "joint": "prefer_joint"}
"""What `--place` asks for; `auto` leaves the wish to the settings."""
PURPOSES = ("answer", "write", "translate", "code", "personal")
"""What can be given as `--purpose`; a privacy policy may differ by it."""
PLACES = ("auto", *WISH_OF_PLACE)
"""What can be given as `--place`."""

VERDICTS = {
    "not_judged": "not judged",
    "keep": "checked",
    "ask": "asks back",
    "escalate": "the device's answer was not given",
    "abstain": "abstained",
}
"""What the guard did, by its reason or else its action."""

LONGEST_REASON = 120
"""Characters of a fallback's reason that are shown."""


def wants_of(
    settings: Settings,
    place: str,
    *,
    private: bool,
    goal: str | None = None,
    exact: str | None = None,
    purpose: str | None = None,
    allow: bool = False,
) -> dict[str, object]:
    """Return what a request tells Jisr, beside OpenAI's fields.

    What the settings say is always sent, because a server may have others.
    """
    more = {name: value for name, value in (("purpose", purpose), ("allow", allow)) if value}
    return more | {
        "wish": WISH_OF_PLACE.get(place, settings.wish.value),
        "private": private,
        "goal": goal or settings.joint.goal.value,
        "exact": exact or settings.joint.exact.value,
    }


def show(piece: str) -> None:
    """Write a piece of an answer at once."""
    click.echo(piece, nl=False)


def summary(ended: Ended, seconds: float) -> str:
    """Return the line on how an answer came about."""
    jisr = ended.jisr
    parts = [
        f"{jisr['place']} ({jisr['reason']})",
        f"model {jisr['model']}",
        _failed(jisr),
        *_joint(jisr.get("joint")),
        _verdict(jisr.get("verdict")),
        _confidence(jisr),
        _tokens(ended.usage),
        _time(seconds, jisr["ttft_ms"]),
        _cost(jisr["usd"]),
        _left(jisr),
        "cut at the length limit" if ended.finish_reason == "length" else "",
    ]
    return " · ".join(part for part in parts if part)


def show_summary(ended: Ended, seconds: float) -> None:
    """Write that line, dim, to standard error; before it why a place gave nothing, if one did."""
    for line in failures(ended.jisr):
        click.secho(line, fg="yellow", err=True)
    click.secho(summary(ended, seconds), dim=True, err=True)


def failures(jisr: Mapping[str, object]) -> list[str]:
    """Return a line for each place that gave nothing, and what would help."""
    told = zip(_names(jisr.get("failed_places")), _names(jisr.get("failures")), strict=False)
    return [f"the {place} gave no answer: {_line(why)}" for place, why in told]


def _failed(jisr: Mapping[str, object]) -> str:
    failed = [*_names(jisr.get("failed_places")), *_names(jisr.get("failed_models"))]
    return f"after {', '.join(failed)} failed" if failed else ""


def _names(value: object) -> list[str]:
    return [str(name) for name in value] if isinstance(value, list) else []


def _joint(joint: object) -> list[str]:
    """Return what a joint turn took, in words; nothing for any other."""
    if not isinstance(joint, dict):
        return []
    is_drafted = joint["drafted"] > 0
    drafts = f"{joint['accepted']} of {joint['drafted']} drafts accepted"
    parts = [drafts if is_drafted else "no draft was sent"]
    if joint["passes_per_token"] is not None:
        parts[0] += f", {joint['passes_per_token']:.2f} passes a token"
    if joint["fallback"] is not None:
        parts.append(f"the {joint['fallback']} made the rest: {_short(joint['fallback_reason'])}")
    return parts


def _short(reason: object) -> str:
    """Return a reason as one short line; what a cloud said may be in it, so no control codes."""
    line = _line(str(reason))
    return line if len(line) <= LONGEST_REASON else line[: LONGEST_REASON - 1] + "…"


def _line(text: str) -> str:
    return " ".join("".join(c if c.isprintable() else " " for c in text).split())


def _verdict(verdict: object) -> str:
    """Return what the guard made of the device's answer, in words; nothing if it made none."""
    if not isinstance(verdict, dict):
        return ""
    action, reason = str(verdict["action"]), str(verdict["reason"])
    said = VERDICTS.get(reason) or VERDICTS.get(action, action)
    return said if action == "keep" else f"{said} ({reason})"


def _confidence(jisr: Mapping[str, object]) -> str:
    """Return how sure an answer is, and that its text tells it; or why that is not known."""
    confidence, support = jisr["confidence"], jisr.get("support")
    if not isinstance(confidence, float | int):
        why = jisr.get("confidence_reason")
        return f"confidence unknown ({_short(why)})" if why else "confidence unknown"
    told = f"confidence {confidence:.2f}"
    return f"{told}, support {support:.2f}" if isinstance(support, float | int) else told


def _tokens(usage: Mapping[str, object] | None) -> str:
    if usage is None:
        return "tokens unknown"
    return f"{usage['prompt_tokens']} → {usage['completion_tokens']} tokens"


def _time(seconds: float, ttft_ms: object) -> str:
    first = f" ({ttft_ms / 1000:.1f} s to the first word)" if isinstance(ttft_ms, float) else ""
    return f"{seconds:.1f} s{first}"


def _cost(usd: object) -> str:
    return "price unknown" if usd is None else f"${Decimal(str(usd)):f}"


def _left(jisr: Mapping[str, object]) -> str:
    if not jisr["left_device"]:
        return "nothing left this machine"
    spans = jisr["private_spans"]
    if not isinstance(spans, dict) or not spans:
        return "the question left this machine"
    found = ", ".join(f"{count} {name}" for name, count in spans.items())
    return f"the question left this machine, without {found}"
