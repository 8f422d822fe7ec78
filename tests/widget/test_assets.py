"""What a visitor downloads: small, safe to embed, and known to the policy by its hashes."""

import base64
import hashlib
import json
import re

from widget import assets

BOT = {
    "key": "demo",
    "name": "</title><script>alert(1)</script>",
    "greeting": "</script><script>alert(1)</script><!-- \u2028 & 🌿",
    "color": "#2c6a4b",
    "suggestions": [],
    "origins": ["https://shop.example"],
}


def test_the_loader_and_the_panel_keep_within_their_budgets() -> None:
    sizes = assets.sizes()
    _, gzipped, squeezed = sizes["widget.js"]
    assert gzipped <= 3.5 * 1024
    assert squeezed <= 3.0 * 1024
    assert sizes["panel"][2] <= 15 * 1024
    for name in (*assets.parts(), *assets.hosts()):
        assert sizes[name][2] <= 3.0 * 1024, name


def test_every_colour_that_is_sent_is_one() -> None:
    """Three, four, six or eight digits: others are no colour, and browsers drop what stands around them."""
    sheets = [assets.panel(BOT).body, assets.loader(), *assets.hosts().values(), *assets.parts().values()]
    digits = [found for sheet in sheets for found in re.findall(r"[:,( ]#([0-9a-fA-F]+)\b", sheet.decode())]
    assert len(digits) > 50
    assert {len(found) for found in digits} <= {3, 4, 6, 8}


def test_a_part_paints_with_the_tokens_that_the_panel_has() -> None:
    style = re.findall(r"<style>(.*?)</style>", assets.panel(BOT).body.decode(), re.DOTALL)[0]
    for name, body in assets.parts().items():
        for token in set(re.findall(r"var\((--[\w-]+)\)", body.decode())):
            assert f"{token}:" in style, f"{name} needs {token}"


def test_what_a_bot_says_cannot_leave_the_json_it_is_embedded_in() -> None:
    body = assets.panel(BOT).body.decode()
    assert body.count("</script>") == 2  # the settings' own end and the script's
    settings = re.search(r'id="frontdesk-bot">(.*?)</script>', body)
    assert settings is not None
    assert json.loads(settings[1]) == BOT | {"words": assets.words("en")["panel"]}
    assert "<title>&lt;/title&gt;" in body


def test_the_policy_sources_are_the_hashes_of_what_is_inline_for_every_bot() -> None:
    document = assets.panel(BOT)
    body = document.body.decode()
    script = re.findall(r'<script type="module">(.*?)</script>', body, re.DOTALL)
    style = re.findall(r"<style>(.*?)</style>", body, re.DOTALL)
    assert [_source(inline) for inline in script] == [document.script_src]
    assert [_source(inline) for inline in style] == [document.style_src]
    other = assets.panel(BOT | {"name": "Another", "color": "#ffffff"})
    assert (other.script_src, other.style_src) == (document.script_src, document.style_src)
    assert " style=" not in body


def test_nothing_is_loaded_from_anywhere_else() -> None:
    demo = assets.demo("demo", "https://chat.example")
    for body in (assets.panel(BOT).body, assets.loader(), demo.body):
        found = set(re.findall(r"https?://[\w.-]+", body.decode()))
        assert found <= {"http://www.w3.org", "https://shop.example", "https://chat.example"}


def test_the_demo_shop_carries_the_tag_and_no_inline_script() -> None:
    page = assets.demo("a&b", "https://chat.example")
    body = page.body.decode()
    assert '<script async src="https://chat.example/widget.js" data-bot="a&amp;b" data-color=' in body
    assert body.count("<script") == 1
    assert "{{" not in body
    for section in ("delivery", "returns", "care", "gift-cards", "contact"):
        assert f'id="{section}"' in body


def test_every_module_of_the_panel_can_be_served_by_itself() -> None:
    modules = assets.modules()
    assert {"transport.js", "state.js", "view.js", "tokens.css"} <= modules.keys()
    for name, body in modules.items():
        for needed in re.findall(r"from '\./([a-z_]+\.js)'", body.decode()):
            assert needed in modules, f"{name} imports {needed}"


def _source(inline: str) -> str:
    return f"'sha256-{base64.b64encode(hashlib.sha256(inline.encode()).digest()).decode()}'"
