from jisr.departure import Departure, Errand, Noted, Unaudited

ONE = Departure(
    scheme="https", host="x.org", port=443, path="models", errand=Errand.MODELS, body=b"private"
)


def test_a_departure_does_not_show_its_bytes() -> None:
    assert "private" not in repr(ONE)


def test_one_keeps_departures_in_memory_and_one_keeps_none() -> None:
    noted = Noted()
    noted.note(ONE)

    assert noted.note_at_once(ONE)
    assert noted.departures == [ONE, ONE]
    assert Unaudited().note_at_once(ONE)
    Unaudited().note(ONE)
