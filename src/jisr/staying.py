"""Why a turn stays on the device, and when the user is asked whether it may leave."""

from __future__ import annotations

from contextlib import suppress
from dataclasses import replace

from jisr.arbiter.policy import DEFAULT, Policy, decide
from jisr.arbiter.signals import Signals
from jisr.errors import AskFirst, NoPlace
from jisr.privacy.plan import Plan
from jisr.types import Place, Request


def stay_reasons(request: Request, plan: Plan | None) -> tuple[str, str]:
    """Return why a turn must stay, in English and Arabic; empty if it need not.

    Args:
        request: The turn.
        plan: What happens to what is private; None: that could not be told.
    """
    if request.is_private:
        return "the turn is marked private", "عُلّم بأنه خاص"
    if plan is None:
        return "it could not be looked at for private text", "تعذّر فحصه بحثًا عن نص خاص"
    return plan.stay_reason, plan.stay_reason_arabic


def check_asked(
    request: Request, plan: Plan | None, signals: Signals, policy: Policy = DEFAULT
) -> None:
    """Refuse a turn that only its policy keeps here, so that the user can be asked.

    Raises:
        AskFirst: It would leave if it were allowed.
    """
    if plan is None or not plan.can_be_allowed or request.is_private:
        return
    would_leave = False
    with suppress(NoPlace):
        decision = decide(replace(signals, must_stay=False), policy)
        would_leave = decision.place is not Place.DEVICE
    if would_leave:
        raise AskFirst(_question(plan))


def _question(plan: Plan) -> str:
    held = ", ".join(f"{count} {name}" for name, count in plan.counts.items()) or "nothing"
    return (
        f"This turn would leave the device, but {plan.stay_reason}. It would leave redacted; found "
        f"in it: {held}. `jisr preview --allow` shows what would leave. Allow it (`--allow`, "
        "jisr.allow = true), or ask the device alone (`--place device`, only_device)."
    )
