"""The pages of imports; plain forms that work without JavaScript."""

import csv
import io
import math
import re
from typing import Any, Final, get_args

from starlette.datastructures import FormData, UploadFile
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute, Route

from console import flash
from console.access import doors
from console.access.guard import text_of
from console.context import console_of
from console.knowledge import frame
from console.knowledge.doors import Inside, changing, inside
from engine import pricing
from engine.fetch import Refused, parsed
from knowledge import changes, entries, exports, planning, sources
from knowledge.models import Source
from knowledge.sheet import Unreadable
from knowledge.sources import NoCredits, Options, Way

BASE = "/app/{slug}/knowledge/{domain_id}/import"
UPLOADS: Final = re.compile(r"/app/[^/]+/knowledge/[^/]+/import/file")
STATES: Final = {
    "waiting": ("Waiting", ""),
    "running": ("Reading", "accent"),
    "done": ("Done", "ok"),
    "failed": ("Not imported", "danger"),
    "cancelled": ("Cancelled", "warning"),
    "undone": ("Undone", ""),
}
PAGE_STATES: Final = {
    "failed": ("Not read", "danger"),
    "gone": ("Gone", "warning"),
    "ok": ("Read", "ok"),
    "changed": ("Changed", "accent"),
    "unchanged": ("Unchanged", ""),
    "waiting": ("Waiting", ""),
}
SHOWN: Final = 100  # pages of an import that one page of ours lists
FOLLOWED: Final = {
    "follow": "It is looked at again every week from now on.",
    "unfollow": "It is not looked at by itself any more. What came in stays.",
}


def routes() -> list[BaseRoute]:
    return [
        Route(BASE, listing, methods=["GET"]),
        Route(BASE + "/file", upload, methods=["POST"]),
        Route(BASE + "/address", visit, methods=["POST"]),
        Route(BASE + "/{source_id}", show, methods=["GET"]),
        Route(BASE + "/{source_id}", step, methods=["POST"]),
        Route(BASE + "/{source_id}/report.csv", report, methods=["GET"]),
    ]


async def listing(request: Request) -> Response:
    at = await inside(request)
    async with console_of(request).engine.db.read() as session:
        found = await sources.listing(session, at.workspace_id, at.domain_id)
        counts = await sources.counts_of(session, found)
    busy = any(source.state in sources.READING for source in found)
    return frame.page(
        request, at, "sources/list.html", here="/import", sources=found, counts=counts, states=STATES, busy=busy,
        price=pricing.DOCUMENT, usual=sources.USUAL_PAGES, most=sources.MOST_PAGES,
    )  # fmt: skip


async def upload(request: Request) -> Response:
    at, form = await changing(request, files=1, largest=sources.LARGEST)
    here, file = f"{at.base}/import", form.get("file")
    if not isinstance(file, UploadFile) or not file.filename:
        return flash.redirect(request, here, "Choose a file first.", tone="danger")
    data = await file.read(sources.LARGEST + 1)
    await form.close()
    if len(data) > sources.LARGEST:
        return flash.redirect(request, here, "The file has more than 5 MB. Split it into several.", tone="danger")
    try:
        async with console_of(request).engine.db.write() as session:
            source = await sources.upload(
                session, at.workspace_id, at.domain_id, at.who.user_id, file.filename, data, _options(request, form),
                file.content_type or "",
            )  # fmt: skip
            await changes.record(session, at.owner, "import.begin", source.id, {"name": source.name})
    except Unreadable as wrong:
        return flash.redirect(request, here, wrong.fault.sentence, tone="danger")
    except NoCredits:
        said = f"A document takes {pricing.DOCUMENT} credits, and there are fewer. CSV and JSON files are free."
        return flash.redirect(request, here, said, tone="danger")
    return flash.redirect(request, f"{here}/{source.id}", "The file is here. This page follows what becomes of it.")


async def visit(request: Request) -> Response:
    at, form = await changing(request)
    here, way = f"{at.base}/import", text_of(form, "way")
    if way not in get_args(Way):
        return flash.redirect(request, here, "Choose what to read.", tone="danger")
    url = text_of(form, "url").strip()
    try:
        parsed(url)
    except Refused as refused:
        return flash.redirect(request, here, refused.sentence, tone="danger")
    kind: Any = way
    async with console_of(request).engine.db.write() as session:
        source = await sources.visit(
            session, at.workspace_id, at.domain_id, at.who.user_id, kind, url, _options(request, form)
        )
        await changes.record(session, at.owner, "import.begin", source.id, {"name": source.name})
    return flash.redirect(request, f"{here}/{source.id}", "It is being read; this page follows it.")


async def show(request: Request) -> Response:
    at = await inside(request)
    state = request.query_params.get("state", "")
    state = state if state in PAGE_STATES else ""
    async with console_of(request).engine.db.read() as session:
        source = await _source(session, at, request)
        counts = await sources.states_of(session, source)
        many = counts.get(state, 0) if state else sum(counts.values())
        last = max(1, math.ceil(many / SHOWN))
        number = min(max(1, number_of(request.query_params.get("page", ""), 1)), last)
        pages = await sources.pages_of(session, source, state=state, limit=SHOWN, offset=(number - 1) * SHOWN)
        entries_now = (await sources.counts_of(session, [source]))[source.id]
    return frame.page(
        request, at, "sources/one.html", here="/import", source=source, states=STATES, entries_now=entries_now,
        busy=source.state in sources.READING, pages=pages, page_states=PAGE_STATES, counts=counts, state=state,
        number=number, last=last,
    )  # fmt: skip


async def step(request: Request) -> Response:
    """Cancel, look again, look again every week or no more, or take back."""
    at, form = await changing(request)
    wanted = text_of(form, "step")
    async with console_of(request).engine.db.write() as session:
        source = await _source(session, at, request)
        here = f"{at.base}/import/{source.id}"
        if wanted == "cancel":
            stopped = await sources.cancel(session, source)
            said = "It stopped. What came in so far stays; you can undo it." if stopped else "It was over already."
        elif wanted == "again":
            begun = await sources.again(session, source)
            said = "Every page is looked at again." if begun else "This cannot be looked at again now."
        elif wanted in ("follow", "unfollow"):
            done = await planning.follow(session, source, weekly=wanted == "follow")
            said = (
                FOLLOWED[wanted] if done else "Only pages and sites that were not undone can be looked at every week."
            )
        elif wanted == "undo":
            undone = await sources.undo(session, source)
            said = f"{undone.removed} entries are gone."
            if undone.kept:
                said += f" {len(undone.kept)} that somebody edited since stay."
        else:
            return flash.redirect(request, here, "Choose what to do.", tone="warning")
        await changes.record(session, at.owner, f"import.{wanted}", source.id, {"name": source.name})
    return flash.redirect(request, here, said)


async def report(request: Request) -> Response:
    """What was refused, by row or page, as a file that no spreadsheet runs (R18)."""
    at = await inside(request)
    async with console_of(request).engine.db.read() as session:
        source = await _source(session, at, request)
        pages = await sources.pages_of(session, source)
    out = io.StringIO(newline="")
    writer = csv.writer(out)
    writer.writerow(["row or page", "column", "state", "reason"])
    for fault in source.report.get("faults", []):
        writer.writerow(
            [
                exports.safe(fault["page"]) or fault["row"],
                exports.safe(fault["column"]),
                "left out",
                exports.safe(fault["sentence"]),
            ]
        )
    for page in pages:
        writer.writerow([exports.safe(page.url), "", page.state, exports.safe(page.reason)])
    headers = {"content-disposition": 'attachment; filename="import-report.csv"', "cache-control": "no-store"}
    return Response("\ufeff" + out.getvalue(), media_type="text/csv; charset=utf-8", headers=headers)


async def _source(session: Any, at: Inside, request: Request) -> Source:
    try:
        return await sources.source_of(session, at.workspace_id, at.domain_id, request.path_params["source_id"])
    except entries.NotFound:
        raise doors.NotFound from None


def _options(request: Request, form: FormData) -> Options:
    return Options(
        keep_good=text_of(form, "all_or_nothing") != "on",
        review=text_of(form, "review") == "on",
        category=text_of(form, "category")[:100],
        pages=number_of(text_of(form, "pages"), sources.USUAL_PAGES),
        weekly=text_of(form, "weekly") == "on",
        model=text_of(form, "model") == "on" and console_of(request).engine.provider is not None,
    )


def number_of(text: str, usual: int) -> int:
    """The whole number that somebody typed, or the usual one."""
    return int(text) if text.isascii() and text.isdecimal() and len(text) < 6 else usual
