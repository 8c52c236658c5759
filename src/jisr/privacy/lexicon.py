"""Ordinary words, and words with a capital that name nobody: months, languages, software.

What is covered: about 160,000 English and 140,000 Arabic words with how often they are said;
months, weekdays, feasts, languages and nationalities of English; programming languages and
common software.

What is not covered: ordinary words of other languages, a trade's own words, new products.

Words are read when first asked for, which takes about a tenth of a second each.

Source: counts from film subtitles, by pyspellchecker; names of languages of the Unicode CLDR,
by babel; names of programming languages by Pygments.
"""

from __future__ import annotations

import gzip
import json
import re
from functools import cache, lru_cache, partial
from importlib.resources import files

from babel import Locale

from jisr.privacy.place_names import fold_place, is_country
from jisr.privacy.prepared import Words, prepared

_CALENDAR = (
    "january february march april may june july august september october november december "
    "monday tuesday wednesday thursday friday saturday sunday jan feb mar apr jun jul aug sep "
    "sept oct nov dec mon tue tues wed thu thur thurs fri sat sun christmas easter ramadan eid "
    "thanksgiving halloween hanukkah diwali muharram rajab shaaban shawwal safar ad bc am pm"
)
_PEOPLES = (
    "american british english scottish welsh irish dutch danish swiss greek turkish polish "
    "swedish finnish spanish french german thai arab arabs arabian african asian european "
    "americans hispanic caucasian emirati qatari kuwaiti bahraini iraqi israeli pakistani "
    "bangladeshi yemeni filipino filipina malagasy czech slovak slovene serb croat scandinavian "
    "christian christians muslim muslims jewish jew jews catholic catholics hindu buddhist "
    "protestant sikh kurdish kurds kurd afghan tibetan persian malay argentine cypriot welshman "
    "frenchman englishman britons briton scotsman turk latino latina peruvian canadian norwegian "
    "belgian portuguese monegasque vietnamese chechen burmese lebanese mexican dominican ghanaian "
    "moroccan druze copt coptic shia shiite sunni atheist bosnian uighur tamil punjabi bengali "
    "sinhalese zulu yoruba igbo hausa amazigh"
)
"""Nationalities, peoples and believers that their countries' names do not tell."""
_CULTURES = (
    "arabic latin norse nordic western eastern northern southern midwestern mediterranean islamic "
    "islam christianity judaism hinduism buddhism orthodox quran koran bible torah god allah lord "
    "jesus christ satan victorian renaissance medieval cantonese mandarin hebrew roman romans "
    "byzantine ottoman ottomans soviet celtic"
)
_SOFTWARE = (
    "api apis aws s3 ec2 eks ecs rds gcp azure ios iphone ipad macos android windows linux ubuntu "
    "debian unix posix docker kubernetes k8s helm terraform ansible jenkins git github gitlab "
    "bitbucket jira npm yarn pip conda node nodejs react reactjs angular vue vuejs svelte nextjs "
    "django flask fastapi spring laravel rails numpy scipy pandas matplotlib pytorch tensorflow "
    "keras jupyter spark hadoop kafka redis mongodb mongo postgres postgresql mysql mariadb sqlite "
    "oracle nosql graphql grpc rest json yaml toml xml html css csv pdf http https url uri tcp udp "
    "dns ssh ssl tls vpn gpu cpu ram ssd usb wifi wi-fi bluetooth lte 5g 4g excel powerpoint word "
    "outlook photoshop illustrator autocad matlab latex markdown unicode ascii utf utf-8 regex "
    "chatgpt gpt llm llms bert transformer transformers nginx apache tomcat webpack vite eslint "
    "pytest junit selenium postman swagger openapi oauth jwt saml ldap cron crud orm mvc sdk ide "
    "vscode vim emacs intellij pycharm javascript typescript python java kotlin golang rust php "
    "lambda cloudformation cloudfront dynamodb bigquery snowpipe tableau grafana prometheus "
    "elasticsearch kibana rabbitmq celery airflow dbt hive presto pyspark firebase heroku netlify "
    "vercel bootstrap tailwind jquery ajax wordpress shopify woocommerce magento drupal excel vba "
    "qr nfc iot ai ml nlp ocr crm erp kpi kpis roi seo sem b2b b2c saas paas iaas devops ci cd "
    "covid covid-19 dna rna mrna pcr hiv aids adhd mri ct ecg bmi hba1c ielts toefl gre gmat sat "
    "mba phd bsc msc gpa ceo cfo cto coo hr pr qa ui ux faq asap fyi rsvp tbd tba etc eta diy ok "
    "tv dvd cd cv pos sql dr mr mrs ms prof jr sr vs ie eg nb ps btw lol omg wtf iot usd eur gbp "
    "aed sar omr gdp vat iso ieee"
)
_ARABIC_PEOPLES = (
    "سعودي إماراتي فلسطيني سوري عربي كردي إنجليزي انجليزي أمريكي امريكي هندي تركي فارسي أفغاني "
    "شركسي أرمني يهودي مسيحي مسلم قبطي درزي شيعي سني أمازيغي نوبي آسيوي أفريقي أوروبي مكسيكي"
)
_ARABIC_LANDS = ("أمريكا", "بريطانيا", "هولندا", "اسكتلندا", "كوريا", "إنجلترا", "صومال", "شيشان")
_ARABIC_OTHERS = "مالي توغي كوبي عالمي"
"""Ordinary words that look like such ones: `مدير مالي` keeps the books."""
_ARABIC_ENDING = re.compile(r"(?:يا|يه|ا|ه)\Z")
_SHORTEST_ARABIC = 3  # letters
_ENDS_OF_PEOPLES = ("ian", "ians", "an", "ans", "ese", "ish", "ic", "i", "is", "er", "ers")
_AMERICAN = {"is": "iz", "our": "or"}
_BRITISH = re.compile(r"is(?=e[ds]?\Z|ing\Z|ation)|(?<=\w{3})our(?=s?\Z|ed\Z|ing\Z|ful|ite)")
_OFTEN = 1_000  # times said, for a word that another may be a slip of
_SHARED = 4  # first letters a people has in common with its country


LONGEST_WORD = 40
"""Letters from which a word is not looked for with a letter changed: no ordinary one is longer."""


def count(word: str) -> int:
    """Return how often a lower-case word is said in English films; 0 if it is no word."""
    if (times := _english().get(word)) is not None:
        return times
    if "’" in word:
        word = word.replace("’", "'")
    if "-" in word:  # well-known: as rare as the rarer part
        return min(_english().get(part, 0) for part in word.split("-"))
    if "is" in word or "our" in word:  # the lists are American
        word = _BRITISH.sub(lambda it: _AMERICAN[it[0]], word)
    return _english().get(word, 0)


def count_arabic(word: str) -> int:
    """Return how often an Arabic word is said in films; 0 if it is no word."""
    return _arabic().get(word, 0)


def is_calendar(word: str) -> bool:
    """Whether a lower-case word is a month, a weekday or a feast."""
    return word in _words(_CALENDAR)


def is_software(word: str) -> bool:
    """Whether a lower-case word is a programming language, common software or an abbreviation."""
    return word in _words(_SOFTWARE) or word in _programming()


@lru_cache(maxsize=4096)
def is_people(word: str) -> bool:
    """Whether a lower-case word is a nationality, a language or a faith."""
    return is_nationality(word) or word in _words(_CULTURES) or word in _languages()


@lru_cache(maxsize=4096)
def is_nationality(word: str) -> bool:
    """Whether a lower-case word says which nation, people or faith somebody is of."""
    if word in _words(_PEOPLES):
        return True
    return any(word.endswith(end) and _is_of_a_country(word, end) for end in _ENDS_OF_PEOPLES)


def is_arabic_nationality(word: str) -> bool:
    """Whether an Arabic word, with its article or without, says the same: `مصري`, `السعودية`."""
    stem = fold_place(word).removeprefix("ال")
    ends = (end for end in ("", "ه", "ين", "ون", "ات") if stem.endswith(end))
    return any(stem.removesuffix(end) in _arabic_nationalities() for end in ends)


def is_misspelt(word: str) -> bool:
    """Whether a word is one letter away from one that is said often, and so may be a slip."""
    known = _english()
    if len(word) > LONGEST_WORD:
        return False
    cuts = [(word[:i], word[i:]) for i in range(len(word) + 1)]
    shorter = (a + b[1:] for a, b in cuts if b)
    swapped = (a + b[1] + b[0] + b[2:] for a, b in cuts if len(b) > 1)
    other = (
        a + letter + rest
        for a, b in cuts
        for letter in "abcdefghijklmnopqrstuvwxyz"
        for rest in ((b[1:], b) if b else (b,))
    )
    return any(known.get(near, 0) > _OFTEN for near in (*shorter, *swapped, *other))


def _is_of_a_country(word: str, end: str) -> bool:
    stem = word.removesuffix(end)
    return len(stem) >= _SHARED - 1 and (
        stem in _stems() or stem.removesuffix("n") in _stems() or f"{stem}i" in _stems()
    )


@cache
def _stems() -> frozenset[str]:
    """Return what is left of countries' names without their last vowels: `ital`, `canad`."""
    countries = [name.casefold() for name in Locale("en").territories.values()]
    return frozenset(
        stem
        for name in countries
        if is_country(fold_place(name)) and " " not in name
        for stem in (name.rstrip("aeiou"), name, name[:-1])
        if len(stem) >= _SHARED - 1
    )


@cache
def _arabic_nationalities() -> frozenset[str]:
    """Return the words for men of each country, made of its name: مصر, مصري."""
    countries = (*Locale("ar").territories.values(), *_ARABIC_LANDS)
    stems = (
        _ARABIC_ENDING.sub("", fold_place(name).removeprefix("ال"))
        for name in countries
        if " " not in name
    )
    made = frozenset(f"{stem}ي" for stem in stems if len(stem) >= _SHORTEST_ARABIC)
    return made - _words(_ARABIC_OTHERS) | {fold_place(it) for it in _words(_ARABIC_PEOPLES)}


@cache
def _words(words: str) -> frozenset[str]:
    return frozenset(words.split())


@cache
def _languages() -> frozenset[str]:
    names = Locale("en").languages.values()
    return frozenset(name.casefold() for name in names if name.isalpha())


@cache
def _programming() -> frozenset[str]:
    from pygments.lexers import get_all_lexers  # few texts ask for it

    return frozenset(
        name.casefold() for lexer in get_all_lexers() for name in (lexer[0], *lexer[1])
    )


@cache
def _english() -> Words:
    return read("en")


@cache
def _arabic() -> Words:
    return read("ar")


def read(language: str) -> Words:
    """Return how often each word of a language is said in films; read anew each time."""
    make = partial(_read, language)
    return prepared(f"said-{language}", make, made_by=__file__, packages=("pyspellchecker",))


def _read(language: str) -> Words:
    file = files("spellchecker") / "resources" / f"{language}.json.gz"
    counts: dict[str, int] = json.loads(gzip.decompress(file.read_bytes()))
    return counts
