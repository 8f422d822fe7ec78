"""``python -m tests.widget.pictures FOLDER``: every state of the panel as a picture, to be looked at.

Phone, tablet and desktop, light and dark, English and Arabic; one file each, named
``WIDTH-SCHEME-LANGUAGE-NN-STATE.png``.
"""

import asyncio
import sys
from itertools import product
from pathlib import Path

from playwright.async_api import Browser

from tests.servers.browser import launched

from .conftest import OPENED, panel_of
from .fake import served
from .states import STATES

WIDTHS = {360: 740, 768: 900, 1_440: 900}


async def main(folder: Path) -> None:
    async with launched() as browser:
        for width, scheme, language in product(WIDTHS, ("light", "dark"), ("en", "ar")):
            await _pictures(browser, folder, width, scheme, language)


async def _pictures(browser: Browser, folder: Path, width: int, scheme: str, language: str) -> None:
    async with served() as fake:
        fake.page = {"lang": language, "attributes": ' dir="rtl"' if language == "ar" else ""}
        size = {"width": width, "height": WIDTHS[width]}
        context = await browser.new_context(viewport=size, color_scheme=scheme, locale=language)  # type: ignore[arg-type]
        await context.add_init_script(OPENED)
        page = await context.new_page()
        await page.goto(fake.host)
        name = folder / f"{width}-{scheme}-{language}"
        await page.screenshot(path=f"{name}-00-page.png")
        await page.locator("frontdesk-chat button").first.click()
        panel = await panel_of(page, fake)
        await page.screenshot(path=f"{name}-01-opened.png")
        for number, (state, act) in enumerate(STATES.items(), start=2):
            await act(panel, fake)
            await page.wait_for_timeout(300)  # what moves has come to rest
            await page.screenshot(path=f"{name}-{number:02}-{state}.png")
        await context.close()


if __name__ == "__main__":
    target = Path(sys.argv[1])
    target.mkdir(parents=True, exist_ok=True)
    asyncio.run(main(target))
