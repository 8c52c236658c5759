from jisr.bench.startup import help_ms


def test_the_help_is_there_soon() -> None:
    assert 10 < help_ms(num_runs=1) < 5000  # a loaded machine is given time
