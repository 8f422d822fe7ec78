"""Markdown as an outline: headings, paragraphs, lists and tables, by a CommonMark parser and nothing of our own."""

import re
from collections.abc import Iterator, Sequence

from markdown_it import MarkdownIt
from markdown_it.token import Token

from knowledge.formats import light
from knowledge.formats.outline import Block, Heading, Outline, Pair, Piece

_FRONT = re.compile(r"\A---[ \t]*\n(.{0,20000}?)\n(?:---|\.\.\.)[ \t]*(?:\n|\Z)", re.DOTALL)
_FRONT_TITLE = re.compile(r"^title:[ \t]*[\"']?([^\n]{1,300}?)[\"']?[ \t]*$", re.MULTILINE)
_FRONT_LOCALE = re.compile(r"^(?:lang|language|locale):[ \t]*[\"']?([A-Za-z]{2,3}(?:-[A-Za-z]{2,4})?)\b", re.MULTILINE)
_NAMED = re.compile(r"\{#([\w.:-]{1,100})[^{}\n]{0,100}\}$")
_TAG = re.compile(r"<(?:!--(?:[^-]|-(?!->))*+(?:-->)?|/?[A-Za-z][^<>]{0,1000}>)", re.DOTALL)
_UNSPOKEN = re.compile(r"[^\w\- ]")


def read(text: str, url: str = "") -> Outline:
    """The outline of a Markdown text. Links are made absolute by ``url``; images and HTML are left out."""
    title, locale = "", ""
    if front := _FRONT.match(text):
        text = text[front.end() :]
        title = named[1] if (named := _FRONT_TITLE.search(front[1])) else ""
        locale = said[1] if (said := _FRONT_LOCALE.search(front[1])) else ""
    tokens = _Parser("commonmark").enable(["table", "strikethrough"]).parse(text)
    pieces = list(_Reader(tokens, url).pieces())
    first = next((piece.text for piece in pieces if isinstance(piece, Heading) and piece.level == 1), "")
    return Outline(tuple(pieces), title or first, locale)


class _Parser(MarkdownIt):
    def validateLink(self, url: str) -> bool:
        return True  # ours says which are links; the parser's own rule would leave the others' marks in the text


class _Reader:
    def __init__(self, tokens: Sequence[Token], url: str) -> None:
        self._tokens, self._url, self._at = tokens, url, 0
        self._anchors: dict[str, int] = {}

    def pieces(self) -> Iterator[Piece]:
        while self._at < len(self._tokens):
            token = self._next()
            if token.type == "heading_open":
                yield self._heading(int(token.tag[1]))
            elif token.type in ("bullet_list_open", "ordered_list_open"):
                if lines := list(self._list(token, 0)):
                    yield Block("\n".join(lines))
            elif token.type == "table_open":
                yield Block(self._table())
            elif token.type in ("fence", "code_block"):
                yield Block(f"```\n{token.content.rstrip()}\n```")
            elif token.type == "html_block":
                yield Block(light.tidy(_TAG.sub(" ", token.content)))
            elif token.type == "inline":
                yield from _defined(light.tidy(self._inline(token)))

    def _next(self) -> Token:
        token = self._tokens[self._at]
        self._at += 1
        return token

    def _heading(self, level: int) -> Heading:
        raw = self._next()
        named = _NAMED.search(raw.content.rstrip())
        text = _NAMED.sub("", light.tidy(self._inline(raw, bare=True))).rstrip()
        slug = _UNSPOKEN.sub("", text.lower()).replace(" ", "-")  # as GitHub makes it, and most makers of sites
        seen = self._anchors[slug] = self._anchors.get(slug, -1) + 1
        return Heading(level, text, named[1] if named else f"{slug}-{seen}" if seen else slug)

    def _list(self, opened: Token, depth: int) -> Iterator[str]:
        """The lines of a list, those of lists in it indented."""
        closes, number = opened.type.replace("open", "close"), int(opened.attrGet("start") or 1)
        indent, mark, begun = "  " * depth, "", False
        while (token := self._next()).type != closes:
            if token.type == "list_item_open":
                mark = f"{number}." if opened.type.startswith("ordered") else "-"
                number, begun = number + 1, False
            elif token.type.endswith("_list_open"):
                yield from self._list(token, depth + 1)
            elif token.type in ("inline", "fence", "code_block") and mark:
                text = self._inline(token) if token.type == "inline" else token.content
                for line in light.tidy(text).split("\n"):
                    yield f"{indent}  {line}" if begun else f"{indent}{mark} {line}"
                    begun = True

    def _table(self) -> str:
        rows: list[list[str]] = []
        while (token := self._next()).type != "table_close":
            if token.type == "tr_open":
                rows.append([])
            elif token.type == "inline":
                rows[-1].append(self._inline(token))
        return light.rows(rows, header=True)

    def _inline(self, token: Token, *, bare: bool = False) -> str:
        """One run of text as light Markdown; ``bare``: without any marks."""
        told: list[str] = []
        opened: list[tuple[int, str]] = []
        for child in token.children or ():
            if child.type == "text":
                told.append(child.content if bare else light.plain(child.content))
            elif child.type == "code_inline":
                told.append(child.content if bare else f"`{child.content}`")
            elif child.type in ("softbreak", "hardbreak"):
                told.append("\n")
            elif child.type in ("strong_open", "em_open", "link_open"):
                opened.append((len(told), str(child.attrGet("href") or "")))
            elif child.type in ("strong_close", "em_close", "link_close") and opened:
                start, address = opened.pop()
                inside = "".join(told[start:])
                del told[start:]
                told.append(inside if bare else self._marked(child.type, inside, address))
        return "".join(told)

    def _marked(self, kind: str, inside: str, address: str) -> str:
        if kind == "link_close":
            return light.link(inside, light.absolute(address, self._url))
        return light.marked(inside, "**" if kind == "strong_close" else "*")


def _defined(text: str) -> Iterator[Piece]:
    """A paragraph, or the pairs of a definition list: a term, and under it a line that begins with a colon."""
    lines = text.split("\n")
    if len(lines) < 2 or not any(line.startswith(": ") for line in lines[1:]) or lines[0].startswith(": "):
        yield Block(text)
        return
    term, told = lines[0], list[str]()
    for line in lines[1:]:
        if line.startswith(": ") or not told:
            told.append(line.removeprefix(": "))
        elif told:
            told[-1] += "\n" + line
    yield Pair(term.replace("*", ""), "\n".join(told))
