"""Given and family names of about eighty countries, and words that stand before or in a name.

What is covered: some 60,000 names in Latin, Arabic, Greek, Cyrillic and other scripts, with and
without accents; titles and particles of English, Arabic and a few other languages.

What is not covered: rare names; whether a word that is also a name (Rose, Will, كريم) means a
person here.

Names are read from their library when first asked for, and from the user's cache from then on.

Source: the providers of Faker.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import cache
from importlib import import_module
from pkgutil import iter_modules

from jisr.privacy.name_cues import word_set
from jisr.privacy.place_names import fold_place
from jisr.privacy.prepared import Words, prepared

TITLES = word_set(
    "mr mrs ms miss mx dr prof professor sir madam dame lord lady rev reverend fr father sister "
    "brother sheikh sheikha shaikh hajj hajji imam rabbi capt captain lt col colonel gen general "
    "sgt sergeant maj major cpl pvt officer judge justice senator sen rep congressman "
    "congresswoman governor mayor president minister ambassador chancellor king queen prince "
    "princess duke duchess baron count countess engr eng atty attorney nurse coach uncle aunt "
    "auntie grandma grandpa herr frau señor señora señorita monsieur madame mme mlle signor "
    "signora sr sra dhr mevr doctor doktor"
)
"""Lower-case words before a name that are no part of it."""
PARTICLES = word_set(
    "van von der den de la del della di da dos das du el al bin ibn bint abu abd ben ter ten le "
    "y e zu zur af av bte binti ould umm um"
)
"""Lower-case words inside a name."""
ALSO_WORDS = word_set(
    "abbey abel admiral albino ally almond alpha amber amor angelic ante apollo april arch archer "
    "ascension ash aspen atlas august aura aurora autumn bailey baker bale baptist barb baron "
    "basil belle berry beta bishop blaze bliss blossom bode bogey bonny boone brandy bree brim "
    "brook buffy bunk burr bush buster butch butler cain canal canyon cara carmine carter champ "
    "chastity cherish china christen cinnamon clay cleave colon colt commodore coral cord corona "
    "creed daisy dale dash deacon dean delta dexter dimple dino dodo dotty dove drake dries duke "
    "dung dusty earl earnest easter ebony echo edit ember emerald emit ermine ether fanny fares "
    "fawn felicity feline fern fielding fisher flint flora forum fuller gage gala gale garland "
    "garrison gauge gene genesis genie glen gorge graves griffin grit grove gull gully gunner "
    "gust harden hardy harley harmony harper haven hazel heath heather herb hind holly hunter "
    "imam immaculate indie infant iris ivory jade january jasmine jasper jean jewel june kaiser "
    "karma kiddy kitty lacey lance lander lane lark lassie laurel lavender laze leafy leaner lone "
    "loot lore luster lute lyric mace magnolia manly manning mare marina marquis mars marsh "
    "marshal marshall marvel mats maverick maxi meadow melody mentor merrily messiah metro mile "
    "mills miner mist misty moody muslim nacho newt ninja nova november octave opal oral orion "
    "paisley pall pansy parker pastor patty pearl pearly peer pepper percy phoenix pinkie piper "
    "pleas poppy porsche porter prosper prudence puck purity raven reed rein ridge rim roan roar "
    "robin rocky roman rose ross rosy ruby rune runny rusty sable safari saga sage salami sandy "
    "savannah sawyer scarlet serena serenity server sever shelly shepherd sherry silas sine smith "
    "snot squire starling sterling steward stormy sunday tanner tawny telly terra thorny tome "
    "trey trinity unnamed valentine valiant valves veer velvet venus victor viking villa violet "
    "visa wade wage walker watt weaver wells whit wilder willow windy woody"
)
"""Given names that are as often words, if they have no capital."""

GIVEN, FAMILY = 1, 2
"""What a name may be; their sum is both."""
_SHORTEST = 2
_WORD = re.compile(r"[^\W\d_]+")


def is_given(word: str) -> bool:
    """Whether a folded word (`fold_place`) is a given name somewhere."""
    return bool(_names().get(word, 0) & GIVEN)


def is_family(word: str) -> bool:
    """Whether a folded word is a family name somewhere."""
    return bool(_names().get(word, 0) & FAMILY)


def is_name(word: str) -> bool:
    """Whether a folded word is a given or a family name somewhere."""
    return word in _names()


@cache
def _names() -> Words:
    return prepared("people", _read_names, made_by=__file__, packages=("Faker",))


def _read_names() -> Words:
    from faker.providers import person  # only where the list is made

    given: set[str] = set()
    family: set[str] = set()
    for locale in iter_modules(person.__path__):
        provider = import_module(f"{person.__name__}.{locale.name}").Provider
        for attribute in dir(provider):
            if "first_name" in attribute or "middle_name" in attribute:
                given.update(_listed(getattr(provider, attribute)))
            elif "last_name" in attribute:
                family.update(_listed(getattr(provider, attribute)))
    is_given, is_family = _folded(given), _folded(family)
    return {
        word: GIVEN * (word in is_given) + FAMILY * (word in is_family)
        for word in sorted(is_given | is_family)
    }


def _listed(names: object) -> Iterator[str]:
    if isinstance(names, (list, tuple, dict, set, frozenset)):
        yield from (name for name in names if isinstance(name, str))


def _folded(names: set[str]) -> frozenset[str]:
    words = (word for name in names for word in _WORD.findall(fold_place(name)))
    return frozenset(word for word in words if len(word) >= _SHORTEST)
