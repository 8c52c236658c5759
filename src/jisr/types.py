"""The nouns of one turn: what is asked, what streams back, what was used.

Every record is frozen, holds plain data and does no I/O. Of ours this module
imports nouns only, so every other module may import it.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal
from enum import StrEnum

from jisr.departure import Manifest
from jisr.sampling import MAX_SEED as MAX_SEED
from jisr.sampling import Sampling as Sampling
from jisr.tools import Toolbox, ToolCall, ToolCallPiece

BYTES_PER_TOKEN = 4
"""Typical of English and Arabic; used only where it must be guessed."""


class Place(StrEnum):
    """Where a completion is computed."""

    DEVICE = "device"
    CLOUD = "cloud"
    JOINT = "joint"


class Wish(StrEnum):
    """What the user wants of the arbiter; `only_*` is never overruled, only refused."""

    PREFER_DEVICE = "prefer_device"
    PREFER_CLOUD = "prefer_cloud"
    PREFER_JOINT = "prefer_joint"
    """The cloud model's own answer, drafted here; where that cannot be, the cloud or the device."""
    ONLY_DEVICE = "only_device"
    ONLY_CLOUD = "only_cloud"


class Goal(StrEnum):
    """What the block length of a joint turn is chosen for."""

    FAST = "fast"
    """Time per token."""
    CHEAP = "cheap"
    """Cloud passes per token."""


class Exact(StrEnum):
    """How far a joint answer is held to be the cloud model's own, token for token."""

    STRICT = "strict"
    """No pass is longer than what was measured to give the same bits as single tokens."""
    FAST = "fast"
    """Passes may be longer: where two tokens are nearly equal, rounding may swap them."""


class Purpose(StrEnum):
    """What a turn is for; a privacy policy may differ by it."""

    ANSWER = "answer"
    """To know something."""
    WRITE = "write"
    """To have a text written or changed; what was private is wanted back in it."""
    TRANSLATE = "translate"
    CODE = "code"
    PERSONAL = "personal"
    """About the person's own life: messages, events, contacts."""


class Role(StrEnum):
    """Who speaks in a message."""

    SYSTEM = "system"
    USER = "user"
    ASSISTANT = "assistant"
    TOOL = "tool"
    """What a tool gave back."""


class FinishReason(StrEnum):
    """Why a completion ended."""

    STOP = "stop"
    """The model ended its turn, or a stop string came."""
    LENGTH = "length"
    """It reached `max_output_tokens` or the end of the context."""
    TOOL_CALLS = "tool_calls"
    """It waits for what the tools it called give back."""


@dataclass(frozen=True, slots=True)
class Message:
    """One utterance of a conversation."""

    role: Role
    text: str
    tool_calls: tuple[ToolCall, ...] = ()
    """Of the assistant."""
    call_id: str = ""
    """Of a tool: the call that its text is the result of."""

    @property
    def is_of_tools(self) -> bool:
        """Whether it holds calls or a result."""
        return self.role is Role.TOOL or bool(self.tool_calls)

    @property
    def num_characters(self) -> int:
        """Its length, with its calls."""
        return len(self.text) + sum(len(it.name) + len(it.arguments) for it in self.tool_calls)


@dataclass(frozen=True, slots=True)
class JointOptions:
    """How a turn is to be done if it is done jointly."""

    goal: Goal = Goal.FAST
    exact: Exact = Exact.FAST
    may_end_on_device: bool = True
    """Whether the device may finish the answer when the link is gone; not where the user allows
    the cloud only."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Request:
    """A turn as the user gave it. It may hold private text: it stays here."""

    messages: tuple[Message, ...]
    sampling: Sampling = field(default_factory=Sampling)
    wish: Wish = Wish.PREFER_DEVICE
    is_private: bool = False
    """The user said that this turn must stay on the device, even redacted."""
    purpose: Purpose = Purpose.ANSWER
    may_leave: bool = False
    """The user was asked and lets this turn leave, redacted, though the policy has it stay."""
    joint: JointOptions = JointOptions()
    toolbox: Toolbox = field(default_factory=Toolbox)
    conversation_id: str | None = None
    """Names its conversation, and who asks; None: what was replaced is of this turn alone."""

    @property
    def needs_tools(self) -> bool:
        """Whether it can only be done where tools are known."""
        return self.toolbox.is_offered or any(message.is_of_tools for message in self.messages)

    @property
    def num_characters(self) -> int:
        """Length of all its messages and tools."""
        messages = sum(message.num_characters for message in self.messages)
        return messages + self.toolbox.num_characters

    @property
    def num_bytes(self) -> int:
        """Size of the same in UTF-8; calls and tools are taken for ASCII."""
        texts = [message.text for message in self.messages]
        more = sum(len(text.encode("utf-8", "replace")) - len(text) for text in texts)
        return self.num_characters + more

    @property
    def estimated_tokens(self) -> int:
        """Length of the prompt, for where no tokenizer is at hand."""
        return self.num_bytes // BYTES_PER_TOKEN + 1


@dataclass(frozen=True, slots=True, kw_only=True)
class Outbound:
    """A turn that may leave the device.

    Only `jisr.privacy.redact` builds one, so a cloud backend, which accepts
    nothing else, cannot be handed text that was never redacted.
    """

    messages: tuple[Message, ...]
    sampling: Sampling
    joint: JointOptions = JointOptions()
    toolbox: Toolbox = field(default_factory=Toolbox)
    manifest: Manifest = field(default_factory=Manifest, compare=False)
    """What the audit log is told of it."""


@dataclass(frozen=True, slots=True)
class TokenLogprob:
    """One token and its natural-log probability under the model, before any filter."""

    token: bytes
    """The token's own bytes; they may be a part of a character."""
    logprob: float
    top: tuple[tuple[bytes, float], ...] = ()
    """The likeliest tokens at this place, likeliest first."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Usage:
    """Tokens one completion used.

    The counts nest, they do not add up: `cached_tokens` is the part of
    `input_tokens` that was read from a cache.
    """

    input_tokens: int
    output_tokens: int
    cached_tokens: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class JointUse:
    """What a joint turn took: drafts, passes of the cloud model, rounds and bytes on the wire."""

    goal: Goal
    exact: Exact
    drafted: int
    """Tokens that were proposed to the verifier."""
    accepted: int
    """Of these, tokens that were the target's own."""
    passes: int
    """Passes of the cloud model, the one over the prompt included."""
    rounds: int
    """Blocks that were sent and answered."""
    alone: int
    """Tokens that the cloud model made without a draft."""
    on_device: int = 0
    """Tokens of the answer that the device made after a fallback."""
    bytes_up: int
    bytes_down: int
    """Bytes of WebSocket frames, the prompt's included in `bytes_up`."""
    rtt_ms: float | None
    """Round trip of the link, as measured when turns begin; None: it was not yet."""
    block_lengths: tuple[int, ...]
    """Drafted tokens of each block that was answered, in order."""
    strict_block: int
    """Tokens of a pass up to which the verifier's logits equal single-token ones bit for bit."""
    fallback: str | None = None
    """Who made the rest of the answer, `device`; None: all of it is the cloud model's own."""
    fallback_reason: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class JointOffer:
    """What a cloud that verifies is expected to do over the link as it is now."""

    model: str
    joint_ms: float
    """Milliseconds a token that joint decoding is expected to take."""
    alone_ms: float
    """Milliseconds a token that plain streaming from the same cloud is expected to take."""
    passes_per_token: float
    """Passes of the cloud model a token that joint decoding is expected to take; alone it is 1."""
    strict_block: int
    """Tokens of a pass up to which the verifier's logits equal single-token ones bit for bit."""

    def pays(self, options: JointOptions) -> bool:
        """Return whether joint decoding is expected to be better than plain streaming."""
        if options.exact is Exact.STRICT and self.strict_block <= 1:
            return False  # a pass of one token has no room for a draft
        if options.goal is Goal.CHEAP:
            return self.passes_per_token < 1
        return self.joint_ms < self.alone_ms


@dataclass(frozen=True, slots=True)
class Delta:
    """The next piece of a completion, in order; texts join to the whole.

    The last delta of a completion, and only that, has a `finish_reason`.
    """

    text: str
    logprobs: tuple[TokenLogprob, ...] = ()
    """Of the tokens this piece is made of; empty if not asked for, or not known."""
    finish_reason: FinishReason | None = None
    usage: Usage | None = None
    """On the last delta; None there means that the backend did not tell."""
    model: str | None = None
    """On the last delta: name of the model that made it, where its service says so."""
    missing: tuple[str, ...] = ()
    """On the last delta: what was asked for and left out, as its service does not know it."""
    answered_by: int = 0
    """On the first and the last delta, where several backends stand in for each other: number
    of the one that answered."""
    failed_models: tuple[str, ...] = ()
    """On the same: models of those that were asked before it and gave nothing."""
    joint: JointUse | None = None
    """On the last delta of a joint turn."""
    tool_calls: tuple[ToolCallPiece, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class TurnRecord:
    """What one turn did and used: what the ledger keeps. It holds no text of the turn."""

    turn_id: str
    at: datetime
    """When the turn was received, UTC."""
    place: Place
    reason: str
    """Stable word for why it ran there."""
    model: str
    """Name of the model that answered, as its backend gives it."""
    usage: Usage | None
    """None: the backend did not tell."""
    usd: Decimal | None
    """Price of the turn; None: the model has no price in the table."""
    usd_cloud_only: Decimal | None
    """What the same tokens would have cost in the cloud; None: not known."""
    joules_measured: float | None
    joules_estimated: float | None
    private_spans: Mapping[str, int]
    """Number of private spans found, by entity type."""
    left_device: bool
    """Whether text of the turn may have been sent beyond this machine, redacted as it was."""
    stages: Mapping[str, float]
    """Milliseconds of each stage, in the order they ran, up to the making of this record."""
    finish_reason: FinishReason | None
    """None: the turn was cancelled or failed."""
    confidence: float | None = None
    """Calibrated probability that the answer is right; None: not known."""
    confidence_reason: str | None = None
    """Why `confidence` is None."""
    missing: tuple[str, ...] = ()
    """What was asked for and its backend could not do or tell: `logprobs`, `usage`, `top_k`,
    `min_p`, `finish_reason`."""
    error: str | None = None
    """Code of the error that ended the turn."""
    failed_places: tuple[Place, ...] = ()
    """Places that were tried before and gave nothing."""
    failures: tuple[str, ...] = ()
    """Why each of them gave nothing: the code of its error, and the remedy where there is one; the
    ledger does not keep it."""
    failed_models: tuple[str, ...] = ()
    """Models that were tried before at the place that answered, and gave nothing."""
    ttft_ms: float | None = None
    """Time to first token: from the start of `generate` to the first text; None: none came."""
    joint: JointUse | None = None
    """What a joint turn took; None: it was none."""
    private_actions: Mapping[str, Mapping[str, int]] = field(default_factory=dict)
    """Number of private spans by entity type, then by what the policy does with them; the ledger
    does not keep it."""
    verdict: str | None = None
    """What the guard made of the device's answer; None: it was not checked."""
    verdict_reason: str | None = None
    """Stable word for why."""
    withdrawn_model: str | None = None
    """Name of the model whose answer was made and does not stand; None: there is none."""
    signals: Mapping[str, object] = field(default_factory=dict)
    """What the place was decided from, by name, in plain values; it holds no text."""
