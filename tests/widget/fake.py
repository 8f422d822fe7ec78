"""A room that a test writes itself: the widget's files, a host page of another origin, and the visitor's socket.

It speaks the engine's own words (``engine/protocol.py``) and decides nothing: what is said, when a socket is cut and
what an answer looks like is the test's to say. Journeys over the real engine are elsewhere.
"""

import asyncio
import base64
import contextlib
from collections.abc import AsyncIterator, Callable
from datetime import UTC, datetime
from typing import Any, Literal

import msgspec
import uvicorn
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import HTMLResponse, JSONResponse, Response
from starlette.routing import Route, WebSocketRoute
from starlette.websockets import WebSocket, WebSocketDisconnect

from engine import languages, listener
from engine import protocol as wire
from engine.codec import encode
from widget import assets

ROOM = "room-1"
BOT = wire.BotView(
    key="demo",
    name="Juniper",
    greeting="Hello! I know our plants, delivery and returns. What can I do for you?",
    color="#2c6a4b",
    suggestions=["How long does delivery take?", "How often do I water a monstera?", "Can I return a plant?"],
)
TOPICS: tuple[dict[str, Any], ...] = (
    {
        "id": "a",
        "category": "Delivery",
        "question": "How long does delivery take?",
        "answer": "**2 days**, mostly.\n\n* to you\n* to your neighbour",
        "url": "/delivery",
    },
    {"id": "b", "category": "Delivery", "question": "Is shipping free?", "answer": "From 40 euros on.", "url": None},
    {"id": "c", "category": "", "question": "Do you sell gift cards?", "answer": "Yes.", "url": None},
)
PICTURE = base64.b64decode(  # one pixel
    "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mP8z8DwHwAFBQIAX8jx0gAAAABJRU5ErkJggg=="
)
HOST_PAGE = """<!doctype html><html lang="{lang}"{attributes}><head><meta charset="utf-8">
<link rel="icon" href="data:,"><title>A shop</title>
<meta name="viewport" content="width=device-width, initial-scale=1">{head}
<script async src="{base}/widget.js" data-bot="demo"{options}></script></head>
<body><main><h1>A shop</h1><p><a href="#x">A link</a></p></main></body></html>"""


class Fake:
    """``answer`` is awaited for each new visitor message; the host page is ``/host`` on the name ``localhost``."""

    def __init__(self) -> None:
        self.revision = 0
        self.state = wire.RoomState(mode="bot", online=True)
        self.messages: list[wire.Message] = []
        self.draft: str | None = None
        self.sockets: set[WebSocket] = set()
        self.commands: list[dict[str, Any]] = []
        self.requests: list[str] = []
        self.page: dict[str, str] = {}  # lang, attributes, head and options of the host page
        self.host_policy = ""
        self.origins: list[str] = []
        self.framing: list[str] = []  # who may frame the panel, where that differs from its list
        self.address = ""
        self.help = ""  # the bot's Help tab: none, beside or first
        self.topics = list(TOPICS)
        self.vitals = False  # the visit is one of those that are measured
        self.beacons: list[bytes] = []
        self.no_help = False  # the FAQ cannot be had
        self.words: list[dict[str, Any]] = []  # what readers said of answers
        self.version = assets.version()  # a deploy changes it
        self.no_parts = False  # what is loaded later cannot be had
        self.gate: dict[str, Any] | None = None  # the consent that is asked for first
        self.files: dict[str, wire.Attachment] = {}  # what was uploaded
        self.mute = False  # swallow commands: nothing is answered
        self.refuse: wire.Error | None = None  # what message.send is answered with
        self.answer: Callable[[wire.Message], Any] | None = None
        self._came = asyncio.Condition()
        self._answering: set[asyncio.Task[None]] = set()

    @property
    def base(self) -> str:
        return f"http://{self.address}"

    @property
    def host(self) -> str:
        """The embedding page's address: another origin than the widget's."""
        return f"http://localhost:{self.address.rpartition(':')[2]}/host"

    @property
    def panel(self) -> str:
        return f"{self.base}/v1/panel?bot=demo"

    # What a test says happened ------------------------------------------------------------------------------

    def message(self, author: wire.Author, text: str, state: wire.State = "sent", **values: Any) -> wire.Message:
        """A new message, stored at the next revision; nobody is told yet."""
        self.revision += 1
        message = wire.Message(
            id=f"m{self.revision}",
            author=author,
            text=text,
            revision=self.revision,
            position=self.revision,
            state=state,
            created_at=values.pop("created_at", datetime.now(UTC)),
            **values,
        )
        self.messages.append(message)
        return message

    async def say(self, author: wire.Author, text: str, **values: Any) -> wire.Message:
        message = self.message(author, text, **values)
        await self.tell(wire.MessageCreated(room=ROOM, revision=self.revision, message=message))
        return message

    async def start(self) -> wire.Message:
        message = self.message("bot", "", "streaming")
        self.draft = ""
        await self.tell(wire.AnswerStarted(room=ROOM, revision=self.revision, message_id=message.id, message=message))
        return message

    async def piece(self, message: wire.Message, text: str) -> None:
        at, self.draft = len(self.draft or ""), (self.draft or "") + text
        await self.tell(wire.AnswerDelta(room=ROOM, message_id=message.id, at=at, text=text))

    async def finish(self, message: wire.Message, state: wire.State = "complete", **values: Any) -> None:
        self.revision += 1
        done = msgspec.structs.replace(message, text=self.draft or "", state=state, revision=self.revision, **values)
        self.messages[self.messages.index(message)] = done
        self.draft = None
        event = wire.AnswerFinished(
            room=ROOM,
            revision=self.revision,
            message_id=done.id,
            message=done,
            state=state,
            sources=done.sources,
            credits=0,
        )
        await self.tell(event)

    async def reply(self, text: str, **values: Any) -> None:
        """An answer from the FAQ: it arrives as one piece."""
        message = await self.start()
        await self.piece(message, text)
        await self.finish(message, **values)

    async def wait_in_queue(self, place: int = 1, online: bool = True) -> None:
        self.revision += 1
        self.state = wire.RoomState(mode="waiting", place=place, online=online)
        event = wire.RoomHandedOff(room=ROOM, revision=self.revision, reason="asked", state=self.state, place=place)
        await self.tell(event)

    async def claim(self, name: str = "Grace") -> None:
        self.revision += 1
        agent = wire.AgentView(id="grace", name=name)
        self.state = wire.RoomState(mode="live", agent=agent, online=True, question=self.state.question)
        await self.tell(wire.RoomClaimed(room=ROOM, revision=self.revision, agent=agent, state=self.state))

    async def back(self) -> None:
        """The person gives the room back to the bot."""
        self.revision += 1
        self.state = wire.RoomState(mode="bot", online=True, question=self.state.question)
        await self.tell(wire.RoomReleased(room=ROOM, revision=self.revision, state=self.state))

    async def end(self, mode: wire.Mode = "closed") -> None:
        """The person leaves; how it was may be said."""
        await self.turn(wire.RoomClosed, mode=mode, agent=None, ended=self.revision + 1, score=None)
        await self.say("system", "Grace closed the chat. Write any time to start again.")

    async def turn(self, kind: Any, **facts: Any) -> None:
        """An event of ``kind`` after which these facts of the room's state are others."""
        self.revision += 1
        self.state = msgspec.structs.replace(self.state, **facts)
        await self.tell(kind(room=ROOM, revision=self.revision, state=self.state))

    async def ask(self, question: wire.Question) -> None:
        """The bot asks a filtered question."""
        text = f"{question.text}\n\n{question.consent}" if question.consent else question.text
        message = self.message("bot", text)
        self.state = msgspec.structs.replace(self.state, question=question)
        await self.tell(
            wire.QuestionAsked(room=ROOM, revision=self.revision, question=question, message=message, state=self.state)
        )

    async def close_question(self, outcome: Literal["answered", "declined", "given_up"] = "answered") -> None:
        assert self.state.question is not None
        question_id = self.state.question.id
        self.revision += 1
        self.state = msgspec.structs.replace(self.state, question=None)
        await self.tell(
            wire.QuestionAnswered(
                room=ROOM, revision=self.revision, question_id=question_id, outcome=outcome, state=self.state
            )
        )

    async def rate(self, message_id: str, rating: int) -> None:
        """An answer was rated, here or in another tab."""
        self.revision += 1
        old = next(message for message in self.messages if message.id == message_id)
        new = msgspec.structs.replace(old, rating=rating, revision=self.revision)
        self.messages[self.messages.index(old)] = new
        await self.tell(wire.MessageChanged(room=ROOM, revision=self.revision, message=new))

    async def tell(self, event: wire.Event) -> None:
        for socket in list(self.sockets):
            with contextlib.suppress(RuntimeError, WebSocketDisconnect):
                await socket.send_text(encode(event))

    async def cut(self, code: int = 1011) -> None:
        """Close every socket."""
        for socket in list(self.sockets):
            self.sockets.discard(socket)
            with contextlib.suppress(RuntimeError):
                await socket.close(code)

    async def heard(self, kind: str, count: int = 1) -> list[dict[str, Any]]:
        """The commands of one type, once there are ``count`` of them."""

        def found() -> list[dict[str, Any]]:
            return [command for command in self.commands if command["type"] == kind]

        async with asyncio.timeout(15), self._came:
            await self._came.wait_for(lambda: len(found()) >= count)
        return found()

    async def asked(self, path: str) -> None:
        """Return once something under ``path`` was asked for."""
        async with asyncio.timeout(15), self._came:
            await self._came.wait_for(lambda: any(known.startswith(path) for known in self.requests))

    # What it serves -----------------------------------------------------------------------------------------

    def app(self) -> Starlette:
        return Starlette(
            routes=[
                Route("/widget.js", self._loader),
                Route("/widget/{name}", self._on_host),
                Route("/v1/panel", self._panel),
                Route("/v1/panel/{version}/{language}/{name}", self._part),
                Route("/v1/vitals", self._vitals, methods=["POST"]),
                Route("/v1/files", self._take_file, methods=["POST"]),
                Route("/v1/files/{id}", lambda request: Response(PICTURE, media_type="image/png")),
                Route("/v1/help", self._help, methods=["GET", "POST"]),
                Route("/host", self._host),
                Route("/demo", self._demo),
                Route("/blank", lambda request: HTMLResponse("<!doctype html><title>Blank</title>")),
                Route("/static/widget/{name}", self._module),
                WebSocketRoute("/v1/chat", self._chat),
            ]
        )

    async def _loader(self, request: Request) -> Response:
        self.requests.append(request.url.path)
        return Response(assets.loader(), media_type="text/javascript; charset=utf-8")

    async def _on_host(self, request: Request) -> Response:
        self.requests.append(request.url.path)
        body = assets.hosts()[request.path_params["name"]]
        headers = {"Access-Control-Allow-Origin": "*"}
        return Response(body, media_type="text/javascript; charset=utf-8", headers=headers)

    async def _panel(self, request: Request) -> Response:
        self.requests.append(request.url.path)
        language = languages.chosen(request.query_params.get("lang"), request.headers.get("accept-language"))
        parts = f"/v1/panel/{self.version}/{language}/"
        settings = msgspec.to_builtins(BOT) | {
            "origins": self.origins,
            "parts": parts,
            "help": self.help,
            "vitals": self.vitals,
            "mail": True,
            "most": 10_000_000,
            "gate": self.gate,
        }
        document = assets.panel(settings, language)
        policy = (
            f"default-src 'none'; script-src {document.script_src} {self.base}{parts}; "
            f"style-src {document.style_src}; "
            f"connect-src 'self'; img-src 'self' data: blob:; base-uri 'none'; form-action 'none'; "
            f"frame-ancestors {' '.join(self.framing or self.origins)}; require-trusted-types-for 'script'"
        )
        return HTMLResponse(document.body, headers={"Content-Security-Policy": policy})

    async def _part(self, request: Request) -> Response:
        self.requests.append(request.url.path)
        async with self._came:
            self._came.notify_all()
        if self.no_parts or request.path_params["version"] != self.version:
            return Response(status_code=404)
        return Response(
            assets.parts(request.path_params["language"])[request.path_params["name"]],
            media_type="text/javascript; charset=utf-8",
        )

    async def _vitals(self, request: Request) -> Response:
        self.beacons.append(await request.body())
        self.requests.append(request.url.path)
        async with self._came:
            self._came.notify_all()
        return Response(status_code=204)

    async def _take_file(self, request: Request) -> Response:
        """What is no picture by its name is refused; the product looks at the bytes, and that is proved there."""
        name, size = request.query_params["name"], len(await request.body())
        if not name.endswith(".png"):
            return JSONResponse({"error": {"code": "bad_type", "message": "This kind cannot be sent here."}}, 415)
        kept = wire.Attachment(f"file{len(self.files)}", name, "image/png", size)
        self.files[kept.id] = kept
        return JSONResponse(msgspec.to_builtins(kept), 201)

    async def _help(self, request: Request) -> Response:
        """A search holds its letters; ranking is the engine's, and is proved there."""
        self.requests.append(f"{request.url.path}?{request.url.query}")
        if self.no_help:
            return Response(status_code=503)
        if request.method == "POST":
            self.words.append(await request.json())
            return Response(status_code=204)
        wanted = request.query_params.get("id")
        if wanted:
            return JSONResponse({"topic": next(topic for topic in self.topics if topic["id"] == wanted)})
        text = request.query_params.get("q", "").lower()
        shown = ("id", "question", "category")
        found = [{name: topic[name] for name in shown} for topic in self.topics if text in topic["question"].lower()]
        return JSONResponse({"topics": found})

    async def _host(self, request: Request) -> Response:
        fields = {"lang": "en", "attributes": "", "head": "", "options": ""} | self.page
        headers = {"Content-Security-Policy": self.host_policy} if self.host_policy else {}
        return HTMLResponse(HOST_PAGE.format(base=self.base, **fields), headers=headers)

    async def _demo(self, request: Request) -> Response:
        return HTMLResponse(assets.demo("demo", self.base).body)

    async def _module(self, request: Request) -> Response:
        return Response(assets.modules()[request.path_params["name"]], media_type="text/javascript; charset=utf-8")

    async def _chat(self, socket: WebSocket) -> None:
        await socket.accept(subprotocol=wire.VERSION)
        with contextlib.suppress(WebSocketDisconnect, RuntimeError):
            while True:
                command = msgspec.json.decode(await socket.receive_text())
                if not self.mute:
                    await self._obey(socket, command)
                self.commands.append(command)
                async with self._came:
                    self._came.notify_all()
        self.sockets.discard(socket)

    async def _obey(self, socket: WebSocket, command: dict[str, Any]) -> None:
        if command["type"] == "room.join":
            self.sockets.add(socket)
            await socket.send_text(encode(self._joined(command)))
        elif command["type"] == "message.send":
            await self._store(socket, command)
        elif command["type"] in ("question.answer", "answer.rate"):
            await self._reply(socket, command)
        elif command["type"] in ("room.rate", "room.restart", "transcript.send", "form.submit", "consent.give"):
            await self._follow(socket, command)

    async def _reply(self, socket: WebSocket, command: dict[str, Any]) -> None:
        """A question takes any answer, and a thumb counts, unless the test has it refused."""
        if self.refuse:
            await socket.send_text(encode(msgspec.structs.replace(self.refuse, ref=command.get("ref"))))
        elif command["type"] == "answer.rate":
            await self.rate(command["message_id"], 1 if command["good"] else -1)
        else:
            if command["value"] is not None:
                await self.say("visitor", command["value"])
            await self.close_question("declined" if command["value"] is None else "answered")

    async def _follow(self, socket: WebSocket, command: dict[str, Any]) -> None:
        """What comes after a conversation is done as it is asked, unless the test has it refused."""
        if self.refuse:
            await socket.send_text(encode(msgspec.structs.replace(self.refuse, ref=command.get("ref"))))
            return
        if command["type"] == "room.rate":
            await self.turn(wire.RoomRated, score=command["score"])
        elif command["type"] == "consent.give":
            await self.turn(wire.ConsentGiven, agreed=command["version"])
        elif command["type"] == "form.submit":
            await self.say("visitor", command["values"]["question"])
            await self.turn(wire.ContactLeft, contact=None)
        elif command["type"] == "room.restart":
            await self.turn(wire.RoomRestarted, mode="bot", ended=None, score=None, episode=self.revision + 1)
            await self.say("system", "A new conversation begins here.")
        await socket.send_text(encode(wire.Ok(ref=command.get("ref"), revision=self.revision)))

    def _joined(self, command: dict[str, Any]) -> wire.RoomJoined:
        after = command["after"]
        reset = after > self.revision
        return wire.RoomJoined(
            room=ROOM,
            revision=self.revision,
            mode=self.state.mode,
            agent=self.state.agent,
            state=self.state,
            messages=[m for m in self.messages if reset or m.revision > after],
            bot=BOT,
            draft=self.draft,
            reset=reset,
            panel=self.version,
            ref=command.get("ref"),
        )

    async def _store(self, socket: WebSocket, command: dict[str, Any]) -> None:
        client_id = command["client_id"]
        if self.refuse:
            refusal = msgspec.structs.replace(self.refuse, ref=command.get("ref"), client_id=client_id)
            await socket.send_text(encode(refusal))
            return
        stored = next((m for m in self.messages if m.client_id == client_id), None)
        attachments = [self.files[file_id] for file_id in command.get("files", [])]
        values = {"client_id": client_id, "attachments": attachments}
        message = stored or await self.say("visitor", command["text"], **values)
        ok = wire.Ok(ref=command.get("ref"), revision=message.revision, client_id=client_id, message_id=message.id)
        await socket.send_text(encode(ok))
        if self.answer and not stored:
            task = asyncio.ensure_future(self.answer(message))
            self._answering.add(task)
            task.add_done_callback(self._answering.discard)


@contextlib.asynccontextmanager
async def served(port: int = 0) -> AsyncIterator[Fake]:
    """A fake on a port of 127.0.0.1, embeddable by its host page, until the end of the block."""
    fake = Fake()
    listening = listener.listen("127.0.0.1", port)
    fake.address = f"127.0.0.1:{listening.getsockname()[1]}"
    fake.origins = [fake.host.removesuffix("/host")]
    server = uvicorn.Server(listener.config(fake.app(), stop_seconds=1))
    serving = asyncio.create_task(server._serve(sockets=[listening]))  # serve() would take over the signals
    while not server.started:
        if serving.done():
            serving.result()
        await asyncio.sleep(0.005)
    try:
        yield fake
    finally:
        await fake.cut()
        server.should_exit = True
        await serving
