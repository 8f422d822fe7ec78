"""What a site's robots.txt asks of us (RFC 9309). Pure.

The standard library's parser takes the first rule that fits, and ``*`` and ``$`` as letters; the standard has the
longest rule win, and both mean something.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from urllib.parse import urlsplit

LARGEST = 512_000  # bytes that are looked at; the standard asks for 500 KiB at least
LONGEST_DELAY = 10.0  # s between two pages at most, whatever a site asks for
MOST_RULES = 5_000  # the shortest of more are left out
MOST_STARS = 10  # in one rule: each multiplies what there is to try


@dataclass(frozen=True, slots=True)
class Robots:
    """``rules``: (how a path begins, or a pattern; allowed), the longest first, of two equal ones the allowing one.
    ``delay``: seconds between two pages that the site asks for."""

    rules: tuple[tuple[str | re.Pattern[str], bool], ...] = ()
    delay: float = 0.0

    def allows(self, url: str) -> bool:
        parts = urlsplit(url)
        path = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
        return next((allowed for rule, allowed in self.rules if _fits(rule, path)), True)


def read(body: bytes, agent: str) -> Robots:
    """The rules for ``agent`` (our product's name, in any case), or else those for everybody."""
    groups: dict[str, list[tuple[str, str]]] = {}
    for names, lines in _groups(body[:LARGEST].decode("utf-8", "replace").removeprefix("\ufeff")):
        for name in names:
            groups.setdefault(name, []).extend(lines)
    lines = groups.get(agent.lower(), groups.get("*", []))
    rules = [(value, key == "allow") for key, value in lines if key in ("allow", "disallow") and value]
    rules.sort(key=lambda rule: (-len(rule[0]), not rule[1]))
    return Robots(tuple((_rule(path), allowed) for path, allowed in rules[:MOST_RULES]), _delay(lines))


def _groups(text: str) -> Iterator[tuple[list[str], list[tuple[str, str]]]]:
    """The agents that each group is for, and its lines."""
    names: list[str] = []
    lines: list[tuple[str, str]] = []
    for line in text.splitlines():
        key, colon, value = line.partition("#")[0].partition(":")
        key, value = key.strip().lower(), value.strip()
        if not colon:
            continue
        if key == "user-agent":
            if lines:
                yield names, lines
                names, lines = [], []
            names.append(re.split(r"[/\s]", value.lower(), maxsplit=1)[0])
        elif names:
            lines.append((key, value))
    if names:
        yield names, lines


def _fits(rule: str | re.Pattern[str], path: str) -> bool:
    return path.startswith(rule) if isinstance(rule, str) else rule.match(path) is not None


def _rule(path: str) -> str | re.Pattern[str]:
    if "*" not in path and not path.endswith("$"):
        return path
    ends = path.endswith("$")
    parts = re.sub(r"\*+", "*", path.removesuffix("$")).split("*", MOST_STARS)
    # Each piece is looked for once, from left to right: nothing is tried twice, however hostile the rule.
    joined = "".join(f"(?>.*?{re.escape(part)})" for part in parts[1:-1])
    last = re.escape(parts[-1]) if len(parts) > 1 else ""
    tail = (f".*{last}$" if ends else f".*?{last}") if len(parts) > 1 else ("$" if ends else "")
    return re.compile(re.escape(parts[0]) + joined + tail, re.DOTALL)


def _delay(lines: list[tuple[str, str]]) -> float:
    for key, value in lines:
        if key == "crawl-delay" and re.fullmatch(r"\d{1,6}(\.\d{1,3})?", value):
            return min(float(value), LONGEST_DELAY)
    return 0.0
