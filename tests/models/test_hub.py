import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from jisr.departure import Errand, Noted, Unaudited
from jisr.errors import PullFailed
from jisr.models.base import Source
from jisr.models.hub import HubSource
from jisr.models.staging import Staging
from tests.contracts.source import SourceContract
from tests.models.made_up import CONTENT, MODEL, Hub, serve


@pytest.fixture
def hub() -> Iterator[Hub]:
    with serve(Hub()) as it:
        yield it


class TestHubSource(SourceContract):
    @pytest.fixture
    def source(self, hub: Hub) -> Source:
        return hub.source()

    @pytest.fixture
    def wrong_source(self) -> Iterator[Source]:
        with serve(Hub(content=CONTENT[::-1])) as it:
            yield it.source()

    def test_it_goes_on_from_where_it_ended(self, hub: Hub, staging: Staging) -> None:
        staging.append([CONTENT[:1000]])

        hub.source().fetch(MODEL, staging)

        assert hub.asked == ["bytes=1000-"]

    def test_a_server_that_breaks_off_is_asked_for_the_rest(
        self, hub: Hub, staging: Staging
    ) -> None:
        hub.breaks_off_after = 120_000

        hub.source(retries=0).fetch(MODEL, staging)

        assert staging.file.read_bytes() == CONTENT
        assert hub.asked == [None, "bytes=120000-", "bytes=240000-"]

    def test_a_server_without_ranges_starts_anew(self, hub: Hub, staging: Staging) -> None:
        staging.append([b"x" * 1000])
        hub.takes_ranges = False

        hub.source().fetch(MODEL, staging)

        assert staging.file.read_bytes() == CONTENT

    @pytest.mark.parametrize("status", [429, 500, 503])
    def test_a_busy_server_is_asked_again(self, status: int, hub: Hub, staging: Staging) -> None:
        hub.statuses = [status, status]

        hub.source(retries=2).fetch(MODEL, staging)

        assert staging.file.read_bytes() == CONTENT

    @pytest.mark.parametrize("status", [401, 403, 404])
    def test_a_refusal_is_final(self, status: int, hub: Hub, staging: Staging) -> None:
        hub.statuses = [status]

        with pytest.raises(PullFailed, match=str(status)):
            hub.source().fetch(MODEL, staging)

        assert len(hub.asked) == 1

    def test_it_gives_up_after_so_many_tries_in_vain(self, hub: Hub, staging: Staging) -> None:
        hub.statuses = [503] * 9

        with pytest.raises(PullFailed, match="503"):
            hub.source(retries=2).fetch(MODEL, staging)

        assert len(hub.asked) == 3

    def test_where_it_points_to_its_own_storage_it_is_followed_and_each_hop_is_told(
        self, hub: Hub, staging: Staging
    ) -> None:
        told = Noted()
        with serve(Hub()) as storage:
            hub.points_to = f"{storage.url}/us/made-up/resolve/main/Made%20Up.gguf"
            hub.source(auditor=told, storage=(storage.url,)).fetch(MODEL, staging)
            ports = [int(it.url.rpartition(":")[2]) for it in (hub, storage)]

        assert staging.file.read_bytes() == CONTENT
        assert [(it.port, it.errand, it.body) for it in told.departures] == [
            (port, Errand.PULL, b"") for port in ports
        ]

    def test_it_is_followed_to_no_other_host(self, hub: Hub, staging: Staging) -> None:
        with serve(Hub()) as elsewhere:
            hub.points_to = f"{elsewhere.url}/us/made-up/resolve/main/Made%20Up.gguf"
            with pytest.raises(PullFailed, match="none of the services"):
                hub.source().fetch(MODEL, staging)

            assert elsewhere.asked == []

    def test_it_is_not_followed_in_circles(self, hub: Hub, staging: Staging) -> None:
        hub.points_to = "/us/made-up/resolve/main/Made%20Up.gguf"

        with pytest.raises(PullFailed, match="never to the file"):
            hub.source().fetch(MODEL, staging)

    def test_a_proxy_of_the_environment_is_not_used(
        self, hub: Hub, staging: Staging, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setenv("http_proxy", "http://127.0.0.1:9")
        monkeypatch.setenv("no_proxy", "")

        hub.source().fetch(MODEL, staging)

        assert staging.file.read_bytes() == CONTENT

    def test_an_endless_answer_is_left_at_the_model_s_size(
        self, hub: Hub, staging: Staging
    ) -> None:
        hub.is_endless = True

        hub.source().fetch(MODEL, staging)

        assert staging.file.read_bytes() == CONTENT

    def test_a_range_the_server_lacks_makes_it_start_anew(self, hub: Hub, staging: Staging) -> None:
        staging.append([b"x" * 1000])
        hub.content = CONTENT[:500]

        with pytest.raises(PullFailed):
            hub.source(retries=1).fetch(MODEL, staging)

        assert CONTENT.startswith(staging.file.read_bytes())

    def test_a_server_that_hangs_runs_into_the_timeout(self, hub: Hub, staging: Staging) -> None:
        hub.before_answer = lambda: time.sleep(0.5)

        with pytest.raises(PullFailed, match="timed out"):
            hub.source(timeout_s=0.1, retries=0).fetch(MODEL, staging)

    def test_nobody_there_is_a_failure_that_says_so(self, staging: Staging) -> None:
        source = HubSource(auditor=Unaudited(), base_url="http://127.0.0.1:9", pause_s=0, retries=1)

        with pytest.raises(PullFailed, match="refused"):
            source.fetch(MODEL, staging)

    def test_a_full_disk_is_not_taken_for_the_network(self, hub: Hub, tmp_path: Path) -> None:
        (tmp_path / "weights.part").symlink_to("/dev/full")
        staging = Staging(tmp_path, MODEL.size_bytes, lambda done, total: None)

        with pytest.raises(OSError, match="No space left"):
            hub.source().fetch(MODEL, staging)
