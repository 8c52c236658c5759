"""A target whose next token is a function of the sequence, run pass by pass by the test."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from functools import lru_cache

import numpy as np

from jisr.clock import FakeClock
from jisr.engine.llama import Logits
from jisr.engine.sampling import choose
from jisr.engine.template import template_fingerprint
from jisr.engine.verification import Verification
from jisr.errors import EngineBusy, JisrError
from jisr.joint.verifier import Connection, SessionLimits, Verifier
from jisr.joint.wire import (
    FromCloud,
    FromDevice,
    Hello,
    Open,
    Propose,
    Refused,
    Verdict,
    pack,
    unpack,
)
from jisr.types import Sampling

VOCAB = 40
END = 39
TEMPLATE = "{{ messages }}"
CONTEXT = 200
PROMPT = [1, 2, 3]
GREEDY = Sampling()


class Letters:
    """A vocabulary of a few tokens; the last ends a turn."""

    num_tokens = VOCAB

    def is_end(self, token: int) -> bool:
        return token == END

    def fingerprint(self) -> str:
        return "letters"


@dataclass(frozen=True)
class Measured:
    strict_block: int = 3
    pass_ms: tuple[float, ...] = (30.0, 40.0)


@lru_cache(2**14)
def _row(tokens: tuple[int, ...], ends: bool) -> Logits:
    drawn = np.random.default_rng(tokens).normal(size=VOCAB).astype(np.float32)
    if not ends:
        drawn[END] = -np.inf
    return drawn


@dataclass
class ScriptedTarget:
    """An engine that runs one pass of every task when it is told to."""

    room: int = 99
    ends: bool = False
    """Whether a turn ends by itself."""
    name: str = "scripted"
    context_tokens: int = CONTEXT
    vocabulary: Letters = field(default_factory=Letters)
    template_source: str = TEMPLATE
    exactness: Measured = Measured()
    blocks: list[int] = field(default_factory=list)
    """Tokens that each pass had drafted."""
    tasks: list[Verification] = field(default_factory=list)

    def submit(self, task: Verification) -> None:
        if len(self.tasks) >= self.room:
            raise EngineBusy("full")
        assert 0 < len(task.prompt) <= self.context_tokens
        task.fit(self.context_tokens)
        self.tasks.append(task)

    def cancel(self, task: Verification) -> None:
        task.cancel()
        self.tasks = [it for it in self.tasks if it is not task]

    def row(self, tokens: Sequence[int]) -> Logits:
        return _row(tuple(tokens), self.ends)

    def alone(self, prompt: Sequence[int], num: int, sampling: Sampling, seed: int) -> list[int]:
        """Return what the target says by itself."""
        tokens = list(prompt)
        while len(tokens) < len(prompt) + num:
            row = self.row(tokens)
            tokens.append(choose(row, sampling, seed=seed, position=len(tokens)))
            if tokens[-1] == END:
                break
        return tokens[len(prompt) :]

    def step(self) -> None:
        """Run one pass of each task."""
        for task in list(self.tasks):
            tokens, num_rows = list(task.prompt), task.num_rows
            self.blocks.append(num_rows - 1)
            behind = range(len(tokens) - num_rows + 1, len(tokens) + 1)
            token = task.advance(np.stack([self.row(tokens[:end]) for end in behind]), 1000)
            if token is None:
                self.tasks = [it for it in self.tasks if it is not task]
            else:
                task.prompt, task.num_rows = [*tokens, token], 1

    def break_down(self, error: JisrError) -> None:
        tasks, self.tasks = self.tasks, []
        for task in tasks:
            task.fail(error)


class Cloud:
    """A verifier over a scripted target, with what waits for its thread."""

    def __init__(self, target: ScriptedTarget | None = None, **limits: float) -> None:
        self.target = target or ScriptedTarget()
        self.clock = FakeClock()
        self.posts: list[Callable[[], None]] = []
        self.verifier = Verifier(
            self.target,
            SessionLimits(**limits),  # type: ignore[arg-type]  # one is a float, the others whole
            self.clock,
        )

    def hand_over(self) -> None:
        """Let what passes put out come to the verifier's thread."""
        for _ in range(len(self.posts)):
            self.posts.pop(0)()

    def work(self) -> None:
        """Run until nothing is left to run."""
        while self.target.tasks or self.posts:
            self.target.step()
            self.hand_over()


class Device:
    """One connection, and what came over it."""

    def __init__(self, cloud: Cloud, client: str = "here") -> None:
        self.cloud = cloud
        self.said: list[FromCloud] = []
        self.connection: Connection = cloud.verifier.connect(
            self.said.append, client, cloud.posts.append
        )

    def send(self, message: FromDevice) -> None:
        self.connection.receive(message)

    def open(self, prompt: Sequence[int] = (1, 2, 3), **more: object) -> None:
        self.send(opening(prompt, **more))

    def propose(self, position: int, tokens: Sequence[int], session: int = 0) -> None:
        self.send(Propose(session, position, pack(tokens)))

    def verdicts(self, session: int = 0) -> list[Verdict]:
        return [it for it in self.said if isinstance(it, Verdict) and it.session == session]

    def committed(self, session: int = 0) -> list[int]:
        """Return the tokens that verdicts committed, in order."""
        return [token for verdict in self.verdicts(session) for token in unpack(verdict.tokens)]

    def refusals(self) -> list[tuple[int, str]]:
        return [(it.session, it.code) for it in self.said if isinstance(it, Refused)]

    def hello(self) -> Hello:
        self.connection.hello()
        said = self.said[-1]
        assert isinstance(said, Hello)
        return said


def opening(tokens: Sequence[int] = (1, 2, 3), **more: object) -> Open:
    """Return a message that opens session 0, greedy, waiting for drafts."""
    fields: dict[str, object] = {
        "session": 0,
        "vocabulary": "letters",
        "template": template_fingerprint(TEMPLATE),
        "prompt": pack(tokens),
        "output": b"",
        "temperature": 0.0,
        "top_k": 0,
        "top_p": 1.0,
        "min_p": 0.0,
        "seed": 0,
        "is_strict": False,
        "max_tokens": 100,
        "until": 0,
    }
    return Open(**{**fields, **more})  # type: ignore[arg-type]  # a test's own fields


def wrong(token: int) -> int:
    return (token + 1) % END
