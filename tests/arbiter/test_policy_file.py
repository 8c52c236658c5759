from pathlib import Path

import pytest

from jisr.arbiter.policy import DEFAULT, Policy
from jisr.arbiter.policy_file import load_policy
from jisr.arbiter.rules import Reason
from jisr.arbiter.utility import Weights
from jisr.errors import ConfigError


def written(folder: Path, text: str) -> Path:
    path = folder / "policy.toml"
    path.write_text(text, encoding="utf-8")
    return path


def test_an_empty_file_is_the_policy_that_comes_with_it(tmp_path: Path) -> None:
    assert load_policy(written(tmp_path, "")) == DEFAULT


def test_what_a_file_names_is_read_over_the_default(tmp_path: Path) -> None:
    text = """
    quality = 1
    [weights]
    money_per_usd = 20
    check_catches = 0.9
    [rules]
    cloud_better = false
    guard = true
    """

    assert load_policy(written(tmp_path, text)) == Policy(
        weights=Weights(money_per_usd=20.0, check_catches=0.9),
        off=frozenset({Reason.CLOUD_BETTER}),
        quality=1.0,
    )


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("weight = 3", "there is no weight: did you mean weights?"),
        ("[weights]\nmoney = 3", "there is no weights.money: did you mean weights.money_per_usd?"),
        ("[weights]\ntime_per_s = -1", "weights.time_per_s must be a number, 0 or more; it is -1."),
        ("[weights]\ntime_per_s = true", "weights.time_per_s must be a number"),
        ("[weights]\ntime_per_s = inf", "weights.time_per_s must be a number"),
        ("[weights]\ntime_per_s = '1'", "weights.time_per_s must be a number"),
        ("[weights]\ncheck_doubts = 1.5", "weights.check_doubts must be a number, from 0 to 1"),
        ("[weights]\nhot_slowdown = 0.5", "weights.hot_slowdown must be a number, 1 or more"),
        ("quality = 2", "quality must be a number, from 0 to 1; it is 2."),
        ("rules = 3", "rules must be a table, [rules]; it is 3."),
        ("[rules]\ncloud_betre = true", "did you mean rules.cloud_better?"),
        ("[rules]\ncloud_better = 1", "rules.cloud_better must be true or false; it is 1."),
        ("[rules]\nprivate = false", "rules.private is a limit"),
        ("[rules]\nprefer_cloud = true", "rules.prefer_cloud is a limit or a wish"),
        ("a =", "is no TOML"),
    ],
)
def test_a_key_at_fault_is_named(tmp_path: Path, text: str, said: str) -> None:
    path = written(tmp_path, text)

    with pytest.raises(ConfigError) as caught:
        load_policy(path)
    assert said in str(caught.value)
    assert str(path) in str(caught.value)


@pytest.mark.parametrize("text", ["quality = " + "9" * 5000, "quality = " + "[" * 5000, "\x00"])
def test_a_hostile_file_is_no_policy(tmp_path: Path, text: str) -> None:
    with pytest.raises(ConfigError, match="is no TOML"):
        load_policy(written(tmp_path, text))


def test_a_file_that_is_not_there_is_named(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match=r"nowhere\.toml cannot be read"):
        load_policy(tmp_path / "nowhere.toml")
