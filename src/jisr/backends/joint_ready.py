"""What a joint answer begins with, and what it says of itself in the end."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from jisr.engine.llama import Vocabulary
from jisr.engine.text import TextAssembler
from jisr.joint.client import Counts
from jisr.joint.statistics import Statistics
from jisr.joint.wire import Hello, Open, pack
from jisr.types import Exact, FinishReason, JointOptions, JointUse, Outbound, Sampling


@dataclass(frozen=True, slots=True, kw_only=True)
class Ready:
    """All that an answer needs to begin."""

    turn: Outbound
    """What is answered."""
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

    def opening(self, session: int, output: Sequence[int], until: int) -> Open:
        """Return the message that opens a session behind what is committed."""
        sampling = self.sampling
        return Open(
            session=session,
            vocabulary=self.vocabulary,
            template=self.template,
            prompt=pack(self.prompt),
            output=pack(output),
            temperature=float(sampling.temperature),
            top_k=sampling.top_k,
            top_p=float(sampling.top_p),
            min_p=float(sampling.min_p),
            seed=self.seed,
            is_strict=self.options.exact is Exact.STRICT,
            max_tokens=len(self.prompt) + self.most_tokens,
            until=until,
        )

    def use(
        self, counts: Counts, *, bytes_up: int, bytes_down: int, on_device: int, reason: str | None
    ) -> JointUse:
        """Return what the turn took; `reason` is why the device finished it, None: it did not."""
        rtt_ms = self.statistics.rtt_ms
        return JointUse(
            goal=self.options.goal,
            exact=self.options.exact,
            drafted=counts.drafted,
            accepted=counts.accepted,
            passes=counts.passes,
            rounds=counts.rounds,
            alone=counts.alone,
            on_device=on_device,
            bytes_up=bytes_up,
            bytes_down=bytes_down,
            rtt_ms=rtt_ms.value if rtt_ms.is_measured else None,
            block_lengths=tuple(counts.block_lengths),
            strict_block=self.hello.strict_block,
            fallback=None if reason is None else "device",
            fallback_reason=reason,
        )


class AnswerText:
    """Tokens in, text out, until the answer ends."""

    def __init__(self, vocabulary: Vocabulary, sampling: Sampling, most_tokens: int) -> None:
        self._vocabulary = vocabulary
        self._assembler = TextAssembler(sampling.stop)
        self._most_tokens = most_tokens
        self.num_tokens = 0
        """Tokens that came, the one that ends the turn aside."""

    def push(self, tokens: Sequence[int]) -> tuple[str, FinishReason | None]:
        """Return the text of the next tokens, and why the answer ends with it, if it does."""
        pieces: list[str] = []
        for token in tokens:
            if reason := self._push(token, pieces):
                return "".join([*pieces, self._assembler.close()]), reason
        return "".join(pieces), None

    def close(self) -> str:
        """Return what was held back, where the answer ends for another reason."""
        return self._assembler.close()

    def _push(self, token: int, pieces: list[str]) -> FinishReason | None:
        if self._vocabulary.is_end(token):
            return FinishReason.STOP
        self.num_tokens += 1
        pieces.append(self._assembler.push(self._vocabulary.piece(token)))
        if self._assembler.is_stopped:
            return FinishReason.STOP
        return FinishReason.LENGTH if self.num_tokens >= self._most_tokens else None
