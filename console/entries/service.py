"""What the list of entries shows: one page of it, and the counts around it."""

from dataclasses import dataclass

from sqlalchemy import ColumnElement, func, select
from sqlalchemy.ext.asyncio import AsyncSession

from engine.codec import clean
from knowledge.models import Entry

PAGE = 50  # entries of one page
STATES = ("", "active", "off", "draft")


@dataclass(frozen=True, slots=True)
class Wanted:
    """What somebody looks for: words in question, answer or category, a category, a state, a page (from 1)."""

    search: str = ""
    category: str = ""
    state: str = ""
    page: int = 1


@dataclass(frozen=True, slots=True)
class Shown:
    """One page of the list. ``total`` of what was looked for; ``counts`` of the whole domain, by state."""

    entries: tuple[Entry, ...]
    total: int
    pages: int
    counts: dict[str, int]
    categories: tuple[str, ...]


async def shown(session: AsyncSession, workspace_id: str, domain_id: str, wanted: Wanted) -> Shown:
    """The page in four statements, however many entries there are."""
    mine = (Entry.workspace_id == workspace_id, Entry.domain_id == domain_id)
    where = (*mine, *_filters(wanted))
    total = await session.scalar(select(func.count()).select_from(Entry).where(*where)) or 0
    pages = max(1, -(-total // PAGE))
    page = min(max(1, wanted.page), pages)
    query = select(Entry).where(*where).order_by(Entry.position, Entry.id).limit(PAGE).offset((page - 1) * PAGE)
    found = tuple(await session.scalars(query))
    counted = await session.execute(
        select(Entry.active, Entry.draft, func.count()).where(*mine).group_by(Entry.active, Entry.draft)
    )
    counts = {"all": 0, "active": 0, "off": 0, "draft": 0}
    for active, draft, number in counted.all():
        counts["draft" if draft else "active" if active else "off"] += number
        counts["all"] += number
    named = select(Entry.category).where(*mine, Entry.category != "").distinct().order_by(Entry.category).limit(200)
    return Shown(found, total, pages, counts, tuple(await session.scalars(named)))


def _filters(wanted: Wanted) -> list[ColumnElement[bool]]:
    found: list[ColumnElement[bool]] = []
    if words := clean(wanted.search):
        fields = [field.icontains(words, autoescape=True) for field in (Entry.question, Entry.answer, Entry.category)]
        found.append(fields[0] | fields[1] | fields[2])
    if wanted.category:
        found.append(Entry.category == clean(wanted.category))
    if wanted.state == "draft":
        found.append(Entry.draft.is_(True))
    elif wanted.state in ("active", "off"):
        found.append(Entry.active.is_(wanted.state == "active"))
        found.append(Entry.draft.is_(False))
    return found
