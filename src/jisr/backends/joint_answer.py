"""One joint answer while it runs: drives `joint.client` with a link, a drafter and a clock.

Guesses come on the engine's thread, verdicts on the event loop's; the client is held
by one of them at a time. Everything that waits is bounded: a verdict that does not
come is asked for again, then the link is given up and opened anew, then the device
goes on alone.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import AsyncGenerator
from contextlib import aclosing, suppress
from dataclasses import dataclass

from jisr.backends.joint_guessing import Guessing, guessed_tokens, put_soon
from jisr.backends.verify_link import LinkLost, LinkSession, VerifyLink
from jisr.clock import Clock
from jisr.config import JointSettings
from jisr.engine.engine import Engine
from jisr.engine.text import TextAssembler
from jisr.errors import BackendBroken, BackendError, BackendRefused, BackendUnavailable
from jisr.joint.base import Drafted
from jisr.joint.client import Client, check
from jisr.joint.drafter import drafter_for
from jisr.joint.pace import Pace
from jisr.joint.statistics import Mean, Statistics
from jisr.joint.wire import (
    Alone,
    Close,
    FromDevice,
    Hello,
    Open,
    Propose,
    Refused,
    Resume,
    Verdict,
    pack,
)
from jisr.types import Delta, Exact, FinishReason, JointOptions, JointUse, Sampling, Usage

LOG = logging.getLogger(__name__)

FIRST_PAUSE_S = 0.05
LONGEST_PAUSE_S = 1.0
PASSING = frozenset({"idle", "invalid", "busy", "sessions"})
"""Refusals after which a session that has begun is opened again: `invalid` is what a verifier says
to who asks about a session of another connection."""
FEWEST_TELLING = 8
"""Tokens of an answer from which what they took tells something of others."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Ready:
    """All that an answer needs to begin."""

    hello: Hello
    prompt: tuple[int, ...]
    template: str
    """Fingerprint."""
    vocabulary: str
    """Fingerprint."""
    sampling: Sampling
    seed: int
    options: JointOptions
    most_tokens: int
    most_drafted: int
    statistics: Statistics


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
        self._guessing = Guessing(
            self._client,
            drafter_for(settings.drafter, engine, self._trusts_ngram),
            prompt=ready.prompt,
            sampling=ready.sampling,
            seed=ready.seed,
            statistics=ready.statistics,
            now_ms=self._now_ms,
            wake=self._wake,
        )
        self._told_until = 0
        self._asked_ms: float | None = None
        """When an answer was asked for that comes at once: what it takes is the round trip."""
        self._text = TextAssembler(ready.sampling.stop)
        self._num_output = 0
        self._fallback_reason: str | None = None
        self._troubled_s: float | None = None
        """Since when, on the loop's clock, no token came though it was opened again."""
        self._pause_s = 0.0
        self._start_ms = self._first_ms = self._now_ms()

    async def deltas(self) -> AsyncGenerator[Delta, None]:
        """Yield the pieces of the answer; the last has a finish reason.

        Raises:
            BackendError: The verifier refused or broke off before it gave anything.
        """
        with self._link.session() as session:
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
            finally:
                self._guessing.stop()
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

    async def _begin(self) -> None:
        """Open the session on the verifier, from what is committed."""
        ready, client = self._ready, self._client
        with self._guessing.lock:
            client.resend()
            output, self._told_until = list(client.output), client.until
        sampling = ready.sampling
        await self._link.send(
            self._session,
            Open(
                session=self._session.number,
                vocabulary=ready.vocabulary,
                template=ready.template,
                prompt=pack(ready.prompt),
                output=pack(output),
                temperature=float(sampling.temperature),
                top_k=sampling.top_k,
                top_p=float(sampling.top_p),
                min_p=float(sampling.min_p),
                seed=ready.seed,
                is_strict=ready.options.exact is Exact.STRICT,
                max_tokens=len(ready.prompt) + ready.most_tokens,
                until=self._told_until,
            ),
        )
        await self._link.send(self._session, self._resume())

    def _resume(self) -> Resume:
        """Ask what is committed, which is answered at once: that tells the round trip too."""
        with self._guessing.lock:
            position = self._client.position
        self._asked_ms = self._now_ms()
        return Resume(self._session.number, position)

    async def _go_on(self) -> None:
        """Guess and send what is due; behind what was sent, guesses may be wanted again."""
        self._guessing.start_if_due()
        await self._send_if_due()
        self._guessing.start_if_due()

    async def _send_if_due(self) -> None:
        number = self._session.number
        with self._guessing.lock:
            block = self._client.block(is_drafting=self._guessing.is_under_way)
            until = self._client.until
        if block is not None:
            await self._tell(Propose(number, block.position, pack(block.tokens)))
        if until > self._told_until:
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
        while True:
            await self._go_on()
            try:
                async with asyncio.timeout_at(until_s):
                    event = await self._session.events.get()
            except TimeoutError:
                return None
            if event is not None:
                return event

    async def _ask_again(self, num_timeouts: int) -> None:
        """Ask for a verdict that did not come; the second time, over a new connection."""
        if num_timeouts > 1:
            reason = "no verdict came in time"
            await self._link.lose(reason)
            await self._reopen(reason)
            return
        with self._guessing.lock:
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
        now_s = self._loop.time()
        if self._troubled_s is None:
            self._troubled_s, self._pause_s = now_s, 0.0
        elif now_s - self._troubled_s > self._settings.give_up_s:
            raise BackendUnavailable(f"The link to the verifier does not hold: {reason}.")
        until_s = self._troubled_s + self._settings.give_up_s
        while True:
            await asyncio.sleep(self._pause_s)
            self._pause_s = min(max(FIRST_PAUSE_S, 2 * self._pause_s), LONGEST_PAUSE_S)
            try:
                await self._link.open()
                while not self._session.events.empty():
                    self._session.events.get_nowait()  # of the connection that is gone
                await self._begin()
                return
            except BackendRefused:
                raise
            except BackendError as error:
                if self._loop.time() + self._pause_s > until_s:
                    raise type(error)(f"{reason}; then: {error}") from error

    async def _refused(self, refused: Refused) -> None:
        message = f"The verifier refused ({refused.code}): {refused.message}"
        if refused.code != "idle" and not (self._client.output and refused.code in PASSING):
            raise BackendRefused(message)
        await self._reopen(message)

    async def _say_goodbye(self) -> None:
        """Free the session there; a link that is broken has freed it already."""
        with suppress(BackendError):
            await self._link.send(self._session, Close(self._session.number))

    def _wake(self) -> None:
        put_soon(self._loop, self._session.events, None)

    def _trusts_ngram(self, drafted: Drafted) -> bool:
        """Whether an n-gram's guess is as likely to be right as guesses are all in all."""
        acceptance = self._ready.statistics.acceptance
        return acceptance.of(drafted) >= acceptance.overall.value

    async def _received(self, verdict: Verdict) -> tuple[int, ...]:
        now_ms = self._now_ms()
        check(verdict, self._vocabulary.num_tokens)
        if not verdict.service_us and self._asked_ms is not None:
            self._ready.statistics.rtt_ms.add(now_ms - self._asked_ms)
            self._asked_ms = None
        with self._guessing.lock:
            received = self._client.receive(verdict, now_ms)
            is_over = self._client.is_stretch or self._client.is_done
            if received.is_off_path or is_over:
                self._guessing.void()
        if is_over:
            self._guessing.stop()
        if received.is_gap:
            await self._ask_again(num_timeouts=1)
        if received.tokens:
            self._troubled_s = None
        self._note(verdict, received.tokens, now_ms)
        return received.tokens

    def _delta(self, tokens: tuple[int, ...]) -> Delta:
        """Return a piece of the answer; the last one if a token ends it."""
        pieces: list[str] = []
        for token in tokens:
            if self._vocabulary.is_end(token):
                return self._last("".join(pieces), FinishReason.STOP)
            self._num_output += 1
            pieces.append(self._text.push(self._vocabulary.piece(token)))
            if self._text.is_stopped:
                return self._last("".join(pieces), FinishReason.STOP)
            if self._num_output >= self._ready.most_tokens:
                return self._last("".join(pieces), FinishReason.LENGTH)
        return Delta("".join(pieces))

    async def _on_the_device(self) -> AsyncGenerator[Delta, None]:
        """Finish the answer here, from the last committed token."""
        ready = self._ready
        tokens = [*ready.prompt, *self._client.output]
        said = guessed_tokens(self._engine, tokens, ready.sampling, ready.seed)
        async with aclosing(said):
            async for token in said:
                delta = self._delta((token,))
                if delta.text or delta.finish_reason is not None:
                    yield delta
                if delta.finish_reason is not None:
                    return
        raise BackendBroken("The verifier is gone, and the device could not finish the answer.")

    def _last(self, text: str, reason: FinishReason) -> Delta:
        self._learn()
        return Delta(
            text + self._text.close(),
            finish_reason=reason,
            usage=Usage(input_tokens=len(self._ready.prompt), output_tokens=self._num_output),
            model=self._ready.hello.model,
            joint=self._use(),
        )

    def _use(self) -> JointUse:
        counts, ready = self._client.counts, self._ready
        rtt_ms = ready.statistics.rtt_ms
        return JointUse(
            goal=ready.options.goal,
            exact=ready.options.exact,
            drafted=counts.drafted,
            accepted=counts.accepted,
            passes=counts.passes,
            rounds=counts.rounds,
            alone=counts.alone,
            bytes_up=self._session.bytes_up,
            bytes_down=self._session.bytes_down,
            rtt_ms=round(rtt_ms.value, 3) if rtt_ms.is_measured else None,
            block_lengths=tuple(counts.block_lengths),
            strict_block=ready.hello.strict_block,
            fallback=None if self._fallback_reason is None else "device",
            fallback_reason=self._fallback_reason,
        )

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
        if not self.trace:
            self._first_ms = now_ms
        self.trace.append(
            {
                "ms": round(now_ms - self._start_ms, 3),
                "tokens": len(tokens),
                "accepted": verdict.num_accepted,
                "rejected": verdict.num_rejected,
                "service_ms": verdict.service_us / 1000,
            }
        )

    def _now_ms(self) -> float:
        return self._clock.monotonic_s() * 1000
