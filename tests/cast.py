"""The people of the tests: acme and its rival globex, the agents grace and linus, the visitors ada and bob."""

from dataclasses import dataclass

from sqlalchemy.ext.asyncio import AsyncSession

from engine import ledger
from engine.db import Database
from engine.models import Bot, Domain, Member, User, Workspace
from engine.ports import Agent

CREDITS = 100


@dataclass(frozen=True, slots=True)
class Company:
    """A workspace with one domain, one bot and two agents at its desk. ``origin`` is the site's, registered."""

    workspace_id: str
    slug: str
    domain_id: str
    bot_id: str
    key: str
    origin: str
    grace: Agent
    linus: Agent


@dataclass(frozen=True, slots=True)
class Cast:
    acme: Company
    globex: Company


async def gather(db: Database, *, credits: int = CREDITS) -> Cast:
    """Everybody, in an empty but migrated database."""
    async with db.write() as session:
        return Cast(await _company(session, "acme", credits), await _company(session, "globex", credits))


async def _company(session: AsyncSession, slug: str, credits: int) -> Company:
    workspace = Workspace(slug=slug, name=slug.title())
    session.add(workspace)
    await session.flush()
    if credits:
        await ledger.grant(session, workspace.id, credits, "welcome")
    origin = f"https://{slug}.example"
    domain = Domain(workspace_id=workspace.id, name=f"{slug}.example", allowed_origins=[origin])
    session.add(domain)
    await session.flush()
    bot = Bot(workspace_id=workspace.id, domain_id=domain.id, name=f"{slug.title()} bot", key=f"key-of-{slug}")
    session.add(bot)
    grace = await _agent(session, workspace, "Grace")
    linus = await _agent(session, workspace, "Linus")
    await session.flush()
    return Company(workspace.id, slug, domain.id, bot.id, bot.key, origin, grace, linus)


async def _agent(session: AsyncSession, workspace: Workspace, name: str) -> Agent:
    user = User(email=f"{name.lower()}@{workspace.slug}.example", name=name, password_hash="none")
    session.add(user)
    await session.flush()
    member = Member(workspace_id=workspace.id, user_id=user.id, role="agent")
    session.add(member)
    await session.flush()
    return Agent(workspace.id, member.id, name)
