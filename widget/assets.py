"""The widget's files, ready to send: read once, bundled, minified, kept.

``python -m widget.assets`` prints what a visitor downloads, beside the budgets.
"""

import base64
import gzip
import hashlib
import html
import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from typing import Any

import brotli

from widget.bundle import HERE, bundle, order, read, script, style
from widget.maps import source_map

# Parts of the panel that are loaded when they are first needed: modules that export `mount(panel)`, and `SHEET` where
# there is a sheet of the same name.
PARTS = (
    "consent",
    "copy",
    "emoji",
    "extra",
    "files",
    "forms",
    "help",
    "liaison",
    "menu",
    "rating",
    "save",
    "sound",
    "vitals",
)
# Modules of the loader that the host page imports later, or only where its tag asks for them.
HOSTS = ("page", "inline", "triggers", "intercom", "crisp", "chatwoot")
PART = (None, 3_072)
_WORDS = re.compile("['\"]{{ words }}['\"]")  # where a part holds its sentences
BUDGETS = {  # bytes (gzip -9, brotli 11): before the click, and on opening, all files together
    "widget.js": (3_584, 3_072),
    "panel": (None, 15_360),
}


@dataclass(frozen=True, slots=True)
class Document:
    """A page and the CSP sources (hashes) that its inline script and style need."""

    body: bytes
    script_src: str
    style_src: str


def loader() -> bytes:
    """``/widget.js``: a classic script for the host page."""
    return script("loader.js").encode()


@cache
def hosts() -> dict[str, bytes]:
    """File name → bytes of what the loader imports into the host page, below ``/widget/``."""
    return {f"{name}.js": script(f"hosts/{name}.js").encode() for name in HOSTS}


def panel(bot: Mapping[str, object], language: str = "en") -> Document:
    """The panel's document for one bot, in one language: ``key``, ``name``, ``greeting``, ``color``, ``suggestions``,
    ``origins`` (exact origins that may embed it) and ``parts`` (the path under which :func:`parts` are served). The
    hashes are the same for every bot and language."""
    shell, script_src, style_src = _panel(language)
    head, tail = shell.split("{{ bot }}")
    head = head.replace("{{ name }}", html.escape(str(bot.get("name", "Chat"))))
    settings = _embedded({**bot, "words": words(language)["panel"]})
    return Document((head + settings + tail).encode(), script_src, style_src)


@cache
def words(language: str) -> dict[str, Any]:
    """``words/<language>.json``: its direction ``dir``, the sentences of the ``page``, of the ``panel`` and of
    each part."""
    found: dict[str, Any] = json.loads(read(f"words/{language}.json"))
    return found


@cache
def parts(language: str = "en") -> dict[str, bytes]:
    """File name → bytes of what the panel loads later, with its words in ``language``."""
    return {f"{name}.js": _worded(name, language).encode() for name in PARTS}


def _worded(part: str, language: str, *, short: bool = True) -> str:
    sentences = _embedded(words(language).get(part, {}))
    return _WORDS.sub(lambda _: sentences, script(f"{part}.js", short=short))


def scripts() -> dict[str, tuple[str, tuple[str, ...]]]:
    """File name → the script as it is sent (its parts in English) and the modules that it was made from."""
    alone = {"widget.js": (loader().decode(), ("loader.js",))}
    panel = {"panel.js": (bundle("panel.js"), tuple(order("panel.js")))}
    later = {name: (body.decode(), (f"hosts/{name}",)) for name, body in hosts().items()}
    return alone | panel | later | {name: (body.decode(), (name,)) for name, body in parts().items()}


@cache
def source_maps() -> dict[str, bytes]:
    """File name → its source map. A part that holds words is mapped exactly up to them in other languages."""
    return {
        f"{name}.map": source_map(body, [(source, read(source)) for source in sources]).encode()
        for name, (body, sources) in scripts().items()
    }


@cache
def version() -> str:
    """Names the parts that belong to this panel: 12 hex digits that change with any of them, in any language."""
    digest = hashlib.sha256(bundle("panel.js").encode())
    for language in sorted(path.stem for path in (HERE / "words").glob("*.json")):
        for name, body in parts(language).items():
            digest.update(f"{language} {name}".encode() + b"\0" + body)
    return digest.hexdigest()[:12]


def modules() -> dict[str, bytes]:
    """Name → bytes of the panel's ES modules as written, ``tokens.css`` and the parts (in English), for pages that use
    them one by one: with the tokens' names as they are written."""
    written = {name: read(name).encode() for name in (*order("panel.js"), "tokens.css")}
    return written | {f"{name}.js": _worded(name, "en", short=False).encode() for name in PARTS}


def demo(key: str, base: str) -> Document:
    """The shop page with the script tag of the bot ``key`` served from ``base`` (an origin, no slash at the end)."""
    sheet = style("tokens.css", "demo.css")
    page = read("demo.html").replace("{{ style }}", sheet)
    page = page.replace("{{ base }}", html.escape(base)).replace("{{ key }}", html.escape(key))
    return Document(page.encode(), base, _source(sheet))


@cache
def _panel(language: str) -> tuple[str, str, str]:
    """The document with its placeholders ``name`` and ``bot`` left, and the hashes of its script and style."""
    code = bundle("panel.js")
    sheet = style("tokens.css", "style.css", "thread.css", "composer.css", "modes.css")
    shell = re.sub(r">\s*\n\s*<", "><", read("panel.html").strip())
    said = words(language)
    for name, text in ({"lang": language, "dir": said["dir"]} | said["panel"] | said["page"]).items():
        shell = shell.replace(f"{{{{ {name} }}}}", html.escape(str(text)))
    return shell.replace("{{ style }}", sheet).replace("{{ code }}", code), _source(code), _source(sheet)


def _embedded(bot: Mapping[str, object]) -> str:
    """JSON that no ``</script>`` in a bot's own words can leave, and that is JavaScript as well."""
    text = json.dumps(dict(bot), ensure_ascii=False, separators=(",", ":"))
    for character in "<>&\u2028\u2029":
        text = text.replace(character, f"\\u{ord(character):04x}")
    return text


def _source(inline: str) -> str:
    digest = base64.b64encode(hashlib.sha256(inline.encode()).digest()).decode()
    return f"'sha256-{digest}'"


def sizes(language: str = "en") -> dict[str, tuple[int, int, int]]:
    """Name → bytes raw, gzip -9 and brotli 11 of what a visitor of ``language`` downloads."""
    bot = {"key": "demo", "name": "Demo", "greeting": "", "color": "", "suggestions": [], "origins": [], "parts": ""}
    files = {"widget.js": loader(), "panel": panel(bot, language).body, **hosts(), **parts(language)}
    return {
        name: (len(body), len(gzip.compress(body, 9)), len(brotli.compress(body, quality=11)))
        for name, body in files.items()
    }


def main() -> None:
    print(f"{'file':12}{'raw':>8}{'gzip':>8}{'brotli':>8}   budget gzip / brotli")
    for name, (raw, zipped, squeezed) in sizes().items():
        gz, br = BUDGETS.get(name, PART)
        print(f"{name:12}{raw:8}{zipped:8}{squeezed:8}   {gz or '-'} / {br}")


if __name__ == "__main__":
    main()
