"""A device, a verifier and a bad link between them, in time that is only counted.

The verifier, the client and the pace are the real ones; the target and the drafter
are whatever a test gives. The link delays, loses, doubles and reorders messages as a
seeded generator says, and the verifier may be restarted with all its sessions lost.
So a case takes no longer than its tokens, and the same case is the same every time.
"""

import heapq
import itertools
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from random import Random

from jisr.clock import FakeClock
from jisr.joint.base import Drafted, Drafter
from jisr.joint.client import Client
from jisr.joint.pace import Pace
from jisr.joint.statistics import Statistics
from jisr.joint.target import Target
from jisr.joint.verifier import Connection, SessionLimits, Verifier
from jisr.joint.wire import (
    Alone,
    FromCloud,
    FromDevice,
    Open,
    Propose,
    Refused,
    Resume,
    Verdict,
    encode,
    pack,
    read_from_cloud,
    read_from_device,
)
from jisr.types import Sampling

SESSION = 1
TIMEOUT_MS = 400.0
MOST_EVENTS = 20_000
DRAFT_MS = 3.0


@dataclass(frozen=True, kw_only=True)
class Weather:
    """How bad the link is."""

    one_way_ms: float = 5.0
    jitter_ms: float = 0.0
    """More than the spacing of messages: they overtake each other."""
    loss: float = 0.0
    doubled: float = 0.0
    restarts: Sequence[float] = ()
    """Moments at which the verifier starts again, without its sessions."""
    seed: int = 0


@dataclass
class Simulation:
    """One joint answer, run to its end."""

    target: Target
    drafter: Drafter
    pace: Pace
    weather: Weather
    statistics: Statistics
    prompt: Sequence[int]
    sampling: Sampling
    seed: int
    most_tokens: int
    is_strict: bool = True
    now_ms: float = 0.0
    num_reopened: int = 0
    _events: list[tuple[float, int, Callable[[], None]]] = field(default_factory=list)
    _order: "itertools.count[int]" = field(default_factory=itertools.count)

    def run(self) -> list[int]:
        """Return the tokens of the answer."""
        self._random = Random(self.weather.seed)
        self._verifier = Verifier(self.target, SessionLimits(), FakeClock())
        self._connection: Connection = self._connect()
        self._client = Client(
            len(self.prompt),
            most_tokens=self.most_tokens,
            is_end=self.target.vocabulary.is_end,
            pace=self.pace,
            statistics=self.statistics,
        )
        self._run, self._is_drafting, self._heard_ms = 0, False, 0.0
        for moment in self.weather.restarts:
            self._at(moment, self._restart)
        self._open()
        self._at(TIMEOUT_MS, self._watch)
        self._turn()
        for _ in range(MOST_EVENTS):
            if self._client.is_done:
                return self._client.output
            self.now_ms, _, act = heapq.heappop(self._events)
            act()
            self._turn()
        raise AssertionError("the answer came to no end")

    @property
    def client(self) -> Client:
        return self._client

    # -- the link ------------------------------------------------------------------

    def _carry(self, act: Callable[[], None]) -> None:
        weather, random = self.weather, self._random
        copies = (random.random() >= weather.loss) + (random.random() < weather.doubled)
        for _ in range(copies):
            delay = weather.one_way_ms + random.random() * weather.jitter_ms
            self._at(self.now_ms + delay, act)

    def _to_verifier(self, message: FromDevice) -> None:
        frame, connection = encode(message), self._connection

        def arrive() -> None:
            if connection is self._connection:
                connection.receive(read_from_device(frame))

        self._carry(arrive)

    def _to_device(self, message: FromCloud) -> None:
        frame = encode(message)
        self._carry(lambda: self._received(read_from_cloud(frame)))

    def _at(self, moment: float, act: Callable[[], None]) -> None:
        heapq.heappush(self._events, (moment, next(self._order), act))

    # -- the verifier --------------------------------------------------------------

    def _connect(self) -> Connection:
        def post(act: Callable[[], None]) -> None:
            self._at(self.now_ms + 10.0, act)

        return self._verifier.connect(self._to_device, "device", post)

    def _restart(self) -> None:
        """Lose every session; the device hears of it at once, as of a broken connection."""
        self._connection.close()
        self._verifier = Verifier(self.target, SessionLimits(), FakeClock())
        self._connection = self._connect()
        self._open()

    # -- the device ----------------------------------------------------------------

    def _open(self) -> None:
        self._client.resend()
        self.num_reopened += 1
        hello = self._verifier.hello
        sampling = self.sampling
        self._told_until = self._client.until
        self._to_verifier(
            Open(
                session=SESSION,
                vocabulary=hello.vocabulary,
                template=self._verifier.offer.template,
                prompt=pack(self.prompt),
                output=pack(self._client.output),
                temperature=sampling.temperature,
                top_k=sampling.top_k,
                top_p=sampling.top_p,
                min_p=sampling.min_p,
                seed=self.seed,
                is_strict=self.is_strict,
                max_tokens=len(self.prompt) + self.most_tokens,
                until=self._told_until,
            )
        )

    def _turn(self) -> None:
        """Do what the driver of a device does after every event."""
        client = self._client
        if not self._is_drafting and client.wants_drafts():
            self._draft()
        block = client.block(is_drafting=self._is_drafting)
        if block is not None:
            self._to_verifier(Propose(SESSION, block.position, pack(block.tokens)))
        if client.until > self._told_until:
            self._told_until = client.until
            self._to_verifier(Alone(SESSION, client.until))

    def _draft(self) -> None:
        """Guess one token, which takes a while; the drafter is asked anew each time."""
        self._run += 1
        run, self._is_drafting = self._run, True
        tokens = [*self.prompt, *self._client.output, *self._client.drafted_ahead]

        def guess() -> None:
            if run != self._run:
                return
            self._is_drafting = False
            found: list[Drafted | None] = []

            def take(drafted: Drafted | None) -> bool:
                found.append(drafted)
                return False

            self.drafter.start(tokens, self.sampling, self.seed, take)
            if found[0] is None:
                self._client.no_draft()
            else:
                self._client.take(found[0])

        self._at(self.now_ms + DRAFT_MS, guess)

    def _received(self, message: FromCloud) -> None:
        if isinstance(message, Refused):
            self._open()
            return
        assert isinstance(message, Verdict)
        received = self._client.receive(message, self.now_ms)
        self._heard_ms = self.now_ms
        if received.is_gap:
            self._to_verifier(Resume(SESSION, self._client.position))
        if received.tokens:
            self._run += 1
            self._is_drafting = False

    def _watch(self) -> None:
        """Ask again for what did not come."""
        if self.now_ms - self._heard_ms >= TIMEOUT_MS:
            self._client.resend()
            self._to_verifier(Resume(SESSION, self._client.position))
            self._to_verifier(Alone(SESSION, self._client.until))
        self._at(self.now_ms + TIMEOUT_MS, self._watch)
