"""The sockets as we run them, at the edges that uvicorn leaves open."""

import asyncio
from typing import Any

import pytest
import uvicorn
from uvicorn.protocols.utils import ClientDisconnected
from websockets.asyncio.client import connect
from websockets.frames import Close, Frame, Opcode

from engine import listener
from engine.listener import Sockets

pytestmark = pytest.mark.anyio


async def test_a_frame_for_who_is_just_saying_goodbye_is_refused_and_raises_in_nobodys_face() -> None:
    """One publisher writes to all: what one socket raises would keep the frame from the others."""
    made: list[Sockets] = []
    gone = asyncio.Event()

    class Remembered(Sockets):
        def connection_made(self, transport: Any) -> None:
            super().connection_made(transport)
            made.append(self)

    async def app(scope: Any, receive: Any, send: Any) -> None:
        if scope["type"] != "websocket":
            return
        await receive()
        await send({"type": "websocket.accept"})
        while (await receive())["type"] != "websocket.disconnect":
            pass
        gone.set()

    listening = listener.listen("127.0.0.1", 0)
    server = uvicorn.Server(listener.config(app, stop_seconds=1, ws=Remembered, lifespan="off"))
    serving = asyncio.create_task(server._serve(sockets=[listening]))  # serve() would take over the signals
    try:
        async with connect(f"ws://127.0.0.1:{listening.getsockname()[1]}/") as client:
            (socket,) = made
            assert socket.write("hello")
            assert await client.recv() == "hello"
            goodbye = Frame(Opcode.CLOSE, Close(1000, "").serialize()).serialize(mask=True)
            socket.data_received(goodbye)  # as the network brings it: the line itself is still up
            assert socket.write("too late") is False
            with pytest.raises(ClientDisconnected):
                await socket.send_all(["too late"])
            async with asyncio.timeout(5):
                await gone.wait()
    finally:
        server.should_exit = True
        await serving
