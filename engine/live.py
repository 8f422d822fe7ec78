"""An answer that is being written: what came of it, what was delivered, how it ended and what it costs."""

import asyncio
from dataclasses import dataclass
from typing import Any

from engine import phrases, pricing
from engine import protocol as wire
from engine.answers import Begun, Finish
from engine.bus import Draft, room_channel
from engine.codec import encode
from engine.ports import Engine, Fact, Prompt, Provider, Recall, Usage

FRAME_EVERY = 0.03  # s: deltas of one answer are gathered to at most one frame in this time
DELTA = 2_000  # characters of one delta at most
TOKENS = 10**9  # a report above it is nonsense; what is stored stays an ordinary number
FACTS = 3  # entries the model is shown: the right one is among the best three far more often than it is the best


class Live:
    """An answer that is being written: what came, what was delivered, and whether it must stop."""

    def __init__(self, engine: Engine, begun: Begun) -> None:
        self.begun = begun
        self.text = ""
        self.sent = 0  # characters that were delivered
        self.usage: Usage | None = None
        self.metered: Metered | None = None
        self.stopped = False
        self.over = False  # somebody else ended it: say nothing more
        self.closing = False
        # Only while the model is heard may the task be cancelled: a transaction cut in the middle keeps its row locks,
        # and with them the whole workspace, for as long as its connection takes to close (2 s and more on PostgreSQL).
        self.streaming = False
        self.task: asyncio.Task[None] | None = None
        self._engine = engine
        self._last = 0.0
        self._timer: asyncio.TimerHandle | None = None

    @property
    def delivered(self) -> str:
        return self.text[: self.sent]

    def put(self, frame: str) -> None:
        """The answer's channel carries one word only: stop."""
        self.stop()

    def stop(self, *, over: bool = False) -> None:
        self.over = self.over or over
        if self.closing:
            return
        self.stopped = True
        if self.streaming and self.task is not None:
            self.streaming = False
            self.task.cancel()

    def write(self, piece: str) -> None:
        """Take a piece; it leaves at once, or with its neighbours within 30 ms of the last frame."""
        self.text += piece
        loop = asyncio.get_running_loop()
        due = self._last + FRAME_EVERY - loop.time()
        if due <= 0:
            self.flush()
        elif self._timer is None:
            self._timer = loop.call_later(due, self.flush)

    def flush(self) -> None:
        """Deliver what is gathered; nothing any more once the answer is over."""
        self.silence()
        if self.over:
            return
        bus, begun = self._engine.bus, self.begun
        self._last = asyncio.get_running_loop().time()
        while self.sent < len(self.text):
            piece = self.text[self.sent : self.sent + DELTA]
            delta = wire.AnswerDelta(room=begun.room_id, message_id=begun.answer_id, at=self.sent, text=piece)
            self.sent += len(piece)
            bus.write_draft(begun.room_id, Draft(begun.answer_id, self.delivered))
            bus.publish(room_channel(begun.room_id), encode(delta))

    def silence(self) -> None:
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None

    def ending(self, state: wire.State) -> Finish:
        """How it ended: with what was delivered, and at its price."""
        if state != "stopped":
            self.flush()
        self.silence()
        if self.metered is not None:
            return self.metered.ending(self, state)
        if state == "stopped" or self.sent:
            return Finish(self.begun, self.delivered, state)
        return Finish(self.begun, phrases.UPSTREAM, state, person=True, sure=False)


@dataclass(frozen=True, slots=True)
class Metered:
    """What a model was asked, and so what its answer costs and rests on."""

    provider: Provider
    prompt: Prompt
    question: str
    recall: Recall

    def ending(self, live: Live, state: wire.State) -> Finish:
        text = live.delivered if live.delivered.strip() else ""
        if not text and state != "stopped":
            offers = self.recall.nearest
            said = {"by": "model", "model": self.provider.model}
            return Finish(live.begun, phrases.UPSTREAM, "failed", (), offers, True, sure=False, held=True, detail=said)
        reported = live.usage if state == "complete" else None
        tokens = reported or Usage(self.prompt.tokens, self.provider.count(text))
        credits = pricing.credits_for(self.provider.model, tokens.prompt_tokens, tokens.completion_tokens)
        detail: dict[str, Any] = {
            "by": "model",
            "model": self.provider.model,
            "price": pricing.VERSION,
            "prompt_tokens": min(tokens.prompt_tokens, TOKENS),
            "completion_tokens": min(tokens.completion_tokens, TOKENS),
            "counted": "provider" if reported else "here",
            "entries": list(self.prompt.facts),
        }
        shown = [fact for fact in self.recall.facts if fact.id in self.prompt.facts]
        return Finish(
            live.begun,
            text,
            state,
            tuple(wire.Source(fact.id, fact.question, fact.url) for fact in shown) if text else (),
            person=state == "failed",
            held=True,
            credits=credits if text else 0,
            detail=detail,
        )


def direct(live: Live, fact: Fact) -> Finish:
    """The entry's own words: no model, no tokens, 0 credits."""
    live.write(fact.answer)
    source = wire.Source(fact.id, fact.question, fact.url)
    return Finish(live.begun, fact.answer, "complete", (source,), detail={"by": "faq", "entries": [fact.id]})


def unsure(live: Live, question: str, recall: Recall, lead: str) -> Finish:
    """A plain word, the nearest questions, a person; and a gap for the owner."""
    text = phrases.unsure(lead, recall.nearest)
    live.write(text)
    return Finish(
        live.begun,
        text,
        "complete",
        offers=recall.nearest,
        person=True,
        sure=False,
        missed=question,
        detail={"by": "none"},
    )
