import asyncio

import pytest
from redis.asyncio import Redis as Client
from redis.exceptions import ConnectionError as NoConnection

from .redis import Redis


async def test_a_test_gets_an_empty_redis(redis_server: Redis) -> None:
    async with Client.from_url(redis_server.url) as client:
        await client.set("left", "by a test")
        assert await client.dbsize() == 1

    redis_server.empty()

    async with Client.from_url(redis_server.url) as client:
        assert await client.dbsize() == 0


async def test_a_restarted_redis_is_on_the_same_port_and_has_lost_everything(redis_server: Redis) -> None:
    url = redis_server.url
    async with Client.from_url(url) as client:
        await client.set("presence", "ada")

    redis_server.stop()
    async with Client.from_url(url, retry=None) as client:
        with pytest.raises(NoConnection):
            await client.ping()
    redis_server.start()

    assert redis_server.url == url
    async with Client.from_url(url) as client:
        assert await client.get("presence") is None


async def test_a_paused_redis_keeps_the_connection_and_answers_once_resumed(redis_server: Redis) -> None:
    async with Client.from_url(redis_server.url, socket_timeout=None) as client:
        await client.ping()
        redis_server.pause()
        answer = asyncio.ensure_future(client.get("presence"))
        done, _ = await asyncio.wait([answer], timeout=0.2)
        assert not done

        redis_server.resume()

        assert await answer is None
