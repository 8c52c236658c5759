from pathlib import Path

import pytest

from jisr.errors import ConfigError
from jisr.privacy.entities import ENTITY_TYPES
from jisr.privacy.plan import Action
from jisr.privacy.policy import READY, Policy, load_policy
from jisr.types import Purpose


def written(folder: Path, text: str) -> Policy:
    file = folder / "mine.toml"
    file.write_text(text, encoding="utf-8")
    return load_policy(str(file))


@pytest.mark.parametrize("entity_type", ENTITY_TYPES)
@pytest.mark.parametrize("purpose", Purpose)
def test_of_the_ready_policies_the_stricter_is_never_laxer(
    entity_type: str, purpose: Purpose
) -> None:
    rules = [load_policy(name).rule(entity_type, purpose) for name in READY]
    risks = [load_policy(name).most_risk for name in READY]

    strictness = [rule.action.strictness for rule in rules]
    assert strictness == sorted(strictness, reverse=True)
    assert [rule.min_score for rule in rules] == sorted(rule.min_score for rule in rules)
    assert risks == sorted(risks)


def test_a_row_may_differ_by_purpose() -> None:
    policy = load_policy()

    assert policy.rule("AGE").action is Action.GENERALISE
    assert policy.rule("AGE", Purpose.TRANSLATE).action is Action.REPLACE


def test_a_type_that_has_no_row_is_replaced() -> None:
    assert load_policy().rule("SOMETHING_NEW").action is Action.REPLACE


def test_a_file_says_only_what_differs(tmp_path: Path) -> None:
    policy = written(
        tmp_path,
        """
        extends = "balanced"
        min_score = 0.6
        [risk]
        most = 0.5
        action = "stay"
        [types]
        CITY = "keep"
        PERSON = { action = "replace", min_score = 0.9, code = "keep" }
        AGE = "replace"
        """,
    )

    assert policy.rule("CITY").action is Action.KEEP
    assert policy.rule("PERSON").min_score == 0.9
    assert policy.rule("PERSON", Purpose.CODE).action is Action.KEEP
    assert policy.rule("COORDINATES").action is Action.GENERALISE, "as in balanced"
    assert policy.rule("COORDINATES").min_score == 0.6
    assert policy.rule("AGE", Purpose.ANSWER).action is Action.REPLACE
    assert (policy.most_risk, policy.risk_action) == (0.5, Action.STAY)


def test_a_file_of_its_own_replaces_what_it_does_not_name(tmp_path: Path) -> None:
    policy = written(tmp_path, '[types]\nCITY = "keep"')

    assert policy.rule("PERSON").action is Action.REPLACE
    assert policy.rule("PERSON").min_score == 0


def test_the_setting_stay_adds_to_the_policy_whatever_the_purpose() -> None:
    policy = load_policy("open", ("AGE", "BIRTH_DATE"))

    assert {policy.rule("BIRTH_DATE", purpose).action for purpose in Purpose} == {Action.STAY}
    assert policy.rule("AGE").action is Action.STAY
    assert policy.rule("CITY").action is Action.KEEP


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ('[types]\nPRESON = "keep"', "'PRESON', which is no entity type: did you mean PERSON"),
        ('[types]\nperson = "keep"', "did you mean PERSON"),
        ('[types]\nPERSON = "replase"', "'replase', which is no action: did you mean replace"),
        ('[types]\nPERSON = "zzz"', "there are keep, generalise, replace, stay"),
        ("[types]\nPERSON = 3", "types.PERSON: it is a word in quotes, not 3"),
        ("[types]\nPERSON = { min_score = 1.5 }", "types.PERSON.min_score: it is a number from 0"),
        ('[types]\nPERSON = { min_score = "high" }', "it is a number from 0 to 1, not 'high'"),
        ('[types]\nPERSON = { acton = "keep" }', "did you mean action"),
        ('[types]\nPERSON = { cod = "keep" }', "did you mean code"),
        ('[types]\nPASSWORD = "generalise"', "PASSWORD cannot be generalised; these can: AGE"),
        ('[types]\nIBAN_CODE = { write = "generalise" }', "types.IBAN_CODE.write: IBAN_CODE cann"),
        ('default = "generalise"', "not every type can be generalised"),
        ("min_score = -1", "min_score: it is a number from 0 to 1"),
        ("min_score = nan", "min_score: it is a number from 0 to 1"),
        ("min_score = true", "min_score: it is a number from 0 to 1"),
        ("[risk]\nmost = 7", "risk.most: it is a number"),
        ('[risk]\naction = "keep"', "risk.action: it is replace or stay, not keep"),
        ("[risk]\nmots = 1", "did you mean most"),
        ("risk = 1", "risk: it is a table"),
        ("types = 1", "types: it is a table"),
        ("tpyes = 1", "did you mean types"),
        ('extends = "balancd"', "did you mean balanced"),
        ("extends = 1", "extends: it is a word in quotes"),
        ("a b", "cannot be read"),
    ],
)
def test_what_cannot_be_is_said_with_the_nearest_word(tmp_path: Path, text: str, said: str) -> None:
    with pytest.raises(ConfigError) as caught:
        written(tmp_path, text)

    assert said in str(caught.value)
    assert "mine.toml" in str(caught.value)


@pytest.mark.parametrize(
    ("named", "stay", "said"),
    [
        ("balancd", (), "did you mean balanced\\? or give the path of a file"),
        ("none.toml", (), "cannot be read: No such file"),
        ("balanced", ("EMIAL",), "privacy.stay names 'EMIAL'.*did you mean EMAIL_ADDRESS"),
    ],
)
def test_a_policy_that_is_not_there_is_an_error(
    named: str, stay: tuple[str, ...], said: str
) -> None:
    with pytest.raises(ConfigError, match=said):
        load_policy(named, stay)


def test_policies_that_extend_each_other_are_refused(tmp_path: Path) -> None:
    file = tmp_path / "mine.toml"

    with pytest.raises(ConfigError, match="in a circle"):
        written(tmp_path, f'extends = "{file}"')


def test_a_file_that_is_not_text_is_refused(tmp_path: Path) -> None:
    file = tmp_path / "mine.toml"
    file.write_bytes(b"\xff\xfe\x00")

    with pytest.raises(ConfigError, match="not UTF-8"):
        load_policy(str(file))
