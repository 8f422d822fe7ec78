"""The answers that this process is writing: stream, stop, finish, and the sweep of what others left behind.

An answer is a task of its own under a wall-clock limit; it outlives the socket that asked. No session is open while a
provider, the bus or a socket is awaited.
"""

import asyncio
import logging
from collections.abc import Awaitable, Callable, Sequence
from contextlib import aclosing
from datetime import datetime, timedelta
from typing import Any, TypeVar

from sqlalchemy.ext.asyncio import AsyncSession

from engine import answers, colleagues, desk, doors, handoff, ledger, pricing, prompt, queue, rooms, snapshots, wishes
from engine import protocol as wire
from engine.answers import Begun, Finish, Finished, Taken
from engine.bus import Draft, answer_channel, desk_channel, room_channel
from engine.codec import encode, scrub
from engine.db import Unreachable, now
from engine.doors import Opening
from engine.grounding import Ground
from engine.group_commit import GroupCommit
from engine.languages import LANGUAGES
from engine.live import FACTS, Live, Metered, direct, ruled, unsure
from engine.locked import Locked, Post
from engine.ports import Agent, Ask, Band, Engine, Prompt, Provider, Recall, Turn, UpstreamFailed, Usage
from engine.settings import Settings
from engine.sieve import Sieve

log = logging.getLogger(__name__)

T = TypeVar("T")
ANSWER_LIMIT = 20_000  # characters of one answer at most, whatever the model goes on to say
RETRIES = 12  # attempts to store an ending while the database is away (about 20 s); after that the sweep ends it


class Streams:
    """Takes what visitors and agents send, and sees every answer through to its end."""

    def __init__(self, engine: Engine) -> None:
        self.engine = engine
        self.live: dict[str, Live] = {}
        self._take = GroupCommit(engine.db, self._take_many)
        self._finish = GroupCommit(engine.db, self._finish_many)

    async def take(self, post: Post) -> Taken:
        """Store a message and begin its answer; committed and published when this returns. Raises
        :class:`engine.db.Unreachable`: then nothing is stored."""
        draft = None
        if wishes.wants_person(post.text):
            draft = await self.engine.bus.draft(post.room_id)
        taken = await self._take((post, draft))
        self.publish(post.room_id, taken.events, taken.stopped)
        self._tell_desk([post.room_id] if taken.tell_desk else [])
        self.start(taken.begun)
        return taken

    async def change(
        self,
        room_id: str,
        work: Callable[[AsyncSession, Locked, Draft | None], Awaitable[T]],
        opening: Opening | None = None,
    ) -> T | None:
        """One transaction on one room, published after its commit; None when the room does not exist and no
        ``opening`` makes it."""
        draft = await self.engine.bus.draft(room_id)
        async with self.engine.db.write() as session:
            locked = await rooms.lock(session, [room_id])
            if opening is not None:
                await rooms.open_missing(session, locked, {room_id: opening})
            room = locked.get(room_id)
            if room is None:
                return None
            before, holder = room.answer_id, room.member_id
            outcome = await work(session, room, self._delivered(room, draft))
            await rooms.save(session, [room])
        self.publish(room_id, room.events, before if before != room.answer_id else None)
        self._tell_desk([room_id] if room.tell_desk else [])
        if room.member_id != holder:
            self.engine.crew.start(self.tell_colleagues(room.workspace_id), "colleagues")
        return outcome

    async def claim(self, agent: Agent, room_id: str) -> handoff.Claimed:
        """``agent`` takes the room; an answer that is being written ends there and then, free of charge."""
        draft = await self.engine.bus.draft(room_id)
        async with self.engine.db.write() as session:
            claimed = await handoff.claim(session, agent, room_id, self.engine.settings.AGENT_GONE_SECONDS)
            if not claimed.won:
                return claimed
            room = (await rooms.lock(session, [room_id]))[room_id]
            stopped = await answers.cut(session, room, self._delivered(room, draft))
            await handoff.welcome(session, room, wire.AgentView(agent.member_id, agent.name))
            await rooms.save(session, [room])
        self.publish(room_id, room.events, stopped)
        self._tell_desk([room_id])
        self.engine.crew.start(self.tell_colleagues(agent.workspace_id), "colleagues")
        return claimed

    async def present(self, member_ids: Sequence[str]) -> None:
        """These agents are at their desks on this node."""
        if member_ids:
            async with self.engine.db.write() as session:
                await handoff.vouch(session, member_ids, self.engine.settings.AGENT_GONE_SECONDS)

    async def lapse(self, payload: dict[str, Any]) -> datetime | None:
        """The job that looks after a room's lease."""
        return await self._look(str(payload["room"]), handoff.lapse)

    async def unanswered(self, payload: dict[str, Any]) -> datetime | None:
        """The job that looks whether whoever was given a room has written."""
        return await self._look(str(payload["room"]), handoff.unanswered)

    async def deal(self) -> None:
        """Give what waits to who is free, where chats are given evenly."""
        async with self.engine.db.read() as session:
            waiting = await queue.dealt(session)
        for room_id in waiting:
            await self._look(room_id, handoff.deal)

    async def _look(
        self, room_id: str, work: Callable[[AsyncSession, Settings, Locked], Awaitable[datetime | None]]
    ) -> datetime | None:
        async def look(session: AsyncSession, room: Locked, draft: Draft | None) -> datetime | None:
            return await work(session, self.engine.settings, room)

        return await self.change(room_id, look)

    def publish(self, room_id: str, events: Sequence[wire.Event], stopped: str | None = None) -> None:
        """What a committed transaction has to tell; ``stopped`` is an answer that it ended."""
        bus = self.engine.bus
        if stopped:
            if stopped in self.live:
                self.live[stopped].stop(over=True)
            else:
                bus.publish(answer_channel(stopped), "stop")
            bus.drop_draft(room_id)
        for event in events:
            bus.publish(room_channel(room_id), encode(event))

    def start(self, begun: Begun | None) -> None:
        """Write the answer that was begun, on its own."""
        if begun is None:
            return
        live = self.live[begun.answer_id] = Live(self.engine, begun)
        live.task = self.engine.crew.start(self._run(live), f"answer {begun.answer_id}")

    def stop(self, answer_id: str) -> None:
        """The visitor has read enough: what was delivered is kept and settled, by whichever process writes it."""
        if answer_id in self.live:
            self.live[answer_id].stop()
        else:
            self.engine.bus.publish(answer_channel(answer_id), "stop")

    async def vouch(self) -> None:
        """Renew the leases of what is written here; whatever was ended elsewhere falls silent."""
        if not self.live:
            return
        mine = {answer_id: live.begun.room_id for answer_id, live in self.live.items()}
        async with self.engine.db.write() as session:
            alive = await answers.vouch(session, self.engine.settings, mine)
        for answer_id in mine.keys() - alive:
            if answer_id in self.live:
                self.live[answer_id].stop(over=True)

    async def sweep(self, *, everything: bool = False) -> None:
        """End what dead processes left open, and release holds that outlived their answers. ``everything``: also
        what is leased, because nobody else can be alive."""
        at = now() + timedelta(days=1) if everything else now()
        async with self.engine.db.read() as session:
            orphans = await answers.orphans(session, at, 100_000 if everything else 50)
        for room_id in orphans:
            draft = await self.engine.bus.draft(room_id)
            async with self.engine.db.write() as session:
                locked = await rooms.lock(session, [room_id])
                room = locked[room_id]
                closed, begun = await answers.adopt(session, self.engine.settings, room, at, draft)
                await rooms.save(session, [room])
            self.publish(room_id, room.events, closed)
            self.start(begun)
        async with self.engine.db.write() as session:
            await ledger.expire(session, now())

    # One answer -----------------------------------------------------------------------------------------------

    async def _run(self, live: Live) -> None:
        dying = False
        try:
            async with asyncio.timeout(self.engine.settings.ANSWER_SECONDS):
                ending = await self._write(live)
        except asyncio.CancelledError:
            dying = not live.stopped
            ending = live.ending("failed" if dying else "stopped")
        except (TimeoutError, UpstreamFailed, Unreachable) as failed:
            log.warning("answer %s failed: %s %s", live.begun.answer_id, type(failed).__name__, failed)
            ending = live.ending("failed")
        except Exception:
            log.exception("answer %s broke", live.begun.answer_id)
            ending = live.ending("failed")
        live.closing = True
        await asyncio.shield(self.engine.crew.start(self._close(live, ending), "close answer"))
        if dying:
            raise asyncio.CancelledError

    async def _close(self, live: Live, ending: Finish) -> None:
        """Store the ending, whatever it is, and tell of it. Should the database stay away the sweep ends it."""
        try:
            if not live.over:
                done = await self._store(ending)
                self.publish(live.begun.room_id, done.events)
                self._tell_desk([live.begun.room_id] if done.tell_desk else [])
                self.start(done.next)
        finally:
            del self.live[live.begun.answer_id]
            if not any(other.begun.room_id == live.begun.room_id for other in self.live.values()):
                self.engine.bus.drop_draft(live.begun.room_id)

    async def _store(self, ending: Finish) -> Finished:
        for attempt in range(RETRIES):
            try:
                return await self._finish(ending)
            except Unreachable:
                await asyncio.sleep(min(2.0, 0.1 * 2**attempt))
        return await self._finish(ending)

    async def _write(self, live: Live) -> Finish:
        begun = live.begun
        question = begun.question
        if question is None:
            async with self.engine.db.read() as session:
                question = await answers.asked_before(session, begun.room_id, begun.position)
        ask = Ask(begun.workspace_id, begun.domain_id, begun.knowledge_version, question, begun.room_id, begun.position)
        recall = await self.engine.knowledge.recall(self.engine.db, ask)
        if live.stopped:
            return live.ending("stopped")
        if recall.rule is not None:
            return ruled(live, recall.rule)
        if recall.band is Band.SURE:
            return direct(live, recall.facts[0])
        if recall.band is Band.BETWEEN and self.engine.provider is not None:
            return await self._ask_model(live, self.engine.provider, question, recall)
        lead = "unsure" if recall.band is Band.UNSURE else "not_sure_which"
        return unsure(live, question, recall, lead)

    async def _ask_model(self, live: Live, provider: Provider, question: str, recall: Recall) -> Finish:
        begun, settings = live.begun, self.engine.settings
        async with self.engine.db.read() as session:
            earlier = await snapshots.history(session, begun.room_id, begun.position)
            speaker = await doors.speaker(session, begun.bot_id)
        composed = prompt.compose(
            shop=speaker.domain,
            bot=speaker.name,
            persona=speaker.persona,
            language=LANGUAGES[begun.language].english,
            fixed=bool(speaker.language),
            facts=recall.facts[:FACTS],
            history=_turns(earlier, question),
            question=question,
            count=provider.count,
            budget=settings.PROMPT_TOKENS,
        )
        worst = pricing.credits_for(provider.model, composed.tokens, settings.ANSWER_TOKENS)
        shown = [fact for fact in recall.facts if fact.id in composed.facts]
        sieve = Sieve(Ground(shown, (speaker.domain, speaker.name), question))
        live.metered = Metered(provider, composed, question, recall, sieve)
        async with self.engine.db.write() as session:
            held = await answers.hold(session, begun, worst)
        if held == "over":
            live.over = True
            return live.ending("stopped")
        if held == "no_credits":
            live.metered = None
            return unsure(live, question, recall, "no_credits")
        return await self._stream(live, provider, composed, sieve)

    async def _stream(self, live: Live, provider: Provider, composed: Prompt, sieve: Sieve) -> Finish:
        """The model's text, a sentence at a time, as far as the facts support it. However it ends, what was delivered
        is what is charged."""
        bus, channel = self.engine.bus, answer_channel(live.begun.answer_id)
        await bus.subscribe(channel, live)
        try:
            if live.stopped:
                return live.ending("stopped")
            live.streaming = True
            pieces = provider.stream(composed, max_tokens=self.engine.settings.ANSWER_TOKENS)
            async with aclosing(pieces) as flow:
                async for piece in flow:
                    if isinstance(piece, Usage):
                        live.usage = piece
                    elif sieve.heard < ANSWER_LIMIT:
                        live.write(sieve.feed(scrub(piece)))
                    else:
                        break
        finally:
            live.streaming = False
            bus.unsubscribe(channel, live)
        live.write(sieve.close() if sieve.heard < ANSWER_LIMIT else sieve.torn())
        return live.ending("complete")

    # The two transactions -------------------------------------------------------------------------------------

    async def _take_many(self, session: AsyncSession, posts: Sequence[tuple[Post, Draft | None]]) -> list[Taken]:
        return await answers.take(session, self.engine.settings, self.engine.knowledge, posts, self._delivered)

    async def _finish_many(self, session: AsyncSession, endings: Sequence[Finish]) -> list[Finished]:
        return await answers.finish(session, self.engine.settings, self.engine.knowledge, endings)

    def _delivered(self, room: Locked, found: Draft | None) -> Draft | None:
        live = self.live.get(room.answer_id or "")
        return Draft(live.begun.answer_id, live.delivered) if live else found

    def _tell_desk(self, room_ids: Sequence[str]) -> None:
        if room_ids:
            self.engine.crew.start(self._publish_lines(room_ids), "desk lines")

    async def _publish_lines(self, room_ids: Sequence[str]) -> None:
        async with self.engine.db.read() as session:
            lines = await desk.lines(session, room_ids)
        for workspace_id, revision, line in lines:
            frame = encode(wire.DeskChanged(revision=revision, room=line))
            self.engine.bus.publish(desk_channel(workspace_id), frame)
        for workspace_id in {line[0] for line in lines}:
            await self.tell_queue(workspace_id)

    async def tell_colleagues(self, workspace_id: str) -> None:
        """Everybody at the desk learns who is there, and with how many chats."""
        async with self.engine.db.read() as session:
            found = await colleagues.here(session, workspace_id)
        self.engine.bus.publish(desk_channel(workspace_id), encode(wire.ColleaguesChanged(colleagues=found)))

    async def tell_queue(self, workspace_id: str) -> None:
        """Everybody in the queue learns their place, and whether anybody is there."""
        async with self.engine.db.read() as session:
            online = await queue.staffed(session, workspace_id)
            waiting = await queue.waiting(session, workspace_id)
        for place, room_id in enumerate(waiting, 1):
            event = wire.PresenceChanged(room=room_id, online=online, place=place)
            self.engine.bus.publish(room_channel(room_id), encode(event))


def _turns(earlier: Sequence[wire.Message], question: str) -> list[Turn]:
    """What was said before, without the question itself: it ends the prompt."""
    said = [message for message in earlier if message.text and message.author != "system"]
    while said and said[-1].author == "visitor" and said[-1].text in question:
        said.pop()
    return [Turn(message.author, message.text) for message in said if message.author != "system"]
