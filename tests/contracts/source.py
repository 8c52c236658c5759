"""What every source of weights promises."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from jisr.errors import ModelDamaged, ModelError, PullFailed
from jisr.models.base import Model, Source
from jisr.models.staging import Staging
from tests.models.made_up import CONTENT, MODEL


class SourceContract:
    """Subclass it with the two fixtures; `wrong_source` gives other bytes of the same size."""

    @pytest.fixture
    def source(self) -> Source:
        raise NotImplementedError

    @pytest.fixture
    def wrong_source(self) -> Source:
        raise NotImplementedError

    @pytest.fixture
    def staging(self, tmp_path: Path) -> Staging:
        folder = tmp_path / "made-up.partial"
        folder.mkdir()
        return Staging(folder, MODEL.size_bytes, lambda done, total: None)

    def test_it_gives_the_whole_file(self, source: Source, staging: Staging) -> None:
        source.fetch(MODEL, staging)

        assert staging.file.read_bytes() == CONTENT

    @pytest.mark.parametrize("size", [1, 100_000, 150_000, len(CONTENT) - 1, len(CONTENT)])
    def test_it_ends_up_with_the_file_whatever_beginning_is_there(
        self, source: Source, staging: Staging, size: int
    ) -> None:
        staging.append([CONTENT[:size]])

        source.fetch(MODEL, staging)

        assert staging.file.read_bytes() == CONTENT

    def test_its_progress_never_goes_back_and_ends_at_the_whole(
        self, source: Source, staging: Staging
    ) -> None:
        told: list[int] = []
        staging.progress = lambda done, total: told.append(done)

        source.fetch(MODEL, staging)

        assert told == sorted(told)
        assert told[-1] == MODEL.size_bytes

    def test_what_is_wrong_is_refused_or_told_apart_by_the_checksum(
        self, wrong_source: Source, staging: Staging
    ) -> None:
        try:
            wrong_source.fetch(MODEL, staging)
        except ModelDamaged:
            assert CONTENT.startswith(staging.file.read_bytes())
        else:
            assert staging.file.read_bytes() != CONTENT

    def test_a_model_it_does_not_have_is_a_clear_failure(
        self, source: Source, staging: Staging
    ) -> None:
        unknown: Model = replace(MODEL, name="unknown", file="unknown.gguf", hub=None, index=())

        with pytest.raises(ModelError) as caught:
            source.fetch(unknown, staging)

        assert isinstance(caught.value, PullFailed)

    def test_it_says_how_much_room_it_takes(self, source: Source) -> None:
        assert 0 <= source.room_bytes(MODEL) <= MODEL.size_bytes
