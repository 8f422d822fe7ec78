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
from pathlib import Path

import brotli
import rcssmin
import rjsmin

HERE = Path(__file__).parent
BUDGETS = {  # bytes (gzip -9, brotli 11): before the click, and on opening, all files together
    "widget.js": (3_584, 3_072),
    "panel": (None, 15_360),
    "extra.js": (None, 3_072),  # loaded with the first message
}
_TOKEN = re.compile(r"(--[\w-]+):")
_IMPORT = re.compile(r"^import \{[^}]*\} from '\./([a-z_]+\.js)';\n", re.MULTILINE)
_EXPORT = re.compile(r"^export (?:const|function|async function) (\w+)", re.MULTILINE)


@dataclass(frozen=True, slots=True)
class Document:
    """A page and the CSP sources (hashes) that its inline script and style need."""

    body: bytes
    script_src: str
    style_src: str


def loader() -> bytes:
    """``/widget.js``: a classic script for the host page."""
    return _loader().encode()


def panel(bot: Mapping[str, object]) -> Document:
    """The panel's document for one bot: ``key``, ``name``, ``greeting``, ``color``, ``suggestions`` and ``origins``
    (exact origins that may embed it). The hashes are the same for every bot."""
    shell, script, style = _panel()
    body = shell.replace("{{ name }}", html.escape(str(bot.get("name", "Chat"))))
    head, tail = body.split("{{ bot }}")
    return Document((head + _embedded(bot) + tail).encode(), _source(script), _source(style))


@cache
def extra() -> tuple[str, bytes]:
    """The part of the panel that is loaded with the first message: its name, which changes with it, and its bytes."""
    source = re.sub(r"`([^`]*)`;", lambda sheet: f"`{rcssmin.cssmin(sheet[1])}`;", _read("extra.js"), count=1)
    body = str(rjsmin.jsmin(source)).encode()
    return f"extra-{hashlib.sha256(body).hexdigest()[:12]}.js", body


def modules() -> dict[str, bytes]:
    """Name → bytes of the panel's ES modules as written, and ``tokens.css``, for pages that use them one by one."""
    return {name: _read(name).encode() for name in (*_order("panel.js"), "tokens.css")}


def demo(key: str, base: str) -> Document:
    """The shop page with the script tag of the bot ``key`` served from ``base`` (an origin, no slash at the end)."""
    style = _style("tokens.css", "demo.css")
    page = _read("demo.html").replace("{{ style }}", style)
    page = page.replace("{{ base }}", html.escape(base)).replace("{{ key }}", html.escape(key))
    return Document(page.encode(), base, _source(style))


@cache
def _panel() -> tuple[str, str, str]:
    """The document with its placeholders ``name`` and ``bot`` left, its script and its style."""
    script, style = _bundle("panel.js"), _style("tokens.css", "style.css", "thread.css", "composer.css", "modes.css")
    shell = re.sub(r">\s*\n\s*<", "><", _read("panel.html").strip())
    return shell.replace("{{ style }}", style).replace("{{ script }}", script), script, style


@cache
def _bundle(entry: str) -> str:
    """The module ``entry`` and all that it imports as one module. Each keeps a scope of its own, so only exported
    names must differ; imports are by name and never renamed."""
    source = "".join(_scoped(_read(name)) for name in _order(entry))
    return _safe_script(str(rjsmin.jsmin(source)))


def _scoped(source: str) -> str:
    names = ", ".join(_EXPORT.findall(source))
    body = _EXPORT.sub(lambda found: found[0].removeprefix("export "), _IMPORT.sub("", source))
    return f"const {{ {names} }} = (() => {{\n{body}\nreturn {{ {names} }};\n}})();\n" if names else f"{{\n{body}\n}}"


@cache
def _loader() -> str:
    style = _style("loader.css")
    if "'" in style or "\\" in style:
        raise ValueError("loader.css holds a quote or a backslash, which the string it lies in cannot.")
    return str(rjsmin.jsmin(_read("loader.js"))).replace("{{ style }}", style)


def _order(entry: str) -> list[str]:
    """``entry`` and everything it imports, what is imported first."""
    found: list[str] = []

    def visit(name: str) -> None:
        for needed in _IMPORT.findall(_read(name)):
            visit(needed)
        if name not in found:
            found.append(name)

    visit(entry)
    return found


def _style(*names: str) -> str:
    """The sheets as one, without the tokens that none of them uses."""
    style = str(rcssmin.cssmin("".join(_read(name) for name in names)))
    while unused := {name for name in _TOKEN.findall(style) if f"var({name})" not in style}:
        style = re.sub(rf"(?:{'|'.join(unused)}):[^;}}]*;?", "", style)
    return style


def _safe_script(script: str) -> str:
    """``script`` itself; a closing tag inside it would end it early, so that is a fault of ours."""
    if "</script" in script.lower() or "<!--" in script:
        raise ValueError("The panel's script holds a tag that ends it.")
    return script


def _embedded(bot: Mapping[str, object]) -> str:
    """JSON that no ``</script>`` in a bot's own words can leave, and that is JavaScript as well."""
    text = json.dumps(dict(bot), ensure_ascii=False, separators=(",", ":"))
    for character in "<>&\u2028\u2029":
        text = text.replace(character, f"\\u{ord(character):04x}")
    return text


def _source(inline: str) -> str:
    digest = base64.b64encode(hashlib.sha256(inline.encode()).digest()).decode()
    return f"'sha256-{digest}'"


@cache
def _read(name: str) -> str:
    return (HERE / name).read_text(encoding="utf-8")


def sizes() -> dict[str, tuple[int, int, int]]:
    """Name → bytes raw, gzip -9 and brotli 11 of what a visitor downloads."""
    bot = {"key": "demo", "name": "Demo", "greeting": "", "color": "", "suggestions": [], "origins": []}
    files = {"widget.js": loader(), "panel": panel(bot).body, "extra.js": extra()[1]}
    return {
        name: (len(body), len(gzip.compress(body, 9)), len(brotli.compress(body, quality=11)))
        for name, body in files.items()
    }


def main() -> None:
    print(f"{'file':12}{'raw':>8}{'gzip':>8}{'brotli':>8}   budget gzip / brotli")
    for name, (raw, zipped, squeezed) in sizes().items():
        gz, br = BUDGETS[name]
        print(f"{name:12}{raw:8}{zipped:8}{squeezed:8}   {gz or '-'} / {br}")


if __name__ == "__main__":
    main()
