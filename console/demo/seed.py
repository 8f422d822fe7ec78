"""The demo workspace: made once, completed whenever something is missing, never overwritten."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final

from sqlalchemy import select, text
from sqlalchemy.ext.asyncio import AsyncSession

from console.access import service
from console.access.passwords import Passwords, generate
from console.demo import DEMO
from engine import ledger
from engine.db import Database
from engine.models import Bot, Domain, Member, User, Workspace
from knowledge import demo as faq
from knowledge import questions
from knowledge.questions import Draft

NAME = "Juniper & Pine"
CREDITS = 1_000  # what everybody starts with (the price list's welcome grants)
LOCK = 0x66642064656D6F  # "fd demo": the key of PostgreSQL's advisory lock while seeding
BOT: Final = {
    "name": "Juno",
    "greeting": "Hi, I'm Juno. Ask me about orders, delivery, returns or plant care, or ask for a person.",
    "color": "#2f6f4f",
    "suggestions": [
        "How long does delivery take?",
        "What is your return policy?",
        "How often should I water my plants?",
    ],
    "help": "beside",
}


QUESTIONS: Final = (
    Draft(
        "What are you shopping for?",
        answer_kind="choice",
        choices=("My home", "A gift", "An office"),
        after_replies=2,
        scores=({"is": "equals", "value": "An office", "points": 30, "reason": "Furnishes an office"},),
    ),
    Draft(
        "Where may we send our plant care letter?",
        answer_kind="email",
        after_replies=3,
        field="email",
        consent="By answering you agree that we write to you about plant care. You can end it any time.",
    ),
    Draft(
        "Eating plants",
        kind="block",
        patterns=("can I eat", "is it edible"),
        response="Please do not eat any of our plants. Ask a doctor if somebody did.",
    ),
)


@dataclass(frozen=True, slots=True)
class Person:
    """Somebody of the demo. ``password`` is None when it was made at an earlier start: it is kept nowhere."""

    role: str
    name: str
    email: str
    password: str | None = None


PEOPLE: Final = (
    Person("owner", "Olivia", "olivia@juniper.example"),
    Person("agent", "Grace", "grace@juniper.example"),
    Person("agent", "Linus", "linus@juniper.example"),
)


async def seed(
    db: Database, passwords: Passwords, origins: Iterable[str], *, new_passwords: bool = False
) -> list[Person]:
    """Make what is missing of the demo workspace, whose bot may be embedded on ``origins``. The people, with the
    passwords that were made just now. ``new_passwords`` gives each a new one and ends their sessions."""
    made = {person.email: (secret := generate(), await passwords.hash(secret)) for person in PEOPLE}
    async with db.write() as session:
        if not db.is_sqlite:
            await session.execute(text("SELECT pg_advisory_xact_lock(:key)"), {"key": LOCK})
        workspace = await _workspace(session)
        await _domain(session, workspace, sorted(origins))
        await ledger.grant(session, workspace.id, CREDITS, "welcome", note="Welcome credits")
        return [await _person(session, workspace, person, *made[person.email], new_passwords) for person in PEOPLE]


async def _workspace(session: AsyncSession) -> Workspace:
    found = (await session.execute(select(Workspace).where(Workspace.slug == DEMO))).scalar_one_or_none()
    if found is None:
        found = Workspace(slug=DEMO, name=NAME)
        session.add(found)
        await session.flush()
    return found


async def _domain(session: AsyncSession, workspace: Workspace, origins: list[str]) -> None:
    """The domain, its bot and its FAQ; of an older one only the origins are completed, for the port may be new."""
    query = select(Domain).where(Domain.workspace_id == workspace.id).order_by(Domain.created_at).limit(1)
    domain = (await session.execute(query)).scalar_one_or_none()
    if domain is not None:
        domain.allowed_origins = sorted({*domain.allowed_origins, *origins})
        await session.flush()
        return
    domain = Domain(workspace_id=workspace.id, name="juniperandpine.example", allowed_origins=origins)
    session.add(domain)
    await session.flush()
    session.add(Bot(workspace_id=workspace.id, domain_id=domain.id, **BOT))
    await session.flush()
    await faq.stock(session, workspace.id, domain.id)
    for draft in QUESTIONS:
        await questions.add(session, workspace.id, domain.id, draft)


async def _person(
    session: AsyncSession, workspace: Workspace, person: Person, password: str, password_hash: str, renew: bool
) -> Person:
    user = await service.user_by_address(session, person.email)
    if user is None:
        user = User(email=person.email, name=person.name, password_hash=password_hash)
        session.add(user)
        await session.flush()
        session.add(Member(workspace_id=workspace.id, user_id=user.id, role=person.role))
        await session.flush()
    elif renew:
        await service.change_password(session, user.id, password_hash)
    else:
        return person
    return Person(person.role, person.name, person.email, password)
