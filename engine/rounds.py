"""What every process does again and again: heads to its sockets, leases of what it holds, jobs, and the sweep."""

import asyncio

from engine import absent, bus, colleagues, desk, files, jobs, letters, snapshots, vitals
from engine import protocol as wire
from engine.agents import AgentConnection
from engine.codec import encode
from engine.handoff import DUE, LAPSE
from engine.streams import Streams

TICK = 1.0  # s between two looks at whether a pulse is due
ALONE_SECONDS = 4.0  # between pulses while Redis is gone: other nodes' events then come by polling, within 5 s (R19)
CHUNK = 100  # rooms whose heads are read and sent in one go
VOUCH_SECONDS = 2.0  # between renewals of the leases of the answers that are written here
PRESENCE_SECONDS = 10.0  # between signs of life of the agents whose sockets are here
SWEEP_SECONDS = 5.0
JOB_SECONDS = 1.0
DEAL_SECONDS = 2.0  # between two looks whether somebody is free for who waits, where chats are given evenly
POSTMEN = 2  # letters that are sent at once: one whose mail server hangs does not hold up the others
FORGET_SECONDS = 3_600.0  # between looks for measurements that are too old


class Pulses:
    """Tells every socket of this process the head of its room, or desk, so that a lost hint is noticed (R4). The rooms
    of one period are spread over its ticks, so that no chat waits behind ten thousand pulses."""

    def __init__(self, streams: Streams) -> None:
        self._engine = streams.engine
        self._left: list[str] = []  # this period's channels that are still to be told
        self._share = 0  # channels in one tick
        self._refill_due = 0.0
        self._desks_due = 0.0

    async def tick(self) -> None:
        bus, now = self._engine.bus, asyncio.get_running_loop().time()
        period = (
            self._engine.settings.PULSE_SECONDS
            if bus.healthy
            else min(ALONE_SECONDS, self._engine.settings.PULSE_SECONDS)
        )
        at_once = bus.flipped.is_set()
        bus.flipped.clear()
        if at_once or now >= self._refill_due:
            self._refill_due = now + period - TICK / 2
            self._left = bus.channels("room:") if at_once else self._left + bus.channels("room:")
            self._share = -(-len(self._left) // max(1, round(period / TICK)))
        share = len(self._left) if at_once else self._share
        told, self._left = self._left[:share], self._left[share:]
        await self._rooms(told)
        if at_once or now >= self._desks_due:
            self._desks_due = now + period - TICK / 2
            await self._desks()

    async def _rooms(self, channels: list[str]) -> None:
        for start in range(0, len(channels), CHUNK):
            room_ids = list(bus.rooms_of(channels[start : start + CHUNK]))
            async with self._engine.db.read() as session:
                heads = await snapshots.heads(session, room_ids)
            for room_id in room_ids:
                frame = encode(wire.Pulse(room=room_id, revision=heads.get(room_id, 0)))
                self._engine.bus.deliver(bus.room_channel(room_id), frame)
            await asyncio.sleep(0)

    async def _desks(self) -> None:
        for channel in self._engine.bus.channels("desk:"):
            workspace_id = channel.partition(":")[2]
            async with self._engine.db.read() as session:
                head = await desk.revision(session, workspace_id)
                here = await colleagues.here(session, workspace_id)
            self._engine.bus.deliver(channel, encode(wire.ColleaguesChanged(colleagues=here)))
            self._engine.bus.deliver(channel, encode(wire.DeskPulse(revision=head)))


def start(streams: Streams) -> None:
    """The rounds of a process that serves sockets or works jobs; they end with the crew."""
    crew, pulses = streams.engine.crew, Pulses(streams)

    async def present() -> None:
        agents = {each.agent.member_id for each in streams.engine.sockets if isinstance(each, AgentConnection)}
        await streams.present(sorted(agents))

    quick = {LAPSE: streams.lapse, DUE: streams.unanswered}
    engine = streams.engine
    mail = {
        letters.JOB: letters.handler(engine.db, engine.mailer),
        absent.JOB: absent.handler(engine.db, engine.knowledge, engine.settings),
    }

    async def work() -> None:
        await jobs.run_due(streams.engine.db, quick, only=quick)

    async def work_longer() -> None:
        while await jobs.run_due(streams.engine.db, streams.engine.handlers, 1, but={*quick, *mail}):
            pass

    async def post() -> None:
        while await jobs.run_due(streams.engine.db, mail, 1, only=mail):
            pass

    async def forget() -> None:
        async with streams.engine.db.write() as session:
            await vitals.forget(session)
            await files.forget(session)

    crew.every(TICK, pulses.tick, "pulses")
    # A stopping process goes on vouching for what it finishes, or another node takes it for dead.
    crew.every(VOUCH_SECONDS, streams.vouch, "answer leases", to_the_last=True)
    crew.every(PRESENCE_SECONDS, present, "presence")
    crew.every(SWEEP_SECONDS, streams.sweep, "sweep")
    crew.every(FORGET_SECONDS, forget, "what is old")
    crew.every(DEAL_SECONDS, streams.deal, "dealing")
    crew.every(JOB_SECONDS, work, "jobs")
    crew.every(JOB_SECONDS, work_longer, "longer jobs")
    for _ in range(POSTMEN):
        crew.every(JOB_SECONDS, post, "letters")
