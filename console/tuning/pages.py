"""The page on which an owner says how cautious the bot is, and sees what that would have done."""

from typing import Any

from sqlalchemy.ext.asyncio import AsyncSession
from starlette.datastructures import FormData
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute, Route

from console import flash
from console.access.guard import text_of
from console.context import console_of
from console.knowledge import frame
from console.knowledge.doors import Inside, changing, inside
from console.tuning import service
from console.tuning.service import Column
from knowledge import changes, entries, measuring, port
from knowledge.changes import Owner
from knowledge.models import KnowledgeSettings

BASE = "/app/{slug}/knowledge/{domain_id}/tuning"
EMBEDDINGS = ("off", "local", "endpoint")
SAVED = "Saved. It holds from the next message on."


def routes() -> list[BaseRoute]:
    return [
        Route(BASE, show, methods=["GET"]),
        Route(BASE, save, methods=["POST"]),
        Route(BASE + "/caution", choose, methods=["POST"]),
    ]


async def show(request: Request) -> Response:
    at = await inside(request)
    async with console_of(request).engine.db.read() as session:
        settings = await service.settings_of(session, at.workspace_id, at.domain_id)
    return await _page(request, at, settings, settings.caution)


async def save(request: Request) -> Response:
    """Everything on the page at once; or with ``look`` nothing: then the page shows what it would do."""
    at, form = await changing(request)
    caution, country = _caution(form), text_of(form, "country").strip().upper()
    embeddings = text_of(form, "embeddings") or "off"
    here = f"{at.base}/tuning"
    if caution is None:
        return flash.redirect(request, here, "Caution is a number from 0 to 100.", tone="danger")
    if not (len(country) == 2 and country.isascii() and country.isalpha()):
        return flash.redirect(request, here, "A country has two letters, such as US or DE.", tone="danger")
    if embeddings not in EMBEDDINGS:
        return flash.redirect(request, here, "Choose one of the list.", tone="danger")
    wanted = {
        "caution": caution,
        "country": country,
        "embeddings": embeddings,
        "ask_in_first_reply": text_of(form, "ask_in_first_reply") == "on",
        "publish_check": text_of(form, "publish_check") == "on",
    }
    db = console_of(request).engine.db
    if "look" in form:
        async with db.read() as session:
            now = (await service.settings_of(session, at.workspace_id, at.domain_id)).caution
        return await _page(request, at, KnowledgeSettings(**wanted), now)
    async with db.write() as session:
        await _keep(session, at, wanted)
    return flash.redirect(request, here, SAVED)


async def choose(request: Request) -> Response:
    """Another caution alone, as the table below the slider offers it."""
    at, form = await changing(request)
    caution, here = _caution(form), f"{at.base}/tuning"
    if caution is None:
        return flash.redirect(request, here, "Caution is a number from 0 to 100.", tone="danger")
    async with console_of(request).engine.db.write() as session:
        await _keep(session, at, {"caution": caution})
    return flash.redirect(request, here, SAVED)


async def _page(request: Request, at: Inside, settings: KnowledgeSettings, now: int) -> Response:
    """The page with ``settings`` in its fields; ``now`` is the caution in force."""
    engine = console_of(request).engine
    found = await service.questions(engine.db, at.workspace_id, at.domain_id)
    steps = [_plain(each, at) for each in service.steps(found, now)]
    return frame.page(
        request,
        at,
        "tuning/page.html",
        here="/tuning",
        settings=settings,
        now=now,
        asked=len(found),
        shown=service.column(found, settings.caution, now),
        columns=service.columns(found, now),
        steps={step["caution"]: step for step in steps},
        names=service.NAMES,
        step=service.STEP,
        examples=service.EXAMPLES,
        available=sorted(port.judge.shelves.askers),
        provider=engine.provider,
    )


def _plain(column: Column, at: Inside) -> dict[str, Any]:
    """A step of the slider as its script reads it."""
    some = column.changed[: service.EXAMPLES]
    desk = f"/app/{at.membership.slug}/live?room=" if at.membership.may_use_desk else None
    examples = [[each.question.text, each.words, desk and desk + each.question.room_id] for each in some]
    counts = {"faq": column.faq, "model": column.model, "declined": column.declined}
    return (
        {"caution": column.caution, "words": column.words, "changed": len(column.changed)}
        | counts
        | {"examples": examples}
    )


def _caution(form: FormData) -> int | None:
    typed = text_of(form, "caution")
    return int(typed) if typed.isascii() and typed.isdecimal() and len(typed) <= 3 and int(typed) <= 100 else None


async def _keep(session: AsyncSession, at: Inside, wanted: dict[str, Any]) -> None:
    """Set what is ``wanted``, with one line in the log that says what was before; nothing where nothing changes."""
    await entries.bump(session, at.workspace_id, at.domain_id)
    settings = await session.merge(await service.settings_of(session, at.workspace_id, at.domain_id))
    before = {name: getattr(settings, name) for name in wanted}
    if before == wanted:
        return
    for name, value in wanted.items():
        setattr(settings, name, value)
    changed = [name for name in wanted if before[name] != wanted[name]]
    detail = {"before": {name: before[name] for name in changed}, "after": {name: wanted[name] for name in changed}}
    owner = Owner(at.workspace_id, at.domain_id, at.who.user_id)
    await changes.record(session, owner, "knowledge.tune", at.domain_id, detail)
    await measuring.ask_for(session, *owner.ids)
