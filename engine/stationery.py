"""Letters as people read them: the same words as text and as HTML, from sandboxed templates, escaped always. No I/O
after the start."""

from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from jinja2 import FileSystemLoader, StrictUndefined
from jinja2.sandbox import ImmutableSandboxedEnvironment

SUBJECT = 150  # characters


@dataclass(frozen=True, slots=True)
class Said:
    """One message of a conversation: who, what, and when (UTC)."""

    name: str
    text: str
    at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Sheet:
    """What a letter says, in this order. ``link``: the label and the address (http or https) of its one button.
    ``foot``: why the reader gets it."""

    subject: str
    opening: tuple[str, ...] = ()
    said: tuple[Said, ...] = ()
    closing: tuple[str, ...] = ()
    link: tuple[str, str] | None = None
    foot: str = ""


def render(sheet: Sheet) -> tuple[str, str]:
    """(text, HTML) of ``sheet``."""
    link = sheet.link if sheet.link and sheet.link[1].startswith(("http://", "https://")) else None
    values = {"sheet": sheet, "link": link}
    return _TEXT.render(values).strip() + "\n", _HTML.render(values)


def _quoted(text: str) -> str:
    """What somebody said, set off, so that it never looks like a line of ours."""
    return "\n".join(f"> {line}".rstrip() for line in text.splitlines())


_env = ImmutableSandboxedEnvironment(
    loader=FileSystemLoader(Path(__file__).parent),
    autoescape=lambda name: name is None or name.endswith(".html"),
    undefined=StrictUndefined,
    trim_blocks=True,
    lstrip_blocks=True,
    keep_trailing_newline=True,
    auto_reload=False,
)
_env.filters["quoted"] = _quoted
_TEXT, _HTML = _env.get_template("letter.txt"), _env.get_template("letter.html")
