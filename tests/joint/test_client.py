from collections.abc import Sequence
from dataclasses import dataclass, field

import pytest

from jisr.errors import BackendBroken
from jisr.joint.base import Drafted
from jisr.joint.client import Block, Client, check
from jisr.joint.pace import Outlook
from jisr.joint.statistics import Statistics
from jisr.joint.wire import Verdict, pack

NUM_PROMPT = 10
END = 99
PASS_MS = tuple(100.0 + number for number in range(16))


@dataclass
class ToldPace:
    """Drafts ahead as far as it is told, and leaves the verifier alone when it is told."""

    block: int = 3
    ahead: int = 9
    alone: list[int] = field(default_factory=list)
    is_racing: bool = False
    is_first_alone: bool = True
    rounds: list[tuple[float, int]] = field(default_factory=list)

    def goes_on(self, outlook: Outlook) -> bool:
        return len(outlook.open) + len(outlook.under_way) < self.ahead

    def num_to_send(self, outlook: Outlook, *, is_drafting: bool) -> int | None:
        return min(self.block, len(outlook.open)) or (None if outlook.under_way else 0)

    def alone_tokens(self) -> int:
        return self.alone.pop(0) if self.alone else 0

    def races(self) -> bool:
        return self.is_racing

    def begins_alone(self) -> bool:
        return self.is_first_alone

    def patience_ms(self) -> float:
        return 100.0

    def note_round(self, elapsed_ms: float, num_tokens: int) -> None:
        self.rounds.append((elapsed_ms, num_tokens))


def client_with(pace: ToldPace | None = None, *, most: int = 50) -> Client:
    return Client(
        NUM_PROMPT,
        most_tokens=most,
        is_end=lambda token: token == END,
        pace=pace or ToldPace(),
        statistics=Statistics(PASS_MS),
    )


def said(at: int, tokens: Sequence[int], accepted: int = 0, rejected: int = 0) -> Verdict:
    """Return a verdict of tokens at a place of the answer."""
    return Verdict(0, NUM_PROMPT + at, pack(tokens), accepted, rejected, 100)


def guess(client: Client, *tokens: int) -> None:
    for token in tokens:
        client.take(Drafted(token, 0.9, "model"))


def begun(pace: ToldPace | None = None, *, most: int = 50) -> Client:
    """Return a client whose first token, 1, has come and whose guesses 2, 3, 4 are sent."""
    client = client_with(pace, most=most)
    client.receive(said(0, [1]), 1000)
    guess(client, 2, 3, 4)
    assert client.block(is_drafting=True) == Block(NUM_PROMPT + 1, (2, 3, 4))
    return client


def test_the_first_token_is_the_verifiers_own() -> None:
    client = client_with()
    guess(client, 1, 2)

    assert client.until == NUM_PROMPT + 1
    assert client.is_alone
    assert client.block(is_drafting=False) is None
    client.receive(said(0, [1]), 0)
    assert client.drafted_ahead == [2]
    assert client.block(is_drafting=False) == Block(NUM_PROMPT + 1, (2,))


def test_where_passes_are_dear_the_first_token_is_judged_with_the_first_block() -> None:
    client = client_with(ToldPace(is_first_alone=False))

    assert client.until == NUM_PROMPT
    assert not client.is_waiting
    guess(client, 1, 2, 3)
    assert client.block(is_drafting=False) == Block(NUM_PROMPT, (1, 2, 3))
    client.receive(said(0, [1, 2, 3, 4], 3), 0)
    assert (client.counts.passes, client.counts.alone) == (1, 0)


@pytest.mark.parametrize(
    ("verdict", "new", "is_off_path", "is_gap", "guessed", "accepted"),
    [
        (said(1, [2, 3, 4, 5], 3), (2, 3, 4, 5), True, False, [], 3),  # its own one was no guess
        (said(1, [2, 3, 4], 3), (2, 3, 4), False, False, [], 3),
        (said(1, [2, 7], 1, 2), (2, 7), True, False, [], 1),
        (said(1, [7], 0, 3), (7,), True, False, [], 0),
        (said(1, [2]), (2,), False, False, [3, 4], 1),
        (said(0, [1]), (), False, False, [2, 3, 4], 0),  # again
        (said(0, [1, 2, 3], 2), (2, 3), False, False, [4], 2),  # partly known
        (said(1, []), (), False, False, [2, 3, 4], 0),
        (said(2, [3, 4]), (), False, True, [2, 3, 4], 0),
        (said(1, [2, END, 8], 2), (2, END), True, False, [], 1),  # nothing follows the end
    ],
)
def test_a_verdict_brings_what_is_new_and_keeps_the_guesses_that_agree(  # noqa: PLR0917 - one column each
    verdict: Verdict,
    new: tuple[int, ...],
    is_off_path: bool,
    is_gap: bool,
    guessed: list[int],
    accepted: int,
) -> None:
    client = begun()
    received = client.receive(verdict, 1100)

    assert (received.tokens, received.is_off_path, received.is_gap) == (new, is_off_path, is_gap)
    assert client.output == [1, *new]
    assert client.drafted_ahead == guessed
    assert client.counts.accepted == accepted


def test_a_verdict_that_comes_again_changes_nothing() -> None:
    client = begun()
    verdict = said(1, [2, 7], 1, 2)
    client.receive(verdict, 1100)
    counts = (client.counts.passes, client.counts.rounds, client.counts.accepted)

    assert client.receive(verdict, 1200).tokens == ()
    assert client.output == [1, 2, 7]
    assert (client.counts.passes, client.counts.rounds, client.counts.accepted) == counts


def test_the_answer_is_whole_at_the_end_token_or_when_there_is_no_room() -> None:
    ended, full = begun(), begun(most=3)
    ended.receive(said(1, [END]), 1100)
    full.receive(said(1, [2, 3, 4, 5], 3), 1100)

    assert (ended.output, full.output) == ([1, END], [1, 2, 3])
    for client in (ended, full):
        assert client.is_done
        assert not client.wants_drafts()
        assert client.block(is_drafting=False) is None


def test_what_was_sent_is_sent_again_after_a_loss() -> None:
    client = begun()
    assert client.block(is_drafting=False) is None
    client.resend()

    assert client.block(is_drafting=False) == Block(NUM_PROMPT + 1, (2, 3, 4))
    client.receive(said(1, [2]), 1100)
    client.resend()
    assert client.block(is_drafting=False) == Block(NUM_PROMPT + 2, (3, 4))


def test_blocks_follow_each_other_while_one_is_under_way() -> None:
    client = begun()
    guess(client, 5, 6)

    assert client.block(is_drafting=True) == Block(NUM_PROMPT + 4, (5, 6))
    assert client.is_waiting
    client.receive(said(1, [2, 3, 4, 5], 3), 1100)
    assert client.drafted_ahead == [6]
    assert client.position == NUM_PROMPT + 5
    assert client.counts.drafted == 5


def test_guesses_stop_before_the_last_token_and_behind_the_end_of_a_turn() -> None:
    client = client_with(most=4)
    client.receive(said(0, [1]), 0)
    guess(client, 2)
    assert client.wants_drafts()
    guess(client, 3)
    assert not client.wants_drafts()  # the last is the verifier's own

    ended = client_with()
    ended.receive(said(0, [1]), 0)
    guess(ended, END)
    assert not ended.wants_drafts()


def test_without_a_guess_the_verifier_goes_on_until_there_is_one() -> None:
    client = client_with()
    client.receive(said(0, [1]), 0)
    client.no_draft()

    assert not client.wants_drafts()
    assert client.block(is_drafting=False) is None
    assert client.until > NUM_PROMPT + 2
    client.receive(said(1, [2]), 100)
    assert client.wants_drafts()
    guess(client, 3)
    client.receive(said(2, [3]), 200)
    assert client.until == client.position  # it waits again


def test_a_stretch_alone_drops_guesses_and_ends() -> None:
    pace = ToldPace(alone=[0, 0, 8])
    client = begun(pace)
    client.receive(said(1, [2]), 1100)

    assert client.is_stretch
    assert client.until == NUM_PROMPT + 2 + 8
    assert client.drafted_ahead == []
    assert not client.wants_drafts()
    for number in range(2, 10):
        assert client.block(is_drafting=False) is None
        client.receive(said(number, [number]), 1100 + 50 * number)
    assert not client.is_stretch
    assert client.wants_drafts()
    assert client._statistics.alone_ms.value == pytest.approx(50.0)


def test_a_race_sends_guesses_though_the_verifier_goes_on_alone() -> None:
    client = client_with(ToldPace(is_racing=True))
    assert client.until > NUM_PROMPT + 1
    client.receive(said(0, [1]), 0)
    guess(client, 2, 3)

    assert client.block(is_drafting=False) == Block(NUM_PROMPT + 1, (2, 3))
    before = client.until
    client.receive(said(1, list(range(2, 50))), 100)
    assert client.until > before


def test_what_a_turn_took_is_counted() -> None:
    pace = ToldPace()
    client = begun(pace)
    client.receive(said(1, [2, 7], 1, 2), 1150)
    client.receive(said(3, [8]), 1250)
    client.receive(Verdict(0, NUM_PROMPT + 4, pack([9]), 0, 0, 0), 1300)  # was asked for

    counts = client.counts
    assert (counts.passes, counts.rounds, counts.alone) == (3, 1, 2)
    assert counts.block_lengths == [3]
    assert pace.rounds == [(150, 2), (100, 1)]  # not the first, which read the prompt
    assert client._statistics.load.is_measured


@pytest.mark.parametrize(
    "verdict",
    [
        Verdict(0, -1, b"", 0, 0, 0),
        Verdict(0, 0, b"", -1, 0, 0),
        Verdict(0, 0, b"", 0, -1, 0),
        Verdict(0, 0, b"", 0, 0, -1),
        Verdict(0, 0, b"", 0, 0, 1, -1),
        Verdict(0, 0, pack([100]), 0, 0, 0),
        Verdict(0, 0, b"ab", 0, 0, 0),
    ],
)
def test_what_no_verifier_says_is_refused(verdict: Verdict) -> None:
    with pytest.raises(BackendBroken):
        check(verdict, 100)
    check(Verdict(0, 0, pack([99]), 0, 0, 0), 100)
