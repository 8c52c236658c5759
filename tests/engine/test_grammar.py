import logging
import os
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from jisr.engine.grammar import Grammar
from jisr.engine.llama import Vocabulary
from jisr.errors import InvalidRequest

BAD_GBNF = {
    "no root": 'foo ::= "a"',
    "nothing but noise": "}}}",
    "unknown rule": "root ::= missing",
    "left recursion": 'root ::= root "a"',
    "endless emptiness": 'root ::= ("")*',
    "unclosed": 'root ::= ("a"',
    "too long": 'root ::= "' + "a" * 300_000 + '"',
    "too deep": "root ::= " + "(" * 100_000 + '"a"' + ")" * 100_000,
    "zero byte": 'root ::= "a\0b"',
}


def first_token(vocabulary: Vocabulary, text: str) -> int:
    return vocabulary.tokenize(text, parse_special=False)[0]


@pytest.mark.parametrize("source", BAD_GBNF.values(), ids=BAD_GBNF)
def test_a_grammar_that_cannot_be_used_is_refused(vocabulary: Vocabulary, source: str) -> None:
    with pytest.raises(InvalidRequest):
        Grammar(vocabulary, source)


def test_a_grammar_that_is_refused_is_written_nowhere(
    vocabulary: Vocabulary, capfd: pytest.CaptureFixture[str], caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    for source in ("root ::= (", "root ::= missing", "}}}"):
        with pytest.raises(InvalidRequest):
            Grammar(vocabulary, f'{source} "SECRET"')
    os.write(2, b"heard again")

    assert capfd.readouterr() == ("", "heard again")
    assert "SECRET" not in caplog.text


def test_a_grammar_is_compiled_where_standard_error_is_closed(model_path: Path) -> None:
    source = "from pathlib import Path; from jisr.engine.grammar import *; import os; os.close(2);"
    source += f"from jisr.engine.llama import Weights; w = Weights(Path({str(model_path)!r}));"
    source += "assert Grammar(Vocabulary(w), 'root ::= [a-z]')"
    child = subprocess.run(
        [sys.executable, "-c", source],
        env={"PYTHONPATH": ":".join(sys.path)},
        timeout=60,
        check=False,
    )

    assert child.returncode == 0


def test_brackets_and_operators_in_literals_do_not_count(vocabulary: Vocabulary) -> None:
    source = 'root ::= "' + "(?|" * 2000 + '" [((((((()] # ((((((('

    assert Grammar(vocabulary, source).allows(first_token(vocabulary, "("))


def test_a_grammar_that_can_be_read_in_too_many_ways_is_given_up(vocabulary: Vocabulary) -> None:
    grammar = Grammar(vocabulary, 'root ::= "yes"', max_step_s=0)
    with pytest.raises(InvalidRequest, match="too many ways"):
        grammar.mask(np.zeros(vocabulary.num_tokens, np.float32))
    with pytest.raises(InvalidRequest, match="too many ways"):
        grammar.allows(1)


def test_only_what_may_come_next_is_allowed(vocabulary: Vocabulary) -> None:
    grammar = Grammar(vocabulary, 'root ::= "yes" | "نعم"')
    logits = np.zeros(vocabulary.num_tokens, np.float32)
    allowed = np.flatnonzero(np.isfinite(grammar.mask(logits)))
    pieces = {vocabulary.piece(int(token)) for token in allowed}

    assert {b"y", b"ye", b"yes"} & pieces
    assert all(b"yes".startswith(piece) or "نعم".encode().startswith(piece) for piece in pieces)
    assert [token for token in allowed if grammar.allows(int(token))] == allowed.tolist()
    assert not grammar.allows(first_token(vocabulary, "no"))
    assert (logits == 0).all(), "the logits themselves stay as they are"


def test_after_the_end_only_the_end_is_allowed(vocabulary: Vocabulary) -> None:
    grammar = Grammar(vocabulary, 'root ::= "yes"')
    for token in vocabulary.tokenize("yes", parse_special=False):
        assert grammar.allows(token)
        grammar.accept(token)
    allowed = np.flatnonzero(np.isfinite(grammar.mask(np.zeros(vocabulary.num_tokens, np.float32))))

    assert allowed.size
    assert all(vocabulary.is_end(int(token)) for token in allowed)
