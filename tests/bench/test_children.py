import os
import urllib.request
from pathlib import Path

import pytest

from jisr.bench.children import Child, pinned, started
from jisr.errors import BackendUnavailable

UPSTREAM = ("jisr.bench.upstream", "--until-eof")


def test_a_child_serves_at_the_address_it_printed() -> None:
    with started(*UPSTREAM) as child, urllib.request.urlopen(f"{child.url}/v1/models") as answer:
        assert answer.status == 200
        assert child.cpu_s() > 0
        assert child.resident_bytes() > 2**20


def is_gone(child: Child) -> bool:
    return not Path(f"/proc/{child.pid}").exists()


def test_it_is_gone_afterwards_whatever_happens() -> None:
    with pytest.raises(ZeroDivisionError), started(*UPSTREAM) as child:
        raise ZeroDivisionError

    assert is_gone(child)


def test_one_that_does_not_start_is_an_error_with_its_last_words() -> None:
    with (
        pytest.raises(BackendUnavailable, match="invalid Behaviour value: 'moody'"),
        started("jisr.bench.upstream", "--behaviour", "moody"),
    ):
        pass


def test_cores_are_the_child_s_and_come_back_to_the_parent() -> None:
    before = os.sched_getaffinity(0)
    core = min(before)
    with pinned([core]), started(*UPSTREAM, cores=[core]) as child:
        assert os.sched_getaffinity(child.pid) == {core}
        assert os.sched_getaffinity(0) == {core}

    assert os.sched_getaffinity(0) == before


def test_it_sees_nothing_of_the_user_s_settings() -> None:
    with started("jisr", "--set", "device.enabled=false", "serve", "--port", "0") as child:
        variables = Path(f"/proc/{child.pid}/environ").read_bytes().split(b"\0")

    ours = {it.partition(b"=")[0]: it for it in variables if it.startswith(b"JISR_")}
    assert ours.keys() == {b"JISR_CONFIG", b"JISR_HOME"}
    assert ours[b"JISR_CONFIG"] == b"JISR_CONFIG=" + os.devnull.encode()
