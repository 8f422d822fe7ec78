"""What the list of entries shows: one page of it, and the counts around it; and what an entry's form says beside it."""

from collections.abc import Mapping
from dataclasses import dataclass
from urllib.parse import urlencode

from sqlalchemy import ColumnElement, func, select
from sqlalchemy.ext.asyncio import AsyncSession

from engine.codec import clean
from knowledge.deletion import MOST
from knowledge.models import Entry, Source

PAGE = 50  # entries of one page
STATES = ("", "active", "off", "draft")


@dataclass(frozen=True, slots=True)
class Wanted:
    """What somebody looks for: words in question, answer or category, a category, a state, a page (from 1)."""

    search: str = ""
    category: str = ""
    state: str = ""
    page: int = 1

    @classmethod
    def of(cls, asked: Mapping[str, str], prefix: str = "") -> "Wanted":
        """As an address or a form asks for it; what is none of ours is left out."""
        page, state = asked.get(f"{prefix}page", "1"), asked.get(f"{prefix}state", "")
        return cls(
            clean(asked.get(f"{prefix}search", ""))[:200],
            clean(asked.get(f"{prefix}category", ""))[:100],
            state if state in STATES else "",
            int(page) if page.isascii() and page.isdecimal() and len(page) < 7 else 1,
        )

    @property
    def query(self) -> str:
        """The filter as part of an address, without the page: empty, or ending in ``&``."""
        asked = {"search": self.search, "category": self.category, "state": self.state}
        kept = urlencode({name: value for name, value in asked.items() if value})
        return f"{kept}&" if kept else ""

    @property
    def everything(self) -> bool:
        return not self.query


@dataclass(frozen=True, slots=True)
class Shown:
    """One page of the list. ``total`` of what was looked for; ``counts`` of the whole domain, by state; ``first``: the
    place of the first entry shown, if the whole list is."""

    entries: tuple[Entry, ...]
    total: int
    page: int
    pages: int
    first: int
    counts: dict[str, int]
    categories: tuple[str, ...]


async def shown(session: AsyncSession, workspace_id: str, domain_id: str, wanted: Wanted) -> Shown:
    """The page in three statements, however many entries there are."""
    mine = (Entry.workspace_id == workspace_id, Entry.domain_id == domain_id)
    where = (*mine, *_filters(wanted))
    counted = await session.execute(
        select(Entry.category, Entry.active, Entry.draft, func.count())
        .where(*mine)
        .group_by(Entry.category, Entry.active, Entry.draft)
    )
    counts = {"all": 0, "active": 0, "off": 0, "draft": 0}
    categories = set()
    for category, active, draft, number in counted.all():
        counts["draft" if draft else "active" if active else "off"] += number
        counts["all"] += number
        categories.add(category)
    total = counts["all"]
    if not wanted.everything:
        total = await session.scalar(select(func.count()).select_from(Entry).where(*where)) or 0
    pages = max(1, -(-total // PAGE))
    page = min(max(1, wanted.page), pages)
    query = select(Entry).where(*where).order_by(Entry.position, Entry.id).limit(PAGE).offset((page - 1) * PAGE)
    found = tuple(await session.scalars(query))
    first = (page - 1) * PAGE + 1
    return Shown(found, total, page, pages, first, counts, tuple(sorted(categories - {""}, key=str.casefold)))


async def matching(session: AsyncSession, workspace_id: str, domain_id: str, wanted: Wanted) -> list[str]:
    """The ids of what was looked for, on whichever page; at most as many as one step changes."""
    mine = (Entry.workspace_id == workspace_id, Entry.domain_id == domain_id)
    query = select(Entry.id).where(*mine, *_filters(wanted)).order_by(Entry.position, Entry.id).limit(MOST)
    return list(await session.scalars(query))


@dataclass(frozen=True, slots=True)
class Beside:
    """What a form says beside an entry: categories to choose from, and the import that it came from, if one did."""

    categories: tuple[str, ...]
    source_id: str | None = None
    source: str = ""


async def beside(session: AsyncSession, workspace_id: str, domain_id: str, entry: Entry | None) -> Beside:
    """The categories there are, and where ``entry`` came from."""
    mine = (Entry.workspace_id == workspace_id, Entry.domain_id == domain_id, Entry.category != "")
    named = await session.scalars(select(Entry.category).where(*mine).distinct().order_by(Entry.category).limit(200))
    categories = tuple(named)
    if entry is None or entry.source_id is None:
        return Beside(categories)
    query = select(Source.name).where(Source.id == entry.source_id, Source.workspace_id == workspace_id)
    return Beside(categories, entry.source_id, await session.scalar(query) or "an import")


def _filters(wanted: Wanted) -> list[ColumnElement[bool]]:
    found: list[ColumnElement[bool]] = []
    if wanted.search:
        sought = (Entry.question, Entry.answer, Entry.category)
        fields = [field.icontains(wanted.search, autoescape=True) for field in sought]
        found.append(fields[0] | fields[1] | fields[2])
    if wanted.category:
        found.append(Entry.category == wanted.category)
    if wanted.state == "draft":
        found.append(Entry.draft.is_(True))
    elif wanted.state in ("active", "off"):
        found.append(Entry.active.is_(wanted.state == "active"))
        found.append(Entry.draft.is_(False))
    return found
