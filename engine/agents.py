"""The agent's socket: one desk of one agent, one ``on_*`` method a command."""

from datetime import UTC, timedelta
from typing import Any

from sqlalchemy.ext.asyncio import AsyncSession
from starlette.websockets import WebSocket

from engine import answers, auth, codec, colleagues, desk, doors, handoff, notes, rooms
from engine import protocol as wire
from engine.bus import Draft, desk_channel, room_channel
from engine.db import Unreachable, new_id, now
from engine.doors import NotFound
from engine.locked import Locked, Post
from engine.ports import Agent
from engine.socket import NOT_YOURS, Connection, refuse
from engine.streams import Streams

LONGEST_SNOOZE = timedelta(days=90)  # from now
Act = wire.RoomRelease | wire.RoomClose | wire.RoomSnooze | wire.RoomAssign | wire.NoteSend
Refused = tuple[str, str]  # a code, and a sentence
DONE: Refused = ("", "")
WATCHED = 50  # rooms one agent's socket follows at once; the one watched longest ago goes first


class AgentConnection(Connection):
    """One desk of one agent."""

    def __init__(self, ws: WebSocket, streams: Streams, agent: Agent) -> None:
        super().__init__(ws, streams)
        self.agent = agent
        self.me = wire.AgentView(agent.member_id, agent.name)

    def decode(self, frame: str) -> wire.AgentCommand:
        return codec.decode_agent(frame)

    async def obey(self, command: wire.AgentCommand) -> None:
        match command:
            case wire.DeskJoin():
                await self.on_desk_join(command)
            case wire.RoomWatch():
                await self.on_room_watch(command)
            case wire.RoomClaim():
                await self.on_room_claim(command)
            case wire.RoomRelease() | wire.RoomClose() | wire.RoomSnooze() | wire.RoomAssign() | wire.NoteSend():
                await self._act(command)
            case wire.NotesRead():
                await self.on_notes_read(command)
            case wire.AwaySet():
                await self.on_away_set(command)
            case _ if command.room is None:
                self.error("bad_command", "Name the `room` that this is for.", command.ref)
            case wire.MessageSend():
                await self.on_message_send(command, command.room)
            case wire.TypingSet():
                if room_channel(command.room) not in self.channels:
                    raise NotFound
                self.typing(command.room, "agent", command.on, self.agent.name)
                self.done(command.ref)
            case wire.ReadMark():
                await self.on_read_mark(command, command.room)

    async def on_desk_join(self, command: wire.DeskJoin) -> None:
        await self.follow(desk_channel(self.agent.workspace_id))
        await self.streams.present([self.agent.member_id])
        async with self.engine.db.read() as session:
            found = await desk.since(session, self.agent.workspace_id, command.after)
        joined = wire.DeskJoined(
            revision=found.revision, rooms=found.rooms, me=self.me, reset=found.reset, ref=command.ref
        )
        self.send(joined)
        await self.streams.tell_queue(self.agent.workspace_id)
        await self.streams.tell_colleagues(self.agent.workspace_id)

    async def on_room_watch(self, command: wire.RoomWatch) -> None:
        async with self.engine.db.read() as session:
            await doors.for_member(session, self.agent.workspace_id, command.room)
            bot = await doors.bot_of(session, command.room)
            called = await notes.calls(session, command.room, self.me.id)
        watched = [channel for channel in self.channels if channel.startswith("room:")]
        if len(watched) >= WATCHED:
            self.unfollow(watched[0])
        if called:
            await self.streams.change(command.room, self._looked)
        await self.join(command.room, command.after, bot, None, command.ref)

    async def on_room_claim(self, command: wire.RoomClaim) -> None:
        claimed = await self.streams.claim(self.agent, command.room)
        if claimed.won or claimed.holder == self.me:
            self.send(wire.Ok(ref=command.ref))
        elif claimed.holder:
            self.error("claimed_by_other", f"{claimed.holder.name} has this chat already.", command.ref)
        else:
            self.error("not_claimable", "This chat is closed; it opens when the visitor writes again.", command.ref)

    async def on_message_send(self, command: wire.MessageSend, room_id: str) -> None:
        text = self.checked(command)
        if text is None:
            return
        async with self.engine.db.read() as session:
            await doors.for_member(session, self.agent.workspace_id, room_id)
        await self.post(command, Post(room_id, command.client_id, text, agent=self.me, files=tuple(command.files)))

    async def on_read_mark(self, command: wire.ReadMark, room_id: str) -> None:
        async def mark(session: Any, room: Locked, draft: Draft | None) -> int:
            if room.workspace_id != self.agent.workspace_id:
                raise NotFound
            rooms.mark_read(room, "agent", command.revision)
            return room.revision

        if await self.streams.change(room_id, mark) is None:
            raise NotFound
        self.done(command.ref)

    async def on_notes_read(self, command: wire.NotesRead) -> None:
        async with self.engine.db.read() as session:
            await doors.for_member(session, self.agent.workspace_id, command.room)
            found = await notes.of(session, command.room)
        self.send(wire.NotesListed(room=command.room, notes=found))

    async def on_away_set(self, command: wire.AwaySet) -> None:
        async with self.engine.db.write() as session:
            await colleagues.set_away(session, self.me.id, command.on)
        self.send(wire.Ok(ref=command.ref))
        await self.streams.tell_queue(self.agent.workspace_id)
        await self.streams.tell_colleagues(self.agent.workspace_id)

    async def _act(self, command: Act) -> None:
        """One transaction on a room of the workspace: done, or refused with a sentence."""

        async def act(session: AsyncSession, room: Locked, draft: Draft | None) -> Refused:
            if room.workspace_id != self.agent.workspace_id:
                raise NotFound
            match command:
                case wire.NoteSend():
                    return await self._note(session, room, command)
                case wire.RoomAssign():
                    return await self._assign(session, room, draft, command)
                case _ if room.mode != "live" or room.member_id != self.me.id:
                    return NOT_YOURS
                case wire.RoomSnooze():
                    return await self._snooze(session, room, command)
                case wire.RoomClose():
                    await handoff.close(session, room, self.me.name, codec.clean(command.tag))
                case wire.RoomRelease():
                    await handoff.release(session, room, "released", self.me.name)
            return DONE

        refused = await self.streams.change(command.room, act)
        if refused is None:
            raise NotFound
        client_id = command.client_id if isinstance(command, wire.NoteSend) else None
        if refused == DONE:
            self.send(wire.Ok(ref=command.ref, client_id=client_id))
        else:
            self.error(*refused, command.ref, None, client_id)

    async def _note(self, session: AsyncSession, room: Locked, command: wire.NoteSend) -> Refused:
        text = codec.clean(command.text)
        if not text or len(text) > wire.TEXT_LIMIT:
            return "bad_note", f"A note has 1 to {wire.TEXT_LIMIT:,} characters."
        if await notes.write(session, room, self.me, command.client_id, text, command.mentions):
            return DONE
        return "conflict", self.said("conflict")

    async def _assign(
        self, session: AsyncSession, room: Locked, draft: Draft | None, command: wire.RoomAssign
    ) -> Refused:
        """To a colleague who is there; from the queue, the bot, oneself, and for who leads also from others."""
        found = await colleagues.one(session, self.agent.workspace_id, command.member)
        if found is None:
            raise NotFound
        to, takes = found
        if room.mode == "closed" or room.member_id == to.id:
            return "not_claimable", "This chat is closed, or theirs already."
        if room.mode == "live" and room.member_id != self.me.id and not self.agent.lead:
            return NOT_YOURS
        if not takes and to.id != self.me.id:
            return "not_here", f"{to.name} is away or not at the desk. Choose somebody who is there."
        await answers.cut(session, room, draft)
        if note := codec.clean(command.note):
            await notes.write(session, room, self.me, new_id(), note, [to.id])
        by = "" if to.id == self.me.id else self.me.name
        await handoff.give(session, self.engine.settings, room, to, by)
        return DONE

    async def _snooze(self, session: AsyncSession, room: Locked, command: wire.RoomSnooze) -> Refused:
        until = command.until if command.until.tzinfo else command.until.replace(tzinfo=UTC)
        if not now() < until < now() + LONGEST_SNOOZE:
            return "bad_time", f"Choose a time within the next {LONGEST_SNOOZE.days} days."
        await handoff.snooze(session, room, self.me.name, until)
        return DONE

    async def _looked(self, session: Any, room: Locked, draft: Draft | None) -> None:
        notes.looked(room, self.me.id)


async def desk_socket(ws: WebSocket) -> None:
    """``GET /v1/desk``. Refused before the upgrade: another origin than ours (403), nobody signed in (401)."""
    streams: Streams = ws.state.streams
    engine = streams.engine
    if not auth.origin_allowed(ws.headers.get("origin"), engine.settings.own_origins):
        await refuse(ws, 403, "bad_origin", "The desk opens from its own address only.")
        return
    try:
        agent = await engine.desk.agent(engine.db, ws.cookies, ws.query_params.get("workspace"))
    except Unreachable:
        await refuse(ws, 503, "unavailable", "The service is not available just now. Try again in a moment.")
        return
    if agent is None:
        await refuse(ws, 401, "signed_out", "Sign in to open the desk.")
        return
    await AgentConnection(ws, streams, agent).serve()
