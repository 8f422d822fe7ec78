"""R1, R2, R19: while nothing can be stored nothing is acknowledged; once it can be again, everything goes on."""

import asyncio
import resource
import signal
import time
from pathlib import Path

import httpx2
import pytest
from sqlalchemy import func, select

from engine.models import Message
from tests.doubles.openai import OpenAI
from tests.journeys import audit
from tests.journeys.pair import STORY
from tests.journeys.shop import BETWEEN, SURE, Shop, opened
from tests.journeys.tab import Tab
from tests.servers.postgres import Postgres
from tests.servers.process import Node
from tests.wire import Client, Frame, fresh_id

BACK = 10.0  # s after its return within which the database is used again (R19)
ANSWERED = 15.0  # s within which a sender is told that nothing was stored


async def ready(node: Node, wanted: int, seconds: float) -> float:
    """Await that answer of /readyz; the seconds it took."""
    began = time.monotonic()
    async with asyncio.timeout(seconds), httpx2.AsyncClient(trust_env=False, timeout=ANSWERED) as client:
        while (told := await client.get(f"{node.url}/readyz")).status_code != wanted:
            assert told.status_code in (200, 503), told.text
            await asyncio.sleep(0.05)
    return time.monotonic() - began


async def stored(shop: Shop, client_id: str) -> int:
    async with shop.db.read() as session:
        query = select(func.count()).select_from(Message).where(Message.client_id == client_id)
        return (await session.execute(query)).scalar_one()


def unavailable(frame: Frame, client_id: str) -> None:
    """``frame`` says plainly that the message was not stored and may be sent again."""
    assert (frame["type"], frame.get("code"), frame["client_id"]) == ("error", "unavailable", client_id), frame
    assert frame["retry_after"]
    assert "again" in frame["message"]


@pytest.mark.parametrize("how", [signal.SIGINT, signal.SIGKILL])
async def test_while_postgresql_is_away_nothing_is_acknowledged_and_a_resend_is_stored_once(
    durable_postgres: Postgres, tmp_path: Path, how: signal.Signals
) -> None:
    async with (
        opened(durable_postgres.new_database()) as shop,
        OpenAI(answer=STORY, delay=0.03) as model,
        Node(tmp_path, shop.environment(OPENAI_BASE_URL=model.base_url, OPENAI_API_KEY="k")) as node,
        Tab(lambda: shop.visitor(node)) as bob,
        shop.visitor(node) as ada,
    ):
        token = (await ada.join())["token"]
        assert (await ada.send(SURE[0]))["type"] == "ok"
        await ada.until("answer.finished")
        await bob.post(BETWEEN[0])
        # Its end will have to be stored while nothing can be.
        await bob.until(lambda: bool((bob.streaming or {}).get("text")))
        client_id = fresh_id()

        await asyncio.to_thread(durable_postgres.down, how)

        unavailable(await _sent(ada, SURE[1], client_id), client_id)
        unavailable(await _sent(ada, SURE[1], client_id), client_id)
        await ready(node, 503, 5)
        await bob.until(lambda: bob.streaming is not None and bob.streaming["text"] == STORY)
        await bob.post(SURE[1])
        durable_postgres.start()
        assert await ready(node, 200, BACK) < BACK
        await shop.db.dispose()  # the test's own connections were cut, too
        assert await stored(shop, client_id) == 0
        first, second = await _sent(ada, SURE[1], client_id), await _sent(ada, SURE[1], client_id)
        assert first["type"] == "ok"
        assert (first["revision"], first["message_id"]) == (second["revision"], second["message_id"])
        assert await stored(shop, client_id) == 1
        await bob.until(lambda: bob.settled and len(bob.texts("bot")) == 2)
        assert bob.texts("bot")[0] == STORY, "what was written during the outage was lost"
        assert {error["code"] for error in bob.errors} == {"unavailable"}
        async with shop.visitor(node) as late:
            assert (await late.join())["type"] == "room.joined"
        async with Tab(lambda: shop.visitor(node), token=token) as hers:
            await hers.until(lambda: hers.settled and len(hers.texts("bot")) == 2)
        assert "Traceback" not in node.output()
        await audit.at_rest(shop.db)
        await audit.kept(shop.db, [bob])


async def test_a_full_disk_is_told_and_loses_nothing(tmp_path: Path) -> None:
    async with (
        opened(f"sqlite+aiosqlite:///{tmp_path / 'frontdesk.db'}") as shop,
        Node(tmp_path / "node", shop.environment()) as node,
        Tab(lambda: shop.visitor(node)) as bob,
        shop.visitor(node) as ada,
    ):
        await ada.join()
        before = await ada.send(SURE[0], client_id="before")
        await ada.until("answer.finished")

        _let_files_grow(node, 4096)  # every write beyond it fails, as on a full disk

        client_id = fresh_id()
        unavailable(await _sent(ada, SURE[1], client_id), client_id)
        await bob.post(SURE[2])
        await bob.until(lambda: bool(bob.errors))
        assert (await ada.join(after=0))["messages"][0]["client_id"] == "before", "what is stored can still be read"
        _let_files_grow(node, resource.RLIM_INFINITY)
        assert (await _sent(ada, SURE[1], client_id))["type"] == "ok"
        await ada.until("answer.finished")
        assert await stored(shop, client_id) == 1
        again = await ada.send(SURE[0], client_id="before")
        assert (again["revision"], again["message_id"]) == (before["revision"], before["message_id"])
        await bob.until(lambda: bob.settled and len(bob.texts("bot")) == 1)
        assert {error["code"] for error in bob.errors} == {"unavailable"}
        await audit.at_rest(shop.db)
        await audit.kept(shop.db, [bob])
        assert "Traceback" not in node.output()


async def _sent(client: Client, text: str, client_id: str) -> Frame:
    ref = fresh_id()
    await client.say("message.send", ref=ref, client_id=client_id, text=text)
    return await client.until(lambda frame: frame.get("ref") == ref, ANSWERED)


def _let_files_grow(node: Node, size: int) -> None:
    resource.prlimit(node.pid, resource.RLIMIT_FSIZE, (size, resource.RLIM_INFINITY))
