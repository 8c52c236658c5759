"""Whatever a device sends, and however often, what comes out is what the target says."""

from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from jisr.joint.wire import MAX_BLOCK, Alone, Cancel, Propose, Resume, pack, unpack
from jisr.types import Sampling
from tests.joint.scripted import PROMPT, VOCAB, Cloud, Device, ScriptedTarget


class Unruly:
    """A device that sends what it likes, over a link that repeats and breaks."""

    def __init__(self, cloud: Cloud, target: list[int], fields: dict[str, Any]) -> None:
        self.cloud, self.target, self.fields = cloud, target, fields
        self.known = 0
        self.sent: list[Propose] = []
        self.device = Device(cloud)
        self.device.open(**fields)

    def listen(self) -> None:
        """Check what verdicts said, and take note of how much of the output is known."""
        for verdict in self.device.verdicts():
            tokens, start = unpack(verdict.tokens), verdict.position - len(PROMPT)
            assert tokens == self.target[start : start + len(tokens)]
            if tokens:
                self.known = max(self.known, start + len(tokens))
        assert self.device.refusals() == []

    def propose(self, at: int, are_right: list[bool]) -> None:
        drafted = [
            token if is_right else (token + 1) % VOCAB
            for token, is_right in zip(self.target[at:], are_right, strict=False)
        ]
        self.sent.append(Propose(0, len(PROMPT) + at, pack(drafted)))
        self.device.send(self.sent[-1])

    def send_again(self, at: int, _: list[bool]) -> None:
        if self.sent:
            self.device.send(self.sent[at % len(self.sent)])

    def set_alone(self, at: int, _: list[bool]) -> None:
        self.device.send(Alone(0, len(PROMPT) + at))

    def resume(self, at: int, _: list[bool]) -> None:
        self.device.send(Resume(0, len(PROMPT) + at))

    def cancel(self, *_: object) -> None:
        self.device.send(Cancel(0))

    def reconnect(self, *_: object) -> None:
        self.device.connection.close()
        self.device = Device(self.cloud)
        self.device.open(output=pack(self.target[: self.known]), **self.fields)

    def let_run(self, *_: object) -> None:
        self.cloud.target.step()

    def let_hear(self, *_: object) -> None:
        self.cloud.hand_over()


ACTIONS = [
    Unruly.propose,
    Unruly.propose,
    Unruly.send_again,
    Unruly.set_alone,
    Unruly.resume,
    Unruly.cancel,
    Unruly.reconnect,
    Unruly.let_run,
    Unruly.let_hear,
]


@settings(max_examples=200, deadline=None, derandomize=True)
@given(
    actions=st.lists(
        st.tuples(
            st.sampled_from(ACTIONS), st.integers(-4, 6), st.lists(st.booleans(), max_size=18)
        ),
        max_size=40,
    ),
    sampling=st.builds(Sampling, temperature=st.sampled_from([0.0, 1.0]), top_k=st.integers(0, 9)),
    seed=st.integers(0, 2**63 - 1),
    is_strict=st.booleans(),
)
def test_whatever_is_sent_lost_or_repeated_what_comes_out_is_the_targets_own(
    actions: list[tuple[Any, int, list[bool]]], sampling: Sampling, seed: int, is_strict: bool
) -> None:
    cloud = Cloud(ScriptedTarget(ends=True))
    target = cloud.target.alone(PROMPT, 60, sampling, seed)
    fields = {
        "temperature": sampling.temperature,
        "top_k": sampling.top_k,
        "seed": seed,
        "is_strict": is_strict,
        "max_tokens": len(PROMPT) + 60,
    }
    unruly = Unruly(cloud, target, fields)

    for act, offset, are_right in actions:
        act(unruly, max(0, unruly.known + offset), are_right)
        unruly.listen()
    unruly.set_alone(99, [])
    cloud.work()
    unruly.listen()

    assert unruly.known == len(target)
    assert max(cloud.target.blocks, default=0) < (3 if is_strict else MAX_BLOCK)
