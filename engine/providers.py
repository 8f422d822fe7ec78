"""Language models: any OpenAI-compatible endpoint, and the scripted one that tests speak through.

Of what an upstream says only its text and its usage leave this file: neither bodies nor addresses stand in an exception
or a log (R8).
"""

import asyncio
import logging
from collections.abc import AsyncGenerator, Mapping
from contextlib import AsyncExitStack, aclosing, suppress
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal
from urllib.parse import urlsplit

from engine import sse
from engine.ports import Prompt, UpstreamFailed, Usage
from engine.tokens import Counter

if TYPE_CHECKING:
    import httpx2
    from openai import AsyncOpenAI

log = logging.getLogger(__name__)

OPENAI = "https://api.openai.com/v1"
PAUSE = 0.25  # seconds before the one retry, where the upstream names none
PAUSE_LIMIT = 2.0  # seconds; an upstream that asks for more gets no second call (R8)

Code = Literal["unreachable", "timeout", "refused", "busy", "garbage", "too_large"]


@dataclass(frozen=True, slots=True)
class Timeouts:
    """Seconds (R8). ``total`` bounds the wait for the first piece, retry and all, so that a visitor reads a plain
    message within 20; ``tail`` is what usage and the closing mark get once the text is whole."""

    connect: float = 5.0
    first: float = 15.0
    between: float = 15.0
    total: float = 19.0
    tail: float = 2.0


class OpenAICompatible:
    """One model behind the Chat Completions protocol; satisfies ``Provider``. Make it at start: the SDK's import takes
    0.3 s. ``base_url`` None is OpenAI's own, ``api_key`` None suits local servers that ask for none."""

    def __init__(
        self,
        *,
        model: str,
        api_key: str | None = None,
        base_url: str | None = None,
        counter: Counter | None = None,
        timeouts: Timeouts | None = None,
    ) -> None:
        self.model, self.count = model, counter or Counter()
        self._limits = timeouts or Timeouts()
        self._client = _client(base_url or OPENAI, api_key or "none", self._limits.connect)
        # Looked up here because the SDK imports it only then: 0.1 s, which the first visitor would wait for.
        self._create = self._client.chat.completions.with_streaming_response.create
        self._shaped = True  # until it turns out that this server takes no schema
        # OpenAI's newer models refuse `max_tokens`; most other servers know nothing else.
        host = urlsplit(base_url or OPENAI).hostname or ""
        self._ceiling = "max_completion_tokens" if host == "api.openai.com" else "max_tokens"

    async def stream(self, prompt: Prompt, *, max_tokens: int) -> AsyncGenerator[str | Usage]:
        """As ``Provider`` says. A piece is the text of one network read; the usage comes last, and only after a whole
        text. An empty reply is ``refused``."""
        now = asyncio.get_running_loop().time
        give_up, retried = now() + self._limits.total, False
        shaped = prompt.schema is not None and self._shaped
        while True:
            spoke = False
            try:
                async with aclosing(self._attempt(prompt, max_tokens, give_up, shaped=shaped)) as pieces:
                    async for piece in pieces:
                        self._shaped = self._shaped and (shaped or prompt.schema is None)
                        spoke = True
                        yield piece
                return
            except _Failed as failed:
                pause = failed.pause
                if failed.misread and shaped:
                    shaped, pause = False, 0.0
                if spoke or retried or pause is None or now() + pause >= give_up:
                    log.warning("model %s: %s", self.model, failed.code)
                    raise UpstreamFailed(failed.code) from None
            retried = True
            await asyncio.sleep(pause)

    async def aclose(self) -> None:
        await self._client.close()

    async def _attempt(
        self, prompt: Prompt, max_tokens: int, give_up: float, *, shaped: bool
    ) -> AsyncGenerator[str | Usage]:
        reply, spoke = sse.Reply(), False
        until = min(_after(self._limits.first), give_up)
        async with AsyncExitStack() as stack:
            wishes: dict[str, Any] = {self._ceiling: max_tokens}
            if shaped:
                form = {"name": "reply", "strict": True, "schema": prompt.schema}
                wishes["response_format"] = {"type": "json_schema", "json_schema": form}
            body = await self._open(stack, prompt, wishes, until)
            while not reply.done:
                text = await _read(body, reply, until)
                if text:  # comments and empty deltas turn no clock back
                    spoke = True
                    yield text
                    until = _after(self._limits.between)
                if reply.finished:
                    until = min(until, _after(self._limits.tail))
            if reply.fault is None:
                await _drain(body)
        if reply.fault is not None:
            raise _Failed(reply.fault, PAUSE if reply.fault == "unreachable" else None)
        if not spoke:
            raise _Failed("refused")
        if reply.usage is not None:
            yield reply.usage

    async def _open(
        self, stack: AsyncExitStack, prompt: Prompt, wishes: dict[str, Any], until: float
    ) -> AsyncGenerator[bytes]:
        """The raw bytes of the reply; the stack closes the connection if they were not read to the end."""
        from openai import APIConnectionError, APITimeoutError

        messages: list[Any] = [{"role": role, "content": text} for role, text in prompt.messages]
        request = self._create(
            model=self.model,
            messages=messages,
            stream=True,
            stream_options={"include_usage": True},
            extra_body=wishes,
        )
        try:
            async with asyncio.timeout_at(until):
                response = await stack.enter_async_context(request)
        except (TimeoutError, APITimeoutError):
            raise _Failed("timeout", 0.0) from None
        except APIConnectionError:
            raise _Failed("unreachable", PAUSE) from None
        return await stack.enter_async_context(aclosing(response.http_response.aiter_raw()))


class Scripted:
    """The double that tests speak through: yields its steps in order, for every prompt anew. A str or a ``Usage`` is
    yielded, an Event waited for, an ``UpstreamFailed`` raised. ``steps`` may be replaced between prompts."""

    def __init__(
        self,
        *steps: str | Usage | asyncio.Event | UpstreamFailed,
        model: str = "scripted",
        counter: Counter | None = None,
    ) -> None:
        self.model, self.count = model, counter or Counter()
        self.steps = steps
        self.prompts: list[Prompt] = []  # what was asked, in order
        self.ceilings: list[int] = []  # the max_tokens of each
        self.cut = 0  # streams closed or cancelled before their last step

    async def stream(self, prompt: Prompt, *, max_tokens: int) -> AsyncGenerator[str | Usage]:
        """The steps."""
        self.prompts.append(prompt)
        self.ceilings.append(max_tokens)
        try:
            for step in self.steps:
                if isinstance(step, UpstreamFailed):
                    raise UpstreamFailed(step.code)
                if isinstance(step, asyncio.Event):
                    await step.wait()
                else:
                    yield step
        except (GeneratorExit, asyncio.CancelledError):
            self.cut += 1
            raise

    async def aclose(self) -> None: ...


class _Failed(Exception):
    """An attempt failed. ``pause`` is the seconds after which another makes sense, None where it does not.
    ``misread``: the server did not understand the request, perhaps because of what it asks besides the text."""

    def __init__(self, code: Code, pause: float | None = None, *, misread: bool = False) -> None:
        super().__init__(code)
        self.code, self.pause, self.misread = code, pause, misread


def _after(seconds: float) -> float:
    return asyncio.get_running_loop().time() + seconds


async def _read(body: AsyncGenerator[bytes], reply: sse.Reply, until: float) -> str:
    import httpx2

    try:
        async with asyncio.timeout_at(until):
            chunk = await anext(body, b"")
    except TimeoutError:
        if not reply.finished:
            raise _Failed("timeout", 0.0) from None
        chunk = b""
    except httpx2.TransportError:
        chunk = b""
    return reply.feed(chunk) if chunk else reply.close()


async def _drain(body: AsyncGenerator[bytes], seconds: float = 0.1) -> None:
    """Wait for the end of a response that has said all, so that its connection can be used again."""
    import httpx2

    with suppress(TimeoutError, httpx2.TransportError):
        async with asyncio.timeout(seconds):
            async for _ in body:
                pass


def _client(base_url: str, api_key: str, connect: float) -> "AsyncOpenAI":
    import httpx2
    from openai import AsyncOpenAI

    for name in ("openai", "httpx2", "httpcore2"):  # they write addresses, headers and bodies below this level
        logging.getLogger(name).setLevel(logging.WARNING)
    timeout = httpx2.Timeout(None, connect=connect)  # the other clocks are kept here, and no byte turns them back
    http = httpx2.AsyncClient(
        follow_redirects=False,
        trust_env=False,
        headers={"accept-encoding": "identity"},
        timeout=timeout,
        limits=httpx2.Limits(max_connections=None, max_keepalive_connections=20),
        event_hooks={"response": [_check]},
    )
    return AsyncOpenAI(api_key=api_key, base_url=base_url, timeout=timeout, max_retries=0, http_client=http)


async def _check(response: "httpx2.Response") -> None:
    """Refuse by the head alone: the SDK would read the body of an error to its end."""
    status, headers = response.status_code, response.headers
    if 200 <= status < 300:
        if headers.get("content-encoding", "identity") != "identity":
            raise _Failed("garbage")  # we asked for none, and a bomb is small until it is unpacked
    elif status == 429:
        raise _Failed("busy", _pause(headers, None))
    elif status in (503, 529):
        raise _Failed("busy", _pause(headers, PAUSE))
    elif status >= 500 or status == 408:
        raise _Failed("unreachable", _pause(headers, PAUSE))
    else:
        raise _Failed("refused", misread=status in (400, 422))


def _pause(headers: Mapping[str, str], unnamed: float | None) -> float | None:
    """Seconds the upstream asks us to wait, None where that is too long to be waited for."""
    wish = headers.get("retry-after")
    if wish is None:
        return unnamed
    try:
        seconds = float(wish)
    except ValueError:
        return None  # a date
    return max(seconds, 0.0) if seconds <= PAUSE_LIMIT else None
