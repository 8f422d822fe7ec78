"""Files both ways, in real browsers: picked, pasted, dropped, seen by the other side, refused in words."""

import base64
import re
from pathlib import Path

import anyio
import pytest
from playwright.async_api import Browser, FilePayload, Frame, Page, expect

from tests.journeys.windows import ask, demo, opened, sign_in, window

pytestmark = pytest.mark.anyio
# A picture of one red pixel.
PNG = base64.b64decode(
    "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mP8z8DwHwAFBQIAX8jx0gAAAABJRU5ErkJggg=="
)
BRING = """([type, name, text]) => {
  const data = new DataTransfer();
  data.items.add(new File([text], name, { type: 'text/plain' }));
  const event = type === 'paste'
    ? new ClipboardEvent('paste', { clipboardData: data, bubbles: true, cancelable: true })
    : new DragEvent(type, { dataTransfer: data, bubbles: true, cancelable: true });
  document.getElementById('input').dispatchEvent(event);
}"""


def picture(name: str = "plant.png") -> FilePayload:
    return {"name": name, "mimeType": "image/png", "buffer": PNG}


async def pick(page: Page, panel: Frame, *files: FilePayload) -> None:
    async with page.expect_file_chooser() as chosen:
        await panel.get_by_role("button", name="Attach a file").click()
    await (await chosen.value).set_files(list(files))


async def loaded(place: Frame | Page, name: str) -> None:
    """The picture ``name`` is there and drawn."""
    image = place.get_by_role("button", name=f"Save {name}").locator("img")
    await expect(image).to_have_js_property("naturalWidth", 1)


async def test_a_picture_is_picked_sent_seen_by_the_agent_and_answered_with_a_file(
    browser: Browser, tmp_path: Path
) -> None:
    async with (
        demo(tmp_path) as shop,
        window(browser, f"{shop.node.url}/demo") as ada,
        window(browser, "about:blank") as desk,
    ):
        fetched: list[str] = []
        ada.on("request", lambda request: fetched.append(request.url))
        panel = await opened(ada)
        await pick(ada, panel, picture())
        await expect(panel.get_by_role("list", name="Files to send").get_by_text("plant.png")).to_be_visible()
        await expect(panel.locator("#polite")).to_contain_text("plant.png is ready to be sent")
        await ask(panel, "What is this plant?")
        await loaded(panel, "plant.png")
        await expect(panel.get_by_role("list", name="Files to send")).to_be_hidden()
        assert not [url for url in fetched if "/v1/files/" in url]  # it is at hand
        await sign_in(desk, shop, "grace")
        await desk.goto(f"{shop.node.url}/app/demo/live")
        await desk.get_by_text("What is this plant?").first.click()
        await loaded(desk, "plant.png")
        await desk.get_by_role("button", name=re.compile("Claim|Take|Step in")).first.click()
        async with desk.expect_file_chooser() as chosen:
            await desk.get_by_role("button", name="Attach a file").click()
        await (await chosen.value).set_files({"name": "care.txt", "mimeType": "text/plain", "buffer": b"Water it."})
        await expect(desk.get_by_role("list", name="Files to send").get_by_text("care.txt")).to_be_visible()
        box = desk.get_by_role("textbox", name="Reply")
        await box.fill("Here is how to care for it.")
        await expect(desk.get_by_role("button", name="Send", exact=True)).to_be_enabled()
        await box.press("Enter")
        async with ada.expect_download() as saved:
            await panel.get_by_role("button", name="Save care.txt").click()
        assert await anyio.Path(await (await saved.value).path()).read_bytes() == b"Water it."
        await ada.reload()
        panel = await opened(ada)
        await loaded(panel, "plant.png")
        assert (
            len([url for url in fetched if "/v1/files/" in url]) == 2
        )  # the agent's, and the picture after the reload


async def test_files_are_pasted_and_dropped_and_go_without_a_word(browser: Browser, tmp_path: Path) -> None:
    async with demo(tmp_path) as shop, window(browser, f"{shop.node.url}/demo") as ada:
        panel = await opened(ada)
        tray = panel.get_by_role("list", name="Files to send")
        await panel.evaluate(BRING, ["paste", "pasted.txt", "one"])
        await expect(tray.get_by_text("pasted.txt")).to_be_visible()
        await panel.evaluate(BRING, ["dragover", "dropped.txt", "two"])
        await expect(panel.get_by_text("Drop your files here")).to_be_visible()
        await panel.evaluate(BRING, ["drop", "dropped.txt", "two"])
        await expect(panel.get_by_text("Drop your files here")).to_be_hidden()
        await expect(tray.get_by_text("dropped.txt")).to_be_visible()
        await panel.get_by_role("button", name="Remove pasted.txt").click()
        await expect(tray.locator("li")).to_have_count(1)
        await expect(panel.get_by_role("button", name="Send", exact=True)).to_be_enabled()
        await panel.get_by_role("button", name="Send", exact=True).click()
        await expect(panel.get_by_role("button", name="Save dropped.txt")).to_be_visible()
        await expect(panel.get_by_text("I cannot open files, but a person can.").last).to_be_visible()


async def test_what_cannot_be_taken_is_refused_in_words_and_nothing_is_sent(browser: Browser, tmp_path: Path) -> None:
    async with demo(tmp_path, FILE_BYTES="2000000") as shop, window(browser, f"{shop.node.url}/demo") as ada:
        panel = await opened(ada)
        tray = panel.get_by_role("list", name="Files to send")
        page: FilePayload = {"name": "page.png", "mimeType": "image/png", "buffer": b"<script>alert(1)</script>"}
        large: FilePayload = {"name": "large.png", "mimeType": "image/png", "buffer": PNG + bytes(2_000_000)}
        await pick(ada, panel, page, large)
        await expect(tray.get_by_text("Files of this kind cannot be sent here.")).to_be_visible()
        await expect(tray.get_by_text("A file may have 2 MB at most.")).to_be_visible()
        await panel.get_by_label("Your message").fill("Look at this")
        await expect(panel.get_by_role("button", name="Send", exact=True)).to_be_disabled()
        for name in ("page.png", "large.png"):
            await panel.get_by_role("button", name=f"Remove {name}").click()
        await expect(panel.get_by_role("button", name="Send", exact=True)).to_be_enabled()


async def test_offline_a_file_waits_and_goes_when_the_network_is_back(browser: Browser, tmp_path: Path) -> None:
    async with demo(tmp_path) as shop, window(browser, f"{shop.node.url}/demo") as ada:
        panel = await opened(ada)
        await pick(ada, panel, picture("first.png"))
        await expect(panel.locator("#polite")).to_contain_text("first.png is ready")
        await ada.context.set_offline(True)
        await pick(ada, panel, picture("second.png"))
        await expect(panel.get_by_text("Not sent: you seem to be offline.").first).to_be_visible()
        await ada.context.set_offline(False)
        await expect(panel.locator("#polite")).to_contain_text("second.png is ready")
        await ask(panel, "Two of them")
        await loaded(panel, "first.png")
        await loaded(panel, "second.png")
