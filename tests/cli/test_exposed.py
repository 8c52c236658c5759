import stat
from contextlib import closing
from functools import partial
from pathlib import Path

from jisr.cli.exposed import exposed
from jisr.clock import FakeClock
from jisr.config import Settings
from jisr.departure import Departure, Errand
from jisr.ledger.ledger import FILE_NAME, Ledger
from jisr.privacy.audit import AuditLog, path_of
from jisr.privacy.vault_key import load_key
from jisr.privacy.vault_store import VaultStore
from tests.ledger.records import record

ONE = Departure(
    scheme="https", host="x.org", port=443, path="models", errand=Errand.MODELS, body=b""
)


def lived_in(home: Path) -> Settings:
    """Have a home with all that Jisr keeps."""
    key = partial(load_key, home, "file")
    with closing(Ledger(home / FILE_NAME)) as ledger:
        ledger.record(record(1))
    AuditLog(home / "audit", key, FakeClock()).note(ONE)
    with VaultStore(home / "vaults", key, FakeClock()).open("a/1") as vault:
        vault.placeholder_for("PERSON", "Alice")
    return Settings(home=home)


def test_what_jisr_makes_can_be_opened_by_its_owner_alone(tmp_path: Path) -> None:
    home = tmp_path / "home"
    settings = lived_in(home)
    modes = {path.name: stat.S_IMODE(path.stat().st_mode) for path in (home, *home.rglob("*"))}

    assert exposed(settings, tmp_path / "config.toml") == []
    assert set(modes.values()) == {0o600, 0o700}


def test_what_others_can_open_is_told_with_the_remedy(tmp_path: Path) -> None:
    settings = lived_in(tmp_path / "home")
    file, words = tmp_path / "config.toml", tmp_path / "own.txt"
    settings = settings.model_copy(
        update={"privacy": settings.privacy.model_copy(update={"own_words": words})}
    )
    opened = [file, words, settings.home / FILE_NAME, path_of(settings.home / "audit", 1)]
    for path in (*opened, settings.home / "vault.key"):
        path.touch()
        path.chmod(0o644)
    settings.home.chmod(0o755)

    found = exposed(settings, file)
    assert {it.remedy for it in found} == {
        f"chmod 700 {settings.home}",
        *(f"chmod 600 {path}" for path in (*opened, settings.home / "vault.key")),
    }
    assert {it.what for it in found} >= {"the settings", "your own words", "the ledger", "the key"}
