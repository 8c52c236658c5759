import os

import pytest

from jisr.bench.gateway import NUM_PARTS, NUM_PARTS_APART, GatewayLoad, measure
from jisr.bench.results import TARGETS


@pytest.mark.skipif(not hasattr(os, "sched_setaffinity"), reason="cores cannot be chosen here")
def test_a_small_run_measures_all_of_it() -> None:
    measured = measure(GatewayLoad(num_requests=40, num_connections=4, num_rounds=2, seed=1))

    figures = measured.figures
    assert {name for name in TARGETS if name.startswith("gateway_")} <= figures.keys()
    assert figures["gateway_num_failed"] == 0
    assert figures["num_requests"] == 40
    assert 0 < figures["direct_p50_ms"] < figures["gateway_p50_ms"]
    assert 0 < figures["gateway_rps"] < figures["direct_rps"]
    assert 20 < figures["gateway_memory_mb"] < 500
    assert len(measured.rows) == 2 + NUM_PARTS + NUM_PARTS_APART
