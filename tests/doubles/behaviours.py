"""How an upstream may behave, each way under its name."""

import gzip
from collections.abc import Awaitable, Callable
from typing import Any

from tests.doubles.reply import DONE, SSE, Reply, completion, delta, event

SECRET = "sk-upstream-secret-0123456789"  # in every error body: a visitor or a log must never show it
ODD_USAGES: dict[str, Any] = {
    "no_usage": None,
    "negative_usage": {"prompt_tokens": -5, "completion_tokens": -7},
    "huge_usage": {"prompt_tokens": 10**15, "completion_tokens": 10**15},
    "string_usage": {"prompt_tokens": "12", "completion_tokens": "7"},
    "bool_usage": {"prompt_tokens": True, "completion_tokens": True},
    "float_usage": {"prompt_tokens": 1.5, "completion_tokens": 2.0},
    "list_usage": [1, 2],
}
BEHAVIOURS: dict[str, Callable[[Reply], Awaitable[None]]] = {}


def way(behaviour: Callable[[Reply], Awaitable[None]]) -> Callable[[Reply], Awaitable[None]]:
    """Enter ``behaviour`` under its own name."""
    BEHAVIOURS[behaviour.__name__] = behaviour
    return behaviour


async def refuse(reply: Reply, status: int, retry_after: str) -> None:
    """An error by its status, with a body that nobody should see."""
    headers = {"retry-after": retry_after} if retry_after else {}
    error = {"message": f"key {SECRET} at /srv/secret/path", "type": "error", "code": status}
    await reply.wire.json(status, {"error": error}, headers)


@way
async def ok(reply: Reply) -> None:
    if not reply.request.body.get("stream"):
        return await _whole(reply)
    await reply.begin()
    await reply.say(reply.words)
    await reply.finish_with(reply.usage)


async def _whole(reply: Reply) -> None:
    message = {"role": "assistant", "content": "".join(reply.words)}
    choice = {"index": 0, "message": message, "finish_reason": reply.finish}
    await reply.wire.json(200, completion("chat.completion", [choice], reply.usage))


async def _odd_usage(reply: Reply) -> None:
    await reply.begin()
    await reply.say(reply.words)
    await reply.finish_with(ODD_USAGES[reply.request.behaviour])


@way
async def running_usage(reply: Reply) -> None:
    await reply.begin()
    for done, word in enumerate(reply.words, 1):
        await reply.say([word])
        usage = {"prompt_tokens": 9, "completion_tokens": done}
        await reply.wire.send(event(completion("chat.completion.chunk", [], usage)))
    await reply.finish_with(None)


@way
async def hang(reply: Reply) -> None:
    await reply.wire.sleep(None)


@way
async def hang_after_head(reply: Reply) -> None:
    await reply.wire.head(200, SSE)
    await reply.wire.sleep(None)


@way
async def hang_mid(reply: Reply) -> None:
    await reply.say_half()
    await reply.wire.sleep(None)


@way
async def hang_tail(reply: Reply) -> None:
    await reply.begin()
    await reply.say(reply.words)
    await reply.wire.send(delta({}, reply.finish))
    await reply.wire.sleep(None)


@way
async def comments(reply: Reply) -> None:
    await reply.wire.head(200, SSE)
    while True:
        await reply.wire.send(b": keep-alive\n\n")
        await reply.wire.sleep(0.005)


@way
async def empty_deltas(reply: Reply) -> None:
    await reply.say_half()
    while True:
        await reply.wire.send(delta({"content": ""}))
        await reply.wire.sleep(0.005)


@way
async def drip(reply: Reply) -> None:
    await reply.wire.head(200, SSE)
    told = b"".join(delta({"content": word}) for word in reply.words) + delta({}, reply.finish) + DONE
    for place in range(len(told)):
        await reply.wire.send(told[place : place + 1])
        await reply.wire.sleep(reply.delay)
    await reply.wire.end()


@way
async def endless(reply: Reply) -> None:
    await reply.begin()
    while True:
        await reply.say(["and so on " * 20])  # so that a slow machine reaches the ceiling before the clock runs out


@way
async def cut(reply: Reply) -> None:
    await reply.say_half()
    await reply.wire.sleep(0.01)  # abort drops what is still in the buffer
    reply.wire.abort()


@way
async def cut_before_head(reply: Reply) -> None:
    reply.wire.abort()


@way
async def cut_event(reply: Reply) -> None:
    await reply.say_half()
    await reply.wire.send(delta({"content": "never"})[:-9])
    await reply.wire.end()


@way
async def end_early(reply: Reply) -> None:
    await reply.say_half()
    await reply.wire.end()


@way
async def no_done(reply: Reply) -> None:
    await reply.begin()
    await reply.say(reply.words)
    await reply.wire.send(delta({}, reply.finish))
    await reply.wire.end()


@way
async def no_finish(reply: Reply) -> None:
    await reply.begin()
    await reply.say(reply.words)
    await reply.wire.send(DONE)
    await reply.wire.end()


@way
async def garbage(reply: Reply) -> None:
    await reply.say_half()
    await reply.wire.send(b'data: {"choices": [{"del, ' + SECRET.encode() + b"\n\n")
    await reply.wire.sleep(None)


@way
async def html(reply: Reply) -> None:
    await reply.wire.head(200, {"content-type": "text/html"})
    await reply.wire.send(f"<!doctype html>\n<title>Sign in {SECRET}</title>\n".encode())
    await reply.wire.end()


@way
async def invalid_utf8(reply: Reply) -> None:
    await reply.say_half()
    await reply.wire.send(delta({"content": "WRONG"}).replace(b"WRONG", b"\xff\xfe\xc0"))
    await reply.wire.sleep(None)


@way
async def huge_line(reply: Reply) -> None:
    await reply.say_half()
    await reply.wire.send(b'data: {"choices": [{"delta": {"content": "')
    for _ in range(300):
        await reply.wire.send(b"x" * 1024)
    await reply.wire.sleep(None)


@way
async def error_event(reply: Reply) -> None:
    await reply.say_half()
    await reply.wire.send(event({"error": {"message": f"overloaded {SECRET}", "code": 502}}))
    await reply.wire.end()


@way
async def error_first(reply: Reply) -> None:
    await reply.wire.head(200, SSE)
    await reply.wire.send(event({"error": {"message": f"overloaded {SECRET}", "code": 502}}))
    await reply.wire.end()


@way
async def duplicates(reply: Reply) -> None:
    await reply.begin()
    await reply.say(reply.words, times=2)
    await reply.finish_with(reply.usage)


@way
async def gzip_bomb(reply: Reply) -> None:
    await reply.wire.head(200, SSE | {"content-encoding": "gzip"})
    await reply.wire.send(gzip.compress(delta({"content": "x" * 20_000_000})))
    await reply.wire.end()


@way
async def redirect(reply: Reply) -> None:
    await reply.wire.head(307, {"location": "/v1/chat/completions"})
    await reply.wire.end()


@way
async def unshaped(reply: Reply) -> None:
    """A server that knows nothing of schemas, and a model that talks around its JSON."""
    if "response_format" in reply.request.body:
        return await refuse(reply, 400, "")
    await reply.begin()
    await reply.say(["Sure, here it is:\n\n```json\n", *reply.words, "\n```\nAnything else?"])
    await reply.finish_with(reply.usage)


@way
async def empty(reply: Reply) -> None:
    await reply.begin()
    await reply.finish_with(reply.usage)


BEHAVIOURS.update(dict.fromkeys(ODD_USAGES, _odd_usage))
