import pytest

from jisr.config import PrivacySettings
from jisr.privacy.base import Recognizer
from jisr.privacy.recognizers.arabic_names import build
from tests.contracts.recognizer import RecognizerContract

FOUND = [
    ("أنا اسمي خالد بن سعيد الحارثي", ["خالد بن سعيد الحارثي"]),
    ("أخبر أم سعيد وأبو محمد", ["أم سعيد", "أبو محمد"]),
    ("اتصل بالدكتورة فاطمة الزهراء", ["فاطمة الزهراء"]),
    ("اكتب رسالة للسيد عبدالله النعيمي", ["عبدالله النعيمي"]),
    ("أرجو الاتصال بالأستاذ علي حسن", ["علي حسن"]),
    ("المريضة هدى عبد الرحمن القحطاني تشكو", ["هدى عبد الرحمن القحطاني"]),
    ("عائلة آل سعود", ["آل سعود"]),
    ("سافرت من القاهرة إلى دبي", ["القاهرة", "دبي"]),
    ("حدثني صديقي كريم عن محمّد", ["كريم", "محمّد"]),
    ("زوجتي تعمل في بنك مسقط", ["بنك مسقط"]),
    ("يدرس في جامعة السلطان قابوس", ["جامعة السلطان قابوس"]),
    ("مدير شركة النور للتجارة", ["شركة النور للتجارة"]),
    ("أرسلها لمحمد ثم لفاطمة", ["محمد", "فاطمة"]),
]
NOTHING = [
    "من هو ابن سينا؟",
    "كتب نجيب محفوظ رواية الثلاثية",
    "هل يمكنك شرح قانون نيوتن الثاني؟",
    "الكتاب جميل والطقس سعيد",
    "اقترح علي كتابا عن الطبخ",
    "ما الفرق بين اللغة العربية واللغة الإنجليزية؟",
    "متى يبدأ شهر رمضان؟",
    "ذهبت إلى المدرسة صباح اليوم ثم إلى السوق الكبير",
    "لخص لي هذا النص من فضلك واكتب النقاط المهمة",
    "كم عدد سكان مصر؟",
]


class TestArabicNames(RecognizerContract):
    def make(self) -> Recognizer:
        recognizer = build(PrivacySettings())
        assert list(
            recognizer.find("خالد في مسقط")
        )  # lists are read now, not within a timed example
        return recognizer

    @pytest.mark.parametrize(("text", "found"), FOUND)
    def test_names_are_found_without_what_is_joined_before(
        self, text: str, found: list[str]
    ) -> None:
        assert self.found(text) == found

    @pytest.mark.parametrize("text", NOTHING)
    def test_ordinary_words_and_public_names_are_left(self, text: str) -> None:
        assert self.found(text) == []

    @pytest.mark.parametrize("unit", ["محمد ", "ابو ", "و", "شركة ال", "بن "])
    @pytest.mark.timeout(20)
    def test_hostile_arabic_text_takes_no_quadratic_time(self, unit: str) -> None:
        text = unit * (50_000 // len(unit))

        assert len(list(self.make().find(text))) <= len(text)
