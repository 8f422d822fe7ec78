"""Publishing drafts from a page, and the way back that a change of entries offers."""

from starlette.requests import Request
from starlette.responses import Response

from console import flash
from console.context import console_of
from console.knowledge import frame
from console.knowledge.doors import Inside
from knowledge import publishing
from knowledge.changes import Owner


async def publish(request: Request, at: Inside, ids: list[str], step: str, *, back: str = "") -> Response:
    """Drafts answer visitors from now on; where the owner wants it, only if the labelled questions fare no worse. No
    ids: every draft."""
    anyway = step == "publish_anyway" and at.membership.role == "owner"
    published = await publishing.publish(console_of(request).engine.db, owner_of(at), ids or None, anyway=anyway)
    if published.refused:
        return frame.page(request, at, "entries/refused.html", published=published, ids=ids)
    if not published.count:
        return flash.redirect(request, back or at.base, "None of them is a draft.", tone="warning")
    said = f"{published.count:,} {'draft is' if published.count == 1 else 'drafts are'} published."
    return flash.redirect(request, back or at.base, said, undo=undo_of(at, published.change_id))


def owner_of(at: Inside) -> Owner:
    return Owner(at.workspace_id, at.domain_id, at.who.user_id)


def undo_of(at: Inside, change_id: str | None) -> flash.Undo | None:
    return flash.Undo(f"{at.base}/entries/undo", fields={"change": change_id}) if change_id else None
