import json

from tests.cli.jisr import Command


def test_the_decision_comes_with_every_rule_and_every_signal(warm: Command) -> None:
    lines = warm.invoke("route", "What is a bridge?").stdout.splitlines()

    assert lines[0].startswith("device: ")
    assert lines[1].split() == ["reason", "default"]
    assert any(line.startswith(" → default") for line in lines)
    assert {"wish", "has_cloud", "num_prompt_tokens", "budget_left_usd"} <= {
        line.split()[0] for line in lines if line.strip()
    }
    assert "   has_cloud              yes" in lines


def test_what_is_expected_and_what_was_read_are_shown_line_by_line(warm: Command) -> None:
    lines = warm.invoke("route", "Who sold 3 boats in 1911?").stdout.splitlines()
    expected = lines.index("Expected to be right:")
    read = lines[lines.index("Read in the question:") :]

    assert [line.split()[0] for line in lines[expected + 1 : expected + 3]] == ["device", "cloud"]
    assert any(line.split()[0] == "figures" and "it tells 2 numbers" in line for line in read[1:])
    assert not any(line.strip().startswith("features ") for line in lines)


def test_it_says_what_becomes_of_an_answer_that_does_not_stand(warm: Command) -> None:
    asked = warm.invoke("route", "Who sold 3 boats in 1911?").stdout
    stays = warm.invoke("route", "--private", "Who sold 3 boats in 1911?").stdout

    assert "   if it does not stand   the cloud is asked\n" in asked
    assert "   if it does not stand   that is said, and the cloud is not asked\n" in stays


def test_json_is_for_programs(warm: Command) -> None:
    told = json.loads(warm.invoke("route", "--place", "cloud", "--json", "Hello").stdout)

    assert (told["place"], told["reason"]) == ("cloud", "only_cloud")
    assert told["signals"]["has_cloud"] is True
    assert told["asked"][-1]["applies"] is True


def test_joint_is_a_place_to_ask_for_and_its_signals_are_shown(warm: Command) -> None:
    told = json.loads(warm.invoke("route", "--place", "joint", "--json", "Hello").stdout)

    assert told["signals"]["wish"] == "prefer_joint"
    assert {"has_joint", "joint_is_healthy", "can_joint", "joint_pays"} <= set(told["signals"])
    assert (told["place"], told["reason"]) in [
        ("joint", "prefer_joint"),
        ("cloud", "joint_unavailable"),
    ]


def test_a_private_question_stays(warm: Command) -> None:
    told = json.loads(warm.invoke("route", "--private", "--json", "Hello").stdout)

    assert told["place"] == "device"
    assert told["signals"]["must_stay"] is True


def test_no_place_is_an_error_that_says_what_stands_in_the_way(warm: Command) -> None:
    result = warm.invoke("route", "--place", "cloud", "--private", "Hello")

    assert (result.exit_code, result.stdout) == (1, "")
    assert "must stay on the device" in result.stderr


def test_nothing_is_answered_and_nothing_recorded(warm: Command) -> None:
    warm.invoke("route", "Hello")

    assert not warm.home.exists()
