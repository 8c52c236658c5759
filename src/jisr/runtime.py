"""One turn, from what was asked to what was answered, as the stages it goes through.

Read `Runtime.turn` and `Runtime._answer` first: they are the order of the
stages. A turn decides once, then does. The decision is taken again, with a place
ruled out, only when that place fails before anything of its answer was shown, or
when the device's answer is withdrawn; the record says so.

It knows no concrete backend, no wire format and no settings file.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import AsyncGenerator
from contextlib import aclosing, suppress
from dataclasses import replace
from functools import partial

from jisr.arbiter.policy import Decision, decide
from jisr.arbiter.signals import Signals
from jisr.backends.base import Backend
from jisr.checking import TurnCheck, answer_of, as_asked, with_logprobs
from jisr.clock import Clock
from jisr.errors import BackendError, JisrError, NoPlace
from jisr.events import Stage
from jisr.gathering import LONG_TEXT_CHARACTERS as LONG_TEXT_CHARACTERS
from jisr.gathering import Gathering, aside_if_long
from jisr.guard.verdicts import Action, Verdict
from jisr.ledger.bill import Bill
from jisr.places import Checker, CloudPlace, DevicePlace, JointPlace, Limits, Recorder
from jisr.preview import Preview
from jisr.privacy.plan import Plan
from jisr.privacy.planner import Planner
from jisr.privacy.reckoning import with_facts
from jisr.privacy.redact import redact
from jisr.privacy.restore import AnswerRestorer
from jisr.privacy.sight import Sight
from jisr.privacy.vault import Vault
from jisr.privacy.vault_store import Vaults
from jisr.reserving import Reservations
from jisr.staying import check_asked
from jisr.turn import OnEvent, Output, Turn, TurnChecked, TurnDecided, TurnEnded
from jisr.types import Delta, JointOffer, Outbound, Place, Request, TurnRecord

LOG = logging.getLogger(__name__)


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
        checker: Checker | None = None,
    ) -> None:
        self.cloud = cloud
        self.joint = joint
        self._gathering = Gathering(
            device=device,
            cloud=cloud,
            joint=joint,
            sight=sight,
            planner=planner,
            limits=limits,
            bill=bill,
            recorder=recorder,
            clock=clock,
        )
        self._checker = checker
        self._vaults = vaults
        self._limits = limits
        self._bill = bill
        self._recorder = recorder
        self._clock = clock
        self._reservations = Reservations()

    @property
    def device(self) -> DevicePlace | None:
        """The device; None: there is no model on it."""
        return self._gathering.device

    @device.setter
    def device(self, device: DevicePlace | None) -> None:
        self._gathering.device = device

    @property
    def joint_offer(self) -> JointOffer | None:
        """What the cloud offered when a turn last asked."""
        return self._gathering.joint_offer

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
                turn.plan = await self._gathering.look(request)
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
        yield TurnEnded(record, turn.verdict, turn.language)

    async def decide(self, request: Request) -> tuple[Signals, Decision]:
        """Return what a turn would see and decide now; nothing runs.

        Raises:
            NoPlace: The user's limits leave no place for it.
        """
        check = await self._begin_check(request)
        signals = await self._signals(request, await self._gathering.look(request), check)
        choice = check.choose(signals)
        return choice.signals, choice.decision

    async def preview(self, request: Request) -> Preview:
        """Return what a turn would send, made as it would be to be sent; nothing is.

        Raises:
            PrivacyError: It could not be made safe to leave.
        """
        plan = await self._gathering.look(request)
        check = await self._begin_check(request)
        signals = await self._signals(request, plan, check)
        decision = None
        with suppress(NoPlace):
            decision = check.choose(signals).decision
        vault, outbound = Vault(), None
        if plan is not None and not signals.must_stay:
            vault = await asyncio.to_thread(self._vaults.peek, request.conversation_id)
            outbound = await aside_if_long(request, partial(redact, request, plan, vault))
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
        """Decide and do; again if the place gave nothing, or its answer does not stand."""
        while True:
            decision, said = await self._decide(turn)
            is_checked = decision.place is Place.DEVICE and turn.is_checkable and said is None
            is_shown = self._is_shown(turn)
            yield TurnDecided(
                turn_id=turn.turn_id,
                decision=decision,
                model=turn.model,
                is_unchecked=is_checked and is_shown,
                is_held=is_checked and not is_shown,
            )
            if said is not None:
                yield turn.say(said)
                return
            try:
                make = self._checked if is_checked else self._made
                async with aclosing(make(turn, decision)) as outputs:
                    async for output in outputs:
                        yield output
                if not turn.is_void:
                    return
            except BackendError as error:
                turn.failed_places += (decision.place,)
                turn.failures += (error.reason,)
                if turn.has_begun or self._is_last(turn):
                    raise error
                self._reservations.release(turn)
                LOG.warning("the %s gave no answer: %s", decision.place, error.reason)

    async def _decide(self, turn: Turn) -> tuple[Decision, Verdict | None]:
        """Return where a turn goes now, and what the guard says instead if nothing is to run."""
        with turn.stage(Stage.DECIDE) as outcome:
            check = turn.check = turn.check or await self._begin_check(turn.request)
            signals = await self._signals(turn.request, turn.plan, check, turn.failed_places)
            if self._limits.asks:
                check_asked(turn.request, turn.plan, signals, self._limits.policy)
            void = turn.verdict if turn.is_void else None
            choice = check.choose_again(signals, void) if void else check.choose(signals)
            turn.signals, decision = choice.signals, choice.decision
            turn.decision, turn.verdict = decision, choice.verdict or void
            self._reservations.reserve(turn, signals.cost_usd)
            outcome |= {"place": decision.place.value, "reason": decision.reason.value}
        turn.model = self._backend(decision.place).model
        return decision, choice.said

    async def _made(self, turn: Turn, decision: Decision) -> AsyncGenerator[Output, None]:
        """Yield what a place makes, as it comes."""
        async with aclosing(self._complete(turn, decision)) as deltas:
            async for delta in deltas:
                turn.take(delta)
                yield delta

    async def _checked(self, turn: Turn, decision: Decision) -> AsyncGenerator[Output, None]:
        """Yield what the device makes once it is checked, or as it comes, and what came of that.

        The last piece, which ends the answer, is always kept back until then.
        """
        made: list[Delta] = []
        held: list[Delta] = []
        is_shown = self._is_shown(turn)
        async with aclosing(self._complete(turn, decision)) as deltas:
            async for delta in deltas:
                made.append(delta)
                held.append(as_asked(delta, turn.request.sampling.num_top_logprobs))
                if is_shown and delta.finish_reason is None:
                    turn.take(held[-1])
                    yield held.pop()
        verdict = await self._check(turn, made)
        if verdict is not None and verdict.withdraws:
            yield turn.withdraw(verdict, made[-1])
            if verdict.action is not Action.ESCALATE:
                yield turn.say(verdict)
            return
        if verdict is not None:
            yield TurnChecked(verdict)
        for delta in held:
            turn.take(delta)
            yield delta

    def _is_shown(self, turn: Turn) -> bool:
        """Whether an answer of the device is shown before it is checked."""
        return self._limits.shows_unchecked or (turn.check is not None and not turn.check.holds)

    async def _check(self, turn: Turn, made: list[Delta]) -> Verdict | None:
        """Return what becomes of the device's answer; None: it was not checked, and stands."""
        assert turn.check is not None and turn.signals is not None, "it was decided"
        with turn.stage(Stage.CHECK) as outcome:
            meter = self._bill.start()
            request = self._for_device(turn)
            turn.verdict = await turn.check.after(request, answer_of(made), turn.signals)
            turn.spend(self._bill.joules_since(meter))
            if turn.verdict is not None:
                outcome |= {"verdict": turn.verdict.action.value, "reason": turn.verdict.reason}
        return turn.verdict

    async def _complete(self, turn: Turn, decision: Decision) -> AsyncGenerator[Delta, None]:
        pieces = await self._pieces(turn, decision)
        with turn.stage(Stage.GENERATE):
            meter = self._bill.start()
            if not turn.is_void:
                turn.start_s = self._clock.monotonic_s()
            try:
                async with aclosing(pieces):
                    async for delta in pieces:
                        yield delta
            finally:
                if decision.place is not Place.CLOUD:
                    turn.spend(self._bill.joules_since(meter))

    async def _pieces(self, turn: Turn, decision: Decision) -> AsyncGenerator[Delta, None]:
        """Return the stream of a place; cloud and joint are given only what was redacted."""
        if decision.place is Place.DEVICE:
            assert self.device is not None
            return self.device.backend.stream(self._for_device(turn))
        there = self.cloud if decision.place is Place.CLOUD else self.joint
        assert there is not None and self.cloud is not None
        assert turn.plan is not None, "a turn that was not looked at stays"
        with turn.stage(Stage.OUTBOUND):
            outbound, vault = await self._kept_outbound(turn, turn.plan)
        turn.has_left = turn.has_left or not self.cloud.is_loopback
        restorer = AnswerRestorer(vault, is_json=outbound.sampling.json_schema is not None)
        return _restored(turn, there.backend.stream(outbound), restorer)

    def _for_device(self, turn: Turn) -> Request:
        """Return a turn as the device is asked it."""
        request = with_facts(turn.request, turn.plan.facts if turn.plan else ())
        is_read = self._checker is not None and self._checker.reads_logprobs
        return with_logprobs(request) if turn.is_checkable and is_read else request

    async def _kept_outbound(self, turn: Turn, plan: Plan) -> tuple[Outbound, Vault]:
        """Return what leaves of a turn, and its vault, which is kept before anything leaves."""
        request = turn.request

        def work() -> tuple[Outbound, Vault]:
            with self._vaults.open(request.conversation_id) as vault:
                return redact(request, plan, vault, turn_id=turn.turn_id), vault

        if request.conversation_id is None:
            return await aside_if_long(request, work)
        return await asyncio.to_thread(work)  # it waits for a disk, and for turns before it

    async def _begin_check(self, request: Request) -> TurnCheck:
        # in a thread: it reads the whole text, and may load what makes vectors of it
        return await asyncio.to_thread(TurnCheck, self._checker, request, self._limits.policy)

    async def _signals(
        self,
        request: Request,
        plan: Plan | None,
        check: TurnCheck,
        failed_places: tuple[Place, ...] = (),
    ) -> Signals:
        """Return what the arbiter reads."""
        signals = await self._gathering.signals(
            request, plan, lambda: self._reservations.usd, failed_places
        )
        return check.expect(signals, partial(self._gathering.offered, request))

    def _backend(self, place: Place) -> Backend[Request] | Backend[Outbound]:
        places = {Place.DEVICE: self.device, Place.CLOUD: self.cloud, Place.JOINT: self.joint}
        chosen = places[place]
        assert chosen is not None, f"the arbiter chose {place}, which is not set up"
        return chosen.backend

    def _is_last(self, turn: Turn) -> bool:
        """Whether no place is left for a turn, and nothing that the guard could say."""
        if turn.verdict is not None or turn.signals is None:
            return False
        with suppress(NoPlace):
            failed = frozenset(turn.failed_places)
            decide(replace(turn.signals, failed_places=failed), self._limits.policy)
            return False
        return True

    def _record(self, turn: Turn, error: str | None) -> TurnRecord:
        self._reservations.release(turn)
        record = turn.record(self._bill, error)
        self._gathering.lately.note(record)
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
