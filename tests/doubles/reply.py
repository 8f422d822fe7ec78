"""What is said to one request, in the protocol of streamed chat completions."""

import json
import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from tests.doubles import drafts
from tests.doubles.wire import Request, Wire

UNKNOWN = "I do not know that. Shall I pass your question to a person?"
FACT = re.compile(r'<fact id="[^"]*">\nQuestion: .*?\nAnswer: (.*?)\n</fact>', re.DOTALL)
SSE = {"content-type": "text/event-stream; charset=utf-8", "cache-control": "no-cache"}
DONE = b"data: [DONE]\n\n"


@dataclass(frozen=True, slots=True)
class Reply:
    """What is to be said to one request, and how fast."""

    wire: Wire
    request: Request
    answer: str | None  # None: the JSON that is wished for, else the first fact's answer, or that it does not know
    delay: float  # seconds before each piece

    @property
    def words(self) -> list[str]:
        """The pieces, no more than the ceiling that was asked for."""
        ceiling = self.request.body.get("max_completion_tokens") or self.request.body.get("max_tokens")
        return self.all_words[:ceiling]

    @property
    def all_words(self) -> list[str]:
        system = "".join(m["content"] for m in self.request.body["messages"] if m["role"] == "system")
        fact = FACT.search(system)
        said = self.answer if self.answer is not None else drafts.reply(self.request.body)
        answer = said if said is not None else fact[1] if fact else UNKNOWN
        return re.findall(r"\S+\s*", answer)

    @property
    def usage(self) -> dict[str, int]:
        """An honest one: bytes / 4 for the prompt, a token a word for the reply."""
        size = sum(len(message["content"].encode()) for message in self.request.body["messages"])
        prompt, completion = -(-size // 4), len(self.words)
        return {"prompt_tokens": prompt, "completion_tokens": completion, "total_tokens": prompt + completion}

    @property
    def finish(self) -> str:
        return "stop" if self.words == self.all_words else "length"

    async def begin(self) -> None:
        await self.wire.head(200, SSE)
        await self.wire.send(delta({"role": "assistant", "content": ""}))

    async def say(self, words: Sequence[str], *, times: int = 1) -> None:
        for word in words:
            await self.wire.sleep(self.delay)
            for _ in range(times):
                await self.wire.send(delta({"content": word}))
            self.request.pieces += 1

    async def say_half(self) -> None:
        await self.begin()
        await self.say(self.words[: len(self.words) // 2 or 1])

    async def finish_with(self, usage: object) -> None:
        await self.wire.send(delta({}, self.finish))
        if usage is not None:
            await self.wire.send(event(completion("chat.completion.chunk", [], usage)))
        await self.wire.send(DONE)
        await self.wire.end()


def event(payload: object) -> bytes:
    """One server-sent event."""
    return b"data: " + json.dumps(payload, ensure_ascii=False).encode() + b"\n\n"


def delta(content: dict[str, Any], finish: str | None = None) -> bytes:
    """One piece of a streamed completion."""
    choice = {"index": 0, "delta": content, "logprobs": None, "finish_reason": finish}
    return event(completion("chat.completion.chunk", [choice], None))


def completion(kind: str, choices: list[dict[str, Any]], usage: object) -> dict[str, Any]:
    """A completion, or a chunk of one."""
    head = {"id": "chatcmpl-double", "object": kind, "created": 1, "model": "double"}
    return {**head, "choices": choices, "usage": usage}
