"""R18: the real process is killed while letters are under way: none is lost, and only those in flight come twice."""

from collections import Counter
from datetime import timedelta
from pathlib import Path

from sqlalchemy import func, select, update

from engine import letters
from engine.db import now
from engine.models import Job, Letter
from engine.rounds import POSTMEN
from engine.stationery import Sheet
from tests.doubles.smtp import Sink
from tests.journeys.shop import opened
from tests.servers.process import Node

LETTERS = 10


async def test_r18_kill_9_loses_no_letter_and_repeats_only_those_in_flight(database_url: str, tmp_path: Path) -> None:
    async with opened(database_url) as shop, Sink(behave="hang:taken") as sink:
        async with shop.db.write() as session:
            for number in range(LETTERS):
                to = f"ada{number}@home.example"
                await letters.write(session, shop.acme.workspace_id, "reply", to, "Acme", Sheet("Hello"))
        settings = shop.environment(SMTP_URL=sink.url, MAIL_FROM="chat@acme.example")
        async with Node(tmp_path / "node", settings) as node:
            assert len(await sink.until(POSTMEN)) == POSTMEN, "each waits for a word about its letter"
            await node.kill()
            sink.behave = "ok"
            async with shop.db.write() as session:  # the leases of the dead process have run out
                await session.execute(update(Job).values(run_at=now() - timedelta(seconds=1)))
            await node.start()
            taken = await sink.until(LETTERS + POSTMEN)
            await node.terminate()
        came = Counter(letter.recipients for letter in taken)
        assert len(came) == LETTERS
        assert sorted(came.values()) == [1] * (LETTERS - POSTMEN) + [2] * POSTMEN
        assert len({letter.message["message-id"] for letter in taken}) == LETTERS
        async with shop.db.read() as session:
            states = (await session.execute(select(Letter.state, func.count()).group_by(Letter.state))).all()
        assert [tuple(row) for row in states] == [("sent", LETTERS)]
