"""``/v1/help``: the FAQ over plain HTTP, for the pages that may frame the panel and for nobody else."""

import json
from collections.abc import Awaitable, Callable
from typing import Any

import httpx2
import pytest
from sqlalchemy import func, select, update

from engine import faq
from engine.models import Bot, Room, Visitor
from tests.doubles.knowledge import FACT
from tests.stage import Stage

pytestmark = pytest.mark.anyio
OURS = {"sec-fetch-site": "same-origin"}


async def switch(stage: Stage, choice: str) -> None:
    async with stage.db.write() as session:
        await session.execute(update(Bot).where(Bot.id == stage.cast.acme.bot_id).values(help=choice))


async def ask(stage: Stage, query: str = "", key: str | None = None, **headers: str) -> httpx2.Response:
    key = key or stage.cast.acme.key
    headers = {name.replace("_", "-"): value for name, value in headers.items()}
    async with httpx2.AsyncClient(base_url=f"http://{stage.address}") as client:
        return await client.get(f"/v1/help?bot={key}{query}", headers=headers)


async def say(stage: Stage, body: Any, **headers: str) -> httpx2.Response:
    content = body if isinstance(body, bytes) else json.dumps(body).encode()
    headers = {"origin": stage.own_origin} | {name.replace("_", "-"): value for name, value in headers.items()}
    async with httpx2.AsyncClient(base_url=f"http://{stage.address}") as client:
        return await client.post(f"/v1/help?bot={stage.cast.acme.key}", content=content, headers=headers)


async def test_the_faq_is_read_without_a_socket_a_visitor_or_a_cookie(stage: Stage) -> None:
    await switch(stage, "beside")
    listed, one = await ask(stage, **OURS), await ask(stage, f"&id={FACT.id}", **OURS)
    assert listed.json() == {"topics": [{"id": FACT.id, "question": FACT.question, "category": ""}]}
    assert one.json()["topic"]["answer"] == FACT.answer
    assert listed.headers["x-content-type-options"] == "nosniff"
    assert "set-cookie" not in listed.headers
    async with stage.db.read() as session:
        assert await session.scalar(select(func.count()).select_from(Visitor)) == 0
        assert await session.scalar(select(func.count()).select_from(Room)) == 0


async def test_what_did_not_change_is_not_sent_again_and_any_edit_changes_it(stage: Stage) -> None:
    await switch(stage, "beside")
    first = await ask(stage)
    assert first.headers["cache-control"] == "private, max-age=60"
    again = await ask(stage, if_none_match=first.headers["etag"])
    other = await ask(stage, "&q=pay", if_none_match=first.headers["etag"])
    assert (again.status_code, again.content, other.status_code) == (304, b"", 200)


async def test_r10_a_bot_that_is_unknown_paused_or_without_help_is_the_same_404(stage: Stage) -> None:
    assert (await ask(stage)).status_code == 404
    await switch(stage, "first")
    assert (await ask(stage)).status_code == 200
    unknown, rival = await ask(stage, key="nobody"), await ask(stage, key=stage.cast.globex.key)
    async with stage.db.write() as session:
        await session.execute(update(Bot).where(Bot.id == stage.cast.acme.bot_id).values(active=False))
    paused = await ask(stage)
    assert unknown.json() == rival.json() == paused.json()
    assert {unknown.status_code, rival.status_code, paused.status_code} == {404}
    assert (await ask(stage, f"&id={'0' * 32}")).status_code == 404


async def test_r12_only_registered_origins_and_our_own_panel_read_it(stage: Stage) -> None:
    await switch(stage, "beside")
    acme = stage.cast.acme
    registered = await ask(stage, origin=acme.origin, sec_fetch_site="cross-site")
    assert (registered.status_code, registered.headers["access-control-allow-origin"]) == (200, acme.origin)
    assert registered.headers["vary"] == "Origin"
    ours = await ask(stage, origin=stage.own_origin)
    assert (ours.status_code, "access-control-allow-origin" in ours.headers) == (200, False)
    assert ours.headers["cross-origin-resource-policy"] == "same-origin"
    for origin in (
        "null",
        "https://evil.example",
        f"{acme.origin}.evil.example",
        f"{acme.origin}:444",
        "http://acme.example",
    ):
        assert (await ask(stage, origin=origin)).status_code == 403, origin
    assert (await ask(stage, sec_fetch_site="cross-site")).status_code == 403
    assert (await ask(stage, sec_fetch_site="same-site")).status_code == 403


async def test_a_word_on_an_answer_is_kept_from_known_pages_alone(stage: Stage) -> None:
    await switch(stage, "beside")
    assert (await say(stage, {"id": FACT.id, "good": True})).status_code == 204
    assert (await say(stage, {"id": "0" * 32, "good": True})).status_code == 404
    assert (await say(stage, {"id": FACT.id, "good": True}, origin="https://evil.example")).status_code == 403
    async with httpx2.AsyncClient(base_url=f"http://{stage.address}") as client:
        assert (await client.post(f"/v1/help?bot={stage.cast.acme.key}", content=b"{}")).status_code == 403


@pytest.mark.parametrize(
    "body",
    [b"", b"[]", b"{", b'{"id":1,"good":true}', b'{"id":"x","good":"yes"}', b'{"id":"x","good":true,"voter":"me"}'],
)
async def test_r14_what_is_no_word_on_an_answer_is_refused_with_a_reason(stage: Stage, body: bytes) -> None:
    await switch(stage, "beside")
    answer = await say(stage, body)
    assert (answer.status_code, answer.json()["error"]["code"]) == (400, "bad_request")
    assert (await say(stage, b" " * 1_001)).status_code == 413


async def until_refused(act: Callable[[], Awaitable[httpx2.Response]], status: int, amount: int) -> httpx2.Response:
    """The refusal that comes after ``amount`` of an action, and at most so many again: a new minute may have begun."""
    for done in range(2 * amount + 1):
        answer = await act()
        if answer.status_code == 429:
            assert done >= amount
            return answer
        assert answer.status_code == status
    raise AssertionError("nothing was refused")


async def test_r15_one_address_can_ask_only_so_often(stage: Stage) -> None:
    await switch(stage, "beside")
    words = await until_refused(lambda: say(stage, {"id": FACT.id, "good": True}), 204, faq.WORDS[0].amount)
    answers = await until_refused(lambda: ask(stage), 200, faq.READS[0].amount)
    assert all(1 <= int(refused.headers["retry-after"]) <= 60 for refused in (words, answers))
