import re

import pytest

from jisr.errors import ModelNotFound
from jisr.models import SOURCES
from jisr.models.base import Model
from jisr.models.catalog import load

CATALOG = load()


@pytest.mark.parametrize("model", [*CATALOG], ids=lambda model: model.name)
def test_an_entry_agrees_with_itself(model: Model) -> None:
    assert sum(part.size_bytes for part in model.index) == model.size_bytes
    assert all(re.fullmatch("[0-9a-f]{64}", it.sha256) for it in model.index)
    assert re.fullmatch("[0-9a-f]{64}", model.sha256)
    assert all(re.fullmatch(r"[a-z0-9-]+==[0-9.]+", part.requirement) for part in model.index)
    assert model.hub and re.fullmatch("[0-9a-f]{40}", model.hub.revision)
    assert set(model.sources) <= SOURCES.keys()
    assert model.license == "Apache-2.0"


def test_files_have_names_of_their_own() -> None:
    assert len({model.file for model in CATALOG}) == len(list(CATALOG))


@pytest.mark.parametrize(
    ("name", "near"),
    [
        ("qwen2.5-coder-0.5", "qwen2.5-coder-0.5b"),
        ("Qwen2.5-Coder-1.5B", "qwen2.5-coder-1.5b"),
        ("smollm2", "smollm2-135m"),
        ("", "smollm2-135m"),
        ("قلم", "smollm2-135m"),  # nothing is near: all are named
    ],
)
def test_an_unknown_name_brings_the_nearest_ones(name: str, near: str) -> None:
    with pytest.raises(ModelNotFound, match=near):
        CATALOG.get(name)
