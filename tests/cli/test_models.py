import json
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from jisr.cli.main import cli
from jisr.cli.models import TYPES
from jisr.engine.quantize import KINDS
from jisr.models.catalog import load
from tests.models.made_up import CONTENT
from tests.weights import small_model


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return tmp_path / "models"


def run(folder: Path, *arguments: str) -> Result:
    return CliRunner().invoke(cli, ["--set", f"models_dir={folder}", "models", *arguments])


def test_the_list_says_what_is_here(folder: Path) -> None:
    model = load().get("smollm2-135m")
    (folder / "qwen2.5-coder-0.5b.partial").mkdir(parents=True)
    (folder / "qwen2.5-coder-0.5b.partial" / "weights.part").write_bytes(CONTENT)
    (folder / model.file).write_bytes(CONTENT)

    rows = {line.split()[0]: line.split() for line in run(folder, "list").stdout.splitlines()}

    assert rows["smollm2-135m"][1:4] == ["98", "MB", "damaged"]
    assert rows["qwen2.5-coder-0.5b"][3:5] == ["0", "%"]
    assert rows["qwen2.5-coder-1.5b"][3] == "-"


def test_the_list_is_json_for_programs(folder: Path) -> None:
    rows = json.loads(run(folder, "list", "--json").stdout)

    assert [row["name"] for row in rows] == list(load().models)
    assert {row["state"] for row in rows} == {"absent"}
    assert rows[0]["path"] == str(folder / rows[0]["path"].rpartition("/")[2])


@pytest.mark.parametrize(
    ("arguments", "code", "told"),
    [
        (["pull", "smollm2-135m"], 1, "Offline: smollm2-135m was not asked for"),
        (["pull", "smollm2"], 1, "smollm2-135m"),
        (["pull", "smollm2-135m", "--source", "folder"], 1, "--from PATH"),
        (["pull", "smollm2-135m", "--from", "/no/such"], 1, "no file or folder /no/such"),
        (["pull", "smollm2-135m", "--source", "hub", "--from", "/"], 2, "--source hub does not"),
        (["pull", "smollm2-135m", "--source", "floppy"], 2, "floppy"),
        (["pull"], 2, "NAME"),
        (["path", "smollm2-135m"], 1, "`jisr models pull smollm2-135m` gets it"),
        (["path", "/no/such.gguf"], 1, "no file /no/such.gguf"),
        (["verify", "smollm2-135m"], 1, "not on this machine yet"),
        (["rm", "smollm2-135m"], 1, "to remove"),
    ],
)
def test_what_cannot_be_done_is_said_with_its_remedy(
    folder: Path, arguments: list[str], code: int, told: str
) -> None:
    result = run(folder, *arguments)

    assert (result.exit_code, result.stdout) == (code, "")
    assert told in " ".join(result.stderr.split())
    assert "Traceback" not in result.stderr


def test_a_file_from_a_folder_is_checked_and_a_wrong_one_refused(
    folder: Path, tmp_path: Path
) -> None:
    (tmp_path / "usb.gguf").write_bytes(CONTENT)

    result = run(folder, "pull", "smollm2-135m", "--from", str(tmp_path / "usb.gguf"))

    assert result.exit_code == 1
    assert "98,362,432" in result.stderr
    assert not list(folder.rglob("*.gguf"))


def test_path_and_verify_take_any_gguf_file(folder: Path, tmp_path: Path) -> None:
    file = tmp_path / "نموذج.gguf"
    file.write_bytes(CONTENT)

    assert run(folder, "path", str(file)).stdout == f"{file}\n"
    assert run(folder, "verify", str(file)).stdout == f"whole  {file}\n"


def test_verify_reads_on_after_a_damaged_one(folder: Path, tmp_path: Path) -> None:
    (tmp_path / "bad.gguf").write_text("no")
    (tmp_path / "good.gguf").write_bytes(CONTENT)

    result = run(folder, "verify", str(tmp_path / "bad.gguf"), str(tmp_path / "good.gguf"))

    assert result.exit_code == 1
    assert "good.gguf" in result.stdout and "bad.gguf" in result.stderr


def test_what_was_begun_can_be_removed(folder: Path) -> None:
    (folder / "smollm2-135m.partial").mkdir(parents=True)
    (folder / "smollm2-135m.partial" / "weights.part").write_bytes(bytes(2_000_000))

    assert run(folder, "rm", "smollm2-135m").stdout == "removed smollm2-135m, 2 MB freed\n"
    assert not (folder / "smollm2-135m.partial").exists()


def test_quantize_prints_where_the_weights_are_and_makes_them_once(folder: Path) -> None:
    source = str(small_model())
    arguments = ["quantize", source, "--type", "q4_0", "--pure"]
    first = run(folder, *arguments)
    made = folder / f"{small_model().stem}.q4_0-pure.gguf"
    before = made.stat().st_mtime_ns
    again = run(folder, *arguments)

    assert first.stdout == again.stdout == f"{made}\n"
    assert f"{made.name}: 50 % of" in first.stderr
    assert made.stat().st_mtime_ns == before
    assert run(folder, "verify", str(made)).exit_code == 0


@pytest.mark.parametrize(
    ("arguments", "code", "told"),
    [
        (["SOURCE", "--type", "q3"], 2, "'q3' is not one of"),
        (["SOURCE"], 2, "--type"),
        (["smollm2-135m", "--type", "bf16"], 1, "`jisr models pull smollm2-135m` gets it"),
        (["LETTER", "--type", "bf16"], 1, "is not a GGUF file"),
        (["SOURCE", "--type", "q4_0", "--out", "LETTER"], 1, "is something else"),
        (["SOURCE", "--type", "q4_0", "--out", "/no/such/made.gguf"], 1, "no folder /no/such"),
    ],
)
def test_what_cannot_be_quantized_is_said(
    folder: Path, tmp_path: Path, arguments: list[str], code: int, told: str
) -> None:
    letter = tmp_path / "letter.gguf"
    letter.write_text("dear model")
    named = {"SOURCE": str(small_model()), "LETTER": str(letter)}
    result = run(folder, "quantize", *(named.get(it, it) for it in arguments))

    assert (result.exit_code, result.stdout) == (code, "")
    assert told in " ".join(result.stderr.split())
    assert letter.read_text() == "dear model"


def test_the_types_are_the_engines() -> None:
    assert list(TYPES) == list(KINDS)
