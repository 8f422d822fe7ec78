"""The limit of the disk: how many bare commits a second the databases make, one row each and many rows each."""

import asyncio
import sqlite3
import time
from pathlib import Path

import asyncpg

ROWS = 50  # in a grouped commit: about what 100 visitors give one
TEXT = "How long does delivery take? " * 4


def sqlite(folder: Path, seconds: float, rows: int = 1) -> float:
    """Commits a second to a fresh SQLite file in ``folder`` (WAL, synchronous=FULL), ``rows`` inserts in each."""
    file = folder / f"commits-{rows}.db"
    connection = sqlite3.connect(file, isolation_level=None)
    connection.execute("PRAGMA journal_mode=WAL")
    connection.execute("PRAGMA synchronous=FULL")
    connection.execute("CREATE TABLE messages (id INTEGER PRIMARY KEY, text TEXT)")
    values = [(TEXT,)] * rows
    done, start = 0, time.perf_counter()
    while (spent := time.perf_counter() - start) < seconds:
        connection.execute("BEGIN IMMEDIATE")
        connection.executemany("INSERT INTO messages (text) VALUES (?)", values)
        connection.execute("COMMIT")
        done += 1
    connection.close()
    return done / spent


async def postgresql(url: str, seconds: float, connections: int = 1) -> float:
    """Commits a second (one insert each) to PostgreSQL at ``url``, over that many connections at once."""
    dsn = url.replace("+asyncpg", "")
    async with asyncpg.create_pool(dsn, min_size=connections, max_size=connections) as pool:
        await pool.execute("CREATE TABLE IF NOT EXISTS bare (id bigserial PRIMARY KEY, text text)")
        until = time.perf_counter() + seconds

        async def commit() -> int:
            done = 0
            async with pool.acquire() as connection:
                while time.perf_counter() < until:
                    async with connection.transaction():
                        await connection.execute("INSERT INTO bare (text) VALUES ($1)", TEXT)
                    done += 1
            return done

        start = time.perf_counter()
        counts = await asyncio.gather(*(commit() for _ in range(connections)))
        spent = time.perf_counter() - start
        await pool.execute("DROP TABLE bare")
    return sum(counts) / spent
