"""Modules and sheets as a visitor downloads them: joined, with short names, without what nobody uses. Without Node."""

import re
from collections import Counter
from functools import cache
from pathlib import Path
from string import ascii_letters, ascii_lowercase

import minify  # tdewolff's; it renames what is local to a function or module, never a property

HERE = Path(__file__).parent
_TOKEN = re.compile(r"(--[\w-]+):")
_SHARED = re.compile(r"--fd-[\w-]+")  # a token of tokens.css, wherever it is defined, used or set
_IMPORT = re.compile(r"^import \{[^}]*\} from '\./([a-z_]+\.js)';\n", re.MULTILINE)
_EXPORT = re.compile(r"^export (?:const|function|async function) (\w+)", re.MULTILINE)
_TOP = re.compile(r"^(?:const|let|class|function|async function) (\w+)", re.MULTILINE)
_PLACE = "{{ style }}"  # where a script holds its own sheet


@cache
def read(name: str) -> str:
    return (HERE / name).read_text(encoding="utf-8")


@cache
def script(name: str, *, short: bool = True) -> str:
    """The one file ``name``; a sheet of the same name takes the place it has in it. ``short``: for a page that has the
    short names of tokens too."""
    source = str(minify.string("text/javascript", read(name)))
    source = _short(source) if short else source
    if _PLACE not in source:
        return source
    sheet = style(f"{name.removesuffix('.js')}.css", alone=False, short=short)
    if re.search(r"['\"`\\$]", sheet):
        raise ValueError(f"The sheet of {name} holds a quote, a dollar or a backslash, which its string cannot.")
    return source.replace(_PLACE, sheet)


@cache
def bundle(entry: str) -> str:
    """The module ``entry`` and all that it imports as one scope, so that every name can be short. What they define at
    their top must differ; imports are by name and never renamed."""
    source = "".join(_EXPORT.sub(_bare, _IMPORT.sub("", read(name))) for name in order(entry))
    twice = [name for name, count in Counter(_TOP.findall(source)).items() if count > 1]
    if twice:
        raise ValueError(f"Two modules of {entry} define {', '.join(twice)} at their top: call one something else.")
    joined = _short(str(minify.string("text/javascript", f"(() => {{\n{source}}})()")))
    joined += f"\n//# sourceMappingURL=/widget/{entry}.map"  # where a script has no address, a header cannot say it
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
def style(*names: str, alone: bool = True, short: bool = True) -> str:
    """The sheets as one. ``alone``: nothing else defines or uses their tokens, so unused ones go."""
    joined = str(minify.string("text/css", "".join(read(name) for name in names)))
    joined = re.sub(r",\s+", ",", joined)  # also in tokens' values, which the minifier leaves alone
    while alone and (unused := {name for name in _TOKEN.findall(joined) if f"var({name})" not in joined}):
        joined = re.sub(rf"(?:{'|'.join(unused)}):[^;}}]*;?", "", joined)
    return _short(joined) if short else joined


def _bare(export: re.Match[str]) -> str:
    return export[0].removeprefix("export ")


def _short(text: str) -> str:
    return _SHARED.sub(lambda found: f"--{_letters()[found[0]]}", text)


@cache
def _letters() -> dict[str, str]:
    """A token's name → what it is called in what is sent: the same in the panel, its parts and their sheets."""
    names = dict.fromkeys(_SHARED.findall(read("tokens.css")))
    letters = (a + b for a in ("", *ascii_lowercase) for b in ascii_letters)
    return dict(zip(names, letters, strict=False))
