"""The job in which a model writes the questions of what an import brought in.

The import is whole before this begins: its entries are there in the words of the document. Some at a time they get the
questions that visitors type, and an answer taken from their text; each step is one request and one transaction, with
its price. Whatever goes wrong (no credits, a dead model, a false reply) leaves entries as they are, and says so in the
import's report.
"""

import asyncio
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any, Final

from sqlalchemy import select, update
from sqlalchemy.ext.asyncio import AsyncSession

from engine import jobs
from engine.db import Database, new_id, now
from engine.ports import Handler, Provider, UpstreamFailed
from knowledge import consulting, drafting, entries, imprint, measuring, sources, vetting
from knowledge.consulting import SECONDS, Heard, Use
from knowledge.drafting import Passage
from knowledge.models import Entry, Source
from knowledge.reporting import MODEL
from knowledge.text import normalise
from knowledge.vetting import Written

JOB: Final = "write"
MOST = 1_000  # entries of one import that a model writes for: 250 requests, about 20 minutes
FAILURES = 3  # in a row after which the model is taken for dead
PAUSE = timedelta(seconds=10)  # after a failure, times how many there were
MOST_NOTES = 50  # of the report
NO_CREDITS = "There are no credits left for the model."
DEAD = "The model could not be reached."
SILENT = "The model gave no reply that could be used, so the words of the document stay."


@dataclass(frozen=True, slots=True)
class _Turn:
    """Some entries of an import, as they were read."""

    source: Source
    entries: tuple[Entry, ...]
    taken: frozenset[str]

    @property
    def passages(self) -> list[Passage]:
        return [Passage(entry.question, entry.answer) for entry in self.entries]


async def ask_for(session: AsyncSession, source: Source) -> None:
    """Have a model write for the entries of ``source`` that have no phrasings yet, if that was wished for. Call it in
    the transaction in which an import is done. What somebody edited stays as it is."""
    if not source.options.get("model") or source.kind in sources.FREE:
        return
    before = source.report.get(MODEL, {})
    mine = [Entry.source_id == source.id, Entry.workspace_id == source.workspace_id]
    if before.get("state") == "done":  # what it had nothing to say about then is not paid for at every look
        mine.append(Entry.updated_at > datetime.fromisoformat(before["at"]))
    query = select(Entry).where(*mine).order_by(Entry.position, Entry.id)
    wanted = [
        entry.id for entry in await session.scalars(query) if not entry.alternatives and imprint.is_untouched(entry)
    ][:MOST]
    if not wanted:
        return
    key = new_id()
    begun = {"key": key, "state": "running", "total": len(wanted), "done": 0, "written": 0, "failures": 0}
    begun["at"] = now().isoformat()
    source.report = source.report | {MODEL: begun | {"reason": "", "notes": []}}
    await session.flush()
    payload = {"workspace": source.workspace_id, "source": source.id, "key": key, "entries": wanted}
    await jobs.add(session, JOB, payload)


async def stop(session: AsyncSession, source: Source) -> bool:
    """No further request is made; False when none would be."""
    if source.report.get(MODEL, {}).get("state") != "running":
        return False
    _note(source, state="stopped", reason="You stopped it.")
    await session.flush()
    return True


def handler(db: Database, provider: Callable[[], Provider | None], *, seconds: float = SECONDS) -> Handler:
    """The job's work; ``provider`` gives the model of this process, ``seconds`` are what it has for one reply."""

    async def write(payload: dict[str, Any]) -> datetime | None:
        turn = await _turn(db, payload)
        if turn is None:
            return None
        if not turn.entries:  # somebody deleted them
            return await _store(db, payload, turn, None, None, [])
        model = provider()
        if model is None:
            return await _stopped(db, payload, consulting.NO_MODEL)
        prompt = await asyncio.to_thread(drafting.entries_prompt, turn.passages, model.count)
        owner = turn.source.workspace_id
        async with db.write() as session:
            use = await consulting.begin(
                session, owner, model, prompt, drafting.ENTRIES_TOKENS, "import", turn.source.name
            )
        if use is None:
            return await _stopped(db, payload, NO_CREDITS)
        try:
            heard = await consulting.hear(use, seconds)
        except UpstreamFailed as failed:
            return await _failed(db, payload, turn, use, failed)
        written = await asyncio.to_thread(vetting.entries_in, heard.text, turn.passages, turn.taken)
        return await _store(db, payload, turn, use, heard, written)

    return write


async def _turn(db: Database, payload: dict[str, Any]) -> _Turn | None:
    """What comes next; None when all is done or nobody wants it any more."""
    async with db.read() as session:
        source = await _source(session, payload)
        if source is None:
            return None
        done = int(source.report[MODEL]["done"])
        ids = payload["entries"][done : done + drafting.TOGETHER]
        query = select(Entry).where(Entry.id.in_(ids), Entry.source_id == source.id)
        found = sorted(await session.scalars(query), key=lambda entry: ids.index(entry.id))
        asked = await session.execute(
            select(Entry.question, Entry.alternatives).where(
                *(Entry.workspace_id == source.workspace_id, Entry.domain_id == source.domain_id),
                Entry.id.not_in(ids),
            )
        )
        others = [text for question, alternatives in asked.all() for text in (question, *alternatives)]
    taken = await asyncio.to_thread(lambda: frozenset(map(normalise, others)))
    return _Turn(source, tuple(found), taken)


async def _store(
    db: Database,
    payload: dict[str, Any],
    turn: _Turn,
    use: Use | None,
    heard: Heard | None,
    written: Sequence[Written],
    failures: int = 0,
) -> datetime | None:
    """The entries as they were written, the price, and how far it is: one transaction."""
    async with db.write() as session:
        version = await entries.bump(session, turn.source.workspace_id, turn.source.domain_id)
        source = await _source(session, payload, lock=True)
        count = 0
        if source is not None:
            for entry, one in zip(turn.entries, written, strict=True):
                count += await _rewrite(session, entry, one, version)
        if use is not None:
            await consulting.end(session, use, heard if count else None)
        if source is None:
            return None
        begun = source.report[MODEL]
        told = [(entry, one.reason) for entry, one in zip(turn.entries, written, strict=True) if one.reason]
        notes = [{"title": entry.question[:200], "sentence": reason} for entry, reason in told]
        done = min(begun["done"] + drafting.TOGETHER, begun["total"])
        _note(
            source,
            done=done,
            written=begun["written"] + count,
            failures=failures,
            notes=[*begun["notes"], *notes][:MOST_NOTES],
            state="done" if done == begun["total"] else "running",
        )
        if done < begun["total"]:
            return now()
        await measuring.ask_for(session, source.workspace_id, source.domain_id)
    return None


async def _rewrite(session: AsyncSession, entry: Entry, one: Written, version: int) -> bool:
    """The entry in its new words, unless somebody changed it meanwhile. It still counts as what the import brought:
    it can be undone, and a later look at its page may renew it."""
    if one.question is None:
        return False
    draft = replace(entries.draft_of(entry), question=one.question, alternatives=one.phrasings)
    draft = entries.cleaned(replace(draft, answer=one.answer or entry.answer))
    if entries.faults(draft):
        return False
    values = {
        "imprint": imprint.taken(draft),
        "question": draft.question,
        "alternatives": list(draft.alternatives),
        "answer": draft.answer,
    }
    changed = await session.execute(
        update(Entry)
        .where(Entry.id == entry.id, Entry.version == entry.version)
        .values(version=version, updated_at=Entry.updated_at, **values)
        .returning(Entry.id)
        .execution_options(synchronize_session=False)
    )
    return changed.scalar_one_or_none() is not None


async def _failed(
    db: Database, payload: dict[str, Any], turn: _Turn, use: Use, failed: UpstreamFailed
) -> datetime | None:
    """The model gave nothing. Is it dead or slow, the same entries are asked about once more after a pause; what it
    refused or garbled is left as it is. After :data:`FAILURES` in a row it is not asked any more."""
    failures = int(turn.source.report[MODEL]["failures"]) + 1
    if failures < FAILURES and failed.code in ("refused", "garbage", "too_large"):
        return await _store(db, payload, turn, use, None, [Written(None, reason=SILENT)] * len(turn.entries), failures)
    async with db.write() as session:
        source = await _source(session, payload, lock=True)
        await consulting.end(session, use, None)
        if source is None:
            return None
        _note(source, failures=failures)
    if failures >= FAILURES:
        return await _stopped(db, payload, DEAD)
    return now() + PAUSE * failures


async def _stopped(db: Database, payload: dict[str, Any], why: str) -> datetime | None:
    """It ends here; what was written stays, and so does the rest, in the words of the document."""
    async with db.write() as session:
        source = await _source(session, payload, lock=True)
        if source is None:
            return None
        begun = source.report[MODEL]
        left = begun["total"] - begun["done"]
        kept = f"{left} {'entry keeps' if left == 1 else 'entries keep'} the words of the document."
        _note(source, state="stopped", reason=f"{why} {kept}")
        if begun["written"]:
            await measuring.ask_for(session, source.workspace_id, source.domain_id)
    return None


async def _source(session: AsyncSession, payload: dict[str, Any], *, lock: bool = False) -> Source | None:
    """The import, if it still wants this job."""
    query = select(Source).where(Source.id == str(payload["source"]), Source.workspace_id == str(payload["workspace"]))
    source: Source | None = await session.scalar(query.with_for_update() if lock else query)
    if source is None or source.state != "done":
        return None
    begun = source.report.get(MODEL, {})
    return source if (begun.get("key"), begun.get("state")) == (payload["key"], "running") else None


def _note(source: Source, **values: Any) -> None:
    source.report = source.report | {MODEL: source.report[MODEL] | values}
