import json

from tests.cli.jisr import Command

TEXT = "Write to ali@example.com that I am ill."


def test_a_question_is_shown_beside_what_would_leave(warm: Command) -> None:
    result = warm.invoke("preview", TEXT)

    assert result.exit_code == 0
    assert "You wrote" in result.stdout
    assert "Write to <EMAIL_ADDRESS_1>" in result.stdout
    assert "EMAIL_ADDRESS      1.00  replace → <EMAIL_ADDRESS_1>  ali@example.com" in result.stdout


def test_json_is_for_programs_and_the_text_may_come_from_standard_input(warm: Command) -> None:
    told = json.loads(warm.invoke("preview", "--json", "--place", "cloud", stdin=TEXT).stdout)

    assert told["messages"][0]["content"] == TEXT
    assert told["outbound"][0]["content"] == "Write to <EMAIL_ADDRESS_1> that I am ill."
    assert (told["place"], told["findings"][0]["action"]) == ("cloud", "replace")


def test_the_purpose_goes_along(warm: Command) -> None:
    told = [
        json.loads(warm.invoke("preview", "--json", *more, "I am aged 34.").stdout)
        for more in ((), ("--purpose", "translate"))
    ]

    assert [it["findings"][0]["action"] for it in told] == ["generalise", "replace"]


def test_nothing_is_sent_and_nothing_recorded(warm: Command) -> None:
    warm.invoke("preview", "--place", "cloud", TEXT)

    assert not warm.home.exists()


def test_an_empty_question_is_an_error(warm: Command) -> None:
    assert "The question is empty." in warm.invoke("preview", stdin=" ").stderr
