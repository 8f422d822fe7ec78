import asyncpg
import pytest

from .postgres import Postgres


async def connect(url: str) -> "asyncpg.Connection[asyncpg.Record]":
    return await asyncpg.connect(url.replace("+asyncpg", ""))


async def test_a_committed_row_survives_a_killed_server(durable_postgres: Postgres) -> None:
    url = durable_postgres.new_database()
    before = await connect(url)
    assert await before.fetchval("SHOW synchronous_commit") == "on"
    assert await before.fetchval("SHOW fsync") == "on"
    await before.execute("CREATE TABLE kept (word text)")
    await before.execute("INSERT INTO kept VALUES ('here')")

    durable_postgres.kill_and_restart()

    with pytest.raises((asyncpg.PostgresError, asyncpg.InterfaceError, OSError)):
        await before.fetch("SELECT 1")
    after = await connect(url)
    assert await after.fetchval("SELECT word FROM kept") == "here"
    await after.close()


async def test_a_database_made_like_another_starts_with_its_rows(postgres: Postgres) -> None:
    model = postgres.new_database()
    first = await connect(model)
    await first.execute("CREATE TABLE plans AS SELECT 'free' AS name")
    await first.close()

    copy = postgres.new_database(like=model)
    other = postgres.new_database()

    second = await connect(copy)
    await second.execute("INSERT INTO plans VALUES ('pro')")
    assert await second.fetchval("SELECT count(*) FROM plans") == 2
    await second.close()
    first = await connect(model)
    assert await first.fetchval("SELECT count(*) FROM plans") == 1
    await first.close()
    third = await connect(other)
    assert await third.fetchval("SELECT to_regclass('plans')") is None
    await third.close()


async def test_a_dropped_database_is_gone_even_with_somebody_in_it(postgres: Postgres) -> None:
    url = postgres.new_database()
    inside = await connect(url)

    postgres.drop_database(url)

    with pytest.raises((asyncpg.PostgresError, asyncpg.InterfaceError, OSError)):
        await inside.fetch("SELECT 1")
    with pytest.raises(asyncpg.InvalidCatalogNameError):
        await connect(url)


async def test_a_server_taken_down_comes_back_with_what_it_kept(postgres: Postgres) -> None:
    url = postgres.new_database()
    before = await connect(url)
    await before.execute("CREATE TABLE kept AS SELECT 7 AS seven")
    await before.close()

    postgres.down()
    assert not postgres.running
    with pytest.raises(OSError, match=r"refused|Connect"):
        await connect(url)
    postgres.start()

    after = await connect(url)
    assert await after.fetchval("SELECT seven FROM kept") == 7
    await after.close()
