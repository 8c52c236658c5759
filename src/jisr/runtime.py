"""One turn, from what was asked to what was answered, as the stages it goes through.

Read `Runtime.turn` and `Runtime._answer` first: they are the order of the
stages. A turn decides once, then does; only when a place fails before anything
of its answer was shown is the decision taken again, with that place ruled out,
and the record says so.

It knows no concrete backend, no wire format and no settings file.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import AsyncGenerator, Callable
from contextlib import aclosing, suppress
from dataclasses import replace
from decimal import Decimal
from functools import partial
from math import inf
from typing import TypeVar

from jisr.arbiter.policy import Decision, decide
from jisr.arbiter.signals import Signals
from jisr.backends.base import Backend
from jisr.clock import Clock
from jisr.errors import BackendError, ContextOverflow, JisrError, NoPlace, PrivacyError
from jisr.events import Stage
from jisr.ledger.bill import Bill
from jisr.places import CloudPlace, DevicePlace, JointPlace, Limits, Recorder
from jisr.preview import Preview
from jisr.privacy.plan import Plan
from jisr.privacy.planner import Planner
from jisr.privacy.reckoning import with_facts
from jisr.privacy.redact import redact
from jisr.privacy.restore import AnswerRestorer
from jisr.privacy.sight import Sight
from jisr.privacy.vault import Vault
from jisr.privacy.vault_store import Vaults
from jisr.staying import check_asked, stay_reasons
from jisr.turn import OnEvent, Output, Turn, TurnDecided, TurnEnded
from jisr.types import Delta, JointOffer, Outbound, Place, Request, TurnRecord, Wish

LOG = logging.getLogger(__name__)

LONG_TEXT_CHARACTERS = 20_000
"""Text from which a turn is looked at in a thread, so that others are not kept waiting."""
CHARACTERS_PER_TOKEN = 4
"""More than typical of any script: what it estimates is too little rather than too much."""
FAR_BEYOND = 4
"""Times a context that no prompt can be estimated at and fit."""
ResultT = TypeVar("ResultT")


class Runtime:
    """Answers turns."""

    def __init__(
        self,
        *,
        device: DevicePlace | None,
        cloud: CloudPlace | None,
        joint: JointPlace | None = None,
        sight: Sight,
        planner: Planner,
        vaults: Vaults,
        limits: Limits,
        bill: Bill,
        recorder: Recorder,
        clock: Clock,
    ) -> None:
        self.device = device
        self.cloud = cloud
        self.joint = joint
        self.joint_offer: JointOffer | None = None
        """What the cloud offered when a turn last asked."""
        self._sight = sight
        self._planner = planner
        self._vaults = vaults
        self._limits = limits
        self._bill = bill
        self._recorder = recorder
        self._clock = clock
        self._reserved_usd = Decimal(0)
        """What the cloud turns under way may cost, and those that did not say."""

    async def turn(
        self, request: Request, *, receive_ms: float = 0.0, on_event: OnEvent = lambda _: None
    ) -> AsyncGenerator[Output, None]:
        """Yield what one turn puts out; closing the generator stops the work behind it.

        Args:
            request: The turn.
            receive_ms: What it took to read the request, for the record.
            on_event: Is told of each stage.

        Raises:
            NoPlace: The user's limits leave no place for it.
            AskFirst: It would leave, and the user wants to be asked before.
            InvalidRequest: No place can do it as it was asked.
            PrivacyError: It could not be made safe to leave; nothing has left.
            BackendError: Every place that was allowed has failed.
        """
        turn = Turn(request=request, at=self._clock.now(), clock=self._clock, on_event=on_event)
        turn.stages[Stage.RECEIVE.value] = receive_ms
        error: str | None = "cancelled"
        try:
            with turn.stage(Stage.SIGHT) as outcome:
                turn.plan = await self._look(request)
                outcome["private_spans"] = turn.private_spans
            async with aclosing(self._answer(turn)) as outputs:
                async for output in outputs:
                    yield output
            error = None
        except JisrError as raised:
            error = raised.code
            raise
        except Exception:
            error = "internal"
            raise
        finally:
            record = self._record(turn, error)
        yield TurnEnded(record)

    async def decide(self, request: Request) -> tuple[Signals, Decision]:
        """Return what a turn would see and decide now; nothing runs.

        Raises:
            NoPlace: The user's limits leave no place for it.
        """
        signals = await self._signals(request, await self._look(request))
        return signals, decide(signals)

    async def preview(self, request: Request) -> Preview:
        """Return what a turn would send, made as it would be to be sent; nothing is.

        Raises:
            PrivacyError: It could not be made safe to leave.
        """
        plan = await self._look(request)
        signals = await self._signals(request, plan)
        decision = None
        with suppress(NoPlace):
            decision = decide(signals)
        vault, outbound = Vault(), None
        if plan is not None and not signals.must_stay:
            vault = await asyncio.to_thread(self._vaults.peek, request.conversation_id)
            outbound = await _aside_if_long(request, partial(redact, request, plan, vault))
        return Preview(
            request=request,
            plan=plan,
            outbound=outbound,
            vault=vault,
            signals=signals,
            decision=decision,
        )

    async def forget(self, conversation_id: str) -> bool:
        """Forget what placeholders of a conversation stand for; return whether it was kept.

        Raises:
            PrivacyError: It cannot be forgotten.
        """
        return await asyncio.to_thread(self._vaults.delete, conversation_id)

    async def close(self) -> None:
        """Close every place, joint before those it is made of."""
        for place in (self.joint, self.device, self.cloud):
            if place is not None:
                await place.backend.close()

    async def _answer(self, turn: Turn) -> AsyncGenerator[Output, None]:
        """Decide and do; once more if the place fails before it gave anything."""
        while True:
            with turn.stage(Stage.DECIDE) as outcome:
                signals = await self._signals(turn.request, turn.plan, turn.failed_places)
                if self._limits.asks:
                    check_asked(turn.request, turn.plan, signals)
                decision = turn.decision = decide(signals)
                self._reserve(turn, signals.cost_usd)
                outcome |= {"place": decision.place.value, "reason": decision.reason.value}
            turn.model = self._backend(decision.place).model
            yield TurnDecided(turn.turn_id, decision, turn.model)
            try:
                async with aclosing(self._complete(turn, decision)) as deltas:
                    async for delta in deltas:
                        turn.take(delta)
                        yield delta
                return
            except BackendError as error:
                turn.failed_places += (decision.place,)
                if turn.has_begun or self._is_last(signals, turn.failed_places):
                    raise error
                self._release(turn)
                LOG.warning("the %s gave no answer: %s", decision.place, error.code)

    async def _complete(self, turn: Turn, decision: Decision) -> AsyncGenerator[Delta, None]:
        pieces = await self._pieces(turn, decision)
        with turn.stage(Stage.GENERATE):
            meter, start_s = self._bill.start(), self._clock.monotonic_s()
            try:
                async with aclosing(pieces):
                    async for delta in pieces:
                        if (delta.text or delta.tool_calls) and turn.ttft_ms is None:
                            turn.ttft_ms = (self._clock.monotonic_s() - start_s) * 1000
                        yield delta
            finally:
                if decision.place is not Place.CLOUD:
                    turn.joules_measured = self._bill.joules_since(meter)

    async def _pieces(self, turn: Turn, decision: Decision) -> AsyncGenerator[Delta, None]:
        """Return the stream of a place; cloud and joint are given only what was redacted."""
        if decision.place is Place.DEVICE:
            assert self.device is not None
            facts = turn.plan.facts if turn.plan else ()
            return self.device.backend.stream(with_facts(turn.request, facts))
        there = self.cloud if decision.place is Place.CLOUD else self.joint
        assert there is not None and self.cloud is not None
        assert turn.plan is not None, "a turn that was not looked at stays"
        with turn.stage(Stage.OUTBOUND):
            outbound, vault = await self._kept_outbound(turn, turn.plan)
        turn.has_left = turn.has_left or not self.cloud.is_loopback
        restorer = AnswerRestorer(vault, is_json=outbound.sampling.json_schema is not None)
        return _restored(turn, there.backend.stream(outbound), restorer)

    async def _kept_outbound(self, turn: Turn, plan: Plan) -> tuple[Outbound, Vault]:
        """Return what leaves of a turn, and its vault, which is kept before anything leaves."""
        request = turn.request

        def work() -> tuple[Outbound, Vault]:
            with self._vaults.open(request.conversation_id) as vault:
                return redact(request, plan, vault, turn_id=turn.turn_id), vault

        if request.conversation_id is None:
            return await _aside_if_long(request, work)
        return await asyncio.to_thread(work)  # it waits for a disk, and for turns before it

    async def _look(self, request: Request) -> Plan | None:
        """Return what happens to what is private; None if that cannot be told: it stays."""
        self._check_length(request)
        try:
            # in a thread even if short: the first looks read lists of names, for seconds
            return await asyncio.to_thread(self._plan, request)
        except PrivacyError as error:
            LOG.warning("a turn stays on the device: %s", error)
            return None

    def _plan(self, request: Request) -> Plan:
        return self._planner.plan(request, self._sight.look(request))

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

    async def _signals(
        self,
        request: Request,
        plan: Plan | None,
        failed_places: tuple[Place, ...] = (),
    ) -> Signals:
        """Return what the arbiter reads; what was spent is asked last, for it may be reserved."""
        num_prompt_tokens = await self._count_tokens(request)
        stay_reason, stay_reason_arabic = stay_reasons(request, plan)
        sampling, most = request.sampling, request.sampling.max_output_tokens
        offer = self._offer(request, must_stay=bool(stay_reason))
        budget_left_usd = await self._budget_left_usd()
        return Signals(
            wish=request.wish,
            is_offline=self._limits.is_offline,
            has_device=self.device is not None,
            has_cloud=self.cloud is not None,
            is_cloud_loopback=self.cloud is not None and self.cloud.is_loopback,
            cloud_is_healthy=self.cloud is not None and self.cloud.is_healthy(),
            must_stay=bool(stay_reason),
            stay_reason=stay_reason,
            stay_reason_arabic=stay_reason_arabic,
            redaction_loss=plan.redaction_loss if plan else 0.0,
            most_redaction_loss=self._limits.most_redaction_loss,
            risk=plan.risk if plan else 0.0,
            risk_sentence=plan.risk_sentence if plan else "",
            num_prompt_tokens=num_prompt_tokens,
            max_output_tokens=most,
            device_context_tokens=self.device.context_tokens if self.device else None,
            cloud_context_tokens=self.cloud.context_tokens if self.cloud else 0,
            cost_usd=self._bill.expected_usd(num_prompt_tokens, most),
            budget_left_usd=budget_left_usd,
            has_joint=self.joint is not None,
            joint_is_healthy=self.joint is not None and self.joint.backend.is_healthy(),
            can_joint=sampling.json_schema is None and sampling.grammar is None,
            needs_tools=request.needs_tools,
            device_takes_tools=self.device is not None and self.device.takes_tools,
            wants_logprobs=sampling.num_top_logprobs is not None,
            joint_pays=offer.pays(request.joint) if offer else None,
            joint_ms_per_token=offer.joint_ms if offer else None,
            alone_ms_per_token=offer.alone_ms if offer else None,
            failed_places=frozenset(failed_places),
        )

    def _offer(self, request: Request, *, must_stay: bool) -> JointOffer | None:
        """Return what the cloud offers, asked only for a turn that could go there.

        To ask may have the link looked at: not while offline, nor for who wants the device.
        """
        if self.joint is None or self.cloud is None or must_stay:
            return None
        is_offline = self._limits.is_offline and not self.cloud.is_loopback
        if is_offline or request.wish in (Wish.ONLY_DEVICE, Wish.PREFER_DEVICE):
            return None
        self.joint_offer = self.joint.offer(request.joint)
        return self.joint_offer

    async def _count_tokens(self, request: Request) -> int:
        if self.device is None or self.device.count_tokens is None:
            return request.estimated_tokens
        return await _aside_if_long(request, partial(self.device.count_tokens, request))

    async def _budget_left_usd(self) -> Decimal | None:
        """Return the smaller of what is left of the day and of the month; None: no limit."""
        midnight = self._clock.now().replace(hour=0, minute=0, second=0, microsecond=0)
        day, month = self._limits.usd_per_day, self._limits.usd_per_month
        budgets = ((day, midnight), (month, midnight.replace(day=1)))
        left = [
            limit - await asyncio.to_thread(self._recorder.spent_usd, since)
            for limit, since in budgets
            if limit is not None
        ]
        return min(left) - self._reserved_usd if left else None

    def _reserve(self, turn: Turn, cost_usd: Decimal | None) -> None:
        """Set aside what a cloud turn may cost, so that turns at once cannot overspend together."""
        assert turn.decision is not None
        self._release(turn)
        if turn.decision.place is not Place.DEVICE and cost_usd is not None:
            turn.reserved_usd = cost_usd
            self._reserved_usd += cost_usd

    def _release(self, turn: Turn) -> None:
        """Give back what was set aside, unless a cloud gave an answer and did not say its size."""
        if turn.usage is not None or not turn.has_begun:
            self._reserved_usd -= turn.reserved_usd
            turn.reserved_usd = Decimal(0)

    def _backend(self, place: Place) -> Backend[Request] | Backend[Outbound]:
        places = {Place.DEVICE: self.device, Place.CLOUD: self.cloud, Place.JOINT: self.joint}
        chosen = places[place]
        assert chosen is not None, f"the arbiter chose {place}, which is not set up"
        return chosen.backend

    def _is_last(self, signals: Signals, failed_places: tuple[Place, ...]) -> bool:
        """Whether no place is left for a turn when these have failed."""
        with suppress(NoPlace):
            decide(replace(signals, failed_places=frozenset(failed_places)))
            return False
        return True

    def _record(self, turn: Turn, error: str | None) -> TurnRecord:
        self._release(turn)
        record = turn.record(self._bill, error)
        with turn.stage(Stage.RECORD):
            self._recorder.record(record)
        return record


async def _restored(
    turn: Turn, pieces: AsyncGenerator[Delta, None], restorer: AnswerRestorer
) -> AsyncGenerator[Delta, None]:
    """Yield the cloud's pieces with the private values put back."""
    async with aclosing(pieces):
        async for delta in pieces:
            with turn.part(Stage.RESTORE):
                shown = restorer.restore(delta)
            if shown is not None:
                yield shown


async def _aside_if_long(request: Request, work: Callable[[], ResultT]) -> ResultT:
    """Do work on a turn, in a thread if others would be kept waiting for it."""
    is_long = request.num_characters > LONG_TEXT_CHARACTERS
    return await asyncio.to_thread(work) if is_long else work()
