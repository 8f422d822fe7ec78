"""An answer as the widget shows it: light Markdown to safe HTML, for pages that preview it."""

from markdown_it import MarkdownIt
from markupsafe import Markup

# No HTML, no pictures: what the widget would show as text is text here too (R13).
_READER = MarkdownIt("commonmark", {"html": False, "linkify": False}).disable(["image", "html_block", "html_inline"])


def rendered(text: str) -> Markup:
    """``text`` as HTML. Links are http, https or mailto only: the parser refuses every other scheme."""
    return Markup(_READER.render(text))  # the parser escapes what is not Markdown
