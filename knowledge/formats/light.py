"""Light Markdown as the widget shows it: bold, emphasis, code, lists, links; a table becomes a list of its rows."""

import re
from collections.abc import Sequence
from urllib.parse import urljoin, urlsplit

MOST_ROWS = 2_000  # of one table, and
MOST_COLUMNS = 30  # its columns: what is larger is data, not an answer
_SPECIAL = re.compile(r"[\\`*]|(?<!\w)_|_(?!\w)|\[(?=[^\[\]\n]{0,500}\]\()")
_BLANKS = re.compile(r"[^\S\n]+")


def plain(text: str) -> str:
    """``text`` so that the widget shows it letter by letter: what would be read as markup is escaped."""
    alone = {mark for mark in "*`_" if text.count(mark) == 1}  # which marks nothing

    def escaped(mark: re.Match[str]) -> str:
        return mark[0] if mark[0] in alone else "\\" + mark[0]

    return _SPECIAL.sub(escaped, text)


def marked(text: str, mark: str) -> str:
    """``text`` between marks (``**``, ``*``), the blanks around it outside them; nothing where it says nothing."""
    words = text.strip()
    if not words or "\n" in words or words.startswith(mark[0]) or words.endswith(mark[0]):
        return text  # bold in bold, or over several lines, which the widget would not close
    before, after = text[: len(text) - len(text.lstrip())], text[len(text.rstrip()) :]
    return f"{before}{mark}{words}{mark}{after}"


def link(text: str, address: str | None) -> str:
    """``text`` linked to a checked address; text alone where there is none, or where it is the address itself."""
    words = " ".join(text.split())
    if not address or not words or "[" in words or "]" in words:
        return text
    shown = address.removeprefix("mailto:").rstrip("/")
    if words.rstrip("/") in (shown, shown.removeprefix("https://"), shown.removeprefix("http://")):
        return words  # written out, the widget makes a link of it
    return f"[{words}]({address})"


def absolute(address: str, base: str) -> str | None:
    """``address`` as an absolute http, https or mailto link, seen from ``base``; None for every other."""
    address = "".join(address.split()) if "\n" in address or "\t" in address else address.strip()
    try:
        joined = urljoin(base, address) if base else address
        parts = urlsplit(joined)
        reachable = parts.scheme == "mailto" or (parts.scheme in ("http", "https") and bool(parts.hostname))
    except ValueError:  # an address with half an IPv6 literal
        return None
    if not reachable or len(joined) > 2_000:
        return None
    return joined.replace(" ", "%20").replace("(", "%28").replace(")", "%29").replace("<", "%3C").replace(">", "%3E")


def tidy(text: str) -> str:
    """``text`` with single blanks, no blanks around its lines, and no empty lines."""
    lines = (_BLANKS.sub(" ", line).strip() for line in text.split("\n"))
    return "\n".join(line for line in lines if line)


def rows(table: Sequence[Sequence[str]], header: bool) -> str:
    """A table as a list, a line a row: two columns as ``- **first**: second``, more with the names of the columns.
    The widget draws no tables, and a row that is cut from its header says nothing."""
    cells = [[" ".join(cell.split()) for cell in row[:MOST_COLUMNS]] for row in table[:MOST_ROWS]]
    cells = [row for row in cells if any(row)]
    names = [name.strip("*") for name in cells.pop(0)] if header and len(cells) > 1 else []
    return "\n".join(f"- {line}" for line in (_row(row, names) for row in cells) if line)


def _row(row: Sequence[str], names: Sequence[str]) -> str:
    first, rest = row[0], row[1:]
    named = [
        f"{names[i]}: {cell}" if len(row) > 2 and i < len(names) and names[i] else cell
        for i, cell in enumerate(rest, 1)
        if cell
    ]
    told = "; ".join(named)
    if not first or not told:
        return first or told
    return f"{marked(first, '**')}: {told}"
