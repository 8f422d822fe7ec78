"""The agent's socket: one desk of one agent, one ``on_*`` method a command."""

from typing import Any

from starlette.websockets import WebSocket

from engine import auth, codec, desk, doors, handoff, rooms
from engine import protocol as wire
from engine.bus import Draft, desk_channel, room_channel
from engine.db import Unreachable
from engine.doors import NotFound
from engine.locked import Locked, Post
from engine.ports import Agent
from engine.socket import NOT_YOURS, Connection, refuse
from engine.streams import Streams

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
            case wire.RoomRelease():
                await self._leave(command, closing=False)
            case wire.RoomClose():
                await self._leave(command, closing=True)
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

    async def on_room_watch(self, command: wire.RoomWatch) -> None:
        async with self.engine.db.read() as session:
            await doors.for_member(session, self.agent.workspace_id, command.room)
            bot = await doors.bot_of(session, command.room)
        watched = [channel for channel in self.channels if channel.startswith("room:")]
        if len(watched) >= WATCHED:
            self.unfollow(watched[0])
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

    async def _leave(self, command: wire.RoomRelease | wire.RoomClose, *, closing: bool) -> None:
        async def leave(session: Any, room: Locked, draft: Draft | None) -> bool:
            if room.workspace_id != self.agent.workspace_id:
                raise NotFound
            if room.mode != "live" or room.member_id != self.agent.member_id:
                return False
            if closing:
                handoff.close(room, self.agent.name)
            else:
                handoff.release(room, "released", self.agent.name)
            return True

        left = await self.streams.change(command.room, leave)
        if left is None:
            raise NotFound
        if left:
            self.send(wire.Ok(ref=command.ref))
        else:
            self.error(*NOT_YOURS, command.ref)


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
