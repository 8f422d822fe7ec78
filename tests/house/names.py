"""What stands in the house and under which name: the top level, the file names, the addresses in texts."""

import re
import subprocess
from collections.abc import Iterable, Iterator
from pathlib import Path

TOP = frozenset({
    ".ci", ".gitignore", "CHANGELOG.md", "LICENSE", "README.md", "benchmarks", "console", "constraints.txt",
    "deploy", "docs", "engine", "knowledge", "migrations", "pyproject.toml", "run", "test", "tests", "widget",
})  # fmt: skip

# Names that say nothing of what is inside.
EMPTY_NAMES = frozenset({"utils", "util", "helpers", "helper", "common", "manager", "managers", "misc"})

# Where this machine gets packages from, and where it keeps things, is nobody else's.
# Each is spelled so as not to match itself here.
_FOREIGN = re.compile(
    r"pypi[.]org|pythonhosted[.]org|registry[.]npmjs|registry[.]yarnpkg|proxy[.]golang[.]org"
    r"|--(?:extra-)?index[-]url"
    r"|(?<![\w.~-])/wor[k]/|[.][.]/share[d]\b|(?<![\w.])/roo[t]/|(?<![\w.])/opt/pyp[i]|/tmp/ven[v]"
)


def tracked(root: Path) -> list[Path]:
    """The files that git keeps, or would keep once added, relative to `root`.

    Raises RuntimeError where `root` is no git repository.
    """
    # The owner of a clone may be another user than the one who tests it.
    git = ["git", "-c", "safe.directory=*"]
    command = [*git, "ls-files", "-z", "--cached", "--others", "--exclude-standard"]
    done = subprocess.run(command, cwd=root, capture_output=True, text=True, check=False)
    if done.returncode:
        raise RuntimeError(f"git cannot list the files of {root}: {done.stderr}")
    return [Path(name) for name in done.stdout.split("\0") if name and (root / name).is_file()]


def strangers(files: Iterable[Path]) -> list[str]:
    """Names at the top level that are not in TOP."""
    return sorted({file.parts[0] for file in files} - TOP)


def empty_names(files: Iterable[Path]) -> list[str]:
    """Python and JavaScript modules, and their folders, whose name says nothing."""
    code = [file for file in files if file.suffix in {".py", ".js"}]
    return [str(file) for file in code if EMPTY_NAMES & {*file.parts[:-1], file.name.split(".")[0]}]


def addresses(root: Path, files: Iterable[Path]) -> list[str]:
    """Lines of text files that name a package registry or a path of one machine, as `file:line: what`."""
    return [found for file in files for found in _addresses(root, file)]


def _addresses(root: Path, file: Path) -> Iterator[str]:
    try:
        text = (root / file).read_text(encoding="utf-8")
    except UnicodeDecodeError:
        return  # a picture, a font
    for number, line in enumerate(text.splitlines(), 1):
        if match := _FOREIGN.search(line):
            yield f"{file}:{number}: {match.group()}"
