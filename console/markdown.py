"""An answer as the widget shows it: light Markdown to safe HTML, for pages that preview it."""

from collections.abc import Sequence
from html import escape
from typing import Any
from urllib.parse import urlsplit

from markdown_it import MarkdownIt
from markdown_it.renderer import RendererHTML
from markdown_it.token import Token
from markupsafe import Markup

SCHEMES = frozenset({"http", "https", "mailto"})  # of links (R13)
_UNKNOWN = ("code", "blockquote", "hr", "reference", "html_block", "lheading", "html_inline")  # to the widget too
_REL = 'target="_blank" rel="noopener noreferrer nofollow"'


def rendered(text: str, site: str = "") -> Markup:
    """``text`` as HTML: paragraphs, lists, emphasis, code and links, as the widget knows them. A heading is a bold
    line, a picture a link with its words, and a link to anywhere but http, https or mailto stays text. ``site``: where
    links that begin with ``/`` belong (``https://shop.example``)."""
    return Markup(_READER.render(text, {"site": site}))  # the parser escapes what is not Markdown


class _Light(MarkdownIt):
    def validateLink(self, url: str) -> bool:  # the parser's own name for it
        """Whether a link may lead to ``url``; what may not stays text."""
        try:
            parts = urlsplit(url)
        except ValueError:
            return False
        own = url.startswith("/") and not url.startswith(("//", "/\\"))
        return own or (parts.scheme.lower() in SCHEMES and not parts.username and not parts.password)


def _link(renderer: RendererHTML, tokens: Sequence[Token], place: int, options: Any, env: Any) -> str:
    return _anchor(tokens[place].attrGet("href"), env)


def _picture(renderer: RendererHTML, tokens: Sequence[Token], place: int, options: Any, env: Any) -> str:
    return f"{_anchor(tokens[place].attrGet('src'), env)}{escape(tokens[place].content)}</a>"


def _anchor(address: object, env: Any) -> str:
    href = str(address)
    return f'<a href="{escape(env["site"] + href if href.startswith("/") else href)}" {_REL}>'


def _heading(renderer: RendererHTML, tokens: Sequence[Token], place: int, options: Any, env: Any) -> str:
    return "<p><strong>" if tokens[place].nesting == 1 else "</strong></p>\n"


def _reader() -> MarkdownIt:
    reader = _Light("commonmark", {"html": False, "breaks": True}).disable(_UNKNOWN)
    rules = {"link_open": _link, "image": _picture, "heading_open": _heading, "heading_close": _heading}
    for name, rule in rules.items():
        reader.add_render_rule(name, rule)
    return reader


_READER = _reader()
