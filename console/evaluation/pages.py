"""How well the domain answers its labelled questions: the runs, what went wrong, and the questions themselves."""

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute, Route

from console import flash
from console.access import doors
from console.access.guard import text_of
from console.context import console_of
from console.knowledge import frame
from console.knowledge.doors import changing, inside
from knowledge import changes, entries, examples, measuring
from knowledge.changes import Owner
from knowledge.entries import Invalid
from knowledge.meanings import MEANINGS
from knowledge.models import Evaluation

BASE = "/app/{slug}/knowledge/{domain_id}/evaluation"
WIDTH, HEIGHT = 600, 120  # of the trend, in its own units
SHOWN = ("answered", "wrong", "declined", "refused")


def routes() -> list[BaseRoute]:
    return [
        Route(BASE, show, methods=["GET"]),
        Route(BASE, run, methods=["POST"]),
        Route(BASE + "/examples", label, methods=["POST"]),
        Route(BASE + "/examples/{example_id}", forget, methods=["POST"]),
    ]


async def show(request: Request) -> Response:
    at = await inside(request)
    async with console_of(request).engine.db.read() as session:
        runs = await measuring.history(session, at.workspace_id, at.domain_id)
        labelled = await examples.listing(session, at.workspace_id, at.domain_id)
        waiting = await measuring.is_waiting(session, at.domain_id)
        measured = await examples.measured(session, at.workspace_id, at.domain_id)
        found = await entries.listing(session, at.workspace_id, at.domain_id)
    return frame.page(
        request,
        at,
        "evaluation/page.html",
        here="/evaluation",
        runs=runs,
        labelled=labelled,
        waiting=waiting,
        questions=len(measured.questions),
        titles={entry.id: entry.question for entry in found},
        meanings=MEANINGS,
        shown=SHOWN,
        trend=_trend(runs),
        size=(WIDTH, HEIGHT),
        asked=request.query_params.get("text", ""),
    )


async def run(request: Request) -> Response:
    at, _ = await changing(request)
    async with console_of(request).engine.db.write() as session:
        await measuring.ask_for(session, at.workspace_id, at.domain_id, "manual", at.who.user_id)
    return flash.redirect(request, f"{at.base}/evaluation", "The run has begun; its figures stand here in a moment.")


async def label(request: Request) -> Response:
    """Say which entry is right for a question, or that none is."""
    at, form = await changing(request)
    here = f"{at.base}/evaluation"
    try:
        async with console_of(request).engine.db.write() as session:
            entry_id = text_of(form, "entry") or None
            source = "chat" if text_of(form, "source") == "chat" else "manual"
            added = await examples.add(
                session, at.workspace_id, at.domain_id, text_of(form, "text"), entry_id, source=source
            )
            owner = Owner(at.workspace_id, at.domain_id, at.who.user_id)
            await changes.record(session, owner, "examples.label", added.id, {"text": added.text, "entry": entry_id})
            await measuring.ask_for(session, *owner.ids)
    except Invalid as wrong:
        return flash.redirect(request, here, wrong.faults["text"], tone="danger")
    except entries.NotFound:
        raise doors.NotFound from None
    return flash.redirect(request, here, "The question is labelled; the next run asks it too.")


async def forget(request: Request) -> Response:
    at, _ = await changing(request)
    async with console_of(request).engine.db.write() as session:
        if not await examples.remove(session, at.workspace_id, at.domain_id, request.path_params["example_id"]):
            raise doors.NotFound
    return flash.redirect(request, f"{at.base}/evaluation", "The question is no longer asked.")


def _trend(runs: list[Evaluation]) -> str:
    """The share of right answers over the runs, oldest first, as the points of a line."""
    shares = [run.figures.get("answered") for run in reversed(runs)]
    known = [(i, share) for i, share in enumerate(shares) if isinstance(share, float)]
    if len(known) < 2:
        return ""
    step = WIDTH / (len(shares) - 1)
    return " ".join(f"{i * step:.1f},{HEIGHT - share * HEIGHT:.1f}" for i, share in known)
