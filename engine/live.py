"""An answer that is being written: what came of it, what was delivered, how it ended and what it costs."""

import asyncio
from dataclasses import dataclass
from typing import Any

from engine import phrases, pricing
from engine import protocol as wire
from engine.answers import Begun, Finish
from engine.bus import Draft, room_channel
from engine.codec import encode
from engine.ports import Engine, Fact, Prompt, Provider, Recall, Rule, Usage
from engine.sieve import Sieve

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
        if not piece:
            return
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
        if self.metered is not None:
            return self.metered.ending(self, state)
        if state != "stopped":
            self.flush()
        self.silence()
        if state == "stopped" or self.sent:
            return Finish(self.begun, self.delivered, state)
        return Finish(self.begun, phrases.say("upstream", self.begun.language), state, person=True, sure=False)


@dataclass(frozen=True, slots=True)
class Metered:
    """What a model was asked, and so what its answer costs and rests on. Its text reaches the visitor through the
    ``sieve`` alone."""

    provider: Provider
    prompt: Prompt
    question: str
    recall: Recall
    sieve: Sieve

    def ending(self, live: Live, state: wire.State) -> Finish:
        """How it ended. A stop leaves what was delivered, a failure also the sentence it was cut off in, as far as it
        can be trusted; in the place of what was withheld stands our own word, once and at the end."""
        replaced: int | None = None
        if state == "failed":
            live.write(self.sieve.torn())
        elif state == "complete" and self.sieve.withheld:
            state = "withheld"
            replaced = self._replace(live)
        if state != "stopped":
            live.flush()
        live.silence()
        text = live.delivered if live.delivered.strip() else ""
        if not text and state != "stopped":
            offers, said = self.recall.nearest, phrases.say("upstream", live.begun.language)
            detail = self._detail(None)
            return Finish(live.begun, said, "failed", (), offers, True, sure=False, held=True, detail=detail)
        said = text[: len(self.sieve.passed)]
        return self._finish(live, text, said if said.strip() else "", state, replaced)

    def _finish(self, live: Live, text: str, said: str, state: wire.State, replaced: int | None) -> Finish:
        """``said``: what of ``text`` is the model's, and so what is charged (R7)."""
        usage, counted = self._usage(live, said, state)
        credits = pricing.credits_for(self.provider.model, usage.prompt_tokens, usage.completion_tokens)
        known = bool(said) or replaced is not None
        withheld = state == "withheld"
        return Finish(
            live.begun,
            text,
            state,
            self._sources(said, replaced),
            offers=self.recall.nearest if withheld and not known else (),
            person=state == "failed" or (withheld and replaced is None),
            sure=known or not withheld,
            missed=self.question if withheld else None,
            held=True,
            credits=credits if said else 0,
            detail=self._detail(usage, counted),
        )

    def _replace(self, live: Live) -> int | None:
        """The entry's own text on what was withheld, else a plain word; the place of the fact it is from."""
        found = self.sieve.replacement
        if found is not None:
            text = found[1]
        elif not self.sieve.passed.strip():
            text = phrases.unsure("not_sure_which", self.recall.nearest, live.begun.language)
        else:
            text = "" if self.sieve.unknowing else phrases.say("uncertain", live.begun.language)
        lead = len(self.sieve.passed) - len(self.sieve.passed.rstrip())
        gap = "\n" * max(0, 2 - self.sieve.passed[-lead:].count("\n") * (lead > 0)) if self.sieve.passed else ""
        live.write(gap + text if text else "")
        return found[0] if found else None

    def _usage(self, live: Live, said: str, state: wire.State) -> tuple[Usage, str]:
        """What was delivered, in tokens: as reported where that is all there was, else counted here."""
        if state == "complete" and live.usage is not None:
            return live.usage, "provider"
        return Usage(self.prompt.tokens, self.provider.count(said)), "here"

    def _sources(self, said: str, replaced: int | None) -> tuple[wire.Source, ...]:
        places = (self.sieve.rests_on() if said else set()) | ({replaced} if replaced is not None else set())
        facts = [self.sieve.ground.facts[place] for place in sorted(places)]
        return tuple(wire.Source(fact.id, fact.question, fact.url) for fact in facts)

    def _detail(self, usage: Usage | None, counted: str = "") -> dict[str, Any]:
        detail: dict[str, Any] = {"by": "model", "model": self.provider.model}
        if self.sieve.withheld:
            detail["withheld"] = len(self.sieve.withheld)
        if usage is None:
            return detail
        return detail | {
            "price": pricing.VERSION,
            "prompt_tokens": min(usage.prompt_tokens, TOKENS),
            "completion_tokens": min(usage.completion_tokens, TOKENS),
            "counted": counted,
            "entries": list(self.prompt.facts),
        }


def direct(live: Live, fact: Fact) -> Finish:
    """The entry's own words: no model, no tokens, 0 credits."""
    live.write(fact.answer)
    source = wire.Source(fact.id, fact.question, fact.url)
    return Finish(live.begun, fact.answer, "complete", (source,), detail={"by": "faq", "entries": [fact.id]})


def ruled(live: Live, rule: Rule) -> Finish:
    """What the owner wants said to such a question, and a person where the rule calls one: 0 credits."""
    live.write(rule.response)
    detail = {"by": "rule", "question": rule.question_id}
    return Finish(live.begun, rule.response, "complete", detail=detail, route=rule.kind == "route")


def unsure(live: Live, question: str, recall: Recall, lead: str) -> Finish:
    """A plain word (``lead``: its key), the nearest questions, a person; and a gap for the owner."""
    text = phrases.unsure(lead, recall.nearest, live.begun.language)
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
