import io

from jisr.cli.progress import shown_progress


class Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


def test_without_a_terminal_there_is_a_line_for_each_tenth() -> None:
    out = io.StringIO()
    with shown_progress("made-up", out) as tell:
        for done in range(1001):
            tell(done, 1000)

    lines = out.getvalue().splitlines()
    assert lines[0] == "made-up: 0 % of 1,000 bytes"
    assert lines[-1] == "made-up: 100 % of 1,000 bytes"
    assert len(lines) == 11


def test_a_terminal_gets_a_bar() -> None:
    out = Terminal()
    with shown_progress("made-up", out) as tell:
        tell(500, 1000)
        tell(1000, 1000)

    assert "made-up" in out.getvalue() and "1.0/1.0 kB" in out.getvalue()
