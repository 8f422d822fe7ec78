"""The frame around the pages of a domain's knowledge: its name, the way between its pages, what was just done."""

from dataclasses import dataclass
from typing import Any

from starlette.requests import Request
from starlette.responses import Response

from console import flash
from console.context import console_of
from console.drafting import service
from console.knowledge.doors import Inside


@dataclass(frozen=True, slots=True)
class Tab:
    """One page of the frame: ``path`` below the domain's base ("" is the landing)."""

    path: str
    label: str


TABS = (
    Tab("", "FAQ"),
    Tab("/import", "Import"),
    Tab("/questions", "Questions"),
    Tab("/gaps", "Gaps"),
    Tab("/help", "Help tab"),
    Tab("/language", "Language"),
    Tab("/hours", "Hours"),
    Tab("/identity", "Visitors"),
    Tab("/playground", "Playground"),
    Tab("/evaluation", "Evaluation"),
    Tab("/tuning", "Tuning"),
)


def page(
    request: Request, inside: Inside, template: str, *, here: str = "", status: int = 200, **context: Any
) -> Response:
    """The page ``template`` (it extends ``knowledge/frame.html``) with ``here``, the path of its tab, marked. Templates
    find ``inside``, ``who``, ``membership``, ``base`` (where links begin), ``writer`` (the model that helps, None
    where there is none) and what ``context`` holds."""
    return flash.page(
        request,
        template,
        status=status,
        who=inside.who,
        membership=inside.membership,
        inside=inside,
        base=inside.base,
        tabs=TABS,
        here=here,
        writer=service.writer(console_of(request).engine.provider),
        **context,
    )
