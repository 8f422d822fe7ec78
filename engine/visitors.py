"""The visitor's socket: one tab of one visitor, one ``on_*`` method a command."""

from typing import Any

from limits import RateLimitItem
from starlette.websockets import WebSocket

from engine import (
    answers,
    auth,
    codec,
    consents,
    contacts,
    doors,
    episodes,
    identity,
    languages,
    limits,
    ratings,
    rooms,
    scores,
    snapshots,
    transcripts,
)
from engine import protocol as wire
from engine.addresses import address
from engine.bus import Draft, room_channel
from engine.db import Unreachable
from engine.doors import Door, NotFound, Opening
from engine.introductions import Introduction
from engine.locked import Locked, Post
from engine.socket import Connection, named, refuse
from engine.streams import Streams

# What nobody need be known for: it says nothing to anybody and keeps nothing.
_HARMLESS = (wire.AnswerStop, wire.ReadMark)


class VisitorConnection(Connection):
    """One tab of one visitor."""

    def __init__(self, ws: WebSocket, streams: Streams, door: Door, visitor_id: str | None) -> None:
        super().__init__(ws, streams)
        self.door, self.visitor_id = door, visitor_id
        self.room_id: str | None = None
        self.page: str | None = None
        self.locale: str | None = None
        self.agreed = False  # to what the owner asks for first
        self.introduction = Introduction(streams.engine.settings.secret, door)
        self.language = self._spoken()

    def decode(self, frame: str) -> wire.VisitorCommand:
        return codec.decode_visitor(frame)

    async def obey(self, command: wire.VisitorCommand) -> None:
        match command:
            case wire.RoomJoin():
                await self.on_room_join(command)
            case _ if self.room_id is None or self.visitor_id is None:
                self.error("not_joined", "Send room.join first.", command.ref)
            case _ if self.door.identified and not self.introduction.identified and not isinstance(command, _HARMLESS):
                client_id = getattr(command, "client_id", None)
                self.error("identify_first", self.said("sign_in"), command.ref, None, client_id)
            case wire.ConsentGive():
                await self.on_consent_give(command, self.room_id, self.visitor_id)
            case wire.MessageSend() | wire.PersonRequest() if await self._must_agree(self.room_id):
                client_id = command.client_id if isinstance(command, wire.MessageSend) else None
                self.error("consent_needed", self.said("agree"), command.ref, None, client_id)
            case wire.MessageSend():
                await self.on_message_send(command, self.room_id, self.visitor_id)
            case wire.AnswerStop():
                await self.on_answer_stop(command, self.room_id)
            case wire.AnswerRate():
                await self.on_answer_rate(command, self.room_id, self.visitor_id)
            case wire.QuestionAnswer():
                await self.on_question_answer(command, self.room_id, self.visitor_id)
            case wire.PersonRequest():
                await self.on_person_request(command, self.room_id, self.visitor_id)
            case wire.RoomRate():
                await self.on_room_rate(command, self.room_id, self.visitor_id)
            case wire.RoomRestart():
                await self.on_room_restart(command, self.room_id, self.visitor_id)
            case wire.TranscriptSend():
                await self.on_transcript_send(command, self.room_id, self.visitor_id)
            case wire.FormSubmit():
                await self.on_form_submit(command, self.room_id, self.visitor_id)
            case wire.TypingSet():
                self.typing(self.room_id, "visitor", command.on)
                self.done(command.ref)
            case wire.ReadMark():
                await self.on_read_mark(command, self.room_id)

    async def on_room_join(self, command: wire.RoomJoin) -> None:
        secret, domain_id = self.engine.settings.secret, self.door.domain_id
        token = self._introduced(command)
        if self.visitor_id is None:
            token = command.token or auth.issue(secret, domain_id)
            self.visitor_id = auth.visitor_of(secret, domain_id, token)
            if self.visitor_id is None:
                said = "This visitor token is not valid here. Join again without it to start afresh."
                self.error("bad_token", said, command.ref)
                return
        room_id = auth.room_of(secret, self.door.bot_id, self.visitor_id)
        if self.room_id not in (None, room_id):
            self.unfollow(room_channel(self.room_id))
            self.agreed = False
        self.room_id = room_id
        self.page = codec.clean(command.page) if command.page else self.page
        self.locale = codec.clean(command.locale) if command.locale else self.locale
        self.language = self._spoken()
        await self.introduction.note(self.streams, room_id)
        identified = self.introduction.identified
        await self.join(room_id, command.after, self.door.view, token, command.ref, identified=identified)

    def _introduced(self, command: wire.RoomJoin) -> str | None:
        """Let the visitor be whom their site vouches for; their token, None for everybody else. What proves nothing
        changes nothing, and is told."""
        try:
            known = self.introduction.take(command)
        except identity.BadIdentity as bad:
            self.error("bad_identity", str(bad))
            return None
        if known is None:
            return None
        self.visitor_id, token = known
        return token

    async def on_message_send(self, command: wire.MessageSend, room_id: str, visitor_id: str) -> None:
        text = self.checked(command)
        if text is None:
            return
        wait = await self.engine.limits.hit(f"send:{visitor_id}", *self._rates())
        if wait is not None:
            said = self.said("send_later", seconds=wait)
            self.error("rate_limited", said, command.ref, wait, command.client_id)
            return
        await self.post(
            command, Post(room_id, command.client_id, text, self._opening(visitor_id), files=tuple(command.files))
        )

    async def on_answer_stop(self, command: wire.AnswerStop, room_id: str) -> None:
        async with self.engine.db.read() as session:
            revision, answer_id = await snapshots.head(session, room_id)
        if answer_id:
            self.streams.stop(answer_id)
        self.send(wire.Ok(ref=command.ref, revision=revision))

    async def on_answer_rate(self, command: wire.AnswerRate, room_id: str, visitor_id: str) -> None:
        wait = await self.engine.limits.hit(f"rate:{visitor_id}", *self._rates())
        if wait is not None:
            self.error("rate_limited", self.said("rate_later", seconds=wait), command.ref, wait)
            return

        async def rate(session: Any, room: Locked, draft: Draft | None) -> ratings.Rated:
            return await ratings.rate(session, self.engine.knowledge, room, command.message_id, good=command.good)

        rated = await self.streams.change(room_id, rate) or ratings.Rated(refused="not_found")
        if rated.refused:
            self.error(rated.refused, self.said(ratings.REFUSED[rated.refused]), command.ref)
        else:
            self.send(wire.Ok(ref=command.ref, revision=rated.revision, message_id=command.message_id))

    async def on_question_answer(self, command: wire.QuestionAnswer, room_id: str, visitor_id: str) -> None:
        wait = await self.engine.limits.hit(f"send:{visitor_id}", *self._rates())
        if wait is not None:
            self.error("rate_limited", self.said("answer_later", seconds=wait), command.ref, wait)
            return
        value = codec.clean(command.value) if command.value is not None else None

        async def note(session: Any, room: Locked, draft: Draft | None) -> tuple[int, str]:
            return await answers.answer_question(
                session, self.engine.knowledge, room, command.question_id, value, self.door.view.name
            )

        noted = await self.streams.change(room_id, note)
        if noted is None or not noted[0]:
            said = noted[1] if noted else ""
            code = "invalid_answer" if said else "not_open"
            self.error(code, said or self.said("not_open"), command.ref)
        else:
            self.send(wire.Ok(ref=command.ref, revision=noted[0]))

    async def on_person_request(self, command: wire.PersonRequest, room_id: str, visitor_id: str) -> None:
        if await self._too_often(f"send:{visitor_id}", command.ref):
            return
        settings = self.engine.settings

        async def ask(session: Any, room: Locked, draft: Draft | None) -> int:
            if room.mode in ("bot", "closed"):
                await answers.cut(session, room, draft)
                await answers.call_person(session, settings, self.engine.knowledge, room, "asked", self.door.view.name)
            return room.revision

        revision = await self.streams.change(room_id, ask, self._opening(visitor_id))
        self.send(wire.Ok(ref=command.ref, revision=revision))

    async def on_room_rate(self, command: wire.RoomRate, room_id: str, visitor_id: str) -> None:
        if await self._too_often(f"rate:{visitor_id}", command.ref):
            return
        comment = codec.clean(command.comment)

        async def rate(session: Any, room: Locked, draft: Draft | None) -> tuple[int, str | None]:
            refused = await scores.rate(session, room, command.score, comment)
            return room.revision, refused

        revision, refused = await self.streams.change(room_id, rate) or (0, "no_rating")
        if refused:
            self.error(refused, self.said(refused), command.ref)
        else:
            self.send(wire.Ok(ref=command.ref, revision=revision))

    async def on_room_restart(self, command: wire.RoomRestart, room_id: str, visitor_id: str) -> None:
        if await self._too_often(f"send:{visitor_id}", command.ref):
            return

        async def restart(session: Any, room: Locked, draft: Draft | None) -> tuple[int, bool]:
            begun = await episodes.restart(session, room, draft)
            return room.revision, begun

        revision, begun = await self.streams.change(room_id, restart) or (0, True)
        if begun:
            self.send(wire.Ok(ref=command.ref, revision=revision))
        else:
            self.error("person_here", self.said("person_here"), command.ref)

    async def on_transcript_send(self, command: wire.TranscriptSend, room_id: str, visitor_id: str) -> None:
        to = address(codec.clean(command.email))
        if self.engine.mailer is None or to is None:
            code = "no_mail" if to else "email"
            self.error("no_mail" if to else "invalid_email", self.said(code), command.ref)
            return
        ip = self.ws.client.host if self.ws.client else ""
        wait = await transcripts.wait(self.engine.limits, visitor_id, ip, self.door.workspace_id, to)
        if wait is not None:
            self.error("rate_limited", self.said("later", seconds=wait), command.ref, wait)
            return

        async def send(session: Any, room: Locked, draft: Draft | None) -> bool:
            return await transcripts.send(session, room, to, self.door.view.name)

        if await self.streams.change(room_id, send):
            self.send(wire.Ok(ref=command.ref))
        else:
            self.error("not_found", self.said("no_room"), command.ref)

    async def on_form_submit(self, command: wire.FormSubmit, room_id: str, visitor_id: str) -> None:
        wait = await contacts.wait(self.engine.limits, visitor_id, self.ws.client.host if self.ws.client else "")
        if wait is not None:
            self.error("rate_limited", self.said("later", seconds=wait), command.ref, wait)
            return
        settings, knowledge = self.engine.settings, self.engine.knowledge

        async def leave(session: Any, room: Locked, draft: Draft | None) -> contacts.Left:
            return await contacts.leave(session, settings, knowledge, room, command.client_id, command.values)

        left = await self.streams.change(room_id, leave) or contacts.Left(code="not_open", said="not_open")
        if left.code:
            self.error(left.code, self.said(left.said), command.ref)
        else:
            self.send(wire.Ok(ref=command.ref, revision=left.revision))

    async def on_consent_give(self, command: wire.ConsentGive, room_id: str, visitor_id: str) -> None:
        if not self.door.consent or command.version != self.door.version:
            self.error("consent_needed", self.said("agree"), command.ref)
            return
        if await self._too_often(f"send:{visitor_id}", command.ref):
            return

        async def give(session: Any, room: Locked, draft: Draft | None) -> int:
            await consents.give(session, room, self.door.consent, self.door.version)
            return room.revision

        revision = await self.streams.change(room_id, give, self._opening(visitor_id))
        self.agreed = True
        self.send(wire.Ok(ref=command.ref, revision=revision))

    async def on_read_mark(self, command: wire.ReadMark, room_id: str) -> None:
        async def mark(session: Any, room: Locked, draft: Draft | None) -> None:
            rooms.mark_read(room, "visitor", command.revision)

        await self.streams.change(room_id, mark)
        self.done(command.ref)

    async def _must_agree(self, room_id: str) -> bool:
        """Whether the owner asks for a consent first that was not given in this room. Once given it holds."""
        if self.door.consent and not self.agreed:
            async with self.engine.db.read() as session:
                self.agreed = await consents.given(session, room_id, self.door.version)
        return bool(self.door.consent) and not self.agreed

    async def _too_often(self, key: str, ref: str | None) -> bool:
        wait = await self.engine.limits.hit(key, *self._rates())
        if wait is not None:
            self.error("rate_limited", self.said("later", seconds=wait), ref, wait)
        return wait is not None

    def _rates(self) -> tuple[RateLimitItem, ...]:
        settings = self.engine.settings
        return limits.visitor_rates(settings.VISITOR_MESSAGES_PER_MINUTE, settings.VISITOR_MESSAGES_PER_DAY)

    def _opening(self, visitor_id: str) -> Opening:
        who = self.introduction
        return Opening(self.door, visitor_id, self.page, self.locale, self.language, who.person, who.context)

    def _spoken(self) -> str:
        return languages.chosen(self.door.language, self.locale, self.ws.headers.get("accept-language"))


async def chat(ws: WebSocket) -> None:
    """``GET /v1/chat?bot=KEY``. Refused before the upgrade: an unknown bot (404), a foreign origin (403)."""
    streams: Streams = ws.state.streams
    engine = streams.engine
    try:
        async with engine.db.read() as session:
            door = await doors.door(session, ws.query_params.get("bot", ""))
    except NotFound:
        await refuse(ws, 404, "unknown_bot", "There is no such bot. Check the data-bot key of the script tag.")
        return
    except Unreachable:
        await refuse(ws, 503, "unavailable", "The service is not available just now. Try again in a moment.")
        return
    origin = ws.headers.get("origin")
    ours = auth.origin_allowed(origin, engine.settings.own_origins)
    if not ours and not auth.origin_allowed(origin, door.origins):
        said = f"This bot may not be used on {named(origin)}. Its owner can add that origin to the domain."
        await refuse(ws, 403, "bad_origin", said)
        return
    # A cookie speaks for the panel alone: on a page of somebody else's it would speak for whoever wrote that page.
    cookie = ws.cookies.get(auth.cookie_name(door.domain_id)) if ours else None
    visitor_id = auth.visitor_of(engine.settings.secret, door.domain_id, cookie)
    await VisitorConnection(ws, streams, door, visitor_id).serve()
