"""What each command does; ``console/__main__.py`` reads the arguments."""

import asyncio
import contextlib
import logging
import shutil
import signal
import sys
from collections.abc import AsyncIterator, Iterator, Sequence
from pathlib import Path

import migrations
from console import archive, schema
from console.access.passwords import Passwords
from console.demo import DEMO
from console.demo import seed as demo_shop
from engine.db import Database
from engine.settings import Misconfigured, Settings


def serve(settings: Settings, *, demo: bool, migrate: bool) -> None:
    """Serve until told to stop. The last lines are printed once it really answers."""
    from console import serving

    _log(settings)
    listening = serving.listen(settings)
    settings = serving.bound(settings, listening)
    schema.make_folder(settings)
    with serving.only_one(settings):
        if migrate or demo:
            schema.migrate(settings)
        else:
            schema.expect(settings)
        _ = settings.secret  # made now, so that a folder that cannot be written is told before anybody connects
        people = _seed(settings) if demo else []
        serving.serve(settings, listening, lambda: _say(_ready(settings, people)))


def work(settings: Settings) -> None:
    """Jobs and sweeps until SIGTERM or SIGINT."""
    from console.assembly import assemble, running

    _log(settings)
    schema.expect(settings)

    async def until_stopped() -> None:
        stop = asyncio.Event()
        for number in (signal.SIGTERM, signal.SIGINT):
            asyncio.get_running_loop().add_signal_handler(number, stop.set)
        async with running(assemble(settings), alone=False):
            _say(["Frontdesk is working. SIGTERM ends it."])
            await stop.wait()

    schema.reach(settings, until_stopped())


def migrate(settings: Settings) -> None:
    _say([f"The database is at schema {schema.migrate(settings)}."])


def seed(settings: Settings, *, new_passwords: bool) -> None:
    schema.migrate(settings)
    _say(_sign_ins(_seed(settings, new_passwords=new_passwords)))


def backup(settings: Settings, file: Path) -> None:
    """Everything, of one instant, while the server runs."""
    schema.expect(settings)
    kept = settings.DATA_DIR / "secret"
    secret = kept.read_text().strip() if kept.exists() and not settings.SECRET_KEY else None

    async def dump() -> dict[str, int]:
        async with _database(settings) as db:
            with archive.create(file) as out:
                return await archive.dump(db, migrations.head(), secret, out)

    with _refusals():
        counts = schema.reach(settings, dump())
    _say([f"{file} holds {sum(counts.values()):,} rows of {len(counts)} tables."])


def restore(settings: Settings, file: Path) -> None:
    """Everything or nothing, into an empty database."""
    schema.expect(settings)

    async def load() -> tuple[dict[str, int], str | None]:
        async with _database(settings) as db:
            with archive.open_backup(file) as source:
                return await archive.load(db, migrations.head(), source)

    with _refusals():
        counts, secret = schema.reach(settings, load())
    _say([f"{sum(counts.values()):,} rows of {len(counts)} tables restored; the ledger adds up."])
    if secret and not settings.SECRET_KEY and not archive.keep_secret(secret, settings.DATA_DIR / "secret"):
        _say(["DATA_DIR holds another secret already, which stays: visitors begin new conversations."])


def _log(settings: Settings) -> None:
    """Our own words at LOG_LEVEL, on stderr; uvicorn writes its own. Ids only: never what people wrote."""
    logging.basicConfig(format="%(asctime)s %(levelname)s %(name)s: %(message)s")
    for name in ("engine", "knowledge", "console"):
        logging.getLogger(name).setLevel(settings.LOG_LEVEL.upper())


@contextlib.asynccontextmanager
async def _database(settings: Settings) -> AsyncIterator[Database]:
    db = Database(settings.database_url, pool_size=2)
    try:
        yield db
    finally:
        await db.dispose()


@contextlib.contextmanager
def _refusals() -> Iterator[None]:
    try:
        yield
    except archive.Refused as refused:
        raise Misconfigured(str(refused)) from None


def _seed(settings: Settings, *, new_passwords: bool = False) -> list[demo_shop.Person]:
    async def run() -> list[demo_shop.Person]:
        async with _database(settings) as db:
            return await demo_shop.seed(db, Passwords(), settings.own_origins, new_passwords=new_passwords)

    return schema.reach(settings, run())


def _ready(settings: Settings, people: Sequence[demo_shop.Person]) -> list[str]:
    url = settings.public_url
    if not people:
        return [f"Frontdesk is ready at {url}"]
    places = [f"  Demo shop   {url}/demo", f"  Live desk   {url}/app/{DEMO}/live", f"  Sign in     {url}/auth/sign-in"]
    return ["", f"Frontdesk is ready at {url}", "", *places, "", *_sign_ins(people)]


def _sign_ins(people: Sequence[demo_shop.Person]) -> list[str]:
    lines = [f"  {person.role:<6} {person.email:<24} {person.password or ''}".rstrip() for person in people]
    if any(person.password for person in people):
        return ["Sign in as (the passwords are shown this once):", *lines]
    again = f"{_program()} seed --new-passwords"
    return [f"Sign in as (passwords were shown at the first start; for new ones: {again}):", *lines]


def _program() -> str:
    """How this program is called from here."""
    return "frontdesk" if shutil.which("frontdesk") else sys.argv[0]


def _say(lines: Sequence[str]) -> None:
    print("\n".join(lines), flush=True)
