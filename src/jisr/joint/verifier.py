"""The cloud's side of joint decoding: sessions of many devices over one engine.

Messages in, messages out, and passes of the engine between them; no sockets and no
waiting. All of it is called on one thread. What the engine delivers on its own comes
there through `post`, and counts only for as long as its session wants it, so a device
may cancel, replace or close whenever it likes.

Nothing of a session must survive: a device opens it anew with what is committed, and
the engine finds the KV of that again or computes it.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass

from jisr.clock import Clock
from jisr.engine.verification import Verified
from jisr.errors import JisrError
from jisr.joint.admission import Refusal
from jisr.joint.session import Session
from jisr.joint.target import Target, offer_of
from jisr.joint.verifier_pass import Outcome, Pass
from jisr.joint.wire import (
    Alone,
    Cancel,
    Close,
    FromCloud,
    FromDevice,
    Hello,
    Open,
    Propose,
    Refused,
    Resume,
    Verdict,
    pack,
)

Send = Callable[[FromCloud], None]
Post = Callable[[Callable[[], None]], None]
"""Has something called on the verifier's thread, soon; any thread may."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SessionLimits:
    """How much devices may ask of a verifier."""

    max_sessions: int = 8
    max_sessions_per_client: int = 8
    session_idle_s: float = 300.0
    """How long a session is kept for which nothing comes."""


@dataclass(slots=True)
class _Live:
    """A session with the pass that it waits for."""

    session: Session
    seen_s: float
    """When something was heard from its device, or came out of a pass."""
    running: Pass | None = None


class Verifier:
    """Verifies what devices draft."""

    def __init__(
        self, engine: Target, limits: SessionLimits, clock: Clock, *, model: str | None = None
    ) -> None:
        """Take an engine whose exactness was measured; `model` is what devices know it by."""
        self.offer = offer_of(engine, model or engine.name)
        self.engine = engine
        self.limits = limits
        self.clock = clock
        self._sessions: Counter[str] = Counter()

    @property
    def hello(self) -> Hello:
        """What it tells of itself."""
        return self.offer.hello

    @property
    def num_sessions(self) -> int:
        """Sessions that are open."""
        return self._sessions.total()

    def connect(self, send: Send, client: str, post: Post) -> Connection:
        """Return the sessions of a new connection.

        Args:
            send: Is given what the device is to be told, in order; must not block.
            client: Whose connection it is: sessions are counted by it.
            post: Has something called on this thread.
        """
        return Connection(self, send, client, post)

    def count_in(self, client: str) -> None:
        """Count a session that begins.

        Raises:
            Refusal: There are too many.
        """
        most = self.limits.max_sessions_per_client
        if self._sessions[client] >= most:
            raise Refusal(
                "sessions",
                f"{most} sessions of this device are open (cloud_role.max_sessions_per_client): "
                "close one first.",
            )
        most = self.limits.max_sessions
        if self.num_sessions >= most:
            raise Refusal(
                "sessions",
                f"{most} sessions are open (cloud_role.max_sessions): try again later.",
            )
        self._sessions[client] += 1

    def count_out(self, client: str) -> None:
        """Count a session that ended."""
        self._sessions[client] -= 1
        if not self._sessions[client]:
            del self._sessions[client]


class Connection:
    """The sessions that a device has on one connection."""

    def __init__(self, verifier: Verifier, send: Send, client: str, post: Post) -> None:
        self._verifier = verifier
        self._send = send
        self._client = client
        self._post = post
        self._live: dict[int, _Live] = {}
        self._seen_s = verifier.clock.monotonic_s()

    @property
    def idle_s(self) -> float:
        """Seconds since something came, while no session is open; 0 while one is."""
        return 0.0 if self._live else self._verifier.clock.monotonic_s() - self._seen_s

    def hello(self) -> None:
        """Say what the verifier is: the first message of a connection."""
        self._send(self._verifier.hello)

    def receive(self, message: FromDevice) -> None:
        """Act on a message."""
        self._seen_s = self._verifier.clock.monotonic_s()
        try:
            if isinstance(message, Open):
                self._open(message)
            elif (live := self._live.get(message.session)) is not None:
                live.seen_s = self._seen_s
                self._take(live, message)
            elif isinstance(message, Resume):
                raise Refusal("invalid", f"Session {message.session} is not open: open it again.")
        except Refusal as refusal:
            self._refuse(message.session, refusal)

    def expire(self) -> None:
        """Forget sessions for which nothing came for too long; to be called now and then."""
        limit_s = self._verifier.limits.session_idle_s
        now_s = self._verifier.clock.monotonic_s()
        for number, live in list(self._live.items()):
            if live.running is None and now_s - live.seen_s >= limit_s:
                words = f"Nothing came for {limit_s:.0f} seconds: open the session again."
                self._refuse(number, Refusal("idle", words))

    def close(self) -> None:
        """Forget all sessions, and stop what runs for them."""
        for number in list(self._live):
            self._forget(number)

    def _open(self, message: Open) -> None:
        self._forget(message.session)
        session = self._verifier.offer.admit(message)
        self._verifier.count_in(self._client)
        live = self._live[session.number] = _Live(session, self._seen_s)
        self._go_on(live)

    def _take(self, live: _Live, message: FromDevice) -> None:
        session = live.session
        match message:
            case Propose():
                self._propose(live, message)
            case Alone():
                self._set_alone(live, message.until)
            case Resume():
                self._repeat(live, message.position)
            case Cancel():
                session.forget()
                self._stop(live)
            case Close():
                self._forget(session.number)

    def _propose(self, live: _Live, message: Propose) -> None:
        if message.position < 0:
            raise Refusal("invalid", "A position is 0 or more.")
        live.session.propose(message.position, self._verifier.offer.read(message.tokens))
        if live.session.pending and live.running is not None:
            live.running.stop_alone()
        self._go_on(live)

    def _set_alone(self, live: _Live, until: int) -> None:
        if until < 0:
            raise Refusal("invalid", "`until` is 0 or more.")
        if until < live.session.until and live.running is not None:
            live.running.stop_alone()
        live.session.until = until
        self._go_on(live)

    def _repeat(self, live: _Live, position: int) -> None:
        if position < 0:
            raise Refusal("invalid", "A position is 0 or more.")
        session = live.session
        session.num_known = max(session.num_known, position)
        self._send(Verdict(session.number, position, pack(session.tokens[position:]), 0, 0, 0))
        self._go_on(live)

    def _go_on(self, live: _Live) -> None:
        """Run a pass if one is due and none runs."""
        if live.running is not None or not live.session.is_due:
            return
        live.running = Pass(live.session, self._verifier.offer.is_end, self._report)
        live.session.is_read = True
        try:
            self._verifier.engine.submit(live.running.task)
        except JisrError as error:
            live.running = None
            raise Refusal.of(error) from error

    def _report(self, ran: Pass, outcome: Outcome, is_over: bool) -> None:
        """Bring what a pass put out to the verifier's thread."""
        self._post(lambda: self._ran(ran, outcome, is_over))

    def _ran(self, ran: Pass, outcome: Outcome, is_over: bool) -> None:
        """Commit what a pass put out, tell the device, and run the next; a stale one is nothing."""
        live = self._live.get(ran.session)
        if live is None or live.running is not ran:
            return
        try:
            if isinstance(outcome, JisrError):
                raise Refusal.of(outcome)
            if outcome is not None:
                self._commit(live, outcome)
            if is_over:
                live.running = None
                self._go_on(live)
        except Refusal as refusal:
            self._refuse(ran.session, refusal)

    def _commit(self, live: _Live, verified: Verified) -> None:
        live.seen_s = self._verifier.clock.monotonic_s()
        tokens, session = verified.tokens, live.session
        session.commit(tokens, is_end=self._verifier.offer.is_end(tokens[-1]))
        self._send(
            Verdict(
                session.number,
                verified.position,
                pack(tokens),
                verified.num_accepted,
                verified.num_rejected,
                max(1, round(verified.pass_us / 1000)),
                self._verifier.num_sessions,
            )
        )

    def _refuse(self, number: int, refusal: Refusal) -> None:
        self._forget(number)
        self._send(Refused(number, refusal.code, str(refusal)))

    def _forget(self, number: int) -> None:
        live = self._live.pop(number, None)
        if live is not None:
            self._stop(live)
            self._verifier.count_out(self._client)

    def _stop(self, live: _Live) -> None:
        if live.running is not None:
            self._verifier.engine.cancel(live.running.task)
            live.running = None
