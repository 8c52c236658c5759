"""One joint answer while it runs: drives `joint.client` with a link, a drafter and a clock.

Guesses come on the engine's thread, verdicts on the event loop's; the client is held
by one of them at a time. Everything that waits is bounded: a verdict that does not
come is asked for again, then the link is given up and opened anew, then the device
goes on alone.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import AsyncGenerator, Sequence
from contextlib import aclosing, suppress
from math import inf

from jisr.backends.joint_drafts import Drafts, drafted_tokens, put_soon
from jisr.backends.joint_ready import AnswerText, Ready
from jisr.backends.openai_wire import one_line
from jisr.backends.verify_link import LinkLost, LinkSession, VerifyLink
from jisr.clock import Clock
from jisr.config import JointSettings
from jisr.engine.engine import Engine
from jisr.errors import (
    BackendBroken,
    BackendError,
    BackendRefused,
    BackendTimeout,
    BackendUnavailable,
    PrivacyError,
)
from jisr.joint.client import Client, check
from jisr.joint.drafter import drafter_for
from jisr.joint.pace import Pace
from jisr.joint.repeats import Repeats
from jisr.joint.statistics import RTT_WEIGHT, Mean
from jisr.joint.wire import (
    Alone,
    Close,
    FromDevice,
    Propose,
    Refused,
    Resume,
    Verdict,
    is_same,
    pack,
)
from jisr.types import Delta, FinishReason, Usage

LOG = logging.getLogger(__name__)

FIRST_PAUSE_S = 0.05
LONGEST_PAUSE_S = 1.0
PASSING = frozenset({"idle", "invalid", "busy", "sessions"})
"""Refusals after which a session that has begun is opened again: `invalid` is what a verifier says
to who asks about a session of another connection."""
FEWEST_TELLING = 8
"""Tokens of an answer from which what they took tells something of others."""


class JointAnswer:
    """Runs one turn from its prompt to its end."""

    def __init__(
        self,
        ready: Ready,
        *,
        link: VerifyLink,
        engine: Engine,
        settings: JointSettings,
        clock: Clock,
        pace: Pace,
    ) -> None:
        self.trace: list[dict[str, object]] = []
        self._loop = asyncio.get_running_loop()
        self._session: LinkSession
        self._ready = ready
        self._link = link
        self._engine = engine
        self._settings = settings
        self._clock = clock
        self._vocabulary = engine.vocabulary
        self._client = Client(
            len(ready.prompt),
            most_tokens=ready.most_tokens,
            is_end=self._vocabulary.is_end,
            pace=pace,
            statistics=ready.statistics,
        )
        self._pace = pace
        repeats, usual = Repeats(ready.statistics.repeats), ready.statistics.acceptance.overall
        self._drafts = Drafts(
            self._client,
            drafter_for(settings.drafter, engine, repeats, usual),
            prompt=ready.prompt,
            sampling=ready.sampling,
            seed=ready.seed,
            statistics=ready.statistics,
            repeats=repeats,
            now_ms=self._now_ms,
            wake=self._wake,
        )
        self._told_until = 0
        self._opened = 0
        """Number of the connection that the session is on."""
        self._asked_ms: float | None = None
        """When an answer was asked for that comes at once: what it takes is the round trip."""
        self._text = AnswerText(self._vocabulary, ready.sampling, ready.most_tokens)
        self._num_verified: int | None = None
        """Tokens of the answer before the device went on alone; None: it did not."""
        self._fallback_reason: str | None = None
        self._troubled_s: float | None = None
        """Since when, on the loop's clock, no token came though it was opened again."""
        self._pause_s = 0.0
        self._start_s = self._token_s = self._loop.time()
        """When it began, and when the last token came."""
        self._start_ms = self._now_ms()
        self._first_ms = 0.0
        """When the first token came."""

    async def deltas(self) -> AsyncGenerator[Delta, None]:
        """Yield the pieces of the answer; the last has a finish reason.

        Raises:
            BackendError: The verifier refused or broke off before it gave anything.
        """
        with self._link.session(self._ready.turn) as session:
            self._session = session
            try:
                async with aclosing(self._jointly()) as deltas:
                    async for delta in deltas:
                        yield delta
                        if delta.finish_reason is not None:
                            return
            except BackendError as error:
                if not (self._client.output and self._ready.options.may_end_on_device):
                    raise
                LOG.warning("the device goes on alone: %s", error)
                self._fallback_reason = str(error)
                self._num_verified = self._text.num_tokens
            finally:
                self._drafts.stop()
                await self._say_goodbye()
        async with aclosing(self._on_the_device()) as deltas:
            async for delta in deltas:
                yield delta

    async def _jointly(self) -> AsyncGenerator[Delta, None]:
        try:
            await self._begin()
        except BackendUnavailable as error:
            await self._reopen(str(error))
        num_timeouts = 0
        while True:
            event = await self._next_event()
            self._check_time()
            if event is None:
                num_timeouts += self._client.is_waiting
                await self._ask_again(num_timeouts)
            elif isinstance(event, LinkLost):
                await self._reopen(event.reason)
            elif isinstance(event, Refused):
                await self._refused(event)
            elif isinstance(event, Verdict):
                num_timeouts = 0
                tokens = await self._received(event)
                if tokens:
                    yield self._delta(tokens)
                    self._token_s = self._loop.time()  # who reads slowly is not waited for

    def _check_time(self) -> None:
        """Refuse to wait for ever for a verifier that is there and brings nothing.

        Raises:
            BackendTimeout: No token came for too long, or the turn takes too long.
        """
        now_s, limits = self._loop.time(), self._link.limits
        if now_s - self._token_s > limits.read_timeout_s:
            raise BackendTimeout(
                f"The verifier brought no token for {limits.read_timeout_s:g} seconds."
            )
        if now_s - self._start_s > limits.turn_timeout_s:
            raise BackendTimeout(f"The turn took more than {limits.turn_timeout_s:g} seconds.")

    async def _begin(self) -> None:
        """Open the session on the verifier, from what is committed."""
        with self._drafts.lock:
            self._client.resend()
            output, self._told_until = list(self._client.output), self._client.until
        number, self._opened = self._session.number, self._link.num_opened
        await self._link.send(self._session, self._ready.opening(number, output, self._told_until))
        await self._link.send(self._session, self._resume())

    def _resume(self) -> Resume:
        """Ask what is committed, which is answered at once: that tells the round trip too."""
        with self._drafts.lock:
            position = self._client.position
        self._asked_ms = self._now_ms()
        return Resume(self._session.number, position)

    async def _go_on(self) -> None:
        """Guess and send what is due; behind what was sent, guesses may be wanted again."""
        self._drafts.start_if_due()
        await self._send_if_due()
        self._drafts.start_if_due()

    async def _send_if_due(self) -> None:
        number = self._session.number
        with self._drafts.lock:
            block = self._client.block(is_drafting=self._drafts.is_under_way)
            until = self._client.until
        if block is not None:
            await self._tell(Propose(number, block.position, pack(block.tokens)))
        if until != self._told_until:
            self._told_until = until
            await self._tell(Alone(number, until))

    async def _tell(self, message: FromDevice) -> None:
        """Send a message; that the link is lost is the next event then."""
        try:
            await self._link.send(self._session, message)
        except BackendError as error:
            self._session.events.put_nowait(LinkLost(str(error)))

    async def _next_event(self) -> Verdict | Refused | LinkLost | None:
        """Return what came next; None: nothing in time. Guesses only wake who waits."""
        until_s = self._loop.time() + self._settings.verdict_timeout_s
        while self._loop.time() < until_s:
            await self._go_on()
            try:
                async with asyncio.timeout_at(min(until_s, self._patient_until_s())):
                    event = await self._session.events.get()
            except TimeoutError:
                with self._drafts.lock:
                    self._client.leave_alone()
                continue
            if event is not None:
                return event
        return None

    def _patient_until_s(self) -> float:
        """Return until when the verifier may wait for a first guess, such as while one is read for.

        Then it makes a token alone.
        """
        if self._client.is_waiting or self._client.drafted_ahead:
            return inf
        return self._loop.time() + self._pace.patience_ms() / 1000

    async def _ask_again(self, num_timeouts: int) -> None:
        """Ask for a verdict that did not come; the second time, over a new connection."""
        if num_timeouts > 1:
            reason = "no verdict came in time"
            await self._link.lose(reason, self._opened)
            await self._reopen(reason)
            return
        with self._drafts.lock:
            self._client.resend()
            until = self._client.until
        await self._tell(self._resume())
        await self._tell(Alone(self._session.number, until))

    async def _reopen(self, reason: str) -> None:
        """Connect again and go on from what is committed, for as long as the settings allow.

        A link that opens and brings no token is still broken: the time runs on.

        Raises:
            BackendError: That was of no use.
        """
        # where nothing was shown yet another place may answer: no use in trying for long
        give_up_s = self._settings.give_up_s if self._client.output else 0.0
        now_s = self._loop.time()
        if self._troubled_s is None:
            self._troubled_s, self._pause_s = now_s, 0.0
        elif now_s - self._troubled_s > give_up_s:
            raise BackendUnavailable(f"The link to the verifier does not hold: {reason}.")
        until_s = self._troubled_s + give_up_s
        while True:
            await asyncio.sleep(self._pause_s)
            self._pause_s = min(max(FIRST_PAUSE_S, 2 * self._pause_s), LONGEST_PAUSE_S)
            try:
                await self._open_again()
                return
            except BackendRefused:
                raise
            except BackendError as error:
                if self._loop.time() + self._pause_s > until_s:
                    raise type(error)(f"{reason}; then: {error}") from error

    async def _open_again(self) -> None:
        hello = await self._link.open()
        if not is_same(hello, self._ready.hello):
            raise BackendRefused(f"{hello.model} is not the model that began the answer.")
        while not self._session.events.empty():
            self._session.events.get_nowait()  # of the connection that is gone
        await self._begin()

    async def _refused(self, refused: Refused) -> None:
        message = one_line(f"The verifier refused ({refused.code}): {refused.message}")
        if refused.code != "idle" and not (self._client.output and refused.code in PASSING):
            raise BackendRefused(message)
        await self._reopen(message)

    async def _say_goodbye(self) -> None:
        """Free the session there; a link that is broken has freed it already."""
        with suppress(BackendError, PrivacyError):
            await self._link.send(self._session, Close(self._session.number))

    def _wake(self) -> None:
        put_soon(self._loop, self._session.events, None)

    async def _received(self, verdict: Verdict) -> tuple[int, ...]:
        now_ms = self._now_ms()
        check(verdict, self._vocabulary.num_tokens)
        if not verdict.service_ms and self._asked_ms is not None:
            self._ready.statistics.rtt_ms.add(now_ms - self._asked_ms, RTT_WEIGHT)
            self._asked_ms = None
        with self._drafts.lock:
            received = self._client.receive(verdict, now_ms)
            is_over = self._client.is_stretch or self._client.is_done
            self._drafts.learn(len(received.tokens))
            if received.is_off_path or is_over:
                self._drafts.void()
        if is_over:
            self._drafts.stop()
        if received.is_gap:
            await self._ask_again(num_timeouts=1)
        if received.tokens:
            self._troubled_s, self._token_s = None, self._loop.time()
        self._note(verdict, received.tokens, now_ms)
        return received.tokens

    def _delta(self, tokens: Sequence[int]) -> Delta:
        """Return a piece of the answer; the last one if a token ends it."""
        text, reason = self._text.push(tokens)
        return Delta(text) if reason is None else self._last(text, reason)

    def _last(self, text: str, reason: FinishReason) -> Delta:
        self._learn()
        num_tokens, num_verified = self._text.num_tokens, self._num_verified
        return Delta(
            text,
            finish_reason=reason,
            usage=Usage(input_tokens=len(self._ready.prompt), output_tokens=num_tokens),
            model=self._ready.hello.model,
            joint=self._ready.use(
                self._client.counts,
                bytes_up=self._session.bytes_up,
                bytes_down=self._session.bytes_down,
                on_device=0 if num_verified is None else num_tokens - num_verified,
                reason=self._fallback_reason,
            ),
        )

    async def _on_the_device(self) -> AsyncGenerator[Delta, None]:
        """Finish the answer here, from the last committed token."""
        ready = self._ready
        tokens = [*ready.prompt, *self._client.output]
        said = drafted_tokens(self._engine, tokens, ready.sampling, ready.seed)
        async with aclosing(said):
            async for token in said:
                delta = self._delta((token,))
                if delta.text or delta.finish_reason is not None:
                    yield delta
                if delta.finish_reason is not None:
                    return
        if self._text.num_tokens == self._num_verified:
            raise BackendBroken("The verifier is gone, and the device could not finish the answer.")
        yield self._last(self._text.close(), FinishReason.LENGTH)  # its context is full

    def _learn(self) -> None:
        """Keep what tokens took, for the arbiter; a turn that fell back tells nothing."""
        num = len(self._client.output)
        if self._fallback_reason is not None or num < FEWEST_TELLING:
            return
        statistics, goal = self._ready.statistics, self._ready.options.goal
        took_ms = (self._now_ms() - self._first_ms) / (num - 1)
        statistics.joint_ms.setdefault(goal, Mean(took_ms)).add(took_ms)
        passes = self._client.counts.passes / num
        statistics.passes_per_token.setdefault(goal, Mean(passes)).add(passes)

    def _note(self, verdict: Verdict, tokens: tuple[int, ...], now_ms: float) -> None:
        if tokens and not self._first_ms:
            self._first_ms = now_ms
        self.trace.append(
            {
                "ms": round(now_ms - self._start_ms, 3),
                "tokens": len(tokens),
                "accepted": verdict.num_accepted,
                "rejected": verdict.num_rejected,
                "service_ms": verdict.service_ms,
            }
        )

    def _now_ms(self) -> float:
        return self._clock.monotonic_s() * 1000
