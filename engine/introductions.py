"""Who writes, as one connection is told: by the visitor's site, which proves it, and by the page, which does not."""

import time
from dataclasses import asdict
from typing import Any

from sqlalchemy import select

from engine import auth, identity
from engine import protocol as wire
from engine.bus import Draft
from engine.doors import Door
from engine.identity import Person
from engine.locked import Locked
from engine.models import Room
from engine.streams import Streams

Told = tuple[dict[str, Any] | None, dict[str, Any]]  # person, context: as a room keeps them


class Introduction:
    """``identified``: by the site they are signed in to."""

    def __init__(self, secret: bytes, door: Door) -> None:
        self._secret, self._door = secret, door
        self._person: Person | None = None
        self._context: dict[str, str] | None = None
        self.identified = False

    @property
    def person(self) -> dict[str, Any] | None:
        return asdict(self._person) if self._person else None

    @property
    def context(self) -> dict[str, str] | None:
        return self._context

    def take(self, told: wire.RoomJoin) -> tuple[str, str] | None:
        """The visitor's id and the token for joining again, of somebody for whom their site vouches, now or within the
        session that it began; else None. Raises :class:`engine.identity.BadIdentity`: then nothing changes."""
        if told.context is not None:
            self._context = identity.context_of(told.context)
        known = auth.in_session(self._secret, self._door.domain_id, told.token, time.time())
        if told.identity is not None:
            try:
                person = identity.vouched(self._secrets(), told.identity)
            except identity.BadIdentity:
                if known is None:
                    raise
            else:
                self._person = person
                known = identity.visitor_of(self._secret, self._door.domain_id, person)
        if known is None:
            return None
        self.identified = True
        return known, auth.session(self._secret, self._door.domain_id, known, int(time.time()) + identity.SESSION)

    async def note(self, streams: Streams, room_id: str) -> None:
        """Keep it in the room, where there is one already, and tell whoever is in it."""
        if self._person is None and self._context is None:
            return
        async with streams.engine.db.read() as session:
            found = (await session.execute(select(Room.person, Room.context).where(Room.id == room_id))).one_or_none()
        if found is None or self._after(found.person, found.context) == (found.person, found.context):
            return

        async def keep(session: Any, room: Locked, draft: Draft | None) -> None:
            told = self._after(room.person, room.context)
            if told != (room.person, room.context):
                room.person, room.context = told
                room.bump()
                room.events.append(wire.RoomIdentified(room=room.id, revision=room.revision, state=room.state()))

        await streams.change(room_id, keep)

    def _after(self, person: dict[str, Any] | None, context: dict[str, Any]) -> Told:
        """What is known after what was said here."""
        known = person if self._person is None else _known(person, self._person)
        return known, context if self._context is None else self._context

    def _secrets(self) -> tuple[str, ...]:
        door = self._door
        ages = range(1 + door.before)
        return tuple(identity.secret_of(self._secret, door.domain_id, door.generation - age) for age in ages)


def _known(before: dict[str, Any] | None, person: Person) -> dict[str, Any]:
    """A site that says less the next time takes nothing back, and what is signed stays before what is not."""
    now = asdict(person)
    if before is None or before["id"] != person.id:
        return now
    if before["verified"] != person.verified:
        return now if person.verified else before
    return {name: value or before[name] for name, value in now.items()}
