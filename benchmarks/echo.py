"""The limit of the stack: a WebSocket server of ours (uvicorn, our listener) that sends back what it is sent.

``python -m benchmarks.echo`` prints its port and serves until SIGTERM.
"""

from typing import Any

import uvicorn

from engine import listener


async def app(scope: Any, receive: Any, send: Any) -> None:
    """Plain ASGI: nothing between the protocol and the echo."""
    if scope["type"] == "lifespan":
        while True:
            message = await receive()
            await send({"type": f"{message['type']}.complete"})
            if message["type"] == "lifespan.shutdown":
                return
    if scope["type"] != "websocket":
        return
    await receive()
    await send({"type": "websocket.accept"})
    while (message := await receive())["type"] == "websocket.receive":
        await send({"type": "websocket.send", "text": message["text"]})


def main() -> None:
    listening = listener.listen("127.0.0.1", 0)
    print(listening.getsockname()[1], flush=True)
    uvicorn.Server(listener.config(app, stop_seconds=2)).run(sockets=[listening])


if __name__ == "__main__":
    main()
