"""Developer tools show the widget as it was written: every script names its source map, which tells the truth."""

import json
import re
from collections.abc import Iterator
from pathlib import Path

import httpx2
from playwright.async_api import Browser

from tests.stage import Stage, staged
from widget import assets
from widget.bundle import read

LETTERS = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/"
CODE = re.compile(r"^\s*(?!//|/?\*|\})\S*[A-Za-z]{3}")


def decoded(mappings: str) -> Iterator[tuple[int, int, int, int, int]]:
    """Line and column in the script, number of the source, line and column in it (ECMA-426, 6)."""
    source = source_line = source_column = 0
    for line, segments in enumerate(mappings.split(";")):
        column = 0
        for segment in filter(None, segments.split(",")):
            steps = list(numbers(segment))
            column, source = column + steps[0], source + steps[1]
            source_line, source_column = source_line + steps[2], source_column + steps[3]
            yield line, column, source, source_line, source_column


def numbers(segment: str) -> Iterator[int]:
    value = shift = 0
    for letter in segment:
        digit = LETTERS.index(letter)
        value, shift = value | (digit & 31) << shift, shift + 5
        if not digit & 32:
            yield -(value >> 1) if value & 1 else value >> 1
            value = shift = 0


def test_every_place_a_map_tells_has_the_same_word_in_script_and_source_and_most_lines_are_told() -> None:
    for name, (script, sources) in assets.scripts().items():
        told = json.loads(assets.source_maps()[f"{name}.map"])
        assert (told["version"], tuple(told["sources"])) == (3, sources)
        assert told["sourcesContent"] == [read(source) for source in sources]
        lines, last, reached = script.split("\n"), (0, -1), set()
        for line, column, source, source_line, source_column in decoded(told["mappings"]):
            original = told["sourcesContent"][source].split("\n")[source_line]
            assert units(lines[line], column) == units(original, source_column)
            assert (line, column) > last, "in order, each place once"
            last = (line, column)
            reached.add((source, source_line))
        written = sum(1 for content in told["sourcesContent"] for line in content.split("\n") if CODE.match(line))
        assert len(reached) > written / 2, f"{name}: {len(reached)} of {written} lines"


def units(text: str, column: int) -> str:
    """The character at a column that is counted in UTF-16 code units."""
    return text.encode("utf-16-le")[2 * column :][:2].decode("utf-16-le", "replace")


async def test_every_script_names_its_map_also_the_one_that_lies_in_the_panel(
    sqlite_url: str, tmp_path: Path, browser: Browser
) -> None:
    async with staged(sqlite_url, tmp_path) as stage:
        await _every_map_is_found(stage, browser)


async def _every_map_is_found(stage: Stage, browser: Browser) -> None:
    context = await browser.new_context()
    page = await context.new_page()
    devtools = await context.new_cdp_session(page)
    named: dict[str, str] = {}
    devtools.on("Debugger.scriptParsed", lambda script: named.update({script["url"]: script["sourceMapURL"]}))
    await devtools.send("Debugger.enable")
    base = f"http://{stage.address}"
    key = stage.cast.acme.key
    await page.goto(f"{base}/v1/panel?bot={key}")
    await page.get_by_role("button", name="Emoji").wait_for()
    inline = {address for url, address in named.items() if url.startswith(base)}
    assert inline == {"/widget/panel.js.map"}
    async with httpx2.AsyncClient(base_url=base) as http:
        part = f"/v1/panel/{assets.version()}/fr/emoji.js"
        headers = [(await http.get(path)).headers["sourcemap"] for path in ("/widget.js", "/widget/page.js", part)]
        assert headers == ["/widget/widget.js.map", "/widget/page.js.map", "/widget/emoji.js.map"]
        for address in (*headers, *inline):
            assert (await http.get(address)).json()["version"] == 3
        assert (await http.get("/widget/nothing.js.map")).status_code == 404
    await context.close()
