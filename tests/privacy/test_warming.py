from jisr.privacy import lexicon, person_names, place_names
from jisr.privacy.warming import warm


def test_what_is_warm_waits_for_no_list() -> None:
    warm().join()

    for read in (lexicon._english, lexicon._arabic, place_names._cities, person_names._names):
        assert read.cache_info().currsize
