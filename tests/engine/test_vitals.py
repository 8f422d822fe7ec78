"""What a panel measured of itself: counted in buckets, right under concurrency, and of nobody in particular."""

import asyncio
import json
from datetime import timedelta
from typing import Any

import httpx2
import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import select, update

from engine import beacons, vitals
from engine.db import now
from engine.models import Bot, Vital
from tests.stage import Stage

pytestmark = pytest.mark.anyio


@given(st.lists(st.integers(0, vitals.LARGEST), min_size=1, max_size=200), st.sampled_from([0.5, 0.75, 0.95]))
def test_a_percentile_read_from_buckets_is_within_five_percent(values: list[int], share: float) -> None:
    counts: dict[int, int] = {}
    for value in values:
        counts[vitals.bucket_of(value)] = counts.get(vitals.bucket_of(value), 0) + 1
    true = sorted(values)[max(0, -(-len(values) * int(share * 100) // 100) - 1)]
    read = vitals.percentile(counts, share)
    assert read is not None
    assert abs(read - true) <= max(0.5, 0.05 * true)


def test_of_nothing_there_is_no_percentile() -> None:
    assert vitals.percentile({}, 0.5) is None
    assert vitals.bucket_of(vitals.LARGEST) < 200


async def send(stage: Stage, body: Any, *, key: str | None = None, **headers: str) -> httpx2.Response:
    content = body if isinstance(body, bytes) else json.dumps(body).encode()
    headers = {"origin": stage.own_origin} | {name.replace("_", "-"): value for name, value in headers.items()}
    async with httpx2.AsyncClient(base_url=f"http://{stage.address}") as client:
        return await client.post(f"/v1/vitals?bot={key or stage.cast.acme.key}", content=content, headers=headers)


async def counted(stage: Stage, device: str | None = None) -> dict[str, dict[int, int]]:
    async with stage.db.read() as session:
        today = now().date()
        return await vitals.counts(session, stage.cast.acme.workspace_id, today, stage.cast.acme.bot_id, device)


async def test_a_beacon_is_counted_by_day_bot_and_device(stage: Stage) -> None:
    visit = {"device": "phone", "open": [120], "token": [300, 300, 900], "failed": [0]}
    answer = await send(stage, visit)
    assert (answer.status_code, answer.content) == (204, b"")
    assert (await send(stage, {"device": "desktop", "open": [120]}, origin=stage.cast.acme.origin)).status_code == 204
    found = await counted(stage)
    assert found["open"] == {vitals.bucket_of(120): 2}
    assert found["token"] == {vitals.bucket_of(300): 2, vitals.bucket_of(900): 1}
    assert (found["failed"], found["script"]) == ({0: 1}, {})
    assert (await counted(stage, "phone"))["open"] == {vitals.bucket_of(120): 1}
    async with stage.db.read() as session:
        globex = stage.cast.globex.workspace_id
        theirs = await vitals.counts(session, globex, now().date())
        crossed = await vitals.counts(session, globex, now().date(), stage.cast.acme.bot_id)
    assert not any(theirs.values())
    assert not any(crossed.values())


async def test_beacons_that_come_at_once_are_all_counted(stage: Stage) -> None:
    acme = stage.cast.acme
    measured: list[dict[vitals.Metric, tuple[int, ...]]] = [
        {"open": (100, 200), "token": (300,)},
        {"token": (300,), "open": (200, 100)},
    ]

    async def one(number: int) -> None:
        async with stage.db.write() as session:
            await vitals.count(session, acme.workspace_id, acme.bot_id, "phone", measured[number % 2])

    await asyncio.gather(*(one(number) for number in range(40)))
    found = await counted(stage)
    assert found["open"] == {vitals.bucket_of(100): 40, vitals.bucket_of(200): 40}
    assert found["token"] == {vitals.bucket_of(300): 40}


@pytest.mark.parametrize("headers", [{"dnt": "1"}, {"sec_gpc": "1"}])
async def test_who_asks_not_to_be_tracked_is_not_counted(stage: Stage, headers: dict[str, str]) -> None:
    assert (await send(stage, {"device": "phone", "open": [1]}, **headers)).status_code == 204
    assert not any((await counted(stage)).values())
    assert (await send(stage, {"device": "phone", "open": [1]})).status_code == 204
    assert any((await counted(stage)).values())


@pytest.mark.parametrize(
    ("share", "headers", "drawn"),
    [
        (100, {}, True),
        (0, {}, False),
        (100, {"dnt": "1"}, False),
        (100, {"sec-gpc": "1"}, False),
        (100, {"dnt": "0"}, True),
    ],
)
async def test_the_visits_that_are_measured_are_drawn_from_those_who_do_not_mind(
    stage: Stage, share: int, headers: dict[str, str], drawn: bool
) -> None:
    async with stage.db.write() as session:
        await session.execute(update(Bot).values(vitals=share))
    async with httpx2.AsyncClient(base_url=f"http://{stage.address}", headers=headers) as client:
        document = await client.get(f"/v1/panel?bot={stage.cast.acme.key}")
    assert f'"vitals":{str(drawn).lower()}' in document.text


async def test_a_bot_that_measures_nothing_is_sent_nothing_and_keeps_nothing(stage: Stage) -> None:
    async with stage.db.write() as session:
        await session.execute(update(Bot).values(vitals=0))
    assert (await send(stage, {"device": "phone", "open": [1]})).status_code == 204
    assert not any((await counted(stage)).values())


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"[]",
        b"{",
        b'{"open":[1]}',
        b'{"device":"watch","open":[1]}',
        b'{"device":"phone","open":[-1]}',
        b'{"device":"phone","open":[1.5]}',
        b'{"device":"phone","open":[100000001]}',
        b'{"device":"phone","open":1}',
        b'{"device":"phone","visitor":"ada"}',
        b'{"device":"phone","bot_id":"x"}',
        json.dumps({"device": "phone", "token": [1] * 21}).encode(),
        b'{"device":"phone"}' + b" " * 2_000,
    ],
)
async def test_r14_what_is_no_beacon_is_refused_and_leaves_nothing(stage: Stage, body: bytes) -> None:
    answer = await send(stage, body)
    assert (answer.status_code, answer.json()["error"]["code"]) == (400, "bad_request")
    assert not any((await counted(stage)).values())


async def test_r10_r12_a_beacon_comes_from_a_known_bots_own_pages_alone(stage: Stage) -> None:
    visit = {"device": "phone", "open": [1]}
    assert (await send(stage, visit, key="nobody")).status_code == 404
    for origin in ("null", "https://evil.example", stage.cast.globex.origin):
        assert (await send(stage, visit, origin=origin)).status_code == 403
    assert not any((await counted(stage)).values())


async def test_r15_one_address_is_counted_only_so_often(stage: Stage) -> None:
    most = beacons.SENDER[0].amount
    told = [(await send(stage, {"device": "phone", "open": [1]})).status_code for _ in range(most + 1)]
    assert told == [204] * most + [429]


async def test_what_is_older_than_ninety_days_is_forgotten(stage: Stage) -> None:
    acme = stage.cast.acme
    row = {"workspace_id": acme.workspace_id, "bot_id": acme.bot_id, "device": "phone", "metric": "open", "count": 1}
    today = now().date()
    async with stage.db.write() as session:
        for age in (0, 90, 91):
            session.add(Vital(day=today - timedelta(days=age), bucket=1, **row))
        await session.flush()
        await vitals.forget(session)
    async with stage.db.read() as session:
        assert sorted(await session.scalars(select(Vital.day))) == [today - timedelta(days=90), today]
