import json
import socket
from pathlib import Path

import pytest

from jisr.bench.children import Child
from jisr.ledger.ledger import FILE_NAME
from tests.cli.jisr import Command


def findings(command: Command) -> tuple[int, dict[str, dict[str, str]]]:
    """Return the exit code, and what each check found."""
    result = command.invoke("doctor", "--json")
    return result.exit_code, {it["check"]: it for it in json.loads(result.stdout)}


def test_a_machine_that_can_answer_is_told_so(warm: Command) -> None:
    code, found = findings(warm.but(JISR_CLOUD__MODEL="scripted", JISR_CLOUD_API_KEY="sk-1"))

    assert code == 0
    assert list(found) == [
        *("weights", "disk", "memory", "port", "key", "cloud", "joint", "fallbacks"),
        *("ledger", "prices", "names", "audit", "files"),
    ]
    assert {it["outcome"] for it in found.values()} == {"ok"}
    assert "offers no verifying (404)" in found["joint"]["found"]
    assert "`jisr cloud`" in found["joint"]["remedy"]
    assert "a Jisr answers at 127.0.0.1" in found["port"]["found"]
    assert "by a model" in found["names"]["found"]
    assert "no turn is in it yet" in found["ledger"]["found"]
    assert "all as they were written" in found["audit"]["found"]
    assert "by you alone" in found["files"]["found"]


def test_files_that_others_can_open_come_with_the_remedy(warm: Command) -> None:
    findings(warm)
    path = warm.home / "audit" / "000001.jsonl"
    path.chmod(0o644)
    _, found = findings(warm)

    assert found["files"]["outcome"] == "warning"
    assert found["files"]["remedy"] == f"chmod 600 {path}"
    assert f"chmod 600 {path}" in warm.but(JISR_SERVER__PORT="9").invoke("ask", "hi").stderr


def test_an_audit_log_that_was_cut_is_told(warm: Command) -> None:
    findings(warm.but(JISR_JOINT__ENABLED="false"))
    (warm.home / "audit" / "000001.jsonl").write_bytes(b"")
    code, found = findings(warm.but(JISR_CLOUD__BASE_URL=""))

    assert (code, found["audit"]["outcome"]) == (1, "failed")
    assert "row 1" in found["audit"]["found"]
    off = findings(warm.but(JISR_PRIVACY__AUDIT="false"))[1]["audit"]
    assert (off["outcome"], off["found"]) == ("warning", "turned off")


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


def test_it_makes_nothing_but_what_must_be_written_down(warm: Command) -> None:
    findings(warm.but(JISR_PRIVACY__AUDIT="false"))
    assert not warm.home.exists()

    findings(warm)
    visible = {it.name for it in warm.home.iterdir() if not it.name.startswith(".")}
    assert visible == {"audit", "vault.key"}


def test_the_memory_of_the_kv_caches_is_counted(alone: Command) -> None:
    _, few = findings(alone)
    _, many = findings(
        alone.but(JISR_DEVICE__NUM_SEQUENCES="64", JISR_DEVICE__CONTEXT_TOKENS="8192")
    )

    assert "0.0 GB of it for 2 KV caches" in few["memory"]["found"]
    assert "12.1 GB of it for 64 KV caches" in many["memory"]["found"]


@pytest.mark.parametrize(
    ("model", "outcome", "told"),
    [("scripted", "ok", "scripted at http://"), ("gpt-9", "failed", "no model 'gpt-9'")],
)
def test_a_server_that_is_the_device_is_asked(
    alone: Command, upstream: Child, model: str, outcome: str, told: str
) -> None:
    device = {"JISR_DEVICE__URL": f"{upstream.url}/v1", "JISR_DEVICE__SERVER_MODEL": model}
    _, found = findings(alone.but(**device))

    assert (found["weights"]["outcome"], told in found["weights"]["found"]) == (outcome, True)


@pytest.mark.parametrize(
    ("fallback", "outcome"),
    [(("", "scripted"), "ok"), (("", "gpt-9"), "warning"), (("9", "scripted"), "warning")],
)
def test_every_fallback_is_asked_and_is_no_failure(
    alone: Command, upstream: Child, tmp_path: Path, fallback: tuple[str, str], outcome: str
) -> None:
    port, model = fallback
    url = f"http://127.0.0.1:{port}/v1" if port else f"{upstream.url}/v1"
    file = tmp_path / "config.toml"
    file.write_text(
        f"[cloud]\nbase_url = '{upstream.url}/v1'\nmodel = 'scripted'\nretries = 0\n"
        f"[[cloud.fallbacks]]\nbase_url = '{url}'\nmodel = '{model}'\nretries = 0\n"
    )
    code, found = findings(alone.but(JISR_CONFIG=str(file), JISR_SERVER__PORT="0"))

    assert (code, found["fallbacks"]["outcome"]) == (0, outcome)


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


def test_a_cloud_out_of_reach_is_no_failure_while_offline(alone: Command) -> None:
    code, found = findings(
        alone.but(
            JISR_OFFLINE="1",
            JISR_CLOUD__BASE_URL="https://192.0.2.1/v1",
            JISR_CLOUD__MODEL="big",
            JISR_SERVER__PORT="0",
        )
    )

    assert (code, found["cloud"]["outcome"], found["joint"]["outcome"]) == (0, "ok", "ok")
    assert "offline" in found["cloud"]["found"]
    assert "offline" in found["joint"]["found"]


@pytest.mark.parametrize(
    ("environ", "outcome", "told"),
    [
        ({"JISR_WISH": "prefer_joint"}, "warning", "offers no verifying"),
        ({"JISR_CLOUD__BASE_URL": "http://127.0.0.1:9/v1"}, "warning", "cannot be reached"),
        ({"JISR_JOINT__ENABLED": "false"}, "ok", "joint.enabled is off"),
    ],
)
def test_a_cloud_that_does_not_verify_is_a_warning_to_who_wants_it(
    warm: Command, environ: dict[str, str], outcome: str, told: str
) -> None:
    _, found = findings(warm.but(**environ))

    assert (found["joint"]["outcome"], told in found["joint"]["found"]) == (outcome, True)


def test_a_device_without_a_cloud_looks_for_no_verifier(alone: Command) -> None:
    _, found = findings(alone.but(JISR_SERVER__PORT="0"))

    assert found["joint"]["found"] == "not looked for: no cloud is set"
