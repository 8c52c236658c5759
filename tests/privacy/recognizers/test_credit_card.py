import pytest

from jisr.privacy.base import Recognizer
from jisr.privacy.recognizers.credit_card import CardRecognizer
from tests.contracts.recognizer import RecognizerContract


class TestCardRecognizer(RecognizerContract):
    def make(self) -> Recognizer:
        return CardRecognizer()

    # numbers: the card networks' published test numbers
    @pytest.mark.parametrize(
        ("text", "cards"),
        [
            ("4111111111111111", ["4111111111111111"]),
            ("4111 1111 1111 1111 12/27 123", ["4111 1111 1111 1111"]),
            ("5555-5555-5555-4444.", ["5555-5555-5555-4444"]),
            ("amex 3782 822463 10005", ["3782 822463 10005"]),
            ("4222222222222", ["4222222222222"]),  # 13 digits
            ("6304000000000000", ["6304000000000000"]),
            ("4111111111111111,378282246310005", ["4111111111111111", "378282246310005"]),
            ("١ بطاقتي ٤١١١ ١١١١ ١١١١ ١١١١", ["٤١١١ ١١١١ ١١١١ ١١١١"]),
            ("رقم4111111111111111", ["4111111111111111"]),
            ("4111\u00a01111\u00a01111\u00a01111", ["4111\u00a01111\u00a01111\u00a01111"]),
            ("555 4111 1111 1111 1111", ["4111 1111 1111 1111"]),
            ("180000826105910", ["180000826105910"]),  # fifteen digits of JCB
            # the checksum is wrong, but a word says what it is
            ("my card 4111 1111 1111 1112 is lost", ["4111 1111 1111 1112"]),
            ("Visa: 4111111111111112", ["4111111111111112"]),
            ("block 060426070011, my debit card", ["060426070011"]),
            ("رقم بطاقتي ٤١١١ ١١١١ ١١١١ ١١١٢", ["٤١١١ ١١١١ ١١١١ ١١١٢"]),
        ],
    )
    def test_cards_are_found(self, text: str, cards: list[str]) -> None:
        assert self.found(text) == cards

    @pytest.mark.parametrize(
        "text",
        [
            "4111111111111112",  # the checksum is wrong
            "1234567812345670",  # the checksum holds, but no network has it
            "1700000000000",
            "0.4111111111111111",
            "order 9400111899223100001",
            "d41d8cd9-4111-1111-1111-111111111111a",
            "0000000000000000",
            "4111 1111\n1111 1111",
            "550e8400-e29b-41d4-a716-446655440000",
            "my card came with order 123412341234",
            "my id card 123412341234",
            "a card costs 1700 dollars",
            "a graphics card of 1234567890123 operations",
        ],
    )
    def test_what_is_no_card_is_left(self, text: str) -> None:
        assert not self.found(text)

    def test_a_number_that_only_a_word_tells_scores_less(self) -> None:
        (checked,) = self.make().find("my card 4111111111111111")
        (named,) = self.make().find("my card 4111111111111112")

        assert named.score < checked.score
        assert named.why.endswith('after "card"')
