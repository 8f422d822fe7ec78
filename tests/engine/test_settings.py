"""Settings: a wrong one stops the start and is named."""

from pathlib import Path

import pytest

from engine import settings
from engine.settings import Misconfigured, Settings

WRONG = [
    ("PORT", "eighty"),
    ("PORT", "70000"),
    ("PORT", "-1"),
    ("DATABASE_URL", "mysql://x"),
    ("DATABASE_URL", "frontdesk.db"),
    ("REDIS_URL", "http://127.0.0.1"),
    ("PUBLIC_URL", "chat.example.com"),
    ("PUBLIC_URL", "ftp://chat.example.com"),
    ("PUBLIC_URL", "https://"),
    ("OPENAI_BASE_URL", "api.example.com/v1"),
    ("SECRET_KEY", "short"),
    ("ANSWER_TOKENS", "0"),
    ("PROMPT_TOKENS", "-3"),
    ("ANSWER_SECONDS", "0"),
    ("ANSWER_SECONDS", "soon"),
    ("VISITOR_MESSAGES_PER_MINUTE", "0"),
    ("VISITOR_MESSAGES_PER_DAY", "many"),
    ("PULSE_SECONDS", "0"),
    ("ANSWER_LEASE_SECONDS", "-1"),
    ("HANDOFF_AFTER_UNSURE", "0"),
    ("QUEUE_SECONDS", "0"),
    ("AGENT_GONE_SECONDS", "x"),
    ("STOP_SECONDS", "-2"),
    ("LOG_LEVEL", "loud"),
    ("SMTP_URL", "mx.acme.example:25"),
    ("SMTP_URL", "http://mx.acme.example"),
    ("SMTP_URL", "smtp://"),
    ("SMTP_URL", "smtp://mx.acme.example?tls=perhaps"),
    ("MAIL_FROM", "acme"),
    ("MAIL_FROM", "chat@acme.example, eve@evil.example"),
]


@pytest.fixture(autouse=True)
def clean(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in Settings.model_fields:
        monkeypatch.delenv(name, raising=False)


@pytest.mark.parametrize(("name", "value"), WRONG)
def test_a_wrong_value_names_its_setting_and_shows_no_value(
    monkeypatch: pytest.MonkeyPatch, name: str, value: str
) -> None:
    monkeypatch.setenv(name, value)
    with pytest.raises(Misconfigured) as caught:
        settings.load()
    (line,) = str(caught.value).splitlines()
    assert line.startswith(f"{name}: ")
    if name == "SECRET_KEY":
        assert value not in line


def test_every_wrong_value_is_named_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PORT", "x")
    monkeypatch.setenv("LOG_LEVEL", "x")
    with pytest.raises(Misconfigured, match=r"PORT: .*\nLOG_LEVEL: "):
        settings.load()


def test_a_mail_server_needs_an_address_that_letters_come_from(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SMTP_URL", "smtp://ada:hunter2@mx.acme.example")
    with pytest.raises(Misconfigured, match=r"^MAIL_FROM: ") as caught:
        settings.load()
    assert "hunter2" not in str(caught.value)
    monkeypatch.setenv("MAIL_FROM", "chat@acme.example")
    assert settings.load().MAIL_FROM == "chat@acme.example"


def test_an_empty_environment_is_one_to_run_in(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("OPENAI_API_KEY", "")
    loaded = settings.load()
    assert (loaded.database_url, loaded.OPENAI_API_KEY) == ("sqlite+aiosqlite:///data/frontdesk.db", None)
    assert loaded.public_url == "http://127.0.0.1:8000"
    assert loaded.own_origins == {"http://127.0.0.1:8000", "http://localhost:8000"}
    assert loaded.secure is False


@pytest.mark.parametrize("scheme", ["postgresql", "postgres", "postgresql+asyncpg"])
def test_a_postgresql_address_gets_its_driver(scheme: str) -> None:
    assert Settings(DATABASE_URL=f"{scheme}://u@h/d").database_url == "postgresql+asyncpg://u@h/d"


def test_with_a_public_url_only_its_origin_is_ours() -> None:
    loaded = Settings(PUBLIC_URL="https://Chat.Example.com/")
    assert loaded.own_origins == {"https://chat.example.com"}
    assert loaded.secure is True


def test_the_secret_is_made_once_and_kept_for_its_owner_alone(tmp_path: Path) -> None:
    first, second = Settings(DATA_DIR=tmp_path / "d").secret, Settings(DATA_DIR=tmp_path / "d").secret
    assert first == second
    assert len(first) == 64
    assert (tmp_path / "d" / "secret").stat().st_mode & 0o777 == 0o600
    assert Settings(DATA_DIR=tmp_path / "d", SECRET_KEY="k" * 32).secret == b"k" * 32


def test_a_secret_that_cannot_be_used_names_its_setting(tmp_path: Path) -> None:
    (tmp_path / "secret").write_text("short")
    with pytest.raises(Misconfigured, match="SECRET_KEY"):
        _ = Settings(DATA_DIR=tmp_path).secret
    (tmp_path / "file").write_text("")
    with pytest.raises(Misconfigured, match="DATA_DIR"):
        _ = Settings(DATA_DIR=tmp_path / "file" / "below").secret
