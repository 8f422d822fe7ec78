"""The states in which a visitor can meet the panel, one after the other, whatever language it speaks."""

from collections.abc import Awaitable, Callable

from playwright.async_api import FilePayload, Frame

from engine import protocol as wire

from .conftest import write
from .fake import PICTURE, ROOM, Fake


async def conversation(panel: Frame, fake: Fake) -> None:
    await write(panel, "How long does delivery take?")
    await panel.locator(".visitor.sent").wait_for()
    sources = [wire.Source(id="1", title="Delivery", url="/delivery"), wire.Source(id="2", title="Winter")]
    text = "In **2 days**, `fast`:\n\n- [more](https://a.example)\n- by mail"
    await fake.reply(text, sources=sources, offers=["And in winter?"], person=True)
    await panel.get_by_role("button", name="And in winter?").wait_for()


async def asked(panel: Frame, fake: Fake) -> None:
    await panel.locator(".rate .up").click()
    await panel.locator(".rate [aria-pressed=true]").wait_for()
    await fake.ask(
        wire.Question(id="q1", text="Which plan?", kind="choice", choices=["Small", "Large"], consent="Why.")
    )
    await panel.get_by_role("button", name="Small").wait_for()


async def asked_again(panel: Frame, fake: Fake) -> None:
    await fake.close_question("declined")
    await fake.ask(wire.Question(id="q2", text="Your e-mail?", kind="email", required=True))
    fake.refuse = wire.Error(code="invalid_answer", message="That is no e-mail address.")
    await panel.get_by_label("Your e-mail?").fill("ada")
    await panel.get_by_label("Your e-mail?").press("Enter")
    await panel.get_by_role("alert").filter(has_text="That is no").wait_for()
    fake.refuse = None


async def menu(panel: Frame, fake: Fake) -> None:
    await panel.locator("#menu").click()
    await panel.locator("#restart").wait_for()


async def thinking(panel: Frame, fake: Fake) -> None:
    await panel.locator("#input").click()
    await fake.start()
    await panel.locator(".dots").wait_for()


async def streaming(panel: Frame, fake: Fake) -> None:
    await fake.piece(fake.messages[-1], "We have small **jun")
    await panel.locator(".bubble", has_text="We have small jun").wait_for()


async def stopped(panel: Frame, fake: Fake) -> None:
    await fake.finish(fake.messages[-1], "stopped")
    await panel.locator(".bot.stopped .mark").wait_for()


async def waiting(panel: Frame, fake: Fake) -> None:
    await fake.wait_in_queue(2, online=False)
    await panel.locator("#notice").wait_for()


async def live(panel: Frame, fake: Fake) -> None:
    await fake.claim()
    await fake.say("system", "Grace joined the chat.")
    await fake.say("agent", "Hello!", name="Grace")
    await fake.tell(wire.TypingChanged(room=ROOM, author="agent", on=True, name="Grace"))
    await panel.locator(".agent .dots").wait_for()


async def refused(panel: Frame, fake: Fake) -> None:
    fake.refuse = wire.Error(code="too_long", message="Please shorten it.")
    await write(panel, "hello")
    await panel.locator(".mark.bad button").first.wait_for()
    fake.refuse = None


async def closed(panel: Frame, fake: Fake) -> None:
    await fake.end()
    await panel.locator('#state[data-dot="off"]').wait_for()


async def too_long(panel: Frame, fake: Fake) -> None:
    await panel.locator("#input").fill("x" * 4_010)
    await panel.locator("#count.bad").wait_for()


async def emoji(panel: Frame, fake: Fake) -> None:
    if await panel.locator("#emoji").is_visible():
        await panel.locator("#emoji").click()
        await panel.get_by_role("dialog").wait_for()
        await panel.get_by_role("searchbox").fill("cat")


async def attached(panel: Frame, fake: Fake) -> None:
    """One file went with a message, another waits to be sent, a third cannot be."""
    await panel.locator("#input").fill("")
    await _pick(panel, "plant.png")
    await panel.locator("#send:enabled").click()
    await panel.locator(".files .file").wait_for()
    await _pick(panel, "another picture with a name that is rather long.png", "page.html")
    await panel.locator(".tray p", has_text="cannot be sent here").wait_for()


async def _pick(panel: Frame, *names: str) -> None:
    async with panel.page.expect_file_chooser() as chosen:
        await panel.locator("#attach").click()
    files: list[FilePayload] = [{"name": name, "mimeType": "image/png", "buffer": PICTURE} for name in names]
    await (await chosen.value).set_files(files)


async def offline(panel: Frame, fake: Fake) -> None:
    while await panel.locator(".tray li > button").count():
        await panel.locator(".tray li > button").first.click()
    await panel.locator("#input").fill("")
    await panel.page.context.set_offline(True)
    await write(panel, "Still there?")
    await panel.locator("#notice").wait_for()
    await panel.locator(".mark.late").wait_for()


STATES: dict[str, Callable[[Frame, Fake], Awaitable[None]]] = {
    state.__name__: state
    for state in (
        conversation,
        asked,
        asked_again,
        menu,
        thinking,
        streaming,
        stopped,
        waiting,
        live,
        refused,
        closed,
        too_long,
        emoji,
        attached,
        offline,
    )
}
