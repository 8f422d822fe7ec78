"""Pages from templates: escaped always, missing values are errors."""

import json
from datetime import datetime
from pathlib import Path
from typing import Any

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup
from starlette.requests import Request
from starlette.responses import HTMLResponse

from console.files import Files

FOLDER = Path(__file__).parent / "templates"


class Templates:
    """Renders ``console/templates``."""

    def __init__(self, files: Files) -> None:
        self._env = Environment(
            loader=FileSystemLoader(FOLDER),
            autoescape=True,
            undefined=StrictUndefined,
            trim_blocks=True,
            lstrip_blocks=True,
            auto_reload=False,
        )
        self._env.globals["static"] = files.url
        self._env.filters["number"] = lambda value: f"{value:,}"
        self._env.filters["signed"] = lambda value: f"{value:+,}".replace("-", "−") if value else "0"
        self._env.filters["time"] = _time
        self._env.filters["data"] = _data

    def page(self, request: Request, name: str, *, status: int = 200, **context: Any) -> HTMLResponse:
        """The page ``name``; it is kept in no cache, for it may be somebody's."""
        known = {"who": None, "membership": None, "path": request.url.path}
        body = self._env.get_template(name).render(known | context)
        return HTMLResponse(body, status, {"cache-control": "no-store"})


def _time(at: datetime) -> Markup:
    """A time as the server knows it, which the page's script shows in the reader's own zone."""
    return Markup('<time datetime="{}">{}</time>').format(at.isoformat(), f"{at:%d %b %Y, %H:%M} UTC")


def _data(value: Any) -> str:
    """JSON for a data attribute; the template's escaping makes it safe there."""
    return json.dumps(value, separators=(",", ":"))
