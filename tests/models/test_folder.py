from pathlib import Path

import pytest

from jisr.errors import ModelDamaged, PullFailed
from jisr.models.base import Source
from jisr.models.folder import FolderSource
from jisr.models.staging import Staging
from tests.contracts.source import SourceContract
from tests.models.made_up import CONTENT, MODEL


def written(path: Path, content: bytes = CONTENT) -> Path:
    path.parent.mkdir(exist_ok=True)
    path.write_bytes(content)
    return path


class TestFolderSource(SourceContract):
    @pytest.fixture
    def source(self, tmp_path: Path) -> Source:
        return FolderSource(written(tmp_path / "usb" / "made-up.gguf").parent)

    @pytest.fixture
    def wrong_source(self, tmp_path: Path) -> Source:
        return FolderSource(written(tmp_path / "usb" / "made-up.gguf", CONTENT[::-1]))

    @pytest.mark.parametrize("name", ["made-up.gguf", "Made Up.gguf"])
    def test_a_folder_may_have_it_under_the_hub_s_name_too(
        self, name: str, tmp_path: Path, staging: Staging
    ) -> None:
        FolderSource(written(tmp_path / "usb" / name).parent).fetch(MODEL, staging)

        assert staging.file.read_bytes() == CONTENT

    def test_a_file_may_have_any_name(self, tmp_path: Path, staging: Staging) -> None:
        FolderSource(written(tmp_path / "نموذج.bin")).fetch(MODEL, staging)

        assert staging.file.read_bytes() == CONTENT

    def test_the_original_is_another_file_than_the_copy(
        self, tmp_path: Path, staging: Staging
    ) -> None:
        original = written(tmp_path / "it.gguf")
        FolderSource(original).fetch(MODEL, staging)
        staging.cut(10)

        assert original.read_bytes() == CONTENT

    def test_another_size_is_refused_before_a_byte_is_copied(
        self, tmp_path: Path, staging: Staging
    ) -> None:
        with pytest.raises(ModelDamaged, match="has 5 bytes"):
            FolderSource(written(tmp_path / "it.gguf", b"GGUF!")).fetch(MODEL, staging)

        assert staging.size() == 0

    def test_a_path_that_is_not_there_is_said_so(self, tmp_path: Path, staging: Staging) -> None:
        with pytest.raises(PullFailed, match="no file or folder"):
            FolderSource(tmp_path / "nowhere").fetch(MODEL, staging)
