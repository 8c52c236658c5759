"""What is known of a turn before it is decided: what is private in it, and the signals."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable
from dataclasses import asdict, dataclass, field, replace
from decimal import Decimal
from functools import partial
from math import inf
from typing import TypeVar

from jisr.arbiter.machine import Machine, read_machine
from jisr.arbiter.signals import Signals
from jisr.clock import Clock
from jisr.errors import ContextOverflow, PrivacyError
from jisr.lately import Lately
from jisr.ledger.bill import Bill
from jisr.places import CloudPlace, DevicePlace, JointPlace, Limits, Recorder
from jisr.privacy.plan import Plan
from jisr.privacy.planner import Planner
from jisr.privacy.sight import Sight
from jisr.staying import stay_reasons
from jisr.types import JointOffer, Place, Request, Wish

LOG = logging.getLogger(__name__)

LONG_TEXT_CHARACTERS = 20_000
"""Text from which a turn is looked at in a thread, so that others are not kept waiting."""
CHARACTERS_PER_TOKEN = 4
"""More than typical of any script: what it estimates is too little rather than too much."""
FAR_BEYOND = 4
"""Times a context that no prompt can be estimated at and fit."""
MACHINE_S = 5.0
"""How long what was read of the machine is taken to hold."""
ResultT = TypeVar("ResultT")


@dataclass(slots=True, kw_only=True)
class Gathering:
    """Looks at turns, and at the places they could go to."""

    device: DevicePlace | None
    cloud: CloudPlace | None
    joint: JointPlace | None
    sight: Sight
    planner: Planner
    limits: Limits
    bill: Bill
    recorder: Recorder
    clock: Clock
    read_machine: Callable[[], Machine] = read_machine
    lately: Lately = field(default_factory=Lately)
    """What turns took in each place."""
    joint_offer: JointOffer | None = None
    """What the cloud offered when a turn last asked."""
    _machine: Machine | None = None
    _machine_until_s: float = 0.0

    async def look(self, request: Request) -> Plan | None:
        """Return what happens to what is private; None if that cannot be told: it stays.

        Raises:
            ContextOverflow: It is far beyond every place.
        """
        self._check_length(request)
        try:
            # in a thread even if short: the first looks read lists of names, for seconds
            return await asyncio.to_thread(self._plan, request)
        except PrivacyError as error:
            LOG.warning("a turn stays on the device: %s", error)
            return None

    def _plan(self, request: Request) -> Plan:
        return self.planner.plan(request, self.sight.look(request))

    def _check_length(self, request: Request) -> None:
        """Refuse what is far beyond every place, before any work is done on it."""
        places = (self.device, self.cloud)
        context = max((it.context_tokens or inf for it in places if it), default=inf)
        num_tokens = request.num_characters // CHARACTERS_PER_TOKEN
        if num_tokens > FAR_BEYOND * context:
            raise ContextOverflow(
                f"The prompt has about {num_tokens} tokens, about {num_tokens - context} more than "
                f"fit into the context of {context}, the longest there is. Shorten it.",
                param="messages",
            )

    async def signals(
        self,
        request: Request,
        plan: Plan | None,
        reserved_usd: Callable[[], Decimal],
        failed_places: tuple[Place, ...] = (),
    ) -> Signals:
        """Return what the arbiter reads of a turn and its places.

        Args:
            request: The turn.
            plan: What happens to what is private in it.
            reserved_usd: Tells what other turns may cost; it is asked last, for that changes.
            failed_places: Places that gave nothing in this turn.
        """
        num_prompt_tokens = await self._count_tokens(request)
        stay_reason, stay_reason_arabic = stay_reasons(request, plan)
        sampling, most = request.sampling, request.sampling.max_output_tokens
        machine = await self._machine_now()
        budget_left_usd = await self._budget_left_usd(reserved_usd)
        signals = Signals(
            wish=request.wish,
            is_offline=self.limits.is_offline,
            has_device=self.device is not None,
            has_cloud=self.cloud is not None,
            is_cloud_loopback=self.cloud is not None and self.cloud.is_loopback,
            cloud_is_healthy=self.cloud is not None and self.cloud.is_healthy(),
            must_stay=bool(stay_reason),
            stay_reason=stay_reason,
            stay_reason_arabic=stay_reason_arabic,
            redaction_loss=plan.redaction_loss if plan else 0.0,
            most_redaction_loss=self.limits.most_redaction_loss,
            risk=plan.risk if plan else 0.0,
            risk_sentence=plan.risk_sentence if plan else "",
            num_prompt_tokens=num_prompt_tokens,
            max_output_tokens=most,
            device_context_tokens=self.device.context_tokens if self.device else None,
            cloud_context_tokens=self.cloud.context_tokens if self.cloud else 0,
            cost_usd=self.bill.expected_usd(num_prompt_tokens, most),
            budget_left_usd=budget_left_usd,
            has_joint=self.joint is not None,
            joint_is_healthy=self.joint is not None and self.joint.backend.is_healthy(),
            can_joint=sampling.json_schema is None and sampling.grammar is None,
            needs_tools=request.needs_tools,
            device_takes_tools=self.device is not None and self.device.takes_tools,
            wants_logprobs=sampling.num_top_logprobs is not None,
            failed_places=frozenset(failed_places),
            quality=self.limits.quality,
            device_ms=self.lately.ms(Place.DEVICE),
            cloud_ms=self.lately.ms(Place.CLOUD),
            device_joules=self.lately.device_joules,
            **asdict(machine),
        )
        # for who wants the device it is not asked before something decides that the turn leaves
        is_for_cloud = request.wish not in (Wish.ONLY_DEVICE, Wish.PREFER_DEVICE)
        return self.offered(request, signals) if is_for_cloud else signals

    def offered(self, request: Request, signals: Signals) -> Signals:
        """Return the signals with what the cloud offers to do jointly, of a turn that leaves.

        It is waited for nothing, but to ask may have the link looked at: not while offline, nor
        for a turn that must stay.
        """
        if self.joint is None or self.cloud is None or signals.must_stay:
            return signals
        is_offline = self.limits.is_offline and not self.cloud.is_loopback
        if is_offline or request.wish is Wish.ONLY_DEVICE:
            return signals
        offer = self.joint_offer = self.joint.offer(request.joint)
        if offer is None:
            return signals
        return replace(
            signals,
            joint_pays=offer.pays(request.joint),
            joint_ms_per_token=offer.joint_ms,
            alone_ms_per_token=offer.alone_ms,
        )

    async def _machine_now(self) -> Machine:
        """Return how the machine is, in a thread if it is read: some sensors take their time."""
        now_s = self.clock.monotonic_s()
        if self._machine is None or now_s >= self._machine_until_s:
            self._machine = await asyncio.to_thread(self.read_machine)
            self._machine_until_s = now_s + MACHINE_S
        return self._machine

    async def _count_tokens(self, request: Request) -> int:
        if self.device is None or self.device.count_tokens is None:
            return request.estimated_tokens
        return await aside_if_long(request, partial(self.device.count_tokens, request))

    async def _budget_left_usd(self, reserved_usd: Callable[[], Decimal]) -> Decimal | None:
        """Return the smaller of what is left of the day and of the month; None: no limit."""
        midnight = self.clock.now().replace(hour=0, minute=0, second=0, microsecond=0)
        day, month = self.limits.usd_per_day, self.limits.usd_per_month
        budgets = ((day, midnight), (month, midnight.replace(day=1)))
        left = [
            limit - await asyncio.to_thread(self.recorder.spent_usd, since)
            for limit, since in budgets
            if limit is not None
        ]
        return min(left) - reserved_usd() if left else None


async def aside_if_long(request: Request, work: Callable[[], ResultT]) -> ResultT:
    """Do work on a turn, in a thread if others would be kept waiting for it."""
    is_long = request.num_characters > LONG_TEXT_CHARACTERS
    return await asyncio.to_thread(work) if is_long else work()
