"""Modules and sheets as a visitor downloads them: joined, with short names, without what nobody uses. Without Node."""

import re
from functools import cache
from pathlib import Path

import minify  # tdewolff's; it renames what is local to a function or module, never a property

HERE = Path(__file__).parent
_TOKEN = re.compile(r"(--[\w-]+):")
_IMPORT = re.compile(r"^import \{[^}]*\} from '\./([a-z_]+\.js)';\n", re.MULTILINE)
_EXPORT = re.compile(r"^export (?:const|function|async function) (\w+)", re.MULTILINE)
_PLACE = "{{ style }}"  # where a script holds its own sheet


@cache
def read(name: str) -> str:
    return (HERE / name).read_text(encoding="utf-8")


@cache
def script(name: str) -> str:
    """The one file ``name``; a sheet of the same name takes the place it has in it."""
    source = str(minify.string("text/javascript", read(name)))
    if _PLACE not in source:
        return source
    sheet = style(f"{name.removesuffix('.js')}.css", alone=False)
    if re.search(r"['\"`\\$]", sheet):
        raise ValueError(f"The sheet of {name} holds a quote, a dollar or a backslash, which its string cannot.")
    return source.replace(_PLACE, sheet)


@cache
def bundle(entry: str) -> str:
    """The module ``entry`` and all that it imports as one. Each keeps a scope of its own, so only exported names must
    differ; imports are by name and never renamed."""
    joined = str(minify.string("text/javascript", "".join(_scoped(read(name)) for name in order(entry))))
    if "</script" in joined.lower() or "<!--" in joined:
        raise ValueError(f"{entry} holds a tag that ends the script it lies in.")
    return joined


def order(entry: str) -> list[str]:
    """``entry`` and everything it imports, what is imported first."""
    found: list[str] = []

    def visit(name: str) -> None:
        for needed in _IMPORT.findall(read(name)):
            visit(needed)
        if name not in found:
            found.append(name)

    visit(entry)
    return found


@cache
def style(*names: str, alone: bool = True) -> str:
    """The sheets as one. ``alone``: nothing else defines or uses their tokens, so unused ones go."""
    joined = str(minify.string("text/css", "".join(read(name) for name in names)))
    while alone and (unused := {name for name in _TOKEN.findall(joined) if f"var({name})" not in joined}):
        joined = re.sub(rf"(?:{'|'.join(unused)}):[^;}}]*;?", "", joined)
    return joined


def _scoped(source: str) -> str:
    names = ", ".join(_EXPORT.findall(source))
    body = _EXPORT.sub(lambda found: found[0].removeprefix("export "), _IMPORT.sub("", source))
    return f"const {{ {names} }} = (() => {{\n{body}\nreturn {{ {names} }};\n}})();\n" if names else f"{{\n{body}\n}}"
