"""The arrows of the house: `console → knowledge → engine`, and the order inside the engine."""

from collections.abc import Iterator
from pathlib import Path

from .imports import Import, imports

# The order of dependence inside the engine: a module imports only from those before it.
# A new module gets its place here.
ENGINE = (
    "addresses", "hours", "settings", "languages", "phrases", "wishes", "db", "models", "protocol", "codec", "bus",
    "redis_bus", "crew", "packing", "ports", "auth", "limits", "public", "unpack", "fetch", "identity",
    "group_commit", "statement", "ledger", "pricing",
    "vitals", "doors", "locked", "filetypes", "files", "rooms", "queue", "snapshots", "desk",
    "jobs", "stationery", "letters", "smtp",
    "absent", "away", "stints", "notes", "colleagues",
    "handoff", "tokens", "prompt", "sse", "providers", "fallbacks", "sentences", "lexicon", "claims", "numerals",
    "cursor", "clock", "dates", "units",
    "pointers", "names", "reading", "polarity", "deeds", "grounding", "sieve", "asking", "answers", "ratings",
    "contacts", "consents", "scores", "episodes", "transcripts", "live",
    "streams", "outbox", "listener", "socket", "introductions", "visitors", "agents", "rounds", "faq", "beacons",
    "uploads", "routes",
)  # fmt: skip

PRODUCT = ("engine", "knowledge", "console", "widget", "migrations")

# What a folder never imports; the migrations have a rule of their own besides.
NEVER = {
    "engine": ("knowledge", "console", "widget", "migrations"),
    "knowledge": ("console", "widget", "migrations"),
    "console": (),
    "widget": ("engine", "knowledge", "console", "migrations"),
    "migrations": ("widget",),
}


def violations(root: Path) -> list[str]:
    """Every arrow in the tree at `root` that points the wrong way, as `file:line: what is wrong`."""
    found = [*_unplaced(root)]
    for folder in PRODUCT:
        for each in imports(root, folder):
            if reason := _reason(each):
                found.append(f"{each.file}:{each.line}: {reason}")
    return found


def _unplaced(root: Path) -> Iterator[str]:
    for path in sorted((root / "engine").glob("*")):
        is_module = path.suffix == ".py" or any(path.glob("*.py"))
        if is_module and path.stem != "__init__" and path.stem not in ENGINE:
            yield f"engine/{path.name}: has no place in ENGINE of tests/house/arrows.py"


def _reason(each: Import) -> str | None:
    home = each.file.parts[0]
    to = each.parts[0]
    if to == "tests":
        return f"the product imports {each.target}"
    if to in NEVER[home]:
        return f"{home} imports {each.target}"
    if home == to == "engine":
        return _inside_engine(each)
    if home == to == "console":
        return _between_areas(each)
    if home == "migrations":
        return _from_migrations(each)
    return None


def _inside_engine(each: Import) -> str | None:
    here = Path(each.file.parts[1]).stem
    there = each.parts[1] if len(each.parts) > 1 else ""
    if here == there or here not in (*ENGINE, "__init__"):
        return None  # within one module's own folder; or reported as unplaced
    if there not in ENGINE:
        return f"{here} imports {each.target}, which is no module of ENGINE"
    if here == "__init__" or ENGINE.index(here) < ENGINE.index(there):
        return f"{here} imports {there}, which comes after it in ENGINE"
    return None


def _between_areas(each: Import) -> str | None:
    """An area uses another area's services and models, never what speaks HTTP for it."""
    if len(each.file.parts) < 3 or len(each.parts) < 3:
        return None
    here, (there, role) = each.file.parts[1], each.parts[1:3]
    if here != there and role in {"pages", "api"}:
        return f"the area {here} imports {there}'s {role}"
    return None


def _from_migrations(each: Import) -> str | None:
    match each.parts:
        case ("engine", "db" | "settings" | "models", *_) | ("knowledge", "models", *_):
            return None
        case ("console", _, "models", *_):
            return None
        case ("engine" | "knowledge" | "console", *_):
            return f"a migration imports {each.target}: only models, engine.db and engine.settings are for it"
        case _:
            return None
