from jisr.ledger.spending import MAX_WATCHED, Found, Spending


def test_a_turn_counts_before_it_is_saved_and_once_after() -> None:
    spending = Spending()
    spending.watch(100)
    spending.saved(100, Found(pico_usd=5, after_row=0, last_row=2))

    spending.add(99, 1000)  # before the moment
    spending.add(100, 7)
    assert spending.pico_usd(100) == 12

    spending.settle(2, is_saved=True)
    spending.saved(100, Found(pico_usd=7, after_row=2, last_row=4))
    assert spending.pico_usd(100) == 12


def test_what_is_set_aside_counts_until_the_file_has_it() -> None:
    spending = Spending()
    spending.add(100, 7)
    spending.settle(1, is_saved=False)
    spending.watch(0)
    assert spending.pico_usd(0) == 7

    spending.take_back()
    spending.saved(0, Found(pico_usd=7, after_row=0, last_row=1))
    assert spending.pico_usd(0) == 7


def test_a_new_file_is_read_as_a_whole() -> None:
    spending = Spending()
    spending.watch(0)
    spending.saved(0, Found(pico_usd=50, after_row=0, last_row=9))

    spending.saved(0, Found(pico_usd=3, after_row=0, last_row=1))

    assert spending.pico_usd(0) == 3


def test_only_a_few_moments_are_watched() -> None:
    spending = Spending()
    for moment in range(MAX_WATCHED + 3):
        spending.watch(moment)

    assert list(spending.watched()) == list(range(3, MAX_WATCHED + 3))
    assert spending.pico_usd(0) == 0
