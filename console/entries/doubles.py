"""The word of warning that another entry asks the same already: on the form that is sent, and while it is written."""

from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import BaseRoute, Route

from console.context import console_of
from console.knowledge.doors import Inside, inside
from knowledge import duplicates
from knowledge.changes import Owner
from knowledge.duplicates import Twin
from knowledge.models import QUESTION_LENGTH


def routes(base: str) -> list[BaseRoute]:
    return [Route(base + "/entries/asked", asked, methods=["GET"])]


async def asked(request: Request) -> Response:
    """Which entry asks ``question`` already, other than ``but``: its id and question as JSON, or nothing."""
    at = await inside(request, edit=True)
    query = request.query_params
    found = await twin(request, at, query.get("question", "")[:QUESTION_LENGTH], query.get("but", ""))
    return JSONResponse(
        {"id": found.id, "question": found.question} if found else {}, 200, {"cache-control": "no-store"}
    )


async def twin(request: Request, at: Inside, question: str, entry_id: str = "") -> Twin | None:
    """The entry, other than ``entry_id``, that asks ``question`` already."""
    owner = Owner(at.workspace_id, at.domain_id, at.who.user_id)
    return await duplicates.twin(console_of(request).engine.db, owner, question, but=entry_id)
