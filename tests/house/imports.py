"""What a Python file imports, wherever in it: at the top, in a function, relative, for types, by name."""

import ast
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True, slots=True)
class Import:
    """One name that a file brings in, absolute: `from engine import rooms` is `engine.rooms`."""

    file: Path
    line: int
    target: str

    @property
    def parts(self) -> tuple[str, ...]:
        return tuple(self.target.split("."))


def imports(root: Path, folder: str) -> Iterator[Import]:
    """Every import of every Python file of `root/folder`; files are given relative to `root`.

    Raises SyntaxError for a file that is not Python.
    """
    for path in sorted((root / folder).rglob("*.py")):
        file = path.relative_to(root)
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"), str(file))):
            if isinstance(node, ast.stmt | ast.expr):
                yield from (Import(file, node.lineno, target) for target in _targets(node, file))


def _targets(node: ast.stmt | ast.expr, file: Path) -> list[str]:
    match node:
        case ast.Import(names=names):
            return [name.name for name in names]
        case ast.ImportFrom(names=names):
            module = _absolute(node, file)
            return [f"{module}.{name.name}" for name in names]
        case ast.Call(func=called, args=[ast.Constant(value=str(name)), *_]) if _imports_by_name(called):
            return [name]
        case _:
            return []


def _absolute(node: ast.ImportFrom, file: Path) -> str:
    if not node.level:
        return node.module or ""
    package = file.parts[: len(file.parts) - node.level]
    return ".".join([*package, *([node.module] if node.module else [])])


def _imports_by_name(called: ast.expr) -> bool:
    """`importlib.import_module("…")`, `import_module("…")` and `__import__("…")`."""
    match called:
        case ast.Attribute(attr=name) | ast.Name(id=name):
            return name in {"import_module", "__import__"}
        case _:
            return False
