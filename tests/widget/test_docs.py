"""docs/widget.md is held against the scripts: every attribute, command and event, and none that is not there."""

import re
from pathlib import Path

from widget.bundle import read

DOCS = (Path(__file__).resolve().parents[2] / "docs" / "widget.md").read_text()
OF_OPEN = {"turn", "fill"}  # how `open` says to the panel what its options ask for
TRIGGERS = read("hosts/triggers.js")
LOADER, LIAISON = read("loader.js"), read("liaison.js")


def section(name: str) -> str:
    return DOCS.split(f"<!-- {name} -->")[1].split(f"<!-- /{name} -->")[0]


def test_every_command_is_documented_and_no_other() -> None:
    bodies = "".join(script.split("const commands = {")[1].split("\n  };")[0] for script in (LOADER, LIAISON))
    known = set(re.findall(r"^    (\w+)(?:\(|:)", bodies, re.M)) - {"__proto__"} - OF_OPEN | {"send"}
    told = set(re.findall(r"`Frontdesk(?:\('|\.)(\w+)", section("commands")))
    assert len(known) > 10
    assert told == known


def test_every_event_is_documented_and_no_other() -> None:
    raised = {
        *re.findall(r"emit\('([\w:]+)'", LOADER + TRIGGERS),
        *re.findall(r"event\('([\w:]+)'", LIAISON),
        "open",
        "close",
        "unread",
    }
    told = set(re.findall(r"^\| `([\w:]+)` \|", section("events"), re.M))
    assert len(raised) > 10
    assert told == raised


def test_every_attribute_is_documented_and_no_other() -> None:
    keys = re.search(r"for \(const key of \[(.*?)\]\) choose", LOADER)
    assert keys is not None
    read_by_it = {*re.findall(r"given\('(\w+)'\)", LOADER), *re.findall(r"'(\w+)'", keys[1])}
    read_by_it |= set(re.findall(r"getAttribute\('data-(\w+)'\)", TRIGGERS + read("hosts/inline.js"))) - {"locale"}
    told = set(re.findall(r"^\| `data-(\w+)` \|", DOCS, re.M))
    assert told == read_by_it
