import pytest

from jisr.privacy.arabic_addresses import ENOUGH, arabic_addresses


@pytest.mark.parametrize(
    ("before", "address", "after"),
    [
        ("أسكن في ", "شارع الملك فهد، حي النزهة، الرياض ١١٥٦٤", "."),
        ("العنوان: ", "بناية ٤٥، شقة ٣، شارع السلطان قابوس، مسقط، سلطنة عمان", ""),
        ("توصيل إلى ", "حي الورود شارع ٢٢ منزل رقم ٩", " من فضلك"),
        ("عنواني ", "٢٥ شارع التحرير، الدقي، القاهرة", "\nشكرا"),
        ("", "ص.ب 1234 الرمز البريدي 112 روي", ""),
        ("مكتبنا في ", "برج المملكة، الطابق الخامس، طريق الملك عبد العزيز، جدة", "."),
        ("أعيش في ", "فيلا ١٢، السكة ٣٤٥، الخوض، ولاية السيب", ""),
        # the town first
        ("", "الرياض، حي النرجس، شارع أنس بن مالك 120", ""),
        ("انتقلت إلى ", "شارع جمال عبد الناصر", " قرب الجامع"),
        ("أرسل الطرد إلى ", "مبنى 7 طريق 2803 مجمع 428 المنامة البحرين", "!"),
        # without commas
        ("أسكن في ", "بيت 12 قطعة 4 شارع 101 السالمية الكويت", " منذ عام"),
        ("العنوان\n", "شقة 4\nشارع الحمراء\nبيروت", "\n"),
    ],
)
def test_addresses_are_found_with_all_their_parts(before: str, address: str, after: str) -> None:
    text = before + address + after

    assert [text[start:end] for start, end, _ in arabic_addresses(text)] == [address]


@pytest.mark.parametrize(
    "text",
    [
        "تواصلوا معنا عن طريق البريد الإلكتروني",
        "كل كائن حي الذي يتنفس",
        "طريق النجاح طويل",
        "ما هو أطول شارع في العالم؟",
        "في بيت واحد من 3 غرف",
        "فاز المنتخب في الدور الثاني",
        "اشتريت شقة 3 غرف",
        "الطابق الثالث جميل",
    ],
)
def test_the_same_words_elsewhere_are_left(text: str) -> None:
    assert not list(arabic_addresses(text))


@pytest.mark.timeout(20)
@pytest.mark.parametrize("unit", ["شارع ", "شارع ا، ", "الرياض، ", "حي الل ", "١ ", "ص.ب"])
def test_hostile_text_takes_no_quadratic_time(unit: str) -> None:
    found = list(arabic_addresses(unit * (50_000 // len(unit))))

    assert all(points >= ENOUGH for _, _, points in found)
