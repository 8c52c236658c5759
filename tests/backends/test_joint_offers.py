"""What a joint place offers, and what it refuses before anything is drafted."""

import asyncio
from typing import Any, cast

import pytest

from jisr.backends.joint import JointBackend
from jisr.clock import SystemClock
from jisr.config import JointSettings
from jisr.engine.engine import Engine
from jisr.errors import BackendRefused, ContextOverflow, InvalidRequest, PrivacyError
from jisr.joint.pace import CheapPace
from jisr.joint.statistics import Statistics
from jisr.types import FinishReason, JointOptions
from tests.backends.joint_turns import STORY, told
from tests.backends.verifiers import LIMIT_S, both, link_to, outbound, prompt_of, saying
from tests.contracts.backend import REQUEST, complete


def test_a_request_that_was_not_redacted_is_refused_before_anything_is_sent(
    drafting_engine: Engine,
) -> None:
    async def run() -> int:
        async with both(saying(drafting_engine, "a"), drafting_engine) as pair:
            with pytest.raises(PrivacyError):
                await complete(pair.backend, cast(Any, REQUEST))
            return pair.server.num_connections

    assert asyncio.run(run()) == 0


@pytest.mark.parametrize("form", [{"json_schema": {"type": "object"}}, {"grammar": 'root ::= "a"'}])
def test_a_form_is_refused(drafting_engine: Engine, form: dict[str, Any]) -> None:
    with pytest.raises(InvalidRequest, match="schema or grammar"):
        told(saying(drafting_engine, "a"), drafting_engine, outbound(**form))


def test_a_prompt_that_does_not_fit_there_says_by_how_much(drafting_engine: Engine) -> None:
    num = len(prompt_of(drafting_engine))
    target = saying(drafting_engine, STORY, context_tokens=num)
    with pytest.raises(ContextOverflow, match=f"has {num} tokens, 1 more") as raised:
        told(target, drafting_engine, outbound())
    assert "device.context_tokens on the machine that serves that model" in str(raised.value)

    target = saying(drafting_engine, STORY, context_tokens=num + 3)
    deltas = told(target, drafting_engine, outbound())
    assert deltas[-1].finish_reason is FinishReason.LENGTH
    assert deltas[-1].usage and deltas[-1].usage.output_tokens == 3


class Foreign:
    """Another tokenizer."""

    num_tokens = 9

    def is_end(self, token: int) -> bool:
        return token == 0

    def fingerprint(self) -> str:
        return "another"


def test_another_tokenizer_is_refused_and_not_asked_again(drafting_engine: Engine) -> None:
    target = saying(drafting_engine, "a")
    target.vocabulary = Foreign()  # type: ignore[assignment]

    async def run() -> None:
        async with both(target, drafting_engine) as pair:
            assert pair.backend.is_healthy()
            with pytest.raises(BackendRefused, match="another tokenizer"):
                await complete(pair.backend, outbound())
            assert not pair.backend.is_healthy()
            assert pair.backend.offer(JointOptions()) is None
            assert pair.server.heard == []

    asyncio.run(run())


def test_what_it_would_take_is_known_once_it_was_asked_in_the_background(
    drafting_engine: Engine,
) -> None:
    async def run() -> None:
        async with both(saying(drafting_engine, STORY), drafting_engine) as pair:
            assert (pair.backend.model, pair.backend.offer(JointOptions())) == ("joint", None)
            while (offer := pair.backend.offer(JointOptions())) is None:
                await asyncio.sleep(0.002)
            assert (offer.model, offer.alone_ms, offer.strict_block) == ("saying", 100.0, 16)
            assert pair.server.num_connections == 1
            await complete(pair.backend, outbound())
            after = pair.backend.offer(JointOptions())
            assert after is not None
            assert after.joint_ms < offer.joint_ms
            assert 0 < after.passes_per_token <= 1.1

    asyncio.run(run())


def test_nothing_is_offered_where_nobody_verifies(drafting_engine: Engine) -> None:
    async def run() -> None:
        async with both(saying(drafting_engine, "a"), drafting_engine) as pair:
            await pair.server.kill()
            assert pair.backend.offer(JointOptions()) is None
            while pair.backend.is_healthy():
                await asyncio.sleep(0.002)
            assert pair.backend.offer(JointOptions()) is None

    asyncio.run(run())


def test_it_is_made_without_anything_being_sent(drafting_engine: Engine) -> None:
    async def run() -> None:
        backend = JointBackend(
            link=link_to(9),
            engine=drafting_engine,
            settings=JointSettings(),
            clock=SystemClock(),
            pace=lambda: CheapPace(Statistics((1.0, 1.0)), 3),
        )
        async with asyncio.timeout(LIMIT_S):
            assert backend.is_healthy()
            await backend.close()

    asyncio.run(run())
