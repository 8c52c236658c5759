"""Places on the earth as numbers: latitude and longitude.

What is covered: pairs of decimal degrees with so many digits that they tell a house or a
street; degrees, minutes and seconds; `geo:` addresses; single values that are named as a
latitude or longitude, also in Arabic; plus codes.

What is not covered: rough positions, grids of single countries, pairs near 0 N 0 E that
nothing names.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from jisr.config import PrivacySettings
from jisr.privacy.base import Span

ENTITY_TYPE = "COORDINATES"
MAX_LATITUDE = 90
MAX_LONGITUDE = 180
LARGE = 10
"""Degrees: in a pair that nothing names, one number is as large; pi and e are not."""
TELLING_DECIMALS = 4
"""Digits after the point that tell a place to 11 m."""
FEWEST_DECIMALS = 3
"""Digits after the point that tell a place to 110 m, where words say that it is one."""

_DECIMAL = rf"[-+\u2212]?\d{{1,3}}[.٫]\d{{{FEWEST_DECIMALS},12}}"
_PAIR = re.compile(
    r"(?<![\w.٫+-])(?<!\d[,;] )(?<!\d[,;])(?<![gG][eE][oO]:)"
    rf"(?P<one>{_DECIMAL})(?:[ ]?[,;/،][ ]{{0,2}}|[ ]{{1,2}})(?P<two>{_DECIMAL})"
    r"(?![\d.٫])(?![ ]?[,;/][ ]?[-+]?\d+[.]\d{2})"
)
_DEGREES = re.compile(
    r"(?<![\w.])\d{1,3}(?:[.٫]\d{3,10}[ ]?[°º]|[ ]?[°º][ ]?\d{1,2}(?:[.٫]\d{1,6})?[ ]?['’′][ ]?"
    r"(?:\d{1,2}(?:[.٫]\d{1,6})?[ ]?(?P<seconds>''|[\"”″]))?)"
)
_QUARTER = re.compile(r"[ ]?(?:[NSEWnsew](?!\w)|شمال[اً]{0,2}|جنوب[اً]{0,2}|شرق[اً]{0,2}|غرب[اً]{0,2})")
_NAMED = re.compile(
    r"(?:\b(?:lat(?:itude)?|lng|lon(?:g(?:itude)?)?)\b|خط (?:ال)?(?:عرض|طول)|دائرة (?:ال)?عرض)"
    rf"[\"']?[ ]{{0,2}}(?:[:=]|is|of|هو)?[ ]{{0,2}}[\"']?(?P<one>{_DECIMAL})(?!\d)",
    re.IGNORECASE,
)
_GEO = re.compile(
    r"\bgeo:-?\d{1,3}(?:\.\d{1,12})?,-?\d{1,3}(?:\.\d{1,12})?(?:,-?\d{1,6})?(?![\d.])",
    re.IGNORECASE,
)
_PLUS_CODE = re.compile(
    r"(?<![\w+])[23456789CFGHJMPQRVWX]{8}\+[23456789CFGHJMPQRVWX]{2,3}(?![\w+])"
)
_CONTEXT = re.compile(
    r"coordinates?|\bgps\b|\blocat|\blat\b|latitude|longitude|position|maps?\b|[@!]|\bgeo|إحداثي|احداثي|موقع",
    re.IGNORECASE,
)
_NEAR = 64  # characters before a pair that are read


def build(settings: PrivacySettings) -> CoordinatesRecognizer:
    """Return the recognizer; it has no settings."""
    return CoordinatesRecognizer()


class CoordinatesRecognizer:
    """Finds positions on the earth."""

    def find(self, text: str) -> Iterator[Span]:
        """Yield the positions of `text`."""
        for match in _PAIR.finditer(text):
            is_named = bool(_CONTEXT.search(text, max(0, match.start() - _NEAR), match.start()))
            if _is_position(match["one"], match["two"], is_named=is_named):
                why = "a pair of degrees, named" if is_named else "a pair of exact degrees"
                yield Span(*match.span(), ENTITY_TYPE, 0.9 if is_named else 0.7, why)
        for match in _NAMED.finditer(text):
            if abs(_number(match["one"])) <= MAX_LONGITUDE:
                yield Span(*match.span("one"), ENTITY_TYPE, 0.9, "named as latitude or longitude")
        for form, why in ((_GEO, "a geo: address"), (_PLUS_CODE, "form of a plus code")):
            for match in form.finditer(text):
                yield Span(*match.span(), ENTITY_TYPE, 0.9, why)
        yield from _in_degrees(text)


def _in_degrees(text: str) -> Iterator[Span]:
    """Yield what is written with degree signs, without quotation marks that stand for seconds."""
    for match in _DEGREES.finditer(text):
        quarter = _QUARTER.match(text, match.end())
        if quarter is None:
            continue
        if match["seconds"] == '"':
            yield Span(match.start(), match.end() - 1, ENTITY_TYPE, 0.8, "degrees and seconds")
        else:
            yield Span(match.start(), quarter.end(), ENTITY_TYPE, 0.8, "degrees of a quarter")


def _is_position(one: str, two: str, *, is_named: bool) -> bool:
    latitude, longitude = abs(_number(one)), abs(_number(two))
    if min(latitude, longitude) > MAX_LATITUDE or max(latitude, longitude) > MAX_LONGITUDE:
        return False
    if is_named:
        return True
    decimals = min(len(re.split("[.٫]", number)[1]) for number in (one, two))
    return decimals >= TELLING_DECIMALS and max(latitude, longitude) >= LARGE


def _number(written: str) -> float:
    return float(written.replace("٫", ".").replace("\u2212", "-"))
