from threading import Thread

from jisr.privacy import entity_model
from jisr.privacy.entity_model import Entity, entities


def test_the_model_is_installed_with_the_extra() -> None:
    assert entity_model.is_installed()


def test_people_and_places_are_found() -> None:
    text = "Rachel Zheng moved to Berlin last year."
    found = {text[it.start : it.end]: it.label for it in entities(text)}

    assert found["Rachel Zheng"] == "PERSON"
    assert found["Berlin"] == "GPE"


def test_a_long_text_is_read_in_pieces_with_its_offsets() -> None:
    text = "there was nothing to be seen at all. " * 800 + "Rachel Zheng moved to Berlin last year."

    assert any(text[it.start : it.end] == "Rachel Zheng" for it in entities(text))


def test_threads_share_the_model() -> None:
    text = "Rachel Zheng moved to Berlin last year."
    found: list[list[Entity]] = []
    threads = [Thread(target=lambda: found.append(entities(text))) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert found == [entities(text)] * 4
