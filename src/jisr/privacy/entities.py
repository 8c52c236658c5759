"""The types of private text that are known, and what each means.

Names are the field's: Microsoft Presidio's where it has one.
"""

from __future__ import annotations

ENTITY_TYPES: dict[str, str] = {
    "PERSON": "a person's name or a part of it",
    "ORGANIZATION": "a company, school, agency or other body",
    "CITY": "a town, district or region smaller than a country",
    "COUNTRY": "a country",
    "NRP": "a nationality, people or faith of somebody",
    "STREET_ADDRESS": "a postal address or a line of one",
    "POSTCODE": "a postal code",
    "EMAIL_ADDRESS": "an e-mail address",
    "PHONE_NUMBER": "a telephone number",
    "CREDIT_CARD": "a payment card number",
    "IBAN_CODE": "an international bank account number",
    "BANK_ACCOUNT": "an account number of a national form",
    "NATIONAL_ID": "a number by which a state knows a person",
    "TAX_NUMBER": "a number by which a tax office knows a person or firm",
    "PASSPORT": "a passport number",
    "DRIVER_LICENSE": "a driver's licence number",
    "LICENSE_PLATE": "the plate of a vehicle",
    "MEDICAL_RECORD": "a number by which a clinic or insurer knows a patient",
    "BIRTH_DATE": "a date of birth",
    "AGE": "a person's age",
    "IP_ADDRESS": "an address of the Internet Protocol",
    "MAC_ADDRESS": "a network card's address",
    "COORDINATES": "a latitude with a longitude",
    "USERNAME": "a name by which a service knows a person",
    "URL": "a web address that names or lets in a person",
    "DOMAIN_NAME": "a web address or host",
    "API_KEY": "a key or token of a service",
    "PASSWORD": "a password, PIN or passphrase",
    "PRIVATE_KEY": "a private key block",
    "CONNECTION_STRING": "an address of a database with its password in it",
}
"""Entity type -> what it is, in words for people."""
