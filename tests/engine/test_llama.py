import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from jisr.engine.llama import MOST_PIECES_BYTES, Append, Context, Logits, Vocabulary, Weights
from jisr.errors import EngineError, ModelDamaged

CHILD_TIMEOUT_S = 90
LOAD = """
import sys
from pathlib import Path
from jisr.engine.engine import Engine
from jisr.errors import JisrError
for path in sys.argv[1:]:
    try:
        Engine(Path(path))
        print(path, "loaded", flush=True)
    except JisrError as error:
        print(path, type(error).__name__, flush=True)
"""


@pytest.fixture(scope="module")
def weights(model_path: Path) -> Weights:
    return Weights(model_path)


@pytest.fixture
def context(weights: Weights) -> Context:
    return Context(weights, num_sequences=4, context_tokens=256, batch_tokens=128, threads=1)


def head(model: Path, num_bytes: int) -> bytes:
    with model.open("rb") as file:
        return file.read(num_bytes)


def damaged(model: Path, folder: Path) -> list[Path]:
    """Write files that were a model once."""
    start = head(model, 4096)
    noise = np.random.default_rng(1).bytes(4096)
    size = model.stat().st_size
    contents = {
        "empty": b"",
        "four-bytes": start[:4],
        "cut-in-the-header": start[:100],
        "cut-in-the-vocabulary": head(model, 200_000),
        "cut-in-the-tensors": head(model, size // 2),
        "cut-by-a-byte": head(model, size - 1),
        "magic-flipped": b"FUGG" + start[4:],
        "version-0": start[:4] + bytes(4) + start[8:],
        "version-99": start[:4] + b"\x63\0\0\0" + start[8:],
        "countless-tensors": start[:8] + b"\xff" * 7 + b"\x7f" + start[16:],
        "countless-keys": start[:16] + b"\xff" * 7 + b"\x7f" + start[24:],
        "key-of-2^63-bytes": start[:24] + b"\xff" * 7 + b"\x7f" + start[32:],
        "noise": noise,
        "noise-after-the-magic": start[:8] + noise,
        "noise-in-the-header": start[:64] + noise,
        "a-page-of-html": b"<!doctype html><title>404</title>",
        "zeros": bytes(4096),
    }
    for name, content in contents.items():
        (folder / name).write_bytes(content)
    (folder / "a-folder").mkdir()
    return [*(folder / name for name in contents), folder / "a-folder", folder / "not-there"]


def test_a_damaged_file_is_said_to_be_damaged_and_crashes_nothing(
    model_path: Path, tmp_path: Path
) -> None:
    paths = damaged(model_path, tmp_path)
    child = subprocess.run(
        [sys.executable, "-c", LOAD, *map(str, paths)],
        env={"PYTHONPATH": ":".join(sys.path)},
        capture_output=True,
        text=True,
        timeout=CHILD_TIMEOUT_S,
        check=False,
    )
    told = dict(line.rsplit(" ", 1) for line in child.stdout.splitlines())

    assert told == {str(path): "ModelDamaged" for path in paths}, child.stderr[-500:]
    assert child.returncode == 0


def test_the_message_says_which_file_why_and_the_remedy(tmp_path: Path) -> None:
    path = tmp_path / "cut.gguf"
    path.write_bytes(b"GGUF")

    with pytest.raises(ModelDamaged, match=r"cut\.gguf cannot be loaded: .*jisr models pull"):
        Weights(path)


def test_a_file_name_may_be_in_any_script(model_path: Path, tmp_path: Path) -> None:
    link = tmp_path / "نموذج 😀.gguf"
    link.symlink_to(model_path)

    assert Weights(link).num_bytes > 90_000_000


def test_the_header_can_be_read(weights: Weights) -> None:
    assert weights.trained_context_tokens == 8192
    assert weights.metadata("general.architecture") == "llama"
    assert weights.metadata("nothing.of.that.name") is None
    assert "im_start" in (weights.chat_template() or "")


TEXTS = ("hello world", "جسر بين مكانين", "👩‍🚀🏳️‍🌈", "e\u0301\u0640\u064b", "a\x00b", " \n\t ", "")


@pytest.mark.parametrize("text", TEXTS)
def test_pieces_of_a_text_join_to_it(vocabulary: Vocabulary, text: str) -> None:
    tokens = vocabulary.tokenize(text, parse_special=False)

    assert b"".join(vocabulary.piece(token) for token in tokens).decode() == text
    assert not any(vocabulary.is_end(token) for token in tokens)


def test_a_piece_of_any_length_comes_whole(vocabulary: Vocabulary) -> None:
    lengths = [len(vocabulary.piece(token)) for token in range(vocabulary.num_tokens)]
    longest = max(range(vocabulary.num_tokens), key=lengths.__getitem__)
    text = vocabulary.piece(longest).decode()

    assert lengths[longest] > 2 * MOST_PIECES_BYTES
    assert vocabulary.tokenize(text, parse_special=False) == [longest]


def test_a_lone_surrogate_becomes_a_question_mark(vocabulary: Vocabulary) -> None:
    assert vocabulary.tokenize("\ud800", parse_special=False) == vocabulary.tokenize(
        "?", parse_special=False
    )


def test_a_control_token_is_one_token_only_where_it_may_be(vocabulary: Vocabulary) -> None:
    (token,) = vocabulary.tokenize("<|im_end|>", parse_special=True)

    assert vocabulary.is_end(token)
    assert vocabulary.piece(token) == b""
    assert vocabulary.text(token) == vocabulary.special("eos") == "<|im_end|>"
    assert len(vocabulary.tokenize("<|im_end|>", parse_special=False)) > 1
    assert "<|im_end|>" in vocabulary.control_texts()
    assert not vocabulary.adds_bos


def test_a_vocabulary_outlives_the_name_of_its_weights(model_path: Path) -> None:
    vocabulary = Vocabulary(Weights(model_path))

    assert vocabulary.tokenize("still here", parse_special=False)


TOKENS = list(range(500, 540))


def test_rows_are_the_same_bit_for_bit_however_the_tokens_are_batched(context: Context) -> None:
    whole = rows_of(context, 0, TOKENS, [40])
    for seq_id, sizes in ((1, [1] * 40), (2, [7, 20, 13]), (3, [39, 1])):
        assert (rows_of(context, seq_id, TOKENS, sizes) == whole).all(), sizes


def rows_of(context: Context, seq_id: int, tokens: list[int], sizes: list[int]) -> Logits:
    rows, start = [], 0
    for size in sizes:
        piece = tokens[start : start + size]
        decoded = context.decode([Append(seq_id, start, piece, size)])
        assert decoded is not None
        rows.append(decoded[0].copy())
        start += size
    return np.concatenate(rows)


def test_sequences_in_one_pass_do_not_disturb_each_other(context: Context) -> None:
    alone = [rows_of(context, i, [t + i for t in TOKENS], [40])[-1] for i in range(4)]
    for i in range(4):
        assert context.truncate(i, 0)
    together = context.decode([Append(i, 0, [t + i for t in TOKENS[:20]], 0) for i in range(4)])
    assert together is not None
    assert [rows.shape[0] for rows in together] == [0] * 4
    together = context.decode(
        [Append(i, 20, [t + i for t in TOKENS[20:]], 1 + i) for i in range(4)]
    )
    assert together is not None
    assert [rows.shape[0] for rows in together] == [1, 2, 3, 4]
    for i in range(4):
        assert (together[i][-1] == alone[i]).all()


def test_a_truncated_or_copied_sequence_goes_on_as_if_it_had_always_been_so(
    context: Context,
) -> None:
    whole = rows_of(context, 0, TOKENS, [40])
    rows_of(context, 1, [*TOKENS[:30], 9, 9, 9], [33])
    assert context.truncate(1, 30)
    context.copy(1, 2)
    for seq_id in (1, 2):
        decoded = context.decode([Append(seq_id, 30, TOKENS[30:], 10)])
        assert decoded is not None
        assert (decoded[0] == whole[30:]).all()


def test_a_failed_pass_is_not_explained_by_what_llama_said_before(
    context: Context, tmp_path: Path
) -> None:
    (tmp_path / "other.gguf").write_bytes(b"GGUF")
    with pytest.raises(ModelDamaged) as damaged:
        Weights(tmp_path / "other.gguf")
    why = str(damaged.value).split(": ", 1)[1]
    with pytest.raises(EngineError) as failed:  # position 7 of an empty sequence
        context.decode([Append(0, 0, [5], 0), Append(0, 7, [10**9], 1)])

    assert why.split(".")[0] not in str(failed.value)


def test_an_aborted_pass_gives_nothing_and_the_next_one_everything(context: Context) -> None:
    expected = rows_of(context, 0, TOKENS, [40])
    context.abort()
    assert context.decode([Append(1, 0, TOKENS, 40)]) is None
    context.clear_abort()
    assert context.truncate(1, 0)
    assert (rows_of(context, 1, TOKENS, [40]) == expected).all()


def test_a_fingerprint_is_of_the_vocabulary_and_found_once(
    weights: Weights, vocabulary: Vocabulary
) -> None:
    fingerprint = vocabulary.fingerprint()

    assert len(fingerprint) == 32
    assert Vocabulary(weights).fingerprint() == fingerprint
    assert vocabulary.fingerprint() is fingerprint


class Renamed(Vocabulary):
    """Tokenizes another way, with the same tokens."""

    def tokenize(self, text: str, *, parse_special: bool, add_special: bool = False) -> list[int]:
        return super().tokenize(text, parse_special=parse_special, add_special=True)[::-1]


class Cut(Vocabulary):
    """Has a token less."""

    def __init__(self, weights: Weights) -> None:
        super().__init__(weights)
        self.num_tokens -= 1


class Endless(Vocabulary):
    """Ends no turn, with the same tokens."""

    def is_end(self, token: int) -> bool:
        return False


class Begun(Vocabulary):
    """Begins a text with a token of its own."""

    @property
    def adds_bos(self) -> bool:
        return not super().adds_bos


@pytest.mark.parametrize("kind", [Renamed, Cut, Endless, Begun])
def test_another_vocabulary_has_another_fingerprint(
    weights: Weights, vocabulary: Vocabulary, kind: type[Vocabulary]
) -> None:
    assert kind(weights).fingerprint() != vocabulary.fingerprint()
