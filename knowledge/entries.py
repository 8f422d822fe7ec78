"""The FAQ of a domain: add, edit, remove, order. Every change raises the domain's knowledge version with it."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

from sqlalchemy import func, select, update
from sqlalchemy.ext.asyncio import AsyncSession

from engine.codec import clean
from engine.models import Domain
from knowledge.models import ANSWER_LENGTH, CATEGORY_LENGTH, QUESTION_LENGTH, URL_LENGTH, Entry, Removal

MOST_ALTERNATIVES = 200  # an entry: more make it a hub that attracts every question


class NotFound(Exception):
    """No such entry or domain here: absent and somebody else's are the same (R10)."""


class Invalid(Exception):
    """A draft that cannot be kept; ``faults`` says by field what to change."""

    def __init__(self, faults: dict[str, str]) -> None:
        super().__init__(", ".join(faults))
        self.faults = faults


@dataclass(frozen=True, slots=True)
class Draft:
    """An entry as somebody wrote it."""

    question: str
    answer: str
    alternatives: tuple[str, ...] = ()
    category: str = ""
    locale: str = "en"
    url: str | None = None
    active: bool = True


async def entry_of(session: AsyncSession, workspace_id: str, domain_id: str, entry_id: str) -> Entry:
    """The door: the entry with that id in that domain of that workspace, or :class:`NotFound`."""
    query = select(Entry).where(Entry.id == entry_id, Entry.domain_id == domain_id, Entry.workspace_id == workspace_id)
    entry = await session.scalar(query)
    if entry is None:
        raise NotFound
    return entry


async def listing(
    session: AsyncSession,
    workspace_id: str,
    domain_id: str,
    *,
    search: str = "",
    active: bool | None = None,
    limit: int = 10_000,
    offset: int = 0,
) -> list[Entry]:
    """The entries of a domain in their order, those whose question, answer or category holds ``search`` (whatever
    its case); none for a domain of another workspace."""
    query = select(Entry).where(Entry.workspace_id == workspace_id, Entry.domain_id == domain_id)
    if active is not None:
        query = query.where(Entry.active == active)
    if wanted := clean(search):
        fields = (Entry.question, Entry.answer, Entry.category)
        matches = [field.icontains(wanted, autoescape=True) for field in fields]
        query = query.where(matches[0] | matches[1] | matches[2])
    query = query.order_by(Entry.position, Entry.id).limit(limit).offset(offset)
    return list(await session.scalars(query))


async def add(
    session: AsyncSession, workspace_id: str, domain_id: str, draft: Draft, *, source: str = "manual"
) -> Entry:
    """A new entry, last in order. Raises :class:`Invalid`, and :class:`NotFound` for a foreign domain."""
    draft = checked(draft)
    version = await bump(session, workspace_id, domain_id)
    position = await next_position(session, domain_id)
    place = {"source": source, "position": position, "version": version}
    entry = Entry(workspace_id=workspace_id, domain_id=domain_id, **place, **columns(draft))
    session.add(entry)
    await session.flush()
    return entry


async def edit(session: AsyncSession, entry: Entry, draft: Draft) -> None:
    """``entry`` as ``draft`` has it. Raises :class:`Invalid`."""
    draft = checked(draft)
    entry.version = await bump(session, entry.workspace_id, entry.domain_id)
    for name, value in columns(draft).items():
        setattr(entry, name, value)
    await session.flush()


async def remove(session: AsyncSession, entry: Entry) -> None:
    """``entry`` is gone for good."""
    version = await bump(session, entry.workspace_id, entry.domain_id)
    owner = {"workspace_id": entry.workspace_id, "domain_id": entry.domain_id}
    await session.delete(entry)
    await session.merge(Removal(entry_id=entry.id, version=version, **owner))
    await session.flush()


async def reorder(session: AsyncSession, workspace_id: str, domain_id: str, entry_ids: Sequence[str]) -> None:
    """Put the entries ``entry_ids`` first, in that order; the others follow as they were. Raises
    :class:`NotFound`, and moves nothing, if one of them is not of this domain."""
    version = await bump(session, workspace_id, domain_id)
    present = {entry.id: entry for entry in await listing(session, workspace_id, domain_id)}
    first = dict.fromkeys(entry_ids)
    if not first.keys() <= present.keys():
        raise NotFound
    for position, entry_id in enumerate({**first, **dict.fromkeys(present)}):
        if present[entry_id].position != position:
            present[entry_id].position, present[entry_id].version = position, version
    await session.flush()


async def bump(session: AsyncSession, workspace_id: str, domain_id: str) -> int:
    """Raise the domain's knowledge version to what is returned, and hold its row until the transaction ends: changes
    of one domain's knowledge queue here. Raises :class:`NotFound`."""
    changed = await session.execute(
        update(Domain)
        .where(Domain.id == domain_id, Domain.workspace_id == workspace_id)
        .values(knowledge_version=Domain.knowledge_version + 1)
        .returning(Domain.knowledge_version)
        .execution_options(synchronize_session=False)
    )
    version = changed.scalar_one_or_none()
    if version is None:
        raise NotFound
    return version


async def hold(session: AsyncSession, workspace_id: str, domain_id: str) -> None:
    """Keep others from changing the domain's knowledge until the transaction ends, as :func:`bump` does, before it is
    known whether there is a change. Raises :class:`NotFound`."""
    query = select(Domain.id).where(Domain.id == domain_id, Domain.workspace_id == workspace_id)
    if await session.scalar(query.with_for_update()) is None:
        raise NotFound


async def was_removed(session: AsyncSession, workspace_id: str, domain_id: str, entry_id: str) -> bool:
    """Whether the domain had an entry with that id, which is gone."""
    mine = (Removal.workspace_id == workspace_id, Removal.domain_id == domain_id)
    return await session.scalar(select(Removal.entry_id).where(Removal.entry_id == entry_id, *mine)) is not None


async def next_position(session: AsyncSession, domain_id: str) -> int:
    """The position after the domain's last entry. Call it after :func:`bump`, which keeps others from it."""
    last = await session.scalar(select(func.max(Entry.position)).where(Entry.domain_id == domain_id))
    return 0 if last is None else last + 1


def checked(draft: Draft) -> Draft:
    """``draft`` cleaned and trimmed, empty and repeated alternatives left out. Raises :class:`Invalid`."""
    draft = cleaned(draft)
    if found := faults(draft):
        raise Invalid(found)
    return draft


def cleaned(draft: Draft) -> Draft:
    """``draft`` without what no database should hold, trimmed, each way of asking once."""
    question = " ".join(clean(draft.question).split())
    alternatives = dict.fromkeys(" ".join(clean(one).split()) for one in draft.alternatives)
    return replace(
        draft,
        question=question,
        answer=clean(draft.answer),
        alternatives=tuple(one for one in alternatives if one and one != question),
        category=clean(draft.category),
        locale=clean(draft.locale) or "en",
        url=clean(draft.url) or None if draft.url else None,
    )


def faults(draft: Draft) -> dict[str, str]:
    """What is wrong with a cleaned draft: by field, a sentence its writer can act on. Empty if nothing is."""
    found: dict[str, str] = {}
    if not draft.question:
        found["question"] = "The question is empty. Write what a visitor would ask."
    elif len(draft.question) > QUESTION_LENGTH:
        found["question"] = _too_long("The question", len(draft.question), QUESTION_LENGTH)
    if not draft.answer:
        found["answer"] = "The answer is empty. Write what the visitor should read."
    elif len(draft.answer) > ANSWER_LENGTH:
        found["answer"] = _too_long("The answer", len(draft.answer), ANSWER_LENGTH)
    if (longest := max(map(len, draft.alternatives), default=0)) > QUESTION_LENGTH:
        found["alternatives"] = _too_long("One of the alternatives", longest, QUESTION_LENGTH)
    elif len(draft.alternatives) > MOST_ALTERNATIVES:
        found["alternatives"] = f"There are {len(draft.alternatives)} alternatives. Keep at most {MOST_ALTERNATIVES}."
    if len(draft.category) > CATEGORY_LENGTH:
        found["category"] = _too_long("The category", len(draft.category), CATEGORY_LENGTH)
    if len(draft.locale) > 35:
        found["locale"] = "The locale is not one. Write a language tag such as en or pt-BR."
    if draft.url and not (len(draft.url) <= URL_LENGTH and draft.url.startswith(("https://", "http://", "/"))):
        found["url"] = "The link must start with https://, http:// or / and have at most 2,048 characters."
    return found


def draft_of(entry: Entry) -> Draft:
    """``entry`` as somebody would write it anew."""
    return Draft(
        question=entry.question,
        answer=entry.answer,
        alternatives=tuple(entry.alternatives),
        category=entry.category,
        locale=entry.locale,
        url=entry.url,
        active=entry.active,
    )


def columns(draft: Draft) -> dict[str, Any]:
    """A checked draft as the columns of an entry."""
    return {
        "question": draft.question,
        "alternatives": list(draft.alternatives),
        "answer": draft.answer,
        "category": draft.category,
        "locale": draft.locale,
        "url": draft.url,
        "active": draft.active,
    }


def _too_long(what: str, length: int, limit: int) -> str:
    return f"{what} has {length:,} characters. Shorten it to at most {limit:,}."
