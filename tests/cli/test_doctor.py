import json
import socket
from pathlib import Path

import pytest

from jisr.ledger.ledger import FILE_NAME
from tests.cli.jisr import Command


def findings(command: Command) -> tuple[int, dict[str, dict[str, str]]]:
    """Return the exit code, and what each check found."""
    result = command.invoke("doctor", "--json")
    return result.exit_code, {it["check"]: it for it in json.loads(result.stdout)}


def test_a_machine_that_can_answer_is_told_so(warm: Command) -> None:
    code, found = findings(warm.but(JISR_CLOUD__MODEL="scripted", JISR_CLOUD_API_KEY="sk-1"))

    assert code == 0
    assert list(found) == ["weights", "disk", "memory", "port", "key", "cloud", "ledger", "prices"]
    assert {it["outcome"] for it in found.values()} == {"ok"}
    assert "a Jisr answers at 127.0.0.1" in found["port"]["found"]
    assert "and still empty" in found["ledger"]["found"]


def test_without_a_cloud_there_is_a_warning_and_no_failure(alone: Command) -> None:
    code, found = findings(alone.but(JISR_SERVER__PORT="0"))

    assert code == 0
    assert found["cloud"]["outcome"] == "warning"
    assert "jisr up" in found["cloud"]["remedy"]


@pytest.mark.parametrize(
    ("environ", "check", "told"),
    [
        ({"JISR_DEVICE__MODEL": "/no/such.gguf"}, "weights", "no file /no/such.gguf"),
        ({"JISR_SERVER__HOST": "0.0.0.0"}, "key", "so a key is needed"),
        ({"JISR_CLOUD__BASE_URL": "http://127.0.0.1:9/v1"}, "cloud", "127.0.0.1:9"),
        ({"JISR_DEVICE__ENABLED": "false"}, "cloud", "none is set, and the device is off"),
        ({"JISR_LEDGER__PRICES": "/no/such.toml"}, "prices", "/no/such.toml"),
    ],
)
def test_what_is_wrong_is_found_and_ends_with_1(
    alone: Command, environ: dict[str, str], check: str, told: str
) -> None:
    code, found = findings(alone.but(JISR_CLOUD__MODEL="big", **environ))

    assert code == 1
    assert found[check]["outcome"] == "failed"
    assert told in found[check]["found"]


def test_a_model_the_cloud_does_not_have_is_named_with_those_it_has(warm: Command) -> None:
    code, found = findings(warm.but(JISR_CLOUD__MODEL="gpt-9"))

    assert code == 1
    assert "no model 'gpt-9'" in found["cloud"]["found"]
    assert "scripted" in found["cloud"]["remedy"]


def test_a_port_that_another_program_has_is_a_failure(alone: Command) -> None:
    with socket.create_server(("127.0.0.1", 0)) as other:
        code, found = findings(alone.but(JISR_SERVER__PORT=str(other.getsockname()[1])))

    assert code == 1
    assert "is taken" in found["port"]["found"]


def test_a_damaged_ledger_is_found(alone: Command) -> None:
    alone.home.mkdir(parents=True)
    (alone.home / FILE_NAME).write_bytes(b"not a database" * 100)

    _, found = findings(alone)

    assert found["ledger"]["outcome"] == "warning"
    assert "one was damaged and moved aside" in found["ledger"]["found"]


def test_people_get_lines_and_the_remedy_under_them(alone: Command, tmp_path: Path) -> None:
    nowhere = alone.but(JISR_DEVICE__MODEL="smollm2-135m", JISR_MODELS_DIR=str(tmp_path))
    result = nowhere.invoke("doctor")

    assert result.exit_code == 1
    assert "failed   weights   smollm2-135m is not on this machine yet" in result.stdout
    assert "warning  cloud     none is set" in result.stdout
    assert "\n                   → set cloud.base_url" in result.stdout
