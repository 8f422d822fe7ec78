"""The README is held against the code: settings, commands, the wire, and each function that the walk names."""

import ast
import re
import subprocess
import sys
from pathlib import Path

import pytest

from engine import protocol
from engine.settings import Settings

ROOT = Path(__file__).resolve().parents[1]
README = (ROOT / "README.md").read_text()
STEPS = re.findall(r"`((?:engine|knowledge|console|widget)/[\w/]+\.(?:py|js)):(\w+)`", README)


def settings_table() -> str:
    rows = ["| setting | default | what it is |", "|---|---|---|"]
    for name, field in Settings.model_fields.items():
        default = "" if field.default is None else f"`{field.default}`"
        rows.append(f"| `{name}` | {default} | {field.description} |")
    return "\n".join(rows)


def wire_table() -> str:
    def words(union: object) -> str:
        return " · ".join(f"`{each.__struct_config__.tag}`" for each in union.__args__)  # type: ignore[attr-defined]

    events = [
        each.__struct_config__.tag
        for each in vars(protocol).values()
        if isinstance(each, type) and issubclass(each, protocol.Event) and isinstance(each.__struct_config__.tag, str)
    ]
    return "\n".join(
        [
            "| | |",
            "|---|---|",
            f"| a visitor sends | {words(protocol.VisitorCommand)} |",
            f"| an agent sends | {words(protocol.AgentCommand)} |",
            f"| the server sends | {' · '.join(f'`{tag}`' for tag in events if '.' in tag or tag in PLAIN)} |",
        ]
    )


PLAIN = ("ok", "error", "pulse")


def section(name: str) -> str:
    return README.split(f"<!-- {name} -->")[1].split(f"<!-- /{name} -->")[0].strip()


def defined(path: Path) -> set[str]:
    """The functions and classes of a module, also those inside classes; of a script, whatever it calls a function."""
    source = path.read_text()
    if path.suffix == ".js":
        found = re.findall(r"(?:function|const) (\w+)|^\s+(\w+)\([^)]*\) \{", source, re.M)
        return {name for pair in found for name in pair if name}
    kinds = (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)
    return {node.name for node in ast.walk(ast.parse(source)) if isinstance(node, kinds)}


def test_every_setting_is_documented_as_it_is() -> None:
    assert section("settings") == settings_table(), f"put this between the marks:\n\n{settings_table()}"


def test_every_command_and_event_of_the_wire_is_documented() -> None:
    assert section("wire") == wire_table(), f"put this between the marks:\n\n{wire_table()}"


def test_every_command_of_the_program_is_documented() -> None:
    told = subprocess.run([sys.executable, "-m", "console", "--help"], capture_output=True, text=True, check=True)
    offered = re.findall(r"^    (\w+)  ", told.stdout, re.M)
    assert "serve" in offered
    for command in offered:
        assert f"`frontdesk {command}" in README


def test_the_walk_names_enough_steps_to_be_one() -> None:
    assert len(STEPS) > 20


@pytest.mark.parametrize(("file", "function"), STEPS)
def test_each_step_of_the_walk_is_there(file: str, function: str) -> None:
    assert function in defined(ROOT / file)
