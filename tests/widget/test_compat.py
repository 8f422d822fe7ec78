"""Pages that were written for another chat: their calls work on, and every row of the table in docs/widget.md holds."""

import re
from typing import Any

import pytest
from playwright.async_api import Page, expect

from .conftest import panel_of
from .fake import Fake
from .test_docs import DOCS

RIVALS = ("intercom", "crisp", "chatwoot")
GLOBALS = {"intercom": "Intercom", "crisp": "$crisp", "chatwoot": "$chatwoot"}
VALUES = """const text = 'My order', id = '42', email = 'ada@home.example', hash = 'f'.repeat(64);
const identifier_hash = hash, user_id = id, user_hash = hash, hide_default_launcher = true, language_override = 'de',
  listener = () => {};"""


def table() -> list[list[str]]:
    """Rows of code: what Intercom, Crisp, Chatwoot and we call it; empty where there is none."""
    body = DOCS.split("<!-- compat -->")[1].split("<!-- /compat -->")[0]
    rows = [line.split("|")[2:6] for line in body.strip().split("\n")[2:]]
    return [[cell.strip(" `") for cell in row] for row in rows]


async def loaded(page: Page, fake: Fake, rival: str, head: str = "") -> None:
    fake.page |= {"options": f' data-compat="{rival}"', "head": head}
    await page.goto(fake.host, wait_until="networkidle")
    await page.wait_for_function(f"window.{GLOBALS[rival]} !== undefined")


async def happened(page: Page) -> list[str]:
    found: list[str] = await page.evaluate("happened")
    return found


LISTEN = """<script>window.happened = [];
for (const name of ['open', 'close']) addEventListener(`frontdesk:${name}`, () => happened.push(name));</script>"""


@pytest.mark.parametrize("rival", RIVALS)
async def test_every_call_of_the_table_has_a_counterpart(tab: Page, fake: Fake, rival: str) -> None:
    said: list[str] = []
    tab.on("console", lambda message: said.append(message.text))
    await loaded(tab, fake, rival)
    calls = [row[RIVALS.index(rival)] for row in table()]
    assert len([call for call in calls if call]) >= 8
    for call in filter(None, calls):
        if "(" in call:
            await tab.evaluate(f"() => {{ {VALUES} {call}; }}")
    assert [text for text in said if "counterpart" in text] == []
    await tab.evaluate({"intercom": "Intercom('startTour', 1)", "crisp": "$crisp.push(['do', 'trigger:run'])"}.get(
        rival, "$chatwoot.setLabel('vip')"
    ))  # fmt: skip
    assert [text for text in said if "counterpart" in text] != []


def test_our_own_column_names_only_what_there_is() -> None:
    documented = set(re.findall(r"^\| `Frontdesk(?:\('|\.)(\w+)", DOCS, re.M))
    ours = {found[1] for row in table() if (found := re.match(r"Frontdesk(?:\('|\.)(\w+)", row[3]))}
    assert len(ours) > 8
    assert ours <= documented


async def test_intercoms_calls_open_fill_tell_and_identify(tab: Page, fake: Fake) -> None:
    early = """<script>window.intercomSettings = { user_id: '42', user_hash: 'ab', name: 'Ada' };
      window.Intercom = function () { (Intercom.q = Intercom.q || []).push(arguments) };
      Intercom('onShow', () => happened.push('shown')); Intercom('showNewMessage', 'My order');</script>"""
    await loaded(tab, fake, "intercom", LISTEN + early)
    panel = await panel_of(tab, fake)
    await expect(panel.get_by_label("Your message")).to_have_value("My order")
    joined = (await fake.heard("room.join"))[0]
    assert joined["identity"] == {"user_id": "42", "hash": "ab", "name": "Ada"}
    await tab.evaluate("Intercom('hide')")
    assert await happened(tab) == ["shown", "open", "close"] or await happened(tab) == ["open", "shown", "close"]
    await tab.evaluate("Intercom('update', { hide_default_launcher: true })")
    await expect(tab.locator("frontdesk-chat button").first).to_be_hidden()


async def test_crisps_calls_open_send_and_ask(tab: Page, fake: Fake) -> None:
    early = """<script>window.$crisp = []; $crisp.push(['on', 'chat:opened', () => happened.push('told')]);
      $crisp.push(['do', 'message:send', ['text', 'Hello there']]);
      window.CRISP_READY_TRIGGER = () => happened.push('ready');</script>"""
    await loaded(tab, fake, "crisp", LISTEN + early)
    assert (await fake.heard("message.send"))[0]["text"] == "Hello there"
    assert "told" in await happened(tab)
    assert "ready" in await happened(tab)
    assert await tab.evaluate("[$crisp.is('chat:opened'), $crisp.is('chat:closed')]") == [True, False]
    await tab.evaluate("$crisp.push(['do', 'chat:close'])")
    await fake.say("agent", "Are you there?", name="Grace")
    await tab.get_by_role("button", name="1 unread").wait_for()
    assert await tab.evaluate("$crisp.get('chat:unread:count')") == 1


async def test_chatwoots_calls_and_events(tab: Page, fake: Fake) -> None:
    early = """<script>window.chatwootSettings = { position: 'left', darkMode: 'dark', locale: 'pt_BR' };
      addEventListener('chatwoot:ready', () => { happened.push('ready'); $chatwoot.toggle('open') });
      addEventListener('chatwoot:opened', () => happened.push('told'));</script>"""
    await loaded(tab, fake, "chatwoot", LISTEN + early)
    panel: Any = await panel_of(tab, fake)
    await expect(panel.locator("html")).to_have_attribute("data-theme", "dark")
    assert await panel.evaluate("document.documentElement.lang") == "pt"
    assert await happened(tab) == ["ready", "open", "told"] or await happened(tab) == ["ready", "told", "open"]
    box = await tab.locator("frontdesk-chat iframe").bounding_box()
    assert box is not None
    assert box["x"] < 100
    await tab.evaluate("$chatwoot.toggle()")
    await tab.locator("iframe").wait_for(state="hidden")


async def test_the_shims_are_loaded_only_where_the_tag_asks_for_them(tab: Page, fake: Fake) -> None:
    await tab.goto(fake.host, wait_until="networkidle")
    assert [path for path in fake.requests if path.startswith("/widget/")] == []
    assert await tab.evaluate("['Intercom', '$crisp', '$chatwoot'].filter((name) => name in window)") == []
