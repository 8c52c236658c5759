"""People whom everybody knows, and questions about the world: no private text.

What is covered: some 200 names of history, science, art and public life, in English and Arabic,
where nothing in the text is about the person who writes; laws, theorems and prizes called after
somebody (`Newton's laws`); facts asked of a country or town (`the capital of France`).

What is not covered: anybody not in the list, and public persons' namesakes; where the writer
speaks of himself or of people he knows, every name counts as private.
"""

from __future__ import annotations

import re
from functools import cache

from jisr.privacy.name_cues import word_set
from jisr.privacy.place_names import fold_place

_FULL = (
    "albert einstein|isaac newton|charles darwin|galileo galilei|marie curie|nikola tesla|"
    "thomas edison|stephen hawking|alan turing|ada lovelace|leonhard euler|carl gauss|"
    "blaise pascal|rene descartes|immanuel kant|friedrich nietzsche|karl marx|sigmund freud|"
    "carl jung|adam smith|john keynes|john maynard keynes|max weber|niels bohr|max planck|"
    "werner heisenberg|erwin schrodinger|richard feynman|louis pasteur|gregor mendel|"
    "johannes kepler|nicolaus copernicus|michael faraday|james clerk maxwell|william shakespeare|"
    "charles dickens|jane austen|mark twain|leo tolstoy|fyodor dostoevsky|anton chekhov|"
    "ernest hemingway|george orwell|oscar wilde|victor hugo|franz kafka|edgar allan poe|"
    "agatha christie|virginia woolf|james joyce|gabriel garcia marquez|j k rowling|"
    "johann sebastian bach|wolfgang amadeus mozart|ludwig van beethoven|frederic chopin|"
    "leonardo da vinci|vincent van gogh|pablo picasso|claude monet|salvador dali|frida kahlo|"
    "andy warhol|walt disney|charlie chaplin|alfred hitchcock|elvis presley|michael jackson|"
    "bob marley|john lennon|taylor swift|marilyn monroe|bruce lee|mahatma gandhi|"
    "nelson mandela|martin luther king|abraham lincoln|george washington|thomas jefferson|"
    "benjamin franklin|john f kennedy|franklin roosevelt|theodore roosevelt|winston churchill|"
    "margaret thatcher|queen elizabeth|queen victoria|napoleon bonaparte|adolf hitler|"
    "joseph stalin|vladimir lenin|mao zedong|che guevara|fidel castro|julius caesar|"
    "alexander the great|genghis khan|christopher columbus|marco polo|vasco da gama|"
    "neil armstrong|yuri gagarin|barack obama|donald trump|joe biden|george bush|bill clinton|"
    "hillary clinton|ronald reagan|richard nixon|vladimir putin|angela merkel|xi jinping|"
    "emmanuel macron|steve jobs|bill gates|mark zuckerberg|jeff bezos|warren buffett|"
    "henry ford|john rockefeller|lionel messi|cristiano ronaldo|diego maradona|muhammad ali|"
    "michael jordan|usain bolt|serena williams|roger federer|tiger woods|oprah winfrey|"
    "florence nightingale|anne frank|joan of arc|mother teresa|dalai lama|rosa parks|"
    "harry potter|sherlock holmes|james bond|santa claus|ibn sina|ibn khaldun|ibn battuta|"
    "ibn rushd|al khwarizmi|omar khayyam|harun al rashid|naguib mahfouz|umm kulthum|"
    "taha hussein|gamal abdel nasser|anwar sadat|mohamed salah|"
    "united nations|european union|world bank|jalal ad din rumi|"
    "ابن سينا|ابن خلدون|ابن بطوطة|ابن رشد|ابن الهيثم|ألبرت أينشتاين|إسحاق نيوتن|"
    "تشارلز داروين|نيكولا تسلا|ماري كوري|وليم شكسبير|ويليام شكسبير|نجيب محفوظ|طه حسين|"
    "أم كلثوم|محمود درويش|نزار قباني|جبران خليل جبران|أحمد شوقي|أبو الطيب المتنبي|"
    "صلاح الدين الأيوبي|هارون الرشيد|جمال عبد الناصر|أنور السادات|ياسر عرفات|محمد صلاح|"
    "كريستيانو رونالدو|ليونيل ميسي|نيلسون مانديلا|نابليون بونابرت|كريستوفر كولومبوس|"
    "عمر المختار|عمر بن الخطاب|علي بن أبي طالب|خالد بن الوليد|طارق بن زياد|عنترة بن شداد"
)
_ALONE = (
    "einstein newton darwin galileo tesla edison hawking turing euler gauss pascal descartes kant "
    "nietzsche freud keynes bohr planck heisenberg schrodinger feynman pasteur kepler "
    "copernicus faraday maxwell shakespeare dickens tolstoy dostoevsky hemingway orwell kafka bach "
    "mozart beethoven chopin picasso monet michelangelo raphael rembrandt gandhi mandela churchill "
    "napoleon hitler stalin lenin obama trump putin messi ronaldo pele maradona plato socrates "
    "aristotle homer pythagoras euclid archimedes ptolemy hippocrates cleopatra caesar nero "
    "charlemagne columbus magellan confucius buddha muhammad moses noah zeus apollo athena "
    "hercules odysseus achilles thor odin rumi saladin avicenna averroes batman superman "
    "voltaire rousseau machiavelli luther calvin da-vinci "
    "أينشتاين نيوتن داروين تسلا شكسبير المتنبي الخوارزمي الرازي الفارابي الغزالي سقراط "
    "أفلاطون أرسطو نابليون ميسي رونالدو بيكاسو موزارت بيتهوفن غاليليو فرويد ماركس غاندي مانديلا"
)
_EPONYMS = word_set(
    "law laws theorem theory equation equations algorithm principle paradox transform series test "
    "distribution effect constant number numbers conjecture hypothesis lemma inequality machine "
    "process model method syndrome disease scale prize award medal game function rule formula "
    "diagram space group sequence triangle curve filter network sort notation complexity criterion "
    "razor cat coefficient correlation regression matrix polynomial expansion code coding search "
    "pyramid hierarchy"
)
_ASKED = (
    r"(?:capital|population|currency|flag|president|king|prime minister|history|geography|culture"
    r"|economy|area|size|climate|weather|map|language|languages|largest (?:city|cities)|government"
    r"|national \w+|anthem|official \w+|neighbou?rs|borders|provinces|states|cuisine|food"
    r"|time zone|gdp|religion) (?:city )?(?:of|in) (?:the )?"
)
_FACT_BEFORE = re.compile(
    rf"\b{_ASKED}\Z|\b(?:where|how (?:big|far|large|old)) is \Z", re.IGNORECASE
)
_FACT_BEFORE_AR = re.compile(
    r"(?:عاصمة|سكان|عملة|علم|رئيس|تاريخ|مساحة|اقتصاد|جغرافيا|مناخ|خريطة|لغة|ثقافة|ملك|حدود|أين تقع)"
    r"\s(?:دولة\s|مدينة\s|جمهورية\s)?\Z"
)
_FACT_WINDOW = 40
_OF_MY_OWN = re.compile(
    r"\b(?:i|i'm|i’m|i've|me|my|mine|we|our|us|dear|regards|sincerely|hi|hello|mr|mrs|ms|"
    r"patient|client|customer|colleague)\b|@|(?:^|\s)(?:أنا|اسمي|زوجتي|زوجي|ابني|ابنتي|أخي|أختي|"
    r"صديقي|صديقتي|زميلي|مديري|عزيزي|عزيزتي|السيد|السيدة|الأستاذ)\b",
    re.IGNORECASE,
)


def is_personal(text: str) -> bool:
    """Whether a text speaks of its writer or to somebody, so that no name in it is public."""
    return _OF_MY_OWN.search(text) is not None


def is_famous(name: str) -> bool:
    """Whether a name, one space between its words, is one that everybody knows."""
    return fold_place(name) in _famous()


def is_eponym(following: str) -> bool:
    """Whether the lower-case word after a name makes it a law or the like: `theorem`."""
    return following in _EPONYMS


def is_asked_of_the_world(text: str, start: int) -> bool:
    """Whether a fact of the place that starts here is asked, as in `the capital of`."""
    before = text[max(0, start - _FACT_WINDOW) : start]
    return bool(_FACT_BEFORE.search(before) or _FACT_BEFORE_AR.search(before))


@cache
def _famous() -> frozenset[str]:
    return frozenset(fold_place(name) for name in (*_FULL.split("|"), *_ALONE.split()))
