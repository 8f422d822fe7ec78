"""Settings: what is wrong is named before anything starts."""

from pathlib import Path

import pytest

from engine import settings
from engine.settings import Misconfigured, Settings


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("PORT", "http"),
        ("PORT", "70000"),
        ("DATABASE_URL", "mysql://host/db"),
        ("DATABASE_URL", "frontdesk.db"),
        ("REDIS_URL", "localhost:6379"),
        ("PUBLIC_URL", "chat.example.com"),
        ("PUBLIC_URL", "ftp://chat.example.com"),
        ("OPENAI_BASE_URL", "localhost"),
        ("SECRET_KEY", "short"),
        ("ANSWER_TOKENS", "0"),
        ("PULSE_SECONDS", "-1"),
        ("LOG_LEVEL", "loud"),
    ],
)
def test_a_wrong_value_names_its_setting_and_never_repeats_it(
    name: str, value: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(name, value)
    with pytest.raises(Misconfigured) as refused:
        settings.load()
    assert str(refused.value).startswith(f"{name}: ")


def test_an_empty_variable_counts_as_unset(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("OPENAI_API_KEY", "")
    monkeypatch.setenv("PORT", "")
    assert (settings.load().OPENAI_API_KEY, settings.load().PORT) == (None, 8000)


@pytest.mark.parametrize(
    ("given", "used"),
    [
        ("postgres://u:p@h/db", "postgresql+asyncpg://u:p@h/db"),
        ("postgresql://u:p@h/db", "postgresql+asyncpg://u:p@h/db"),
        ("sqlite:////tmp/x.db", "sqlite+aiosqlite:////tmp/x.db"),
    ],
)
def test_a_database_address_needs_no_driver(given: str, used: str) -> None:
    assert Settings(DATABASE_URL=given).database_url == used


def test_our_own_origins_are_exact() -> None:
    public = Settings(PUBLIC_URL="https://Chat.Example.com/", PORT=9)
    assert public.own_origins == {"https://chat.example.com"}
    assert public.secure
    local = Settings(HOST="127.0.0.1", PORT=8123)
    assert local.own_origins == {"http://127.0.0.1:8123", "http://localhost:8123"}
    assert not local.secure


def test_the_made_secret_is_kept_and_readable_by_its_owner_alone(tmp_path: Path) -> None:
    first = Settings(DATA_DIR=tmp_path / "data").secret
    assert Settings(DATA_DIR=tmp_path / "data").secret == first
    assert len(first) == 64
    assert (tmp_path / "data" / "secret").stat().st_mode & 0o777 == 0o600


def test_a_folder_that_cannot_be_made_is_named(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("in the way")
    with pytest.raises(Misconfigured, match="DATA_DIR"):
        _ = Settings(DATA_DIR=tmp_path / "file" / "data").secret


def test_every_setting_says_what_it_is() -> None:
    for name, field in Settings.model_fields.items():
        assert field.description, name
        assert field.description.endswith("."), name
