"""A message left while nobody was there: a lead, an open item at the desk, a letter to the owner, a word back."""

from collections.abc import Mapping
from dataclasses import dataclass

from limits import RateLimitItemPerDay, RateLimitItemPerHour
from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from engine import asking, handoff, letters, phrases
from engine import protocol as wire
from engine.addresses import address, words
from engine.codec import clean
from engine.db import now
from engine.limits import network
from engine.locked import Locked
from engine.models import Bot, Domain, Member, Message, User, Workspace
from engine.ports import Contact, Knowledge, Limiter
from engine.settings import Settings
from engine.stationery import Said, Sheet

NAME, QUESTION = 200, 2_000  # characters
OWNERS = 5  # who are written to, where the bot names no address
_VISITOR = (RateLimitItemPerHour(5), RateLimitItemPerDay(10))
_NETWORK = (RateLimitItemPerHour(20), RateLimitItemPerDay(60))


@dataclass(frozen=True, slots=True)
class Left:
    """The revision at which the message stands; else the error's code and the key of its sentence."""

    revision: int = 0
    code: str = ""
    said: str = ""


async def wait(limits: Limiter, visitor_id: str, ip: str) -> int | None:
    """The seconds until another message may be left; None: now. Counts this one."""
    for key, rates in ((f"contact:{visitor_id}", _VISITOR), (f"contact-from:{network(ip)}", _NETWORK)):
        if (seconds := await limits.hit(key, *rates)) is not None:
            return seconds
    return None


async def leave(
    session: AsyncSession,
    settings: Settings,
    knowledge: Knowledge,
    room: Locked,
    client_id: str,
    values: Mapping[str, str],
) -> Left:
    """Take the form's ``values`` (name, email, question, agree) in ``room``, whose row is locked. A resend of
    ``client_id`` changes nothing; where no form is offered nothing is taken."""
    stored = await session.scalar(
        select(Message.position).where(Message.room_id == room.id, Message.client_id == client_id)
    )
    if stored is not None:
        return Left(stored)
    if room.contact is None:
        return Left(code="not_open", said="not_open")
    name, question = words(clean(values.get("name", "")), NAME), clean(values.get("question", ""))[:QUESTION]
    email = address(clean(values.get("email", "")))
    if email is None:
        return Left(code="invalid_email", said="email")
    if not question:
        return Left(code="invalid_question", said="text")
    if room.contact["consent"] and values.get("agree") != "yes":
        return Left(code="invalid_agree", said="agree")
    contact = Contact(name, email, room.contact["consent"], room.contact["version"])
    await knowledge.file_contact(session, asking.whose(room), contact)
    _store(room, client_id, question, email, by_mail=bool(room.contact["mail"]))
    if settings.SMTP_URL:
        await _write(session, settings, room, contact, question)
    return Left(room.revision)


def _store(room: Locked, client_id: str, question: str, email: str, *, by_mail: bool) -> None:
    """The question as the visitor's own word; who waited is with the bot again, and the desk has an open item."""
    message = room.add("visitor", question, client_id=client_id)
    room.events.append(wire.MessageCreated(room=room.id, revision=room.revision, message=message))
    if room.mode == "waiting":
        handoff.withdraw(room)
    room.contact, room.left_at, room.mailed, room.tell_desk = None, now(), 0, True
    room.bump()
    room.events.append(wire.ContactLeft(room=room.id, revision=room.revision, state=room.state()))
    room.say(phrases.say("left" if by_mail else "left_here", room.language, email=email))


async def _write(session: AsyncSession, settings: Settings, room: Locked, contact: Contact, question: str) -> None:
    """The letters: the question to the owners, and a word to the visitor that does not repeat what strangers write."""
    found = await session.execute(
        select(Bot.name, Bot.mail_to, Domain.name, Workspace.slug)
        .join(Domain, Domain.id == Bot.domain_id)
        .join(Workspace, Workspace.id == Bot.workspace_id)
        .where(Bot.id == room.bot_id)
    )
    bot, mail_to, site, slug = found.one()
    who = contact.name or contact.email
    asked = Sheet(
        subject=f"A question from {who} on {site}",
        opening=(f"{who} ({contact.email}) left this while nobody was at the desk of {site}.",),
        said=(Said(who, question),),
        closing=("Answer at the desk: the reply is mailed to them. Or answer this letter.",),
        link=("Open the desk", f"{settings.public_url}/app/{slug}/live?room={room.id}"),
        foot=f"You get this letter because you receive the questions of {site}.",
    )
    for to in [mail_to] if mail_to else await _owners(session, room.workspace_id):
        if known := address(to):
            await letters.write(
                session, room.workspace_id, "question", known, bot, asked, room_id=room.id, reply_to=contact.email
            )
    receipt = Sheet(
        subject=f"We have your message to {site}",
        opening=(f"Thank you for writing to {site}. We have your message and answer it by e-mail.",),
        foot=f"Somebody left this address in the chat on {site}. If that was not you, you can ignore this letter.",
    )
    await letters.write(session, room.workspace_id, "receipt", contact.email, bot, receipt, room_id=room.id)


async def _owners(session: AsyncSession, workspace_id: str) -> list[str]:
    query = select(User.email).join(Member, Member.user_id == User.id)
    mine = query.where(Member.workspace_id == workspace_id, Member.role == "owner")
    return list(await session.scalars(mine.order_by(Member.created_at, Member.id).limit(OWNERS)))
