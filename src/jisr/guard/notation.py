"""Reckoning as people and models write it, brought to one plain notation.

LaTeX, Arabic digits, the signs of a keyboard and of a typesetter all become digits, `+ - * / ^`,
parentheses and `=`. It knows nothing of what is right.
"""

from __future__ import annotations

import re

MOST_CHARACTERS = 12_000
"""Of a text that are read; a longer answer is read so far."""
MOST_NESTED = 6
"""Fractions within fractions that are taken apart."""

_INVISIBLE = dict.fromkeys(
    [0x00AD, 0x200B, 0x200E, 0x200F, *range(0x202A, 0x202F), *range(0x2066, 0x206A)]
)
_SIGNS = str.maketrans(
    {
        **{chr(0x0660 + digit): str(digit) for digit in range(10)},
        **{chr(0x06F0 + digit): str(digit) for digit in range(10)},
        **dict.fromkeys("٪", "%"),
        **dict.fromkeys("٫", "."),
        **dict.fromkeys("٬", ","),
        **dict.fromkeys("\u00a0\u2009\u202f\u2007", " "),
        **dict.fromkeys("×✕✖∙·⋅∗", "*"),
        **dict.fromkeys("÷∕⁄", "/"),
        **dict.fromkeys("−–‒﹣－", "-"),
        **dict.fromkeys("＋", "+"),
        **dict.fromkeys("＝", "="),
        **dict.fromkeys("[", "("),
        **dict.fromkeys("]", ")"),
        "²": "^2",
        "³": "^3",
        "½": " 1/2",
        "⅓": " 1/3",
        "⅔": " 2/3",
        "¼": " 1/4",
        "¾": " 3/4",
    }
)
_FRACTION = re.compile(r"\\[dt]?frac\s{0,3}\{([^{}]{1,80})\}\s{0,3}\{([^{}]{1,80})\}")
_MIXED = re.compile(r"(\d) {0,2}\\[dt]?frac\s{0,3}\{(\d{1,6})\}\s{0,3}\{(\d{1,6})\}")
_WORDS = re.compile(r"\\(?:text|mathrm|textbf|mathbf|mbox|textit|boxed)\s{0,3}\{([^{}]{0,80})\}")
_POWER = re.compile(r"\^\s{0,3}\{([^{}]{1,40})\}")
_NOTE = re.compile(r"<<[^<>]{0,200}>>")
_LATEX: tuple[tuple[str, str], ...] = (
    (r"\\(?:times|cdot|ast)(?![a-zA-Z])", " * "),
    (r"\\div(?![a-zA-Z])", " / "),
    (r"\\(?:approx|simeq|cong)(?![a-zA-Z])", " ≈ "),
    (r"\\(?:left|right|displaystyle|quad|qquad)(?![a-zA-Z])", " "),
    (r"\\(?:Rightarrow|rightarrow|implies|to)(?![a-zA-Z])", " → "),
    (r"\\[\[\]\\]|\$\$", "\n"),
    (r"\\[(),;:! ]", " "),
    (r"\\([$%#&])", r"\1"),
    (r"\{,\}", ","),
)
_MARKUP: tuple[tuple[str, str], ...] = (
    (r"(?<=[\d)])\*\*(?=[\d(])|(?<=[\d)] )\*\*(?= [\d(])", "^"),
    (r"\*\*|__|`", ""),
    (
        r"(?im)^[ \t>#]*(?:(?:\d{1,2}[.)]|[-*•+])[ \t]+)?"
        r"(?:(?:step|خطوة|الخطوة)\s\d{1,2}\b[ .:)-]*)?",
        "",
    ),
    (r"[<>!]=|=?/=|≠|≤|≥|=>|->|→|⇒|⟹|<|>", " \n "),
    (r"~=|≅|≃", "≈"),
    (r"==+", "="),
)
_PLAIN = tuple((re.compile(found), put) for found, put in (*_LATEX, *_MARKUP))


def plain(text: str) -> str:
    """Return a text with its reckoning in plain notation; its words are as they were."""
    text = _NOTE.sub("", text[:MOST_CHARACTERS].translate(_INVISIBLE))
    text = _MIXED.sub(r"\1 \2/\3", text)
    for _ in range(MOST_NESTED):
        text = _WORDS.sub(r" \1 ", _POWER.sub(r"^(\1)", text))
        text, num_found = _FRACTION.subn(r"((\1)/(\2))", text)
        if not num_found:
            break
    for found, put in _PLAIN:
        text = found.sub(put, text)
    return text.translate(_SIGNS).replace("{", " ").replace("}", " ")
