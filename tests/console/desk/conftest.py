"""The desk served on SQLite alone: what is new here is the page; the wire below it is proved on both databases."""

from pathlib import Path

import pytest

from tests.servers.parts import free_port


@pytest.fixture
def database_url(tmp_path: Path) -> str:
    return f"sqlite+aiosqlite:///{tmp_path / 'desk.sqlite'}"


@pytest.fixture
def more_settings() -> dict[str, object]:
    return {"PORT": free_port(), "STOP_SECONDS": 1, "PULSE_SECONDS": 1}
