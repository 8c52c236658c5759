"""docs/privacy.md says what is so."""

import re
from pathlib import Path

from jisr.privacy.entities import ENTITY_TYPES
from jisr.privacy.plan import Action
from jisr.privacy.policy import READY, load_policy
from jisr.types import Purpose

PAGE = (Path(__file__).parents[2] / "docs" / "privacy.md").read_text(encoding="utf-8")


def test_its_policy_can_be_loaded(tmp_path: Path) -> None:
    blocks: list[str] = re.findall(r"```toml\n(.*?)```", PAGE, re.DOTALL)
    (text,) = [block for block in blocks if "extends" in block]
    file = tmp_path / "mine.toml"
    file.write_text(text, encoding="utf-8")

    policy = load_policy(str(file))

    assert policy.rule("COUNTRY").action is Action.KEEP
    assert policy.rule("IBAN_CODE").action is Action.STAY
    assert policy.rule("PERSON").min_score == 0.6
    assert policy.rule("AGE").action is Action.GENERALISE
    assert policy.rule("AGE", Purpose.WRITE).action is Action.REPLACE
    assert policy.rule("EMAIL_ADDRESS").min_score == 0.4
    assert (policy.most_risk, policy.risk_action) == (0.6, Action.STAY)


def test_it_names_every_type_policy_action_and_purpose() -> None:
    words = {*ENTITY_TYPES, *READY, *(it.value for it in (*Action, *Purpose))}

    assert not [word for word in words if f"`{word}`" not in PAGE]


def test_it_never_promises_that_nobody_is_known() -> None:
    assert "anonym" not in PAGE.casefold().replace("pseudonym", "")
