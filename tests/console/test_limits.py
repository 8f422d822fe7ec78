"""How often a sign-in may fail (R11, R15): per address, per account, across nodes."""

import asyncio

import pytest

from console.access import attempts
from console.access.attempts import Attempts
from engine.limits import network
from tests.console.conftest import Site
from tests.servers.redis import Redis

pytestmark = pytest.mark.anyio

OWNER = "owner@acme.example"


async def test_r11_the_sixth_failure_from_an_address_waits_even_with_the_right_password(site: Site) -> None:
    visit = site.visit()
    for _ in range(5):
        assert (await visit.sign_in(OWNER, "wrong")).status_code == 401
    refused = await visit.sign_in("agent@globex.example", "wrong")
    assert refused.status_code == 429
    assert 0 < int(refused.headers["retry-after"]) <= attempts.PER_ADDRESS[1]
    assert "Try again in 5 minutes" in refused.text
    assert (await visit.sign_in(OWNER)).status_code == 429
    forged = await visit.sign_in(OWNER, **{"x-forwarded-for": "198.51.100.7", "forwarded": "for=198.51.100.7"})
    assert forged.status_code == 429
    assert (await site.visit("192.0.2.9").sign_in(OWNER)).status_code == 303


async def test_r11_ten_failures_close_the_account_from_everywhere(site: Site) -> None:
    for n in range(10):
        assert (await site.visit(f"192.0.2.{n}").sign_in(OWNER, "wrong")).status_code == 401
    refused = await site.visit("198.51.100.1").sign_in(OWNER)
    assert refused.status_code == 429
    assert 0 < int(refused.headers["retry-after"]) <= attempts.PER_ACCOUNT[1]
    assert (await site.visit("198.51.100.1").sign_in("admin@acme.example")).status_code == 303


async def test_r11_a_hundred_at_once_are_no_way_round_the_limit(site: Site) -> None:
    answers = await asyncio.gather(*(site.visit().sign_in(OWNER, f"guess {n}") for n in range(30)))
    codes = [answer.status_code for answer in answers]
    assert (codes.count(401), codes.count(429)) == (5, 25)


async def test_signing_in_well_uses_no_attempt_up(site: Site) -> None:
    for _ in range(12):
        assert (await site.visit().sign_in(OWNER)).status_code == 303
    for _ in range(5):
        assert (await site.visit().sign_in(OWNER, "wrong")).status_code == 401


async def test_r11_all_nodes_count_together_and_alone_when_redis_is_gone(redis_server: Redis) -> None:
    here, there = Attempts(redis_server.url), Attempts(redis_server.url)
    for node in (here, there, here, there, here):
        assert await node.take("192.0.2.1", OWNER) is None
    assert await there.take("192.0.2.1", OWNER) is not None
    redis_server.stop()
    assert [await here.take("192.0.2.2", "x@acme.example") is None for _ in range(6)] == [True] * 5 + [False]
    await here.aclose()
    await there.aclose()


@pytest.mark.parametrize(
    ("address", "counted"),
    [
        ("192.0.2.1", "192.0.2.1"),
        ("::ffff:192.0.2.1", "192.0.2.1"),
        ("2001:db8:1:2:3:4:5:6", "2001:db8:1:2::"),
        ("2001:db8:1:2:ffff::", "2001:db8:1:2::"),
        ("2001:db8:1:3::1", "2001:db8:1:3::"),
        ("not an address", "unknown"),
        ("", "unknown"),
    ],
)
def test_r15_a_sender_is_an_ipv4_address_or_an_ipv6_64(address: str, counted: str) -> None:
    assert network(address) == counted
