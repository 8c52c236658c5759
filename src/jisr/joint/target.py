"""What a verifier needs of an engine, and what it can offer of it."""

from __future__ import annotations

from typing import Protocol

from jisr.engine.template import template_fingerprint
from jisr.engine.verification import Verification
from jisr.joint.admission import Offer
from jisr.joint.wire import VERSION, Hello


class TargetVocabulary(Protocol):
    """What a verifier needs of a vocabulary."""

    @property
    def num_tokens(self) -> int:
        """Token ids are below it."""
        ...

    def is_end(self, token: int) -> bool:
        """Return whether a token ends the model's turn."""
        ...

    def fingerprint(self) -> str:
        """Return what is the same for the same vocabulary only."""
        ...


class Exactness(Protocol):
    """What was measured of an engine when its weights were loaded."""

    @property
    def strict_block(self) -> int:
        """As in `Hello`."""
        ...

    @property
    def pass_ms(self) -> tuple[float, ...]:
        """As in `Hello`."""
        ...


class Target(Protocol):
    """What a verifier needs of an engine."""

    @property
    def name(self) -> str:
        """Name of the model."""
        ...

    @property
    def context_tokens(self) -> int:
        """Longest sequence."""
        ...

    @property
    def vocabulary(self) -> TargetVocabulary:
        """What tokens there are."""
        ...

    @property
    def template_source(self) -> str:
        """Jinja source of the chat template."""
        ...

    @property
    def exactness(self) -> Exactness:
        """How long passes may be, and how long they take."""
        ...

    def submit(self, task: Verification) -> None:
        """Queue a verification."""
        ...

    def cancel(self, task: Verification) -> None:
        """Stop the work on it."""
        ...


def offer_of(engine: Target, model: str) -> Offer:
    """Return what an engine can offer to devices that know its model by this name."""
    vocabulary, exactness = engine.vocabulary, engine.exactness
    hello = Hello(
        version=VERSION,
        model=model,
        vocabulary=vocabulary.fingerprint(),
        template=engine.template_source,
        context_tokens=engine.context_tokens,
        strict_block=exactness.strict_block,
        pass_ms=exactness.pass_ms,
    )
    return Offer(
        hello=hello,
        template=template_fingerprint(engine.template_source),
        num_tokens=vocabulary.num_tokens,
        is_end=vocabulary.is_end,
    )
