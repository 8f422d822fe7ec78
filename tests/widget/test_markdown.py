"""R13: what anybody writes is text, or one of a few nodes that we build; nothing of it runs, loads or leads astray."""

from typing import Any

import pytest
from playwright.async_api import Page

from .fake import Fake

RENDER = """async ([texts, base, open]) => {
  const { prose } = await import('/static/widget/view.js');
  const node = document.createElement('div');
  document.body.append(node);
  for (const text of texts) prose(node, text, { base, open });
  return { html: node.innerHTML, text: node.textContent,
    links: [...node.querySelectorAll('a')].map((a) => [a.textContent, a.href, a.rel, a.target]) };
}"""
SITE = "https://shop.example"


@pytest.fixture
async def blank(page: Page, fake: Fake) -> Page:
    await page.goto(f"{fake.base}/blank")
    return page


async def render(page: Page, *texts: str, open: bool = False) -> dict[str, Any]:
    found: dict[str, Any] = await page.evaluate(RENDER, [texts, SITE, open])
    return found


async def test_paragraphs_breaks_lists_and_emphasis_are_built(blank: Page) -> None:
    text = "One **bold** and *light* `code`\nnext line\n\n- a\n- b\n\n3. c\n4. d\n\n```\n**raw**\n```"
    found = await render(blank, text)
    assert found["html"] == (
        '<p dir="auto">One <strong>bold</strong> and <em>light</em> <code>code</code><br>next line</p>'
        '<ul dir="auto"><li>a</li><li>b</li></ul>'
        '<ol dir="auto" start="3"><li>c</li><li>d</li></ol>'
        '<pre dir="ltr"><code>**raw**</code></pre>'
    )


async def test_links_lead_only_where_they_may_and_say_so(blank: Page) -> None:
    text = "[ours](/returns) [web](https://a.example/x_(y)) see https://b.example/a, or (mail me@b.example)."
    found = await render(blank, text)
    rel = "noopener noreferrer nofollow"
    assert found["links"] == [
        ["ours", f"{SITE}/returns", rel, "_blank"],
        ["web", "https://a.example/x_(y)", rel, "_blank"],
        ["https://b.example/a", "https://b.example/a", rel, "_blank"],
        ["me@b.example", "mailto:me@b.example", rel, "_blank"],
    ]


@pytest.mark.parametrize(
    "target",
    [
        "javascript:alert(1)",
        "JaVaScRiPt:alert(1)",
        "java\tscript:alert(1)",
        "&#106;avascript:alert(1)",
        "data:text/html,<script>alert(1)</script>",
        "vbscript:x",
        "file:///etc/passwd",
        "blob:https://shop.example/1",
        "//evil.example",
        "/\\evil.example",
        "https://bank.example@evil.example/",
        "ftp://a.example",
    ],
)
async def test_no_other_address_becomes_a_link(blank: Page, target: str) -> None:
    found = await render(blank, f"[safe]({target})", f"[safe](<{target}>)", f"![safe]({target})")
    assert [link for link in found["links"] if link[0] == "safe"] == []
    assert "safe" in found["text"]


async def test_a_picture_is_its_words_and_nothing_is_loaded(blank: Page) -> None:
    asked: list[str] = []
    blank.on("request", lambda request: asked.append(request.url))
    found = await render(blank, "![a cat](https://evil.example/cat.png?you=1) <img src=https://evil.example/x.png>")
    assert "<img" not in found["html"].replace("&lt;img", "")
    assert "a cat" in found["text"]
    assert [url for url in asked if "evil" in url] == []


@pytest.mark.parametrize(
    "text",
    [
        "<script>alert(1)</script>",
        "<b onclick=alert(1)>x</b>",
        "**<i>x</i>**",
        "[<img src=x onerror=alert(1)>](https://a.example)",
        "`<style>*{display:none}</style>`",
        "- <iframe src=https://a.example></iframe>",
        "&lt;script&gt;",
    ],
)
async def test_markup_stays_text(blank: Page, text: str) -> None:
    found = await render(blank, text)
    allowed = await blank.evaluate(
        """() => [...document.querySelectorAll('body div *')].filter((node) =>
             !['P','BR','STRONG','EM','CODE','PRE','UL','OL','LI','A'].includes(node.tagName) ||
             [...node.attributes].some(({ name }) => !['dir','href','target','rel','start'].includes(name))).length"""
    )
    assert allowed == 0
    assert "<" in found["text"] or "&lt;" in found["text"]


async def test_nested_nonsense_ends_soon_and_loses_nothing(blank: Page) -> None:
    for nonsense in (
        "*_" * 2_000,
        "[" * 4_000,
        "**" * 2_000 + "x",
        "`*[" * 1_300,
        "![](" * 1_000,
        "a@" * 2_000,
    ):
        took = await blank.evaluate(
            """async (text) => {
                 const { prose } = await import('/static/widget/view.js');
                 const node = document.createElement('div');
                 const begun = performance.now();
                 prose(node, text);
                 return [performance.now() - begun, node.querySelectorAll('*').length];
               }""",
            nonsense,
        )
        assert took[0] < 500
        assert took[1] < 3_000


async def test_a_growing_answer_touches_only_its_last_block(blank: Page) -> None:
    kept = await blank.evaluate(
        """async () => {
             const { prose } = await import('/static/widget/view.js');
             const node = document.createElement('div');
             prose(node, 'First **one**\\n\\nSecond', { open: true });
             const [first] = node.children;
             prose(node, 'First **one**\\n\\nSecond and **more', { open: true });
             return [first === node.children[0], node.children[1].outerHTML];
           }"""
    )
    assert kept == [True, '<p dir="auto">Second and <strong>more</strong></p>']


async def test_a_link_that_is_still_coming_shows_its_words_only(blank: Page) -> None:
    found = await render(blank, "See [our page](https://shop.exa", open=True)
    assert found["text"] == "See our page"
    found = await render(blank, "See [our page](https://shop.exa")
    assert "[our page](" in found["text"]
