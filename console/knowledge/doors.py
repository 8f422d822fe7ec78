"""The door to a domain's knowledge: a domain id from an address becomes a domain of the member's workspace only here.

Everybody in the workspace may read what the bot knows; owners and admins may change it.
"""

from dataclasses import dataclass

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession
from starlette.datastructures import FormData
from starlette.requests import Request

from console.access import doors, guard
from console.access.doors import Membership
from console.access.service import SignedIn
from console.context import console_of
from engine.codec import clean
from engine.models import Domain
from knowledge.changes import Owner


@dataclass(frozen=True, slots=True)
class Place:
    """A domain as its pages name it."""

    id: str
    name: str


@dataclass(frozen=True, slots=True)
class Inside:
    """Somebody signed in, in a workspace, at one of its domains. ``domains``: all that the workspace has."""

    who: SignedIn
    membership: Membership
    domain: Place
    domains: tuple[Place, ...]

    @property
    def workspace_id(self) -> str:
        return self.membership.workspace_id

    @property
    def domain_id(self) -> str:
        return self.domain.id

    @property
    def owner(self) -> Owner:
        """Whose knowledge it is, and whose name stands beside a change."""
        return Owner(self.workspace_id, self.domain_id, self.who.user_id)

    @property
    def may_edit(self) -> bool:
        return self.membership.may_edit_knowledge

    @property
    def base(self) -> str:
        """The path that every page of this domain's knowledge begins with, without a slash at its end."""
        return f"/app/{self.membership.slug}/knowledge/{self.domain.id}"


async def inside(request: Request, *, edit: bool = False) -> Inside:
    """Who asks, and for which domain (path parameters ``slug`` and ``domain_id``). Raises
    :class:`~console.access.guard.SignedOut`, :class:`~console.access.doors.NotFound` for what is absent or foreign,
    and with ``edit`` :class:`~console.access.doors.Forbidden` for who may only read."""
    entry = await guard.entered(request)
    async with console_of(request).engine.db.read() as session:
        domains = await domains_of(session, entry.membership.workspace_id)
    wanted = clean(request.path_params["domain_id"])
    found = next((domain for domain in domains if domain.id == wanted), None)
    if found is None:
        raise doors.NotFound
    doors.require(not edit or entry.membership.may_edit_knowledge)
    return Inside(entry.who, entry.membership, found, domains)


async def changing(
    request: Request, *, fields: int = guard.FIELDS, files: int = 0, largest: int = guard.PART
) -> tuple[Inside, FormData]:
    """The door for a form that changes something: who sent it, and the form, if it is ours (CSRF) and they may.
    ``fields``, ``files`` and ``largest`` (bytes of one part) bound what is read."""
    found = await inside(request, edit=True)
    return found, await guard.form_of(request, found.who.csrf, fields=fields, files=files, largest=largest)


async def domains_of(session: AsyncSession, workspace_id: str) -> tuple[Place, ...]:
    """The workspace's domains, the oldest first."""
    query = select(Domain.id, Domain.name).where(Domain.workspace_id == workspace_id)
    found = await session.execute(query.order_by(Domain.created_at, Domain.id))
    return tuple(Place(*row) for row in found.all())
