"""Joint: the device drafts, the cloud verifies, and the answer is the cloud model's own.

It takes redacted turns only: what is drafted from, and what crosses as token ids,
is the prompt as it may leave. Where the link breaks it is opened again and the
answer goes on from its last committed token; where that does not help, the device
finishes the answer and the answer says so.
"""

from __future__ import annotations

import asyncio
import logging
import secrets
from collections.abc import AsyncGenerator, Callable
from contextlib import aclosing

from jisr.backends.joint_answer import JointAnswer
from jisr.backends.joint_ready import Ready
from jisr.backends.verify_link import VerifyLink
from jisr.clock import Clock
from jisr.config import JointSettings
from jisr.engine.engine import Engine
from jisr.engine.template import template_fingerprint
from jisr.errors import (
    BackendBroken,
    BackendRefused,
    ContextOverflow,
    InvalidRequest,
    JisrError,
    PrivacyError,
)
from jisr.joint.pace import Pace, pace_for, predicted_ms
from jisr.joint.statistics import Statistics
from jisr.joint.wire import MAX_BLOCK, Hello
from jisr.types import Delta, Exact, JointOffer, JointOptions, Message, Outbound

LOG = logging.getLogger(__name__)

PROBE_AFTER_S = 60.0
"""How old what is known of a verifier may be before it is asked again."""
REFUSED_FOR_S = 3600.0
"""The same of a cloud that offers no verifying, or none that fits."""
FORGET_AFTER_S = 300.0
"""How long it counts what joint turns took; then it is predicted again."""
OPENING_ROUNDS = 2
"""Round trips that the opening of a connection takes."""


class JointBackend:
    """Completes redacted turns on a device's engine and a cloud that verifies.

    Args:
        link: The connection to the verifier; it is closed with the backend.
        engine: Drafts, and knows the vocabulary. It is not closed with the backend.
        settings: Which drafter, and how long is waited for what.
        clock: Measures.
        pace: Makes the pace of a turn; None chooses by the turn's goal.
    """

    def __init__(
        self,
        *,
        link: VerifyLink,
        engine: Engine,
        settings: JointSettings,
        clock: Clock,
        pace: Callable[[], Pace] | None = None,
    ) -> None:
        self._link = link
        self._engine = engine
        self._settings = settings
        self._clock = clock
        self._pace = pace
        self._statistics: Statistics | None = None
        self._learned_of: Hello | None = None
        self._fits = True
        """Whether the verifier is not known to have another tokenizer."""
        self._probe: asyncio.Task[None] | None = None
        self._probed_at_s: float | None = None
        self._probe_after_s = PROBE_AFTER_S
        self._turn_at_s = 0.0
        """When a joint turn ended last."""
        self.trace: list[dict[str, object]] = []
        """Of the turn that ended last: a row for each verdict, with times."""

    @property
    def model(self) -> str:
        """Name of the verifying model, once it is known."""
        hello = self._link.hello
        return hello.model if hello else "joint"

    def is_healthy(self) -> bool:
        """Return whether the verifier has not failed lately and fits; nothing is sent."""
        return self._link.is_healthy() and self._fits

    def offer(self, options: JointOptions) -> JointOffer | None:
        """Return what a turn would take if done so now; None: not known, or not offered.

        Nothing is waited for: where nothing is known yet, or it is old, the verifier is
        asked in the background, for the next turn.
        """
        self._probe_if_old()
        hello, statistics = self._link.hello, self._statistics
        if hello is None or statistics is None or not self.is_healthy():
            return None
        most = _most_drafted(hello, options)
        known = statistics.joint_ms.get(options.goal)
        if self._clock.monotonic_s() - self._turn_at_s > FORGET_AFTER_S:
            known = None  # the link may be another by now
        passes = statistics.passes_per_token.get(options.goal)
        return JointOffer(
            model=hello.model,
            joint_ms=known.value if known else predicted_ms(statistics, most),
            alone_ms=statistics.expected_alone_ms(),
            passes_per_token=passes.value
            if passes
            else 1 / statistics.acceptance.tokens_per_pass(most),
            strict_block=hello.strict_block,
        )

    async def stream(self, turn: Outbound) -> AsyncGenerator[Delta, None]:
        """Yield the completion's pieces as verdicts come.

        Raises:
            PrivacyError: The turn was not redacted.
            InvalidRequest: It asks for a form (a schema, a grammar), which cannot be verified.
            ContextOverflow: The prompt leaves no room for an answer there.
            BackendError: The verifier could not be reached, or refused.
        """
        if not isinstance(turn, Outbound):
            raise PrivacyError("A turn that was not redacted was about to leave the device.")
        if turn.sampling.json_schema is not None or turn.sampling.grammar is not None:
            raise InvalidRequest(
                "Joint decoding cannot follow a schema or grammar; ask the device or the cloud.",
                param="response_format",
            )
        ready = await self._ready(turn)
        pace = self._pace() if self._pace else _pace(ready)
        answer = JointAnswer(
            ready,
            link=self._link,
            engine=self._engine,
            settings=self._settings,
            clock=self._clock,
            pace=pace,
        )
        try:
            async with aclosing(answer.deltas()) as deltas:
                async for delta in deltas:
                    yield delta
        finally:
            self.trace = answer.trace
            self._turn_at_s = self._clock.monotonic_s()

    async def close(self) -> None:
        """Close the link. Closing twice is harmless."""
        probe, self._probe = self._probe, None
        if probe is not None:
            probe.cancel()
            await asyncio.gather(probe, return_exceptions=True)
        await self._link.close()

    async def _ready(self, turn: Outbound) -> Ready:
        hello = await self._link.open()
        self._learn(hello)
        assert self._statistics is not None
        vocabulary = await asyncio.to_thread(self._engine.vocabulary.fingerprint)
        self._check(hello, vocabulary)
        prompt = await asyncio.to_thread(self._render, hello.template, turn.messages)
        room = hello.context_tokens - len(prompt)
        if room < 1:
            raise ContextOverflow(
                f"The prompt has {len(prompt)} tokens, {1 - room} more than fit into the context "
                f"of {hello.model} with an answer of 1 token. Shorten it, or raise "
                "device.context_tokens on the machine that serves that model.",
                param="messages",
            )
        sampling = turn.sampling
        return Ready(
            turn=turn,
            hello=hello,
            prompt=tuple(prompt),
            template=template_fingerprint(hello.template),
            vocabulary=vocabulary,
            sampling=sampling,
            seed=secrets.randbits(63) if sampling.seed is None else sampling.seed,
            options=turn.joint,
            most_tokens=min(sampling.max_output_tokens, room),
            most_drafted=_most_drafted(hello, turn.joint),
            statistics=self._statistics,
        )

    def _check(self, hello: Hello, vocabulary: str) -> None:
        """Refuse a verifier whose answers would not be the cloud model's own."""
        wanted = self._link.limits.model
        self._fits = vocabulary == hello.vocabulary and wanted in (None, hello.model)
        if wanted not in (None, hello.model):
            raise BackendRefused(
                f"{hello.model} verifies there, and cloud.model is {wanted}: name the one that "
                "is served."
            )
        if not self._fits:
            raise BackendRefused(
                f"{hello.model} has another tokenizer than the device's model, so what is drafted "
                "here means something else there. Set device.model to one of its family."
            )

    def _render(self, template: str, messages: tuple[Message, ...]) -> list[int]:
        """Return the tokens of a prompt; a template that fails is the verifier's fault."""
        try:
            return self._engine.render_with(template, messages)
        except ContextOverflow:
            raise
        except InvalidRequest as error:
            raise BackendBroken(f"The verifier's chat template cannot be used: {error}") from error

    def _learn(self, hello: Hello) -> None:
        """Begin to measure anew where the verifier is another, or on another machine."""
        if self._statistics is None or hello != self._learned_of:
            self._learned_of = hello
            self._statistics = Statistics(hello.pass_ms)
            self._statistics.rtt_ms.value = self._link.opening_ms / OPENING_ROUNDS
            self._fits = True

    def _probe_if_old(self) -> None:
        now_s = self._clock.monotonic_s()
        is_old = self._probed_at_s is None or now_s - self._probed_at_s >= self._probe_after_s
        if self._link.is_open or not is_old or (self._probe and not self._probe.done()):
            return
        self._probed_at_s = now_s
        self._probe = asyncio.get_running_loop().create_task(self._ask())

    async def _ask(self) -> None:
        """Learn what there is; a cloud that offers no verifying is left alone for long."""
        try:
            hello = await self._link.open()
            self._learn(hello)
            self._check(hello, await asyncio.to_thread(self._engine.vocabulary.fingerprint))
            self._probe_after_s = PROBE_AFTER_S
        except JisrError as error:
            is_refused = isinstance(error, BackendRefused)
            self._probe_after_s = REFUSED_FOR_S if is_refused else PROBE_AFTER_S
            LOG.info("no verifier: %s", error)


def _most_drafted(hello: Hello, options: JointOptions) -> int:
    """Return the most drafted tokens of a pass; one place of it is the last committed token."""
    longest = hello.strict_block if options.exact is Exact.STRICT else MAX_BLOCK
    return min(longest, MAX_BLOCK) - 1


def _pace(ready: Ready) -> Pace:
    return pace_for(ready.options.goal, ready.statistics, ready.most_drafted)
