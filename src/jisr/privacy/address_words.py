"""Words that postal addresses are made of, in some forty languages.

What is covered: words for streets, for parts of a house and for post boxes as they are
written in addresses, and the words before an address that say it is one.

What is not covered: languages that write no spaces between words.
"""

from __future__ import annotations

import re


def words_of(table: str, between: str | None = None) -> frozenset[str]:
    """Return the words of a table that is written as one string."""
    return frozenset(table.split(between))


STREET_LAST = words_of(
    "street st str road rd avenue ave av boulevard blvd lane ln drive dr court ct terrace "
    "crescent cres close highway hwy parkway pkwy expressway alley trail turnpike grove mews "
    "quay embankment row walk rise strasse straße gasse weg allee platz straat laan plein gracht "
    "kade dijk gata gatan gate terrasse plads torg torv allé alle gade vej vei veien vegen vegur "
    "väg vägen stræti katu tie tee tänav tn mnt pst utca u út útja tér tere krt körút rkp "
    "rakpart köz fasor dűlő ulice nábřeží náměstí třída cesta ulica nabrežje trg put sokak "
    "sokağı caddesi cad bulvarı mahallesi marg nagar salai gatve gatvė iela odos leoforos οδός "
    "λεωφόρος улица ул проспект пр-т переулок шоссе бульвар вулиця"
)
"""Words that follow or may follow a street's name; most stand before it in some language."""

STREET_FIRST = words_of(
    "rua rúa c/ avenida avda av alameda travessa praça praca largo estrada rodovia quadra calle "
    "carrera cra paseo camino carretera plaza ronda glorieta pasaje rue avenue boulevard bd "
    "chemin allée allee impasse quai cours via viale vicolo piazza piazzale corso strada largo "
    "lungomare contrada ul ulica al aleja aleje plac pl os osiedle ulice nábřeží náměstí trg "
    "šetalište obala put cesta strada str bulevardul calea aleea șoseaua jalan jl lorong phố "
    "đường οδός πλατεία λεωφόρος λ улица ул проспект пр-т переулок шоссе бульвар вулиця am auf zum "
    "zur unter alte route rte"
)
"""Words that stand before a street's name."""

STREET_LOWER = (STREET_LAST | STREET_FIRST) - words_of(
    "walk row close rise drive put tie tee am al alte auf zum zur unter court trail alley via "
    "route largo plaza terrace quay lane mews grove st av ct dr la"
)
"""Those that are no other word when written without a capital."""

STREET_SOMETIMES = words_of(
    "way place square circle park plaza gardens garden hill hills heights view point ridge ranch "
    "mill mills union islands island isle isles dam dale flats flat trace track landing crossing "
    "bypass extension field fields forest forge fork forks glen green harbor harbour haven "
    "hollow inlet junction key knoll lake lakes land light loaf lock lodge loop mall manor "
    "meadow meadows mission motorway mount mountain neck orchard oval overpass pass passage path "
    "pike pine pines plain plains port prairie radial ramp rapid rapids rest river route run "
    "shoal shore shores skyway spring springs spur stravenue stream summit throughway tunnel "
    "valley via viaduct ville vista wall well wells bluff bottom branch bridge brook burg camp "
    "canyon cape causeway center centre cliff club common corner cove creek crest curve divide "
    "estate estates fall falls ferry ford fort freeway gateway square beach bend wharf wynd yard "
    "gate end"
)
"""Words that name streets as well as other things."""

_ENDINGS = words_of(
    "str strasse straße strase gasse platz allee damm ufer steig straat laan plein gracht kade "
    "dijk dreef singel hof gatan gränd vägen backen torget gata gaten vegen veien veg gade "
    "vænget vej parken toften bakken centret svinget haven stien braut stræti vegur gerði sund "
    "holt katu kuja tie tanhua polku rinne raitti tänav puiestee ului utca útja körút ova "
    "ného ská ciems "
    "iela gatvė gatve brautin götu vænge løkken stræde"
)
STREET_ENDINGS = tuple(sorted(_ENDINGS))
"""How one-word names of streets end, in Germanic, Nordic, Finnic and Slavic languages."""

STREET_ABBREVIATION = "str"
"""How names of German streets end when cut short."""

NUMBERED_STREETS = words_of("street road way lane avenue block sector")
"""Words that a number follows where streets have no names."""

NUMBER_WORDS = words_of("no nr nº num number д дом č")
"""Words that say that a house number follows."""

HUNGARIAN = words_of("u út útja utca tér tere krt körút rkp rakpart köz fasor sor dűlő")
"""Words after which a house number ends with a full stop."""

ABBREVIATIONS = words_of(
    "st str rd ave av avda blvd bd ln dr ct cres hwy pkwy u krt rkp ul al pl os jl cad ул λ tn "
    "mnt pst cra rte apt ste no nr bldg mt ft n s e w"
)
"""Words that a full stop may follow without an end of the sentence."""

UNITS = words_of(
    "blk apt apartment suite ste unit flat floor room rm building bldg block villa house office "
    "lot tower door appartement app bâtiment bât étage piso puerta apto depto dpto bloco sala "
    "interno scala wohnung whg stiege lokal lejlighed leilighet lgh кв корп квартира daire daira "
    "kat ajtó"
)
"""Words for a part of a house; a number follows."""

PARTICLES = words_of(
    "de da do dos das du des del della delle dei di la le les los las el al of the van von vom "
    "der den dem zu zum zur und e y i et ou en op aan ten ter 't s ibn bin bint abu az z w we v "
    "ve od na pod nad u sous sur l d"
)
"""Small words inside of a street's or town's name."""

EMPTY_CELLS = words_of("nan null none n/a")
"""What stands for a missing region where a table was printed."""

NO_STREETS = words_of(
    "google drive|hard drive|flash drive|usb drive|test drive|one drive|disk drive|milky way|"
    "one way|two way|half way|supreme court|high court|food court|tennis court|crown court|"
    "district court|wall street|sesame street|main street|silk road|high street|no way|"
    "fleet street|abbey road|penny lane|downing street|time square|memory lane|fast lane|"
    "right way|moral court|open road|ted drive|blood drive|food drive|world map",
    "|",
)
"""Words that end like a street and are none, or one that everybody knows."""

NOT_A_NAME = words_of(
    "muharram safar rajab shaban ramadan shawwal "
    "january february march april may june july august september october november december jan "
    "feb mar apr jun jul aug sep sept oct nov dec monday tuesday wednesday thursday friday "
    "saturday sunday mon tue wed thu fri sat sun am pm chapter section page step version table "
    "figure fig question answer part volume vol issue level grade stage phase round week day "
    "year month line row column item number no nr windows iphone android ios area channel "
    "terminal gate platform exit episode season psalm psalms article appendix exercise lesson "
    "option example model agent formula apollo boeing airbus flight world covid type class size "
    "top best unit room floor suite apt apartment zip code phone tel fax dollars euros usd eur "
    "gb mb kb km kg mg ml cm mm ad bc percent million billion thousand hundred minutes hours "
    "days weeks months years points people and or but however dear best regards sincerely thanks "
    "note total sum box http https www"
)
"""Words with a number beside them that are no street's name, whatever stands around."""

STOP = words_of(
    "a an the is are was were be been it its this that these those i you he she we they me him "
    "her us them my your his our their and or but if so as at by for from in into of on to with "
    "about after before than then there here where when what which who whom how why not no yes "
    "do does did have has had will would can could should may might must just also only very all "
    "any some each every more most much many few between through during under over near off out "
    "up down please hello hi dear thanks thank user bot address billing shipping zip code "
    "postcode live lives lived meet located arrived moved said my your now today tomorrow "
    "yesterday"
)
"""Words that are no part of a place's name, even at the start of a sentence."""

LOWER_STOP = STOP | words_of("last first next new old night concert street's good great nice")
"""The same for texts without capitals."""

_CUE_WORDS = "|".join(
    sorted(
        words_of(
            r"address(?:es)? lives? living lived reside[sd]? residing residence locat(?:ed|ion) "
            r"offices? headquarter(?:s|ed) moved? moving relocat\w+ ship(?:ped|ping)? deliver\w* "
            "mail(?:ed)? sen[dt] sending meet(?:ing)? home house drop(?:s|ped)? station stop "
            "restaurant shop store venue clinic place branch warehouse depot school hotel taxi cab "
            "parked landlord rent(?:ed|ing)? property parcel package order courier directions way "
            "route opened break-in accident letter invoice billing based arrived? stay(?:ing|ed)? "
            "visit pick(?:ed)? apartment street it's "
            r"wohn\w* adresse dirección indirizzo endereço adres osoite"
        )
    )
)
CUE = re.compile(
    rf"(?:\b(?:{_CUE_WORDS})\b|العنوان|عنوان\w*)[^.!?\n\d]{{0,44}}"
    r"(?:\b(?:at|in|on|to|is|are|of|near|from|into)|[:\-–])?[\s>*_\"']*\Z",
    re.IGNORECASE,
)
"""Text before an address that says that it is one."""

BEFORE = re.compile(r"(?:\b(?:at|is|near|address)|[:\n>]|\A)[ \t>*\"-]*\Z", re.IGNORECASE)
"""Text before a place, more weakly."""

DIRECTLY = re.compile(
    r"(?:\b(?:at|in|on|to|is|are|near|from|of|address)|[:\n>]|\A|العنوان)[ \t>*_\"'-]*\Z",
    re.IGNORECASE,
)
"""Text right before an address that has little else to show."""

ALONG = re.compile(r"\b(?:on|at|along|off|near|down|to|from|of|in)[ ]\Z", re.IGNORECASE)
"""Text right before a street's name."""

PLAIN_STREETS = words_of(
    "street st road rd avenue ave boulevard blvd lane ln drive crescent strasse straße straat gatan"
)
"""Words that say street, and hardly anything else."""
