"""The page's JavaScript API: works before the script is there, never throws, tells what happened and not what was
said."""

from typing import Any

from playwright.async_api import Page, expect

from .conftest import opened, panel_of, write
from .fake import Fake, served

EARLY = "window.Frontdesk = function () { (Frontdesk.q = Frontdesk.q || []).push(arguments) };"
LISTEN = """window.told = [];
for (const name of ['open', 'close', 'unread', 'message:sent', 'message:received', 'stream:start', 'stream:end',
    'handoff:requested', 'agent:joined', 'agent:left', 'conversation:ended', 'connection', 'error']) {
  window.addEventListener(`frontdesk:${name}`, ({ detail }) => told.push([name, detail]));
}"""


async def told(page: Page, *names: str) -> list[list[Any]]:
    found: list[list[Any]] = await page.evaluate("told")
    return [[name, detail] for name, detail in found if name in names]


async def test_with_manual_boot_nothing_is_there_until_the_page_says_so(tab: Page, fake: Fake) -> None:
    fake.page["options"] = ' data-boot="manual"'
    await tab.goto(fake.host, wait_until="networkidle")
    assert await tab.locator("frontdesk-chat").count() == 0
    await tab.evaluate("Frontdesk('open')")
    assert await tab.locator("frontdesk-chat").count() == 0
    await tab.evaluate("Frontdesk('boot', { color: '#aa0000', position: 'left' })")
    button = tab.get_by_role("button", name="Chat")
    box = await button.bounding_box()
    assert box is not None
    assert box["x"] == 20
    assert await button.evaluate("(b) => getComputedStyle(b).backgroundColor") == "rgb(170, 0, 0)"
    await tab.evaluate("Frontdesk('boot')")
    assert await tab.locator("frontdesk-chat").count() == 1


async def test_its_name_on_the_page_is_the_owners_to_choose(tab: Page, fake: Fake) -> None:
    fake.page["options"] = ' data-global="Helpdesk"'
    await tab.goto(fake.host)
    await tab.get_by_role("button", name="Chat").wait_for()
    assert await tab.evaluate("[typeof Helpdesk, 'Frontdesk' in window]") == ["function", False]


async def test_the_launcher_can_be_hidden_and_the_chat_still_opened(tab: Page, fake: Fake) -> None:
    fake.page["options"] = ' data-launcher="none"'
    await tab.goto(fake.host, wait_until="networkidle")
    launcher = tab.locator("frontdesk-chat button")
    await expect(launcher).to_be_hidden()
    await tab.evaluate("Frontdesk('open')")
    await panel_of(tab, fake)
    await tab.evaluate("Frontdesk('show')")
    await expect(launcher).to_be_visible()
    await tab.evaluate("Frontdesk('hide')")
    await expect(launcher).to_be_hidden()


async def test_what_was_called_before_the_script_is_done_once_the_panel_is_there(tab: Page, fake: Fake) -> None:
    fake.page["head"] = f"<script>{EARLY} Frontdesk('send', 'I was first'); Frontdesk('nonsense', 1)</script>"
    await tab.goto(fake.host)
    await panel_of(tab, fake)
    assert (await fake.heard("message.send"))[0]["text"] == "I was first"


async def test_a_text_can_be_put_into_the_composer_and_is_not_sent(tab: Page, fake: Fake) -> None:
    await tab.goto(fake.host, wait_until="networkidle")
    await tab.evaluate("Frontdesk('open', { prefill: 'My order 1234' })")
    panel = await panel_of(tab, fake)
    await expect(panel.get_by_label("Your message")).to_have_value("My order 1234")
    await expect(panel.get_by_role("button", name="Send")).to_be_enabled()
    assert [command["type"] for command in fake.commands] == ["room.join"]


async def test_a_person_can_be_asked_for(tab: Page, fake: Fake) -> None:
    await tab.goto(fake.host, wait_until="networkidle")
    await tab.evaluate("Frontdesk('handoff')")
    await fake.heard("person.request")


async def test_the_page_is_told_what_happens_and_never_what_is_said(tab: Page, fake: Fake) -> None:
    fake.page["head"] = f"<script>{LISTEN}</script>"
    panel = await opened(tab, fake)
    await write(panel, "A secret question")
    await fake.reply("First.")
    await tab.wait_for_function("told.some(([name]) => name === 'message:received')")
    answer = await fake.start()
    await fake.piece(answer, "A secret answer")
    await fake.finish(answer)
    await fake.wait_in_queue()
    await fake.claim("Grace")
    await fake.say("agent", "A secret word", name="Grace")
    await tab.wait_for_function("told.some(([, detail]) => detail?.role === 'agent')")
    assert await tab.evaluate("Frontdesk.get('state').agent") == "Grace"
    await fake.back()
    await tab.wait_for_function("told.some(([name]) => name === 'agent:left')")
    names = [name for name, _ in await told(tab, "stream:end", "handoff:requested", "agent:joined", "agent:left")]
    assert names[-4:] == ["stream:end", "handoff:requested", "agent:joined", "agent:left"]
    assert ["stream:end", {"id": answer.id, "state": "complete"}] in await told(tab, "stream:end")
    assert "secret" not in str(await tab.evaluate("JSON.stringify(told)"))
    assert await tab.evaluate("Frontdesk.get('state').agent") is None


async def test_a_listener_can_be_taken_away_and_one_that_raises_harms_nobody(tab: Page, fake: Fake) -> None:
    await tab.goto(fake.host, wait_until="networkidle")
    await tab.evaluate(
        """() => {
          window.heard = [];
          Frontdesk.on('open', () => { throw new Error('mine') });
          Frontdesk.once('open', () => heard.push('once'));
          const off = Frontdesk.on('open', () => heard.push('gone'));
          off();
          const kept = () => heard.push('kept');
          Frontdesk.on('open', kept);
          Frontdesk('open'); Frontdesk('close'); Frontdesk('open');
          Frontdesk.off('open', kept);
          Frontdesk('close'); Frontdesk('open');
        }"""
    )
    assert await tab.evaluate("heard") == ["once", "kept", "kept"]


async def test_no_call_throws_and_each_is_a_promise(tab: Page, fake: Fake) -> None:
    await tab.goto(fake.host, wait_until="networkidle")
    calls = "['boot', 'update', 'get', 'off', 'nonsense', 'constructor', '__proto__', '']"
    kinds = await tab.evaluate(f"Promise.all({calls}.map((name) => Frontdesk(name, null).then(() => 'fine')))")
    assert set(kinds) == {"fine"}
    assert await tab.evaluate("Frontdesk('on').then(() => 'fine')") == "fine"


async def test_colours_and_theme_change_while_it_is_open(tab: Page, fake: Fake) -> None:
    panel = await opened(tab, fake)
    await write(panel, "hello")
    await tab.evaluate("Frontdesk('update', { color: '#aa0000', theme: 'dark' })")
    await expect(panel.locator("html")).to_have_attribute("data-theme", "dark")
    assert await tab.locator("frontdesk-chat").evaluate("(host) => host.style.getPropertyValue('--color')") == "#aa0000"


async def test_what_the_page_says_of_its_visitor_goes_with_the_join_and_again_when_it_changes(
    tab: Page, fake: Fake
) -> None:
    await tab.goto(fake.host, wait_until="networkidle")
    await tab.evaluate("Frontdesk('update', { context: { plan: 'Pro', cart: 3 } }); Frontdesk('open')")
    await panel_of(tab, fake)
    assert (await fake.heard("room.join"))[0]["context"] == {"plan": "Pro", "cart": 3}
    await tab.evaluate("Frontdesk('update', { theme: 'dark' })")
    await tab.evaluate("Frontdesk('update', { context: { plan: 'Pro', cart: 4 } })")
    assert (await fake.heard("room.join", 2))[1]["context"] == {"plan": "Pro", "cart": 4}


async def test_in_a_single_page_app_the_next_join_names_the_page_of_now(tab: Page, fake: Fake) -> None:
    await opened(tab, fake)
    assert (await fake.heard("room.join"))[0]["page"].endswith("/host")
    await tab.evaluate("history.pushState({}, '', '/cart?step=2')")
    await fake.asked("/v1/panel/")
    await fake.cut()
    assert (await fake.heard("room.join", 2))[1]["page"].endswith("/cart?step=2")


async def test_a_panel_that_cannot_be_had_says_so_and_can_be_tried_again(tab: Page, fake: Fake) -> None:
    fake.page["head"] = f"<script>{LISTEN}</script>"
    fake.framing = ["'none'"]
    await tab.goto(fake.host)
    await tab.clock.install()
    await tab.get_by_role("button", name="Chat").click()
    again = tab.get_by_role("button", name="The chat cannot be reached. Try again")
    await again.wait_for()
    assert await told(tab, "error") == [["error", "unreachable"]]
    fake.framing = []
    await again.click()
    await panel_of(tab, fake)


async def test_a_command_that_there_is_not_is_told_to_the_developer(tab: Page, fake: Fake) -> None:
    await opened(tab, fake)
    async with tab.expect_console_message(lambda message: message.type == "warning") as said:
        await tab.evaluate("Frontdesk('opne', { view: 'help' })")
    assert (await said.value).text == 'Frontdesk has no command "opne".'


async def test_what_cannot_be_sent_to_a_frame_is_left_out_and_the_rest_arrives(tab: Page, fake: Fake) -> None:
    fake.page["options"] = ' data-boot="manual"'
    await tab.goto(fake.host, wait_until="networkidle")
    await tab.evaluate("Frontdesk('boot', { onReady() {}, node: window, theme: 'dark' }).then(() => Frontdesk('open'))")
    panel = await panel_of(tab, fake)
    await expect(panel.locator("html")).to_have_attribute("data-theme", "dark")


async def test_two_bots_of_two_servers_do_not_disturb_each_other(tab: Page, fake: Fake) -> None:
    async with served() as other:
        other.origins = fake.origins
        second = f'<script async src="{other.base}/widget.js" data-bot="demo" data-global="Second"></script>'
        fake.page["head"] = second
        await tab.goto(fake.host, wait_until="networkidle")
        await tab.evaluate("Second('open')")
        await other.heard("room.join")
        assert not fake.commands
