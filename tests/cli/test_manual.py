import sys
from pathlib import Path

import platformdirs
import pytest
from pytest import MonkeyPatch

from jisr.cli import manual
from jisr.cli.models import models
from jisr.config import NAMES, Settings, variable_of
from jisr.setting_values import Table


def test_the_page_has_every_setting_with_its_variable() -> None:
    page = manual.configuration_page()

    for name in set(NAMES) - {"cloud.fallbacks"}:
        assert page.count(f"| `{name}` |") == 1
        assert f"| `{variable_of(name)}` |" in page
    assert "| `cloud.fallbacks` | tables | (none) | (file only) |" in page


def test_every_setting_has_a_meaning_in_words() -> None:
    tables: list[type[Table]] = [Settings]
    tables += [type(value) for _, value in Settings() if isinstance(value, Table)]

    for table in tables:
        meanings = manual.meanings_of(table)
        for name, field in table.model_fields.items():
            is_table = hasattr(field.annotation, "model_fields")
            assert is_table or meanings[name], f"{table.__name__}.{name}"


def test_every_row_of_a_table_has_the_cells_of_its_head() -> None:
    width = 0
    for line in manual.configuration_page().splitlines():
        if not line.startswith("|"):
            width = 0
        else:
            cells = line.replace("\\|", "").count("|")
            width = width or cells
            assert cells == width, line


def test_the_page_does_not_depend_on_the_machine() -> None:
    assert str(Path.home()) not in manual.configuration_page()


@pytest.mark.skipif(sys.platform != "linux", reason="the page shows Linux's folders")
def test_the_folders_it_shows_are_linux_s(monkeypatch: MonkeyPatch) -> None:
    for variable in ("XDG_DATA_HOME", "XDG_CACHE_HOME", "XDG_CONFIG_HOME"):
        monkeypatch.delenv(variable, raising=False)
    settings = Settings()

    for name, said in manual.SHOWN_DEFAULTS.items():
        assert getattr(settings, name) == Path(said).expanduser()
    assert platformdirs.user_config_dir("jisr") == str(Path("~/.config/jisr").expanduser())


def test_the_commands_page_has_the_help_of_every_command() -> None:
    page = manual.commands_page(models, "jisr models")

    assert [line for line in page.splitlines() if line.startswith("## ")] == [
        "## jisr models",
        *(
            f"## jisr models {name}"
            for name in ("list", "path", "pull", "quantize", "rm", "verify")
        ),
    ]
    assert "Usage: jisr models pull [OPTIONS] NAME..." in page


def test_only_check_is_an_argument() -> None:
    assert manual.main(["--chek"]) == 2
