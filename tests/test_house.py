"""The house rules, read from the source; each beside planted faults that the reading must find."""

import subprocess
from pathlib import Path

import pytest

from tests.house.arrows import ENGINE, PRODUCT, violations
from tests.house.names import addresses, empty_names, strangers, tracked

ROOT = Path(__file__).resolve().parents[1]


def plant(root: Path, sources: dict[str, str]) -> None:
    for name, source in sources.items():
        path = root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(source)


def test_no_arrow_of_the_product_points_up() -> None:
    assert (ROOT / "engine").is_dir()
    found = violations(ROOT)
    assert not found, "\n".join(found)


def test_no_module_has_a_name_that_says_nothing() -> None:
    found = empty_names(tracked(ROOT))
    assert not found, "\n".join(found)


def test_no_text_names_a_registry_or_a_path_of_one_machine() -> None:
    found = addresses(ROOT, tracked(ROOT))
    assert not found, "\n".join(found)


def test_the_top_level_holds_only_what_belongs_there() -> None:
    files = tracked(ROOT)
    assert Path("pyproject.toml") in files
    assert strangers(files) == []


def test_the_engines_order_names_each_module_once() -> None:
    assert len(ENGINE) == len(set(ENGINE))


LAWFUL = {
    "engine/settings.py": "import os",
    "engine/db.py": "from engine.settings import Settings",
    "engine/rooms.py": "from . import models\nfrom .ledger import hold\nfrom engine import db",
    "engine/providers/openai.py": "from . import scripted\nfrom engine.providers.scripted import Line",
    "knowledge/port.py": "from engine.ports import Knowledge\nfrom . import entries",
    "console/app.py": "from console.leads import pages\nfrom knowledge import port\nimport engine.routes",
    "console/leads/pages.py": "from . import api, service\nfrom console.access.service import member_of",
    "migrations/env.py": "from engine.models import Base\nfrom console.leads import models\nimport engine.db",
    "widget/assets.py": "import brotli",
}


def test_a_tree_whose_arrows_point_down_is_lawful(tmp_path: Path) -> None:
    plant(tmp_path, LAWFUL)
    assert {path.name for path in tmp_path.iterdir()} == set(PRODUCT)
    assert violations(tmp_path) == []


@pytest.mark.parametrize(
    ("file", "source", "found"),
    [
        ("engine/rooms.py", "import knowledge.port", "engine imports knowledge.port"),
        ("engine/rooms.py", "from console import app", "engine imports console.app"),
        ("engine/rooms.py", "if TYPE_CHECKING:\n  from knowledge import port", "engine imports knowledge"),
        ("engine/rooms.py", "importlib.import_module('knowledge.port')", "engine imports knowledge.port"),
        ("engine/rooms.py", "def post():\n  from knowledge import port", "engine imports knowledge.port"),
        ("engine/rooms.py", "from ..console import app", "engine imports console.app"),
        ("knowledge/port.py", "from console.leads import service", "knowledge imports console.leads.service"),
        ("engine/rooms.py", "from engine import answers", "rooms imports answers, which comes after it"),
        ("engine/rooms.py", "from engine.answers import begin", "rooms imports answers, which comes after"),
        ("engine/rooms.py", "import engine.answers", "rooms imports answers, which comes after it"),
        ("engine/rooms.py", "from . import answers", "rooms imports answers, which comes after it"),
        ("engine/rooms.py", "from .answers import begin", "rooms imports answers, which comes after it"),
        ("engine/rooms.py", "async def post():\n  from .answers import begin", "rooms imports answers"),
        ("engine/bus/redis.py", "from ..socket import read", "bus imports socket, which comes after it"),
        ("engine/bus/redis.py", "from .. import socket", "bus imports socket, which comes after it"),
        ("engine/rooms.py", "import engine", "rooms imports engine, which is no module of ENGINE"),
        ("engine/__init__.py", "from .settings import Settings", "__init__ imports settings"),
        ("engine/mailbox.py", "import os", "engine/mailbox.py: has no place in ENGINE"),
        ("engine/mailbox/letter.py", "import os", "engine/mailbox: has no place in ENGINE"),
        ("console/live/pages.py", "from console.leads import pages", "the area live imports leads's pages"),
        ("console/live/pages.py", "from ..leads.api import index", "the area live imports leads's api"),
        ("console/live/service.py", "def f():\n  import console.leads.api", "live imports leads's api"),
        ("migrations/env.py", "from engine import rooms", "a migration imports engine.rooms"),
        ("migrations/env.py", "from console.leads.service import merge", "a migration imports console"),
        ("migrations/versions/0001.py", "import knowledge", "a migration imports knowledge"),
        ("widget/assets.py", "from engine.protocol import decode", "widget imports engine.protocol"),
        ("console/seed.py", "from tests.cast import ada", "the product imports tests.cast"),
    ],
)
def test_an_arrow_that_points_up_is_found(tmp_path: Path, file: str, source: str, found: str) -> None:
    plant(tmp_path, LAWFUL)
    assert violations(tmp_path) == []

    plant(tmp_path, {file: source})

    (only,) = violations(tmp_path)
    assert found in only


def test_a_name_that_says_nothing_is_found() -> None:
    said = [Path("engine/rooms.py"), Path("widget/view.js"), Path("docs/common.md")]
    empty = [Path("engine/utils.py"), Path("console/common/pages.py"), Path("widget/helpers.min.js")]
    assert empty_names([*said, *empty]) == [str(path) for path in empty]


def test_a_stranger_at_the_top_is_found() -> None:
    files = [Path("engine/db.py"), Path("notes.txt"), Path("scripts/x.sh")]
    assert strangers(files) == ["notes.txt", "scripts"]


@pytest.mark.parametrize(
    "line",
    [
        "see https://pypi" + ".org/simple",
        "pip install --index" + "-url http://mirror",
        "resolved: https://registry" + ".npmjs.org/x",
        "cd /wor" + "k/main",
        "cp ../share" + "d/data .",
        "python=/roo" + "t/bin/python",
    ],
)
def test_an_address_of_one_machine_is_found(tmp_path: Path, line: str) -> None:
    (tmp_path / "page.md").write_text(f"# Setup\n{line}\n")
    (found,) = addresses(tmp_path, [Path("page.md")])
    assert found.startswith("page.md:2: ")


@pytest.mark.parametrize("line", ["https://acme.test/work/with-us", "root/ and work/", "a shared /roots/"])
def test_an_ordinary_address_is_none(tmp_path: Path, line: str) -> None:
    (tmp_path / "page.md").write_text(line)
    (tmp_path / "picture.png").write_bytes(b"\x89PNG\xff/wor" + b"k/")
    assert addresses(tmp_path, [Path("page.md"), Path("picture.png")]) == []


def test_only_what_git_keeps_or_would_keep_is_looked_at(tmp_path: Path) -> None:
    subprocess.run(["git", "init", "--quiet", tmp_path], check=True)
    plant(tmp_path, {".gitignore": "data/\n", "data/kept.txt": "", "engine/rooms.py": ""})
    assert sorted(tracked(tmp_path)) == [Path(".gitignore"), Path("engine/rooms.py")]


def test_a_folder_without_git_fails_and_says_so(tmp_path: Path) -> None:
    with pytest.raises(RuntimeError, match="git cannot list the files of"):
        tracked(tmp_path)
