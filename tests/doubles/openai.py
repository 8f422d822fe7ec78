"""An OpenAI-compatible server over real HTTP, which misbehaves on demand in every way that upstreams are known to.

In process: ``async with OpenAI(delay=0.01) as double: … double.base_url … double.requests``. As a process:
``python -m tests.doubles.openai --port 0 --script hang,ok`` prints its port as its first line.

What it does with a request is said by the first of: ``#name`` in the last user message, the next of ``script``,
``behave``. A name is a key of ``BEHAVIOURS``, or an HTTP status, perhaps with a retry-after (``429:0.5``).
``POST /control`` sets ``behave``, ``script``, ``answer`` and ``delay`` and, with ``{"reset": true}``, forgets what was
asked; ``GET /control`` tells what was asked.
"""

import argparse
import asyncio
import re
import signal
from collections.abc import Sequence
from typing import Any, Self

from tests.doubles.behaviours import BEHAVIOURS, SECRET, refuse
from tests.doubles.reply import Reply
from tests.doubles.wire import Gone, Request, Wire

__all__ = ["BEHAVIOURS", "SECRET", "OpenAI", "Request"]

NAME = re.compile(r"#([a-z_0-9]+(?::\d+(?:\.\d+)?)?)")
STATUS = re.compile(r"[3-5]\d\d(:.*)?")


class OpenAI:
    """The server, listening while it is entered."""

    def __init__(
        self,
        *,
        behave: str = "ok",
        script: Sequence[str] = (),
        answer: str | None = None,
        delay: float = 0.0,
        port: int = 0,
    ) -> None:
        self.behave, self.script, self.port = behave, list(script), port
        self.answer = (
            answer  # None: the JSON that is wished for, else the first fact's answer, or that it does not know
        )
        self.delay = delay  # seconds before each piece
        self.requests: list[Request] = []  # the completions asked for, oldest first
        self.asked = asyncio.Event()  # set by each of them
        self.connections = 0
        self._tasks: set[asyncio.Task[None]] = set()

    @property
    def base_url(self) -> str:
        return f"http://127.0.0.1:{self.port}/v1"

    async def __aenter__(self) -> Self:
        self._server = await asyncio.start_server(self._accept, "127.0.0.1", self.port)
        self.port = self._server.sockets[0].getsockname()[1]
        return self

    async def __aexit__(self, *_: object) -> None:
        self._server.close()
        for task in list(self._tasks):
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)

    def _accept(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.connections += 1
        task = asyncio.create_task(self._converse(Wire(reader, writer)))
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def _converse(self, wire: Wire) -> None:
        try:
            while True:
                request = await wire.request()
                async with wire.watched(request):
                    await self._answer(wire, request)
        except (Gone, ConnectionError, asyncio.IncompleteReadError):
            pass
        finally:
            wire.abort()

    async def _answer(self, wire: Wire, request: Request) -> None:
        if request.path == "/control":
            await wire.json(200, self._control(request))
        elif request.path == "/v1/models":
            await wire.json(200, {"object": "list", "data": [{"id": "double", "object": "model"}]})
        elif request.path == "/v1/chat/completions":
            await self._complete(wire, request)
        else:
            await wire.json(404, {"error": {"message": f"no such path {SECRET}"}})

    async def _complete(self, wire: Wire, request: Request) -> None:
        request.behaviour = self._choose(request)
        self.requests.append(request)
        self.asked.set()
        reply = Reply(wire, request, self.answer, self.delay)
        name, _, argument = request.behaviour.partition(":")
        if name.isdigit():
            await refuse(reply, int(name), argument)
        else:
            await BEHAVIOURS[name](reply)

    def _choose(self, request: Request) -> str:
        asked = [message["content"] for message in request.body["messages"] if message["role"] == "user"]
        for named in NAME.findall(asked[-1] if asked else ""):
            if named in BEHAVIOURS or STATUS.fullmatch(named):
                return str(named)
        return self.script.pop(0) if self.script else self.behave

    def _control(self, request: Request) -> dict[str, Any]:
        if request.method == "POST":
            for name in request.body.keys() & {"behave", "script", "answer", "delay"}:
                setattr(self, name, request.body[name])
            if request.body.get("reset"):
                self.requests.clear()
        told = [seen.told() for seen in self.requests]
        return {"count": len(told), "connections": self.connections, "requests": told}


async def _serve(double: OpenAI) -> None:
    stopped = asyncio.Event()
    for sign in (signal.SIGTERM, signal.SIGINT):
        asyncio.get_running_loop().add_signal_handler(sign, stopped.set)
    async with double:
        print(double.port, flush=True)
        await stopped.wait()


def main() -> None:
    """Serve until SIGTERM; the first line printed is the port."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0] if __doc__ else None)
    parser.add_argument("--port", type=int, default=0)
    parser.add_argument("--behave", default="ok")
    parser.add_argument("--script", default="", help="behaviours of the first requests, with commas between")
    parser.add_argument("--answer")
    parser.add_argument("--delay", type=float, default=0.02, help="seconds before each piece")
    told = parser.parse_args()
    script = [name for name in told.script.split(",") if name]
    asyncio.run(_serve(OpenAI(behave=told.behave, script=script, answer=told.answer, delay=told.delay, port=told.port)))


if __name__ == "__main__":
    main()
