import os
from decimal import Decimal
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from jisr.config import (
    NAMES,
    CloudSettings,
    Settings,
    chosen_path,
    flatten,
    load,
    parse_argument,
    variable_of,
)
from jisr.errors import ConfigError
from jisr.types import Exact, Goal, Wish


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / "إعدادات.toml"


def test_without_anything_every_setting_is_its_default(file: Path) -> None:
    loaded = load(environ={"JISR_CONFIG": ""})

    assert loaded.settings == Settings()
    assert {it.origin for it in loaded.table()} == {"default"}


def test_an_argument_wins_over_the_environment_and_that_over_the_file(file: Path) -> None:
    file.write_text("[server]\nport = 1\nhost = 'localhost'\nmax_body_bytes = 2048\n")
    environ = {"JISR_SERVER__PORT": "2", "JISR_SERVER__HOST": "::1"}

    loaded = load(file, environ, {"server.port": "3"})

    server = loaded.settings.server
    assert (server.port, server.host, server.max_body_bytes) == (3, "::1", 2048)
    origins = {it.name: it.origin for it in loaded.table()}
    assert origins["server.port"] == "argument"
    assert origins["server.host"] == "environment JISR_SERVER__HOST"
    assert origins["server.max_body_bytes"] == f"file {file}"
    assert origins["server.api_key_env"] == "default"


def test_text_becomes_what_the_setting_is() -> None:
    environ = {
        "JISR_OFFLINE": "1",
        "JISR_WISH": "only_device",
        "JISR_PRIVACY__STAY": "IBAN_CODE, PERSON,",
        "JISR_BUDGET__USD_PER_DAY": "0.10",
        "JISR_MODELS_DIR": "~/weights",
        "JISR_DEVICE__TEMPERATURE": " 0.5 ",
        "JISR_JOINT__GOAL": "cheap",
        "JISR_JOINT__EXACT": "strict",
    }
    settings = load(environ=environ).settings

    assert settings.offline is True
    assert settings.wish is Wish.ONLY_DEVICE
    assert settings.privacy.stay == ("IBAN_CODE", "PERSON")
    assert settings.budget.usd_per_day == Decimal("0.10")
    assert settings.models_dir == Path.home() / "weights"
    assert settings.device.temperature == 0.5
    assert (settings.joint.goal, settings.joint.exact) == (Goal.CHEAP, Exact.STRICT)


def test_settings_do_not_change() -> None:
    settings = load(environ={}).settings

    with pytest.raises(ValidationError):
        settings.offline = True
    with pytest.raises(ValidationError):
        settings.device.threads = 3


@pytest.mark.parametrize(
    ("toml", "told"),
    [
        ("ofline = true", "did you mean offline"),
        ("[server]\nprot = 1", r"'server\.prot'.*did you mean server\.port"),
        ("[sever]\nport = 1", r"did you mean (server|cloud_role)\.port"),
        ("[clowd]\nbase_url = 'x'", r"did you mean cloud\.base_url"),
        ("port = 1", r"did you mean (server|cloud_role)\.port"),  # the table was forgotten
        ("[nothing_like_it]", "`jisr config` lists"),  # empty, and still unknown
        ("[zzz]\nqqq = 1", "`jisr config` lists"),
        ("server = 'x'", r"table of settings, such as server\.host"),
        ("server = 3", r"table of settings, such as server\.host"),
        ("[wish]\nx = 1", "wish is one value, not a table"),
        ("[device]\nmodel = {name = 'x'}", r"device\.model \(file .*valid string"),
        ("[cloud]\napi_key = 'secret'", r"variable that cloud\.api_key_env names"),
        ("[[cloud.fallbacks]]\nbase_ulr = 'x'", r"fallbacks\.0\.base_ulr .*did you mean base_url"),
        ("[[cloud.fallbacks]]\nbase_url = 'x'", r"fallbacks\.0\.base_url .*must begin with http"),
        ("[cloud]\nbase_url = 'api.example.com/v1'", "must begin with http:// or https://"),
        ("[server]\nport = 70000", r"server\.port \(file .*70000"),
        ("[device]\ntemperature = nan", r"device\.temperature"),
        ("[device]\ntemperature = inf", r"device\.temperature"),
        ("[cloud]\nread_timeout_s = inf", r"cloud\.read_timeout_s"),
        ("[privacy]\nphone_region = 'usa'", r"privacy\.phone_region"),
        ("[joint]\ndrafter = 'n-gram'", r"joint\.drafter \(file .*'both', 'model' or 'ngram'"),
        ("wish = 'device'", "wish .*prefer_device"),
        ("offline = 'perhaps'", "offline .*boolean"),
        ("a = = 1", "cannot be read: .*line 1"),
        ("a = 1\na = 2", "cannot be read"),
    ],
)
def test_what_is_wrong_in_the_file_is_named_with_its_remedy(
    toml: str, told: str, file: Path
) -> None:
    file.write_text(toml)

    with pytest.raises(ConfigError, match=f"(?s){told}") as caught:
        load(file, {})

    assert str(file) in str(caught.value)


def test_all_faults_of_a_file_are_told_at_once(file: Path) -> None:
    file.write_text("offline = 3\n[server]\nport = -1\n")

    with pytest.raises(ConfigError, match=r"(?s)offline.*server\.port"):
        load(file, {})


@pytest.mark.parametrize(
    "toml",
    [
        "[cloud]\nbase_url = 'https://me:hunter2@cloud.example/v1'",
        "[cloud]\nbase_url = 'https://hunter2@cloud.example/v1'",
        "[cloud]\nbase_url = 'me:hunter2@cloud.example/v1'",
        "[device]\nurl = 'http://me:hunter2@127.0.0.1:1/v1'",
        "[[cloud.fallbacks]]\nbase_url = 'https://me:hunter2@cloud.example/v1'",
        "[cloud]\nfallbacks = ['https://me:hunter2@cloud.example/v1']",
        "[cloud]\nfallbacks = 'https://me:hunter2@cloud.example/v1'",
    ],
)
def test_a_password_in_an_address_is_refused_and_not_repeated(toml: str, file: Path) -> None:
    file.write_text(toml)

    with pytest.raises(ConfigError, match=r"(cloud|device)\.(base_url|url|fallbacks)") as caught:
        load(file, {})

    assert "hunter2" not in str(caught.value)


def test_a_password_is_not_repeated_by_the_settings_themselves() -> None:
    with pytest.raises(ValidationError, match="user name or password") as caught:
        CloudSettings(base_url="https://me:hunter2@cloud.example/v1")

    assert "hunter2" not in str(caught.value)


@pytest.mark.parametrize("content", [b"wish = '\xff'", "wish = 'x'".encode("utf-16")])
def test_a_file_that_is_not_utf_8_is_said_so(content: bytes, file: Path) -> None:
    file.write_bytes(content)

    with pytest.raises(ConfigError, match="not UTF-8 text"):
        load(file, {})


def test_a_byte_order_mark_does_no_harm(file: Path) -> None:
    file.write_text("offline = true", encoding="utf-8-sig")

    assert load(file, {}).settings.offline


def test_a_named_file_must_be_there(tmp_path: Path) -> None:
    for path in (tmp_path / "none.toml", tmp_path):
        with pytest.raises(ConfigError, match="cannot be read"):
            load(path, {})
        with pytest.raises(ConfigError, match="cannot be read"):
            load(environ={"JISR_CONFIG": str(path)})


def test_the_file_is_the_argument_s_then_the_variable_s(tmp_path: Path) -> None:
    environ = {"JISR_CONFIG": "~/b.toml"}

    assert chosen_path(tmp_path / "a.toml", environ) == tmp_path / "a.toml"
    assert chosen_path(None, environ) == Path.home() / "b.toml"
    assert chosen_path(None, {}).name == "config.toml"


@pytest.mark.parametrize(
    ("variable", "told"),
    [
        ("JISR_SERVER_PORT", r"did you mean server\.port"),  # one underscore for the dot
        ("JISR_OFLINE", "did you mean offline"),
        ("JISR_OFLINE__", "did you mean"),
        ("JISR_", "`jisr config` lists"),
    ],
)
@pytest.mark.parametrize("value", ["1", ""])
def test_an_unknown_variable_is_an_error_whatever_its_value(
    variable: str, told: str, value: str
) -> None:
    with pytest.raises(ConfigError, match=rf"environment {variable}\): {told}"):
        load(environ={variable: value})


@pytest.mark.parametrize("value", ["", "  "])
def test_an_empty_variable_counts_as_not_set(value: str, file: Path) -> None:
    file.write_text("offline = true\n[cloud]\nbase_url = 'https://example.invalid/v1'\n")
    environ = {"JISR_OFFLINE": value, "JISR_CLOUD__BASE_URL": value}

    loaded = load(file, environ)

    assert loaded.settings.offline
    assert loaded.settings.cloud.base_url == "https://example.invalid/v1"
    assert loaded.origins["offline"] == f"file {file}"


def test_an_empty_argument_brings_the_default_back(file: Path) -> None:
    file.write_text("[cloud]\nbase_url = 'https://example.invalid/v1'\n")

    loaded = load(file, {"JISR_CLOUD__MODEL": "x"}, {"cloud.base_url": "", "cloud.model": ""})

    assert loaded.settings.cloud == Settings().cloud


@pytest.mark.parametrize(
    "toml",
    [
        "[cloud]\napi_key_env = 'JISR_MY_OWN'",
        "[[cloud.fallbacks]]\napi_key_env = 'JISR_MY_OWN'",
        "[cloud_role]\napi_key_env = 'JISR_MY_OWN'",
    ],
)
def test_a_variable_that_a_setting_names_as_a_key_s_is_no_setting(toml: str, file: Path) -> None:
    file.write_text(toml)
    environ = {"JISR_MY_OWN": "secret", "JISR_CLOUD_API_KEY": "secret", "HOME": "/"}

    loaded = load(file, environ)

    assert "secret" not in repr(loaded)


def test_a_fallback_has_the_settings_of_a_service(file: Path) -> None:
    file.write_text("[[cloud.fallbacks]]\nbase_url = 'http://127.0.0.1:1/v1'\nmodel = 'نموذج'\n")

    (fallback,) = load(file, {}).settings.cloud.fallbacks

    assert (fallback.base_url, fallback.model) == ("http://127.0.0.1:1/v1", "نموذج")
    assert fallback.api_key_env is None


def test_a_user_who_does_not_exist_does_no_harm() -> None:
    assert load(environ={"JISR_HOME": "~nobody-here/x"}).settings.home == Path("~nobody-here/x")


def test_an_argument_is_a_name_and_a_value() -> None:
    assert parse_argument(" server.port = 8080 ") == ("server.port", "8080")
    assert parse_argument("cloud.model=a=b") == ("cloud.model", "a=b")
    with pytest.raises(ConfigError, match="NAME=VALUE"):
        parse_argument("server.port")
    with pytest.raises(ConfigError, match=r"did you mean server\.port"):
        parse_argument("server.prt=1")


@pytest.mark.parametrize("name", NAMES)
def test_every_setting_can_be_named_in_the_environment(name: str) -> None:
    try:
        loaded = load(environ={variable_of(name): "0"})
    except ConfigError as error:
        assert f"{name} (environment {variable_of(name)})" in str(error)
    else:
        assert loaded.origins[name] == f"environment {variable_of(name)}"


@given(st.dictionaries(st.text(min_size=1), st.text(), max_size=3))
def test_any_arguments_load_or_are_a_config_error(arguments: dict[str, str]) -> None:
    try:
        load(environ={}, arguments=arguments)
    except ConfigError as error:
        assert str(error)


def test_names_are_those_of_the_settings_in_order() -> None:
    assert tuple(name for name, _ in flatten(Settings())) == NAMES


def test_the_suite_itself_runs_offline() -> None:
    assert os.environ["JISR_OFFLINE"] == "1"
    assert load().settings.offline
