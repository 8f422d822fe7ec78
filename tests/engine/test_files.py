"""Files in a conversation: taken for what they are, sent once, given to whoever is in the room and to nobody else."""

import hmac
from datetime import timedelta
from typing import Any

import httpx2
import pytest
from sqlalchemy import delete, func, select, update

from engine import auth, files, identity
from engine.db import now
from engine.filetypes import kind_of
from engine.models import Bot, File, Room
from tests.cast import Company
from tests.stage import Stage
from tests.wire import Client

pytestmark = pytest.mark.anyio
PNG = b"\x89PNG\r\n\x1a\n" + bytes(100)
PAGE = b"<!doctype html><script>alert(1)</script>"
DRAWING = b"<svg xmlns='http://www.w3.org/2000/svg'><script>alert(1)</script></svg>"


class Hands:
    """One visitor with a socket to say things on and a browser to upload with."""

    def __init__(self, stage: Stage, ada: Client, token: str, company: Company) -> None:
        self.stage, self.ada, self.token, self.key = stage, ada, token, company.key

    async def upload(self, body: bytes = PNG, name: str = "cat.png", **options: Any) -> httpx2.Response:
        headers = {"Origin": self.stage.own_origin, "Authorization": f"Bearer {self.token}"} | options.get(
            "headers", {}
        )
        params = {"bot": self.key, "name": name}
        async with httpx2.AsyncClient(base_url=f"http://{self.stage.address}") as http:
            return await http.post("/v1/files", params=params, content=body, headers=headers)

    async def fetch(self, file_id: str) -> httpx2.Response:
        headers = {"Authorization": f"Bearer {self.token}"}
        async with httpx2.AsyncClient(base_url=f"http://{self.stage.address}") as http:
            return await http.get(f"/v1/files/{file_id}", params={"bot": self.key}, headers=headers)


async def hands(stage: Stage, ada: Client, company: Company | None = None, **join: Any) -> Hands:
    return Hands(stage, ada, (await ada.join(**join))["token"], company or stage.cast.acme)


async def grace(stage: Stage, method: str, path: str, *, cookie: str = "agent=grace@acme", **options: Any) -> Any:
    headers = {"Origin": stage.own_origin, "Cookie": cookie}
    async with httpx2.AsyncClient(base_url=f"http://{stage.address}") as http:
        return await http.request(method, path, headers=headers, **options)


async def test_a_picture_is_kept_sent_with_its_message_and_given_back(stage: Stage) -> None:
    async with stage.visitor() as ada:
        mine = await hands(stage, ada)
        kept = (await mine.upload(name="holidays/my cät.png")).json()
        assert (kept["name"], kept["type"], kept["size"]) == ("my cät.png", "image/png", len(PNG))
        sent = await ada.send("Is this one ill?", files=[kept["id"]])
        assert sent["type"] == "ok", sent
        created = next(frame for frame in ada.heard if frame["type"] == "message.created")
        assert created["message"]["attachments"] == [kept]
        back = await mine.fetch(kept["id"])
        assert (back.content, back.headers["content-type"]) == (PNG, "image/png")
        assert back.headers["content-disposition"] == "inline; filename*=UTF-8''my%20c%C3%A4t.png"
        assert back.headers["content-security-policy"] == "sandbox; default-src 'none'"
        assert back.headers["x-content-type-options"] == "nosniff"
        again = await ada.join()
        assert again["messages"][0]["attachments"] == [kept], "and it is there after a reload"


@pytest.mark.parametrize(
    ("name", "body", "type"),
    [
        ("a.png", PNG, "image/png"),
        ("a.txt", PNG, "image/png"),
        ("a.jpg", b"\xff\xd8\xff\xe0" + bytes(9), "image/jpeg"),
        ("a.webp", b"RIFF0000WEBPVP8 ", "image/webp"),
        ("a.pdf", b"%PDF-1.7\n", "application/pdf"),
        ("a.docx", b"PK\x03\x04rest", "application/vnd.openxmlformats-officedocument.wordprocessingml.document"),
        ("notes.txt", "grüße".encode(), "text/plain"),
        ("list.csv", b"a,b\n", "text/csv"),
        ("page.txt", PAGE, "text/plain"),
        ("page.html", PAGE, None),
        ("page.png", PAGE, None),
        ("drawing.svg", DRAWING, None),
        ("drawing.png", DRAWING, None),
        ("program.exe", b"MZ\x90\x00", None),
        ("program.jar", b"PK\x03\x04rest", None),
        ("script.js", b"alert(1)", None),
        ("bytes.txt", b"\xff\xfe\x00", None),
        ("nothing", b"", None),
    ],
)
def test_r13_a_file_is_what_its_bytes_are_whatever_it_is_called(name: str, body: bytes, type: str | None) -> None:
    kind = kind_of(name, body)
    assert (kind and kind.type) == type


async def test_r13_what_could_run_is_not_taken_and_what_is_not_a_picture_is_only_saved(stage: Stage) -> None:
    async with stage.visitor() as ada:
        mine = await hands(stage, ada)
        for name in ("page.html", "page.png", "drawing.svg"):
            refused = await mine.upload(PAGE, name)
            assert (refused.status_code, refused.json()["error"]["code"]) == (415, "bad_type")
        text = (await mine.upload(PAGE, "page.txt")).json()
        assert (await mine.fetch(text["id"])).headers["content-disposition"].startswith("attachment;")
    async with stage.db.read() as session:
        assert await session.scalar(select(func.count()).select_from(File)) == 1


async def test_r10_nobody_else_gets_it_and_absent_is_the_same_as_forbidden(stage: Stage) -> None:
    async with stage.visitor() as ada, stage.visitor() as mallory, stage.visitor(stage.cast.globex) as eve:
        mine, theirs = await hands(stage, ada), await hands(stage, mallory)
        abroad = await hands(stage, eve, stage.cast.globex)
        file_id = (await mine.upload()).json()["id"]
        absent = await mine.fetch("0" * 32)
        for who in (theirs, abroad):
            found = await who.fetch(file_id)
            assert (found.status_code, found.content) == (404, absent.content)
        await ada.send("Look", files=[file_id])
        assert (await grace(stage, "GET", f"/v1/files/{file_id}")).content == PNG
        for cookie in ("agent=grace@globex", "agent=nobody@acme", ""):
            assert (await grace(stage, "GET", f"/v1/files/{file_id}", cookie=cookie)).content == absent.content
        for file_id in ("x", "0" * 31 + "%00", "../../etc/passwd"):
            assert (await mine.fetch(file_id)).status_code == 404


async def test_r2_a_file_goes_with_one_message_of_its_own_room_and_of_its_own_sender(stage: Stage) -> None:
    async with stage.visitor() as ada, stage.visitor() as mallory:
        mine, theirs = await hands(stage, ada), await hands(stage, mallory)
        file_id = (await mine.upload()).json()["id"]
        assert (await mallory.send("Mine now", files=[file_id]))["code"] == "no_file"
        assert (await theirs.upload()).status_code == 201
        first = await ada.send("Look", client_id="one", files=[file_id])
        again = await ada.send("Look", client_id="one", files=[file_id])
        assert (first["type"], first["revision"]) == ("ok", again["revision"])
        assert (await ada.send("Look again", files=[file_id]))["code"] == "no_file"
        for bad in (["0" * 32], [file_id, file_id]):
            assert (await ada.send("And this?", files=bad))["code"] == "no_file"
        assert (await ada.send("six", files=[file_id] * 6))["type"] == "error"


async def test_the_bot_opens_no_file_says_so_for_nothing_and_offers_a_person(stage: Stage) -> None:
    async with stage.visitor() as ada:
        mine = await hands(stage, ada)
        sent = await ada.send("", files=[(await mine.upload()).json()["id"]])
        assert sent["type"] == "ok"
        said = next(
            frame["message"]
            for frame in ada.heard
            if frame["type"] == "message.created" and frame["message"]["author"] == "bot"
        )
        assert (said["text"], said["person"]) == (
            "I cannot open files, but a person can. Would you like somebody to look at it?", True
        )  # fmt: skip
        assert (await ada.send("", client_id="empty"))["code"] == "empty"
    assert not [ask for ask in stage.oracle.asked if not ask.text]


async def test_an_agent_sends_files_to_the_visitor_of_their_workspace_alone(stage: Stage) -> None:
    async with stage.visitor() as ada, stage.agent() as desk:
        mine = await hands(stage, ada)
        room = (await ada.send("Hello"))["message_id"] and ada.heard[0]["room"]
        await desk.ask("desk.join", after=0)
        await desk.ask("room.watch", room=room, after=0)
        await desk.ask("room.claim", room=room)
        sent = await grace(
            stage, "POST", "/v1/files", params={"room": room, "name": "invoice.pdf"}, content=b"%PDF-1.7"
        )
        file_id = sent.json()["id"]
        assert (await ada.send("Steal it", files=[file_id]))["code"] == "no_file", "it is the agent's to send"
        assert (await desk.send("Your invoice", room=room, files=[file_id]))["type"] == "ok"
        came = await ada.until(lambda f: f["type"] == "message.created" and f["message"]["author"] == "agent")
        assert came["message"]["attachments"][0]["name"] == "invoice.pdf"
        await ada.send("", files=[(await mine.upload()).json()["id"]])
        line = await desk.until(lambda f: f["type"] == "desk.changed" and f["room"]["preview"] == "cat.png")
        assert line["room"]["title"] == "Hello"
        assert (await mine.fetch(file_id)).content == b"%PDF-1.7"
        for cookie in ("agent=grace@globex", ""):
            refused = await grace(
                stage, "POST", "/v1/files", cookie=cookie, params={"room": room, "name": "x.pdf"}, content=b"%PDF-1.7"
            )
            assert refused.status_code == 404


async def test_r12_only_our_own_panel_uploads_and_only_who_joined(stage: Stage) -> None:
    async with stage.visitor() as ada:
        mine = await hands(stage, ada)
        for origin in ("https://evil.example", stage.cast.acme.origin, "null"):
            assert (await mine.upload(headers={"Origin": origin})).status_code == 403
        for bearer in ("", "Bearer", "Bearer nonsense", f"Bearer {auth.issue(b'x' * 32, stage.cast.acme.domain_id)}"):
            assert (await mine.upload(headers={"Authorization": bearer})).status_code == 401
        mine.key = "no such bot"
        assert (await mine.upload()).status_code == 404


async def test_r15_too_large_too_many_and_too_much_are_refused_in_words(stage: Stage) -> None:
    most = stage.engine.settings.FILE_BYTES
    async with stage.visitor() as ada:
        mine = await hands(stage, ada)
        large = await mine.upload(PNG + bytes(most))
        assert (large.status_code, large.json()["error"]["message"]) == (
            413,
            f"A file may have {most // 1_000_000} MB at most.",
        )
        assert (await mine.upload()).status_code == 201
        async with stage.db.write() as session:
            await session.execute(update(File).values(size=files.ROOM))
        full = await mine.upload()
        assert (full.status_code, full.json()["error"]["code"]) == (413, "room_full")
        while (answer := await mine.upload()).status_code != 429:
            assert answer.status_code == 413
        assert int(answer.headers["retry-after"]) > 0


async def test_who_is_vouched_for_uploads_with_their_session_and_where_it_is_wanted_nobody_else(stage: Stage) -> None:
    acme = stage.cast.acme
    async with stage.db.write() as session:
        await session.execute(update(Bot).where(Bot.id == acme.bot_id).values(identified=True))
    secret = identity.secret_of(stage.engine.settings.secret, acme.domain_id, 1)
    async with stage.visitor() as stranger, stage.visitor() as ada:
        assert (await (await hands(stage, stranger)).upload()).json()["error"]["code"] == "identify_first"
        told = {"user_id": "42", "hash": hmac.new(secret.encode(), b"42", "sha256").hexdigest()}
        mine = await hands(stage, ada, identity=told)
        file_id = (await mine.upload()).json()["id"]
        assert (await ada.send("Look", files=[file_id]))["type"] == "ok"
        assert (await mine.fetch(file_id)).status_code == 200


async def test_where_a_consent_comes_first_no_file_comes_before_it(stage: Stage) -> None:
    async with stage.db.write() as session:
        mine_only = update(Bot).where(Bot.id == stage.cast.acme.bot_id)
        await session.execute(mine_only.values(consent="We keep it.", consent_version=1, consent_first=True))
    async with stage.visitor() as ada:
        mine = await hands(stage, ada)
        assert (await mine.upload()).json()["error"]["code"] == "consent_needed"
        await ada.ask("consent.give", version=1)
        assert (await mine.upload()).status_code == 201


async def test_what_was_never_sent_goes_after_a_day_and_everything_with_its_room(stage: Stage) -> None:
    async with stage.visitor() as ada:
        mine = await hands(stage, ada)
        kept, lost = [(await mine.upload()).json()["id"] for _ in range(2)]
        await ada.send("Look", files=[kept])
        async with stage.db.write() as session:
            await session.execute(update(File).values(created_at=now() - files.UNSENT - timedelta(minutes=1)))
            assert await files.forget(session) == 1
        assert [(await mine.fetch(each)).status_code for each in (kept, lost)] == [200, 404]
        assert (await ada.send("And this", files=[lost]))["code"] == "no_file"
    async with stage.db.write() as session:
        await session.execute(delete(Room))
        assert await session.scalar(select(func.count()).select_from(File)) == 0
