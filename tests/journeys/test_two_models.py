"""A device that drafts and a cloud role that verifies, both real, and the bytes between them."""

import asyncio
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit

import pytest

from jisr.assemble import Assembled, assemble, assemble_cloud
from jisr.cloud.service import cloud_gate, cloud_service
from jisr.config import CloudRoleSettings, CloudSettings, DeviceSettings, Settings
from jisr.joint.wire import FromDevice, Open, read_from_device, unpack
from jisr.server.app import create_app
from jisr.server.run import bind, in_thread
from jisr.turn import Output, TurnEnded
from jisr.types import Exact, Goal, JointOptions, Place, Sampling, TurnRecord, Wish
from tests.runtimes import asked, outputs, text_of
from tests.weights import small_model

SECRETS = ("layla.hassan@example.com", "layla", "4111 1111 1111 1111")
TEXT = f"I am {SECRETS[0]}, my card is {SECRETS[2]}. Repeat my address, then name three colours."
ENGINE = DeviceSettings(model=str(small_model()), context_tokens=256, num_sequences=2, threads=1)
MASK_BYTES = 4


@pytest.fixture(scope="module")
def cloud_url(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    settings = Settings(
        home=tmp_path_factory.mktemp("cloud"),
        device=ENGINE,
        cloud_role=CloudRoleSettings(model=str(small_model())),
    )
    assembled = assemble_cloud(settings)
    service = cloud_service(assembled, settings, cloud_gate(settings, {}))
    with in_thread(
        create_app(service),
        bind("127.0.0.1", 0),
        on_stop=assembled.close,
        max_frame_bytes=service.max_frame_bytes,
    ) as url:
        yield url


class Relay:
    """Hands on what goes to a server and comes from it, and keeps what goes there."""

    def __init__(self, to: str) -> None:
        self._to = urlsplit(to)
        self.sent: list[bytearray] = []
        """What each connection sent."""

    async def __call__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        sent = bytearray()
        self.sent.append(sent)
        there, back = await asyncio.open_connection(self._to.hostname, self._to.port)

        async def pump(
            source: asyncio.StreamReader, sink: asyncio.StreamWriter, kept: bytearray
        ) -> None:
            with suppress(ConnectionError):
                while piece := await source.read(2**16):
                    kept += piece
                    sink.write(piece)
            sink.close()

        await asyncio.gather(pump(reader, back, sent), pump(there, writer, bytearray()))


def messages_of(sent: bytes) -> list[FromDevice]:
    """Return the messages a device sent on a connection that became a WebSocket."""
    raw = sent.partition(b"\r\n\r\n")[2]
    found: list[FromDevice] = []
    at = 0
    while at < len(raw):
        is_binary, length = raw[at] & 0x0F == 2, raw[at + 1] & 0x7F
        at += 2
        if length == 126:
            length = int.from_bytes(raw[at : at + 2], "big")
            at += 2
        mask = raw[at : at + MASK_BYTES]
        at += MASK_BYTES
        frame = bytes(byte ^ mask[n % 4] for n, byte in enumerate(raw[at : at + length]))
        at += length
        if is_binary:
            found.append(read_from_device(frame))
    return found


@dataclass(frozen=True, slots=True)
class Said:
    """An answer, how it came about, and what was sent for it."""

    text: str
    record: TurnRecord
    sent: tuple[bytes, ...]


def device(cloud_url: str, home: Path) -> Assembled:
    cloud = CloudSettings(base_url=f"{cloud_url}/v1", model=small_model().stem)
    return assemble(Settings(home=home, device=ENGINE, cloud=cloud), {})


def ask(cloud_url: str, home: Path, wish: Wish, options: JointOptions, sampling: Sampling) -> Said:
    async def turn() -> Said:
        relay = Relay(cloud_url)
        async with await asyncio.start_server(relay, "127.0.0.1", 0) as server:
            port = server.sockets[0].getsockname()[1]
            whole = device(f"http://127.0.0.1:{port}", home)
            try:
                request = asked(TEXT, wish=wish, joint=options, sampling=sampling)
                told = await outputs(whole.runtime, request)
            finally:
                await whole.close()
        return Said(text_of(told), record_of(told), tuple(map(bytes, relay.sent)))

    return asyncio.run(turn())


def record_of(told: list[Output]) -> TurnRecord:
    ended = told[-1]
    assert isinstance(ended, TurnEnded)
    return ended.record


@pytest.mark.parametrize(
    "sampling",
    [Sampling(max_output_tokens=24), Sampling(max_output_tokens=24, temperature=0.8, seed=5)],
    ids=["greedy", "sampled"],
)
def test_a_joint_answer_is_the_clouds_own_and_its_drafts_hold(
    cloud_url: str, tmp_path: Path, sampling: Sampling
) -> None:
    options = JointOptions(Goal.CHEAP, Exact.STRICT)

    alone = ask(cloud_url, tmp_path, Wish.ONLY_CLOUD, options, sampling)
    joint = ask(cloud_url, tmp_path, Wish.PREFER_JOINT, options, sampling)

    assert (alone.record.place, joint.record.place) == (Place.CLOUD, Place.JOINT)
    assert joint.text == alone.text
    assert joint.record.usage and alone.record.usage
    assert joint.record.usage.output_tokens == alone.record.usage.output_tokens
    use = joint.record.joint
    assert use and use.fallback is None
    assert 0 < use.accepted <= use.drafted
    assert use.passes < joint.record.usage.output_tokens


def test_only_placeholders_are_in_the_tokens_that_cross(cloud_url: str, tmp_path: Path) -> None:
    options = JointOptions(Goal.CHEAP, Exact.FAST)

    said = ask(cloud_url, tmp_path, Wish.PREFER_JOINT, options, Sampling(max_output_tokens=24))

    messages = [message for sent in said.sent for message in messages_of(sent)]
    (opened,) = [message for message in messages if isinstance(message, Open)]
    prompt = text_of_tokens(unpack(opened.prompt), tmp_path)
    assert "<EMAIL_ADDRESS_1>" in prompt
    assert "<CREDIT_CARD_1>" in prompt
    assert not [secret for secret in SECRETS if secret in prompt]
    assert not [secret for secret in SECRETS if secret.encode() in b"".join(said.sent)]
    drafted = [it for message in messages for it in unpack(getattr(message, "tokens", b""))]
    assert drafted
    assert not [secret for secret in SECRETS if secret in text_of_tokens(drafted, tmp_path)]


def text_of_tokens(tokens: list[int], home: Path) -> str:
    whole = device("http://127.0.0.1:9", home)
    try:
        assert whole.engine
        vocabulary = whole.engine.vocabulary
        return b"".join(map(vocabulary.piece, tokens)).decode("utf-8", "replace")
    finally:
        asyncio.run(whole.close())
