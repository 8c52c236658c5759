import pytest

from jisr.privacy.context_words import NOT_PERSONAL, ContextWords, Cue, is_nearer

WORDS = ContextWords(["phone", "card number", "mobile", "جوال", "رقم بطاقة", "هوية"])
PLACE = "1234567"


def _near(text: str) -> Cue | None:
    start = text.index(PLACE)
    return WORDS.near(text, start, start + len(PLACE))


@pytest.mark.parametrize(
    ("text", "word"),
    [
        ("my phone is 1234567", "phone"),
        ("PHONES: 1234567", "phone"),
        ("card_number=1234567", "card number"),
        ("cardNumber: 1234567", "card number"),
        ("homePhone: 1234567", "phone"),
        ("phone1234567", "phone"),
        ("1234567 is his mobile", "mobile"),
        ("What is your phone? 1234567", "phone"),
        ("I have a new phone. It is 1234567", "phone"),
        ("Phone no. 1234567", "phone"),
        # the nearest counts
        ("phone or mobile 1234567", "mobile"),
        ("mobile: 1234567, phone", "mobile"),
        ("جواله 1234567", "جوال"),
        ("والجوال ١: 1234567", "جوال"),
        ("رقم البطاقة 1234567", "رقم بطاقة"),
        ("رقم بطاقتي 1234567", "رقم بطاقة"),
        ("بهويتها 1234567", "هوية"),
        ("الهويه: 1234567", "هوية"),
    ],
)
def test_a_word_near_a_candidate_is_found(text: str, word: str) -> None:
    cue = _near(text)

    assert cue is not None
    assert cue.word == word
    assert f'"{word}"' in cue.why


@pytest.mark.parametrize(
    "text",
    [
        "1234567",
        "a microphone 1234567",
        "phonetic 1234567",
        "He broke his phone. Then 1234567 came",
        f"phone {'far away ' * 6}1234567",
        f"1234567 {'far away ' * 3}phone",
        # the range ends inside of a word
        "1234567 and some more words, phoned",
        "تجوال 1234567",
    ],
)
def test_other_words_say_nothing(text: str) -> None:
    assert _near(text) is None


def test_all_words_come_with_the_nearest_first() -> None:
    cues = WORDS.scan("mobile phone 1234567, or the other phone").all(13, 20)

    assert [cue.word for cue in cues] == ["phone", "mobile", "phone"]


@pytest.mark.timeout(20)  # one scan per candidate would take far longer
@pytest.mark.parametrize("unit", ["phone ", "card card ", ". ", "رقم ", "a"])
def test_hostile_text_is_scanned_once(unit: str) -> None:
    text = unit * (50_000 // len(unit))
    cues = WORDS.scan(text)

    assert all(len(cues.all(at, at)) < len(unit) * 99 for at in range(0, len(text), 9))


def test_some_numbers_are_said_to_be_of_things() -> None:
    assert NOT_PERSONAL.near("tracking number 1234567", 16, 23) == Cue(8, "tracking")
    assert NOT_PERSONAL.near("رقم الطلب 1234567", 10, 17) == Cue(1, "طلب")


def test_the_nearer_of_two_cues_wins() -> None:
    near, far = Cue(1, "phone"), Cue(9, "order")

    assert is_nearer(near, far)
    assert is_nearer(near, None)
    assert not is_nearer(far, near)
    assert not is_nearer(None, None)
