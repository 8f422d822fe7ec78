"""Events to whoever listens: in memory on one node, over Redis across many. Only ever a hint: the truth is stored.

A frame is encoded once and handed to every sink of its channel. ``publish`` never waits and never raises: a slow or
dead Redis must not delay a chat on this node (R19). The running draft of a live answer is kept beside the channels, so
that a tab that comes back mid-answer shows it at once.
"""

import asyncio
from collections.abc import Iterator
from typing import NamedTuple, Protocol


class Sink(Protocol):
    """Where frames of a channel go. ``put`` must not wait; a full sink cuts itself off."""

    def put(self, frame: str) -> None: ...


class Draft(NamedTuple):
    """The answer that is being written in a room, and its text so far."""

    answer_id: str
    text: str


class Bus(Protocol):
    """``healthy``: other nodes are reached. ``flipped``: set whenever that changes."""

    healthy: bool
    flipped: asyncio.Event

    async def start(self) -> None: ...
    async def stop(self) -> None: ...
    async def subscribe(self, channel: str, sink: Sink) -> None:
        """From return on, everything published to ``channel`` on any reachable node is put into ``sink``."""

    def unsubscribe(self, channel: str, sink: Sink) -> None: ...
    def publish(self, channel: str, frame: str) -> None: ...
    def deliver(self, channel: str, frame: str) -> None:
        """To this node's own sinks only."""

    def channels(self, prefix: str) -> list[str]:
        """This node's channels that somebody listens to."""

    def write_draft(self, room_id: str, draft: Draft) -> None: ...
    async def draft(self, room_id: str) -> Draft | None:
        """The live answer of a room as far as it was delivered, from whichever node writes it; None when unknown."""

    def drop_draft(self, room_id: str) -> None: ...


class MemoryBus:
    """The bus of one process."""

    def __init__(self) -> None:
        self.healthy = True
        self.flipped = asyncio.Event()
        self._sinks: dict[str, list[Sink]] = {}
        self._drafts: dict[str, Draft] = {}

    async def start(self) -> None:
        pass

    async def stop(self) -> None:
        pass

    async def subscribe(self, channel: str, sink: Sink) -> None:
        self._add(channel, sink)

    def unsubscribe(self, channel: str, sink: Sink) -> None:
        sinks = self._sinks.get(channel, [])
        if sink in sinks:
            sinks.remove(sink)
            if not sinks:
                del self._sinks[channel]

    def publish(self, channel: str, frame: str) -> None:
        self.deliver(channel, frame)

    def deliver(self, channel: str, frame: str) -> None:
        for sink in tuple(self._sinks.get(channel, ())):
            sink.put(frame)

    def channels(self, prefix: str) -> list[str]:
        return [channel for channel in self._sinks if channel.startswith(prefix)]

    def write_draft(self, room_id: str, draft: Draft) -> None:
        self._drafts[room_id] = draft

    async def draft(self, room_id: str) -> Draft | None:
        return self._drafts.get(room_id)

    def drop_draft(self, room_id: str) -> None:
        self._drafts.pop(room_id, None)

    def _add(self, channel: str, sink: Sink) -> bool:
        sinks = self._sinks.setdefault(channel, [])
        if sink not in sinks:
            sinks.append(sink)
        return len(sinks) == 1


def room_channel(room_id: str) -> str:
    return f"room:{room_id}"


def desk_channel(workspace_id: str) -> str:
    return f"desk:{workspace_id}"


def answer_channel(answer_id: str) -> str:
    """Where the process that writes an answer hears that it must stop."""
    return f"answer:{answer_id}"


def rooms_of(channels: list[str]) -> Iterator[str]:
    return (channel.partition(":")[2] for channel in channels)
