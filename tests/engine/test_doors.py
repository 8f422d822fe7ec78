"""What comes from outside (R10-R12, R14): refused with a code and a sentence, or harmless."""

import asyncio
import contextlib
import json
import re
import time
from pathlib import Path

import httpx2
import pytest
from limits import RateLimitItem
from websockets.exceptions import ConnectionClosed, InvalidStatus

from engine import auth
from engine.models import Bot
from tests.doubles.knowledge import FACT
from tests.engine import books
from tests.stage import Stage, staged
from tests.wire import Client

pytestmark = pytest.mark.anyio

SECRET = b"s" * 32


async def refused(client: Client) -> tuple[int, str]:
    """The status and code with which a socket is refused before its upgrade."""
    with pytest.raises(InvalidStatus) as caught:
        async with client:
            pass
    response = caught.value.response
    assert response.body is not None
    error = json.loads(response.body)["error"]
    assert re.fullmatch(r"[A-Z].+\.", error["message"]), "a sentence"
    return response.status_code, error["code"]


async def closed(client: Client) -> tuple[int, str]:
    """The code and reason with which the server closes the socket."""
    with contextlib.suppress(ConnectionClosed):
        async for _ in client.ws:
            pass
    assert client.ws.close_code is not None
    return client.ws.close_code, client.ws.close_reason or ""


def chat(stage: Stage, origin: str | None, key: str = "key-of-acme", cookie: str | None = None) -> Client:
    return Client(f"ws://{stage.address}/v1/chat?bot={key}", origin=origin, cookie=cookie)


# Before the upgrade --------------------------------------------------------------------------------------------


@pytest.mark.parametrize("key", ["nobody", "", "%00", "key-of-acme%00", "%F0%9F%8C%BF", "%ED%A0%80", "x" * 3_000])
async def test_an_unknown_bot_is_refused_before_the_upgrade(stage: Stage, key: str) -> None:
    assert await refused(chat(stage, stage.cast.acme.origin, key)) == (404, "unknown_bot")
    async with httpx2.AsyncClient() as http:
        panel = await http.get(f"http://{stage.address}/v1/panel?bot={key}")
    assert (panel.status_code, panel.json()["error"]["code"]) == (404, "unknown_bot")


async def test_a_paused_bot_is_an_unknown_one(stage: Stage) -> None:
    async with stage.db.write() as session:
        bot = await session.get(Bot, stage.cast.acme.bot_id)
        assert bot is not None
        bot.active = False
    assert await refused(chat(stage, stage.cast.acme.origin)) == (404, "unknown_bot")


async def test_r12_only_the_exact_registered_origin_and_our_own_open_a_chat(sqlite_url: str, tmp_path: Path) -> None:
    async with staged(sqlite_url, tmp_path) as stage:
        for ours in (stage.cast.acme.origin, stage.own_origin):
            async with chat(stage, ours) as allowed:
                assert (await allowed.join())["type"] == "room.joined"
        for origin in (
            None,
            "null",
            "https://globex.example",
            "http://acme.example",
            "https://acme.example:8443",
            "https://acme.example:443",
            "https://acme.example.evil.example",
            "https://evilacme.example",
            "https://shop.acme.example",
            "https://acme.example.",
            "https://acme.example/",
            "https://acme.example@evil.example",
            "https://acme.examplе",  # the last letter is Cyrillic
            "file://",
        ):
            latin = origin.encode().decode("latin-1") if origin else None
            assert await refused(chat(stage, latin)) == (403, "bad_origin"), origin


async def test_r12_the_desk_opens_from_our_own_origin_alone_and_only_signed_in(sqlite_url: str, tmp_path: Path) -> None:
    async with staged(sqlite_url, tmp_path) as stage:
        url, cookie = f"ws://{stage.address}/v1/desk", "agent=grace@acme"
        for origin in (None, "null", stage.cast.acme.origin, "http://127.0.0.1:1"):
            assert await refused(Client(url, origin=origin, cookie=cookie)) == (403, "bad_origin"), origin
        assert await refused(Client(url, origin=stage.own_origin)) == (401, "signed_out")
        assert await refused(Client(url, origin=stage.own_origin, cookie="agent=nobody")) == (401, "signed_out")
        async with stage.agent() as grace:
            assert (await grace.ask("desk.join"))["me"]["name"] == "Grace"


# Tokens and cookies --------------------------------------------------------------------------------------------


async def test_r11_a_token_that_was_not_issued_for_this_domain_is_refused(stage: Stage) -> None:
    acme, globex = stage.cast.acme, stage.cast.globex
    async with stage.visitor() as ada:
        joined = await ada.join()
        token, room_id = joined["token"], joined["room"]
        visitor_id, _, signature = token.partition(".")
    assert len(signature) == 32
    forged = [
        auth.issue(SECRET, globex.domain_id),
        auth.issue(b"t" * 32, acme.domain_id),
        token[:-1],
        token + "0",
        token.upper(),
        visitor_id,
        visitor_id + ".",
        f"{visitor_id}.{'0' * 32}",
        f"{'0' * 32}.{signature}",
        "." + signature,
        "x",
        "é" * 32 + "." + signature,
        visitor_id + "." + "é" * 32,
        "\x00",
    ]
    async with stage.visitor() as bob:
        for each in forged:
            assert (await bob.join(token=each))["code"] == "bad_token", each
        assert (await bob.ask("person.request"))["code"] == "not_joined"
        assert (await bob.ask("room.join", token="x" * 201))["code"] == "bad_command"
        assert (await bob.join(token=token))["room"] == room_id
    async with stage.visitor(globex) as bob:
        assert (await bob.join(token=token))["code"] == "bad_token"


async def test_r11_a_fresh_token_has_128_random_bits(sqlite_url: str, tmp_path: Path) -> None:
    async with staged(sqlite_url, tmp_path) as stage:
        tokens = set()
        for _ in range(5):
            async with stage.visitor() as ada:
                tokens.add((await ada.join())["token"])
    assert len(tokens) == 5
    assert all(re.fullmatch(r"[0-9a-f]{32}\.[0-9a-f]{32}", token) for token in tokens)


async def test_r11_r12_the_panel_sets_the_cookie_and_only_our_own_pages_speak_by_it(stage: Stage) -> None:
    acme = stage.cast.acme
    async with httpx2.AsyncClient() as http:
        panel = await http.get(f"http://{stage.address}/v1/panel?bot={acme.key}")
        header = panel.headers["set-cookie"]
        again = await http.get(
            f"http://{stage.address}/v1/panel?bot={acme.key}", headers={"cookie": header.partition(";")[0]}
        )
    cookie, _, attributes = header.partition(";")
    name, _, token = cookie.partition("=")
    told = {part.strip().lower() for part in attributes.split(";")}
    assert name == f"frontdesk_{acme.domain_id}"
    assert {"httponly", "path=/v1"} <= told
    assert not [part for part in told if part.startswith("domain")]
    assert auth.visitor_of(SECRET, acme.domain_id, token)
    assert "set-cookie" not in again.headers
    policy = dict(part.strip().partition(" ")[::2] for part in panel.headers["content-security-policy"].split(";"))
    assert set(policy["frame-ancestors"].split()) == {acme.origin} | stage.engine.settings.own_origins
    assert "unsafe" not in panel.headers["content-security-policy"]
    assert panel.headers["x-content-type-options"] == "nosniff"
    assert token not in panel.text

    async with chat(stage, stage.own_origin, cookie=cookie) as ours, chat(stage, acme.origin, cookie=cookie) as theirs:
        by_cookie, on_their_page = await ours.join(), await theirs.join()
    async with stage.visitor() as ada:
        by_token = await ada.join(token=token)
    assert by_cookie["token"] is None
    assert by_cookie["room"] == by_token["room"] != on_their_page["room"]
    assert on_their_page["token"] is not None


async def test_r11_over_https_the_cookie_is_secure_and_partitioned(sqlite_url: str, tmp_path: Path) -> None:
    async with (
        staged(sqlite_url, tmp_path, PUBLIC_URL="https://chat.example") as stage,
        httpx2.AsyncClient() as http,
    ):
        panel = await http.get(f"http://{stage.address}/v1/panel?bot=key-of-acme")
        async with chat(stage, "https://chat.example") as ours:
            assert (await ours.join())["type"] == "room.joined"
        assert await refused(chat(stage, f"http://{stage.address}")) == (403, "bad_origin")
    told = {part.strip().lower() for part in panel.headers["set-cookie"].split(";")[1:]}
    assert {"secure", "samesite=none", "partitioned", "httponly"} <= told


# Frames --------------------------------------------------------------------------------------------------------

JOIN = '{"type":"room.join"}'
FRAMES: list[tuple[str | bytes, str]] = [
    ("", "bad_json"),
    ("{", "bad_json"),
    ("nonsense", "bad_json"),
    (b"\x00\x01", "bad_json"),
    (JOIN.encode(), "bad_json"),
    ('{"type":"room.join","after":NaN}', "bad_json"),
    ('{"type":"room.join","after":Infinity}', "bad_json"),
    ('{"type":"room.join","after":1e400}', "bad_json"),
    ('{"type":"room.join","after":' + "9" * 5_000 + "}", "bad_json"),
    ("[" * 30_000, "bad_json"),
    ('{"a":' * 40 + "1" + "}" * 40, "bad_json"),
    ('"' + '\\"' * 30_000 + "{" * 40, "bad_json"),
    ("[]", "unknown_command"),
    ("[" + JOIN + "]", "unknown_command"),
    ("null", "unknown_command"),
    ("7", "unknown_command"),
    ('"room.join"', "unknown_command"),
    ("{}", "unknown_command"),
    ('{"type":null}', "unknown_command"),
    ('{"type":"room.claim","room":"x"}', "unknown_command"),
    ('{"type":"__class__"}', "unknown_command"),
    ('{"type":"room.join","after":-1}', "bad_command"),
    ('{"type":"room.join","after":"1"}', "bad_command"),
    ('{"type":"room.join","after":1.5}', "bad_command"),
    ('{"type":"room.join","after":true}', "bad_command"),
    ('{"type":"room.join","ref":7}', "bad_command"),
    ('{"type":"message.send"}', "bad_command"),
    ('{"type":"message.send","text":"x"}', "bad_command"),
    ('{"type":"message.send","client_id":"","text":"x"}', "bad_command"),
    ('{"type":"message.send","client_id":"a b","text":"x"}', "bad_command"),
    ('{"type":"message.send","client_id":"a\\u0000","text":"x"}', "bad_command"),
    ('{"type":"message.send","client_id":"a\\n","text":"x"}', "bad_command"),
    ('{"type":"message.send","client_id":"a","text":7}', "bad_command"),
    ('{"type":"message.send","client_id":"' + "a" * 65 + '","text":"x"}', "bad_command"),
    ('{"type":"typing.set","on":"yes"}', "bad_command"),
    ('{"type":"read.mark","revision":9e99}', "bad_command"),
    ('{"type":"message.send","client_id":"a","text":"x"}', "not_joined"),
    ('{"type":"answer.stop"}', "not_joined"),
    ('{"type":"read.mark","revision":1}', "not_joined"),
]


async def test_r14_a_frame_that_is_no_command_gets_a_code_and_a_sentence_and_the_socket_lives(
    sqlite_url: str, tmp_path: Path
) -> None:
    async with staged(sqlite_url, tmp_path) as stage, stage.visitor() as ada:
        for number, (frame, code) in enumerate(FRAMES):
            if number % 10 == 9:  # twenty bad ones in a row would close it
                await ada.say("answer.stop")
                assert (await ada.hear())["code"] == "not_joined"
            began = time.monotonic()
            await ada.ws.send(frame)
            error = await ada.hear()
            assert (error["type"], error["code"]) == ("error", code), frame[:60]
            assert error["message"].endswith("."), frame[:60]
            assert len(error["message"]) < 300, frame[:60]
            assert time.monotonic() - began < 2, frame[:60]
        assert (await ada.join())["type"] == "room.joined"


async def test_r14_an_agents_bad_frame_is_told_too_and_ids_hold_no_strange_characters(stage: Stage) -> None:
    async with stage.agent() as grace:
        for command, fields, code in (
            ("message.send", {"client_id": "a", "text": "x"}, "bad_command"),
            ("typing.set", {"on": True}, "bad_command"),
            ("read.mark", {"revision": 1}, "bad_command"),
            ("room.watch", {"room": ""}, "bad_command"),
            ("room.watch", {"room": "\x00"}, "bad_command"),
            ("room.claim", {"room": "a\x00b"}, "bad_command"),
            ("room.close", {"room": "\ud800"}, "bad_command"),
            ("room.release", {"room": "x" * 65}, "bad_command"),
            ("room.watch", {"room": "'; DROP TABLE rooms; --"}, "bad_command"),
            ("room.join", {}, "unknown_command"),
            ("room.watch", {"room": "f" * 32}, "not_found"),
        ):
            assert (await grace.ask(command, **fields))["code"] == code, (command, fields)


async def test_twenty_bad_frames_in_a_row_close_the_socket_with_a_reason(sqlite_url: str, tmp_path: Path) -> None:
    async with staged(sqlite_url, tmp_path) as stage:
        async with stage.visitor() as ada:
            for _ in range(19):
                await ada.ws.send("{")
            assert (await ada.join())["type"] == "room.joined"
            for _ in range(20):
                await ada.ws.send("{")
            assert await closed(ada) == (1008, "too many frames that are no command")
        async with stage.visitor() as ada:
            assert (await ada.join())["type"] == "room.joined"


async def test_r14_a_frame_over_64_kib_or_in_too_many_pieces_closes_the_socket_with_1009(
    sqlite_url: str, tmp_path: Path
) -> None:
    def join_of(size: int) -> str:
        frame = '{"type":"room.join","ref":"big","pad":""}'
        return frame.replace('"pad":""', f'"pad":"{"x" * (size - len(frame))}"')

    async with staged(sqlite_url, tmp_path) as stage:
        async with stage.visitor() as ada:
            await ada.ws.send(join_of(64 * 1024))
            assert (await ada.hear())["type"] == "room.joined"
            await ada.ws.send(join_of(64 * 1024 + 1))
            assert (await closed(ada))[0] == 1009
        async with stage.visitor() as ada:
            await ada.ws.send([*['{"type":"room.join"', *[" "] * 61], "}"])  # and an empty last one: 64
            assert (await ada.hear())["type"] == "room.joined"
            await ada.ws.send(['{"type":"room.join"', *[" "] * 70, "}"])
            assert (await closed(ada))[0] == 1009


async def test_r14_who_sends_nothing_for_10_s_is_closed_with_a_reason(sqlite_url: str, tmp_path: Path) -> None:
    async with staged(sqlite_url, tmp_path) as stage, stage.visitor() as silent:
        began = time.monotonic()
        async with asyncio.timeout(14):
            assert await closed(silent) == (1008, "nothing was sent within 10 s")
    assert 9.5 < time.monotonic() - began < 14


# Texts ---------------------------------------------------------------------------------------------------------

TEXTS = [
    ("sure", "sure"),
    ("  sure \t\n", "sure"),
    ("a\x00b", "ab"),
    ("a\x07\x1b[31mb\x7f", "a[31mb"),
    ("a\tb\nc", "a\tb\nc"),
    ("a\r\nb\rc", "a\nb\nc"),
    ("\ud800", "\ufffd"),
    ("a\udfffb\ud83d", "a\ufffdb\ufffd"),
    ("\ud83c\udf3f", "🌿"),
    ("in\U000e0049visible\U000e007f", "invisible"),
    ("\u202eevil\u2066", "\u202eevil\u2066"),
    ("👨‍👩‍👧‍👦", "👨‍👩‍👧‍👦"),
    ("\uffff\ufeff\u2028x", "\uffff\ufeff\u2028x"),
    ("e" + "\u0301" * 1_000, "e" + "\u0301" * 1_000),
    ("'; DROP TABLE messages; --", "'; DROP TABLE messages; --"),
    ("<script>alert(1)</script> %s {0}", "<script>alert(1)</script> %s {0}"),
    ("🌿" * 4_000, "🌿" * 4_000),
    ("x" * 4_000 + "\x00" * 100, "x" * 4_000),
]


async def test_r14_a_text_is_stored_alike_on_both_databases(stage: Stage) -> None:
    async with stage.visitor() as ada, stage.agent() as grace:
        room_id = (await ada.join(page="https://x.example/\x00\ud800", locale="de\x00"))["room"]
        await ada.send("sure")
        await ada.until("answer.finished")
        await grace.ask("room.claim", room=room_id)
        for sent, stored in TEXTS:
            ok = await ada.send(sent)
            assert ok["type"] == "ok", sent[:40]
            created = next(f["message"] for f in reversed(ada.heard) if f["type"] == "message.created")
            assert created["text"] == stored, sent[:40]
        rows = await books.messages(stage.db, room_id)
        joined = await ada.join()
    assert [row.text for row in rows[3:]] == [stored for _, stored in TEXTS]
    assert [message["text"] for message in joined["messages"][3:]] == [stored for _, stored in TEXTS]


async def test_r14_an_empty_or_too_long_text_is_refused_with_a_sentence_and_not_stored(stage: Stage) -> None:
    async with stage.visitor() as ada:
        room_id = (await ada.join())["room"]
        for text, code in (
            ("", "empty"),
            (" \n\t", "empty"),
            ("\x00\x01", "empty"),
            ("\U000e0041", "empty"),
            ("x" * 4_001, "too_long"),
            ("🌿" * 4_001, "too_long"),
        ):
            error = await ada.send(text, client_id="one")
            assert (error["code"], error["client_id"]) == (code, "one"), text[:20]
            assert ("4,001" in error["message"]) is (code == "too_long")
        assert await books.room(stage.db, room_id) is None
        assert (await ada.send("sure", client_id="one"))["revision"] == 1


async def test_fields_that_are_not_the_senders_to_set_are_ignored(stage: Stage) -> None:
    async with stage.visitor() as bob:
        await bob.join()
        foreign = (await bob.send("sure"))["message_id"]
        other_room = next(f["room"] for f in bob.heard if f["type"] == "room.joined")
    extra = {
        "id": foreign,
        "room": other_room,
        "room_id": other_room,
        "revision": 99,
        "position": 99,
        "author": "agent",
        "name": "Grace",
        "state": "complete",
        "sources": [{"id": "x", "title": "x"}],
        "offers": ["x"],
        "person": True,
        "credits": -5,
        "balance": 10**6,
        "created_at": "1970-01-01T00:00:00Z",
        "workspace_id": stage.cast.globex.workspace_id,
    }
    async with stage.visitor() as ada:
        room_id = (await ada.join(room=other_room, visitor_id="x", mode="live"))["room"]
        assert room_id != other_room
        ok = await ada.send("sure", **extra)
        await ada.until("answer.finished")
        row = (await books.messages(stage.db, room_id))[0]
        (await books.account(stage.db, stage.cast.acme.workspace_id)).check()
    assert (row.author, row.name, row.revision, row.position, row.state) == ("visitor", None, 1, 1, "sent")
    assert (row.sources, row.offers, row.person) == ([], [], False)
    assert ok["message_id"] == row.id != foreign


# Rates ---------------------------------------------------------------------------------------------------------


async def test_r15_more_messages_than_allowed_are_refused_with_the_seconds_to_wait(
    sqlite_url: str, tmp_path: Path
) -> None:
    async with staged(sqlite_url, tmp_path, VISITOR_MESSAGES_PER_MINUTE=3) as stage:
        async with stage.visitor() as ada, stage.visitor() as bob:
            token = (await ada.join())["token"]
            await bob.join()
            told = [await ada.send(f"sure {number}", client_id=f"n{number}") for number in range(5)]
            assert [frame.get("code", "ok") for frame in told] == ["ok"] * 3 + ["rate_limited"] * 2
            assert 1 <= told[-1]["retry_after"] <= 60
            assert told[-1]["client_id"] == "n4"
            assert (await bob.send("sure"))["type"] == "ok", "another visitor is not held up"
        async with stage.visitor() as tab:
            await tab.join(token=token)
            assert (await tab.send("sure"))["code"] == "rate_limited", "another tab is the same visitor"


async def test_r15_a_message_that_was_too_much_can_be_sent_later(stage: Stage) -> None:
    class Once:
        """Refuses the first hit."""

        def __init__(self) -> None:
            self.hits = 0

        async def hit(self, key: str, *rates: RateLimitItem) -> int | None:
            self.hits += 1
            return 7 if self.hits == 1 else None

        async def aclose(self) -> None: ...

    stage.engine.limits = Once()
    async with stage.visitor() as ada:
        room_id = (await ada.join())["room"]
        refused = await ada.send("sure", client_id="kept")
        assert (refused["code"], refused["retry_after"]) == ("rate_limited", 7)
        assert await books.room(stage.db, room_id) is None
        assert (await ada.send("sure", client_id="kept"))["type"] == "ok"
        assert (await ada.until("answer.finished"))["message"]["text"] == FACT.answer


# Health --------------------------------------------------------------------------------------------------------


async def test_health_and_readiness_are_told(stage: Stage) -> None:
    async with httpx2.AsyncClient(base_url=f"http://{stage.address}") as http:
        health, readiness, loader = [await http.get(path) for path in ("/healthz", "/readyz", "/widget.js")]
    assert (health.status_code, health.json()) == (200, {"ok": True})
    assert (readiness.status_code, readiness.json()["ready"], readiness.json()["database"]) == (200, True, "ok")
    assert loader.headers["content-type"] == "text/javascript; charset=utf-8"


async def test_what_the_loader_imports_may_be_imported_by_any_page_and_nothing_else_is_there(stage: Stage) -> None:
    async with httpx2.AsyncClient(base_url=f"http://{stage.address}") as http:
        page, absent = [await http.get(f"/widget/{name}") for name in ("page.js", "../loader.js")]
    assert (page.status_code, page.headers["access-control-allow-origin"]) == (200, "*")
    assert "mount" in page.text
    assert absent.status_code == 404
