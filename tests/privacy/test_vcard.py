from jisr.privacy.vcard import read_vcards

CARDS = """BEGIN:VCARD
VERSION:3.0
FN:Sara Haddad
N:Haddad;Sara;;Dr.;
NICKNAME:Soso,Sarsoura
ORG:Palm Clinic;Surgery
item1.EMAIL;type=INTERNET:sara@example
 .com
TEL;TYPE=CELL;VALUE=uri:tel:+968-9212-3456
ADR;TYPE=HOME:;;12 Palm Road\\, Villa 3;Muscat;;133;Oman
BDAY:19900512
NOTE:likes tea
PHOTO:abc
END:VCARD
BEGIN:VCARD
VERSION:2.1
FN;CHARSET=UTF-8;ENCODING=QUOTED-PRINTABLE:=D8=B3=D8=A7=
=D9=84=D9=85
garbage
END:VCARD
"""


def test_contacts_tell_names_addresses_numbers_firms_and_birthdays() -> None:
    entries = list(read_vcards(CARDS))

    assert {
        ("PERSON", "Sara Haddad"),
        ("PERSON", "Sara"),
        ("PERSON", "Haddad"),
        ("PERSON", "Soso"),
        ("PERSON", "Sarsoura"),
        ("PERSON", "سالم"),
        ("ORGANIZATION", "Palm Clinic"),
        ("EMAIL_ADDRESS", "sara@example.com"),
        ("PHONE_NUMBER", "+968-9212-3456"),
        ("STREET_ADDRESS", "12 Palm Road, Villa 3"),
        ("POSTCODE", "133"),
        ("BIRTH_DATE", "1990-05-12"),
        ("BIRTH_DATE", "12 May 1990"),
        ("BIRTH_DATE", "12/05/1990"),
    } <= set(entries)
    assert not any("tea" in value or value == "abc" for _, value in entries)


def test_a_text_that_holds_no_contact_is_no_error() -> None:
    assert list(read_vcards("")) == []
    assert list(read_vcards("FN:\nN:\nADR:\nBDAY:--0512\nORG:;\n:::")) == []
