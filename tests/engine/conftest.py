"""A stage for every test that asks for one, on each database in turn."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from tests.stage import Stage, staged


@pytest.fixture
async def stage(database_url: str, tmp_path: Path) -> AsyncIterator[Stage]:
    """The engine without a model, its cast in place."""
    async with staged(database_url, tmp_path) as stage:
        yield stage
