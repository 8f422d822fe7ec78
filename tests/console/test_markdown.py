"""R13: a previewed answer is what the widget shows: text, light Markdown, links that lead where links may."""

import pytest

from console.markdown import rendered


@pytest.mark.parametrize(
    "href",
    [
        "javascript:alert(1)",
        "JaVaScRiPt:alert(1)",
        "data:text/html,x",
        "ftp://x.example",
        "vbscript:x",
        "//evil.example",
    ],
)
def test_a_link_to_anywhere_else_stays_text(href: str) -> None:
    assert "<a " not in rendered(f"[click]({href})")


def test_a_link_says_that_it_leads_away_and_tells_nobody_where_from() -> None:
    made = rendered("[click](https://shop.example/a?b=1&c=2)")
    assert 'href="https://shop.example/a?b=1&amp;c=2"' in made
    assert 'rel="noopener noreferrer nofollow"' in made


@pytest.mark.parametrize(
    "text", ["<script>alert(1)</script>", "<img src=x onerror=alert(1)>", "![a](https://x.example/p.png)"]
)
def test_no_html_runs_and_no_picture_is_loaded(text: str) -> None:
    made = rendered(text)
    assert "<script" not in made
    assert "<img" not in made


def test_light_markdown_is_shown() -> None:
    made = rendered("**bold** and\n\n- one\n- two")
    assert "<strong>bold</strong>" in made
    assert made.count("<li>") == 2
