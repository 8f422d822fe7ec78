"""What a page finds at hand: the engine, and what only the console has."""

from dataclasses import dataclass

from starlette.requests import Request

from console.access.attempts import Attempts
from console.access.passwords import Passwords
from console.files import Files
from console.templates import Templates
from engine.ports import Engine


@dataclass(frozen=True, slots=True)
class Console:
    """Wired once, in ``console/app.py``."""

    engine: Engine
    passwords: Passwords
    attempts: Attempts
    files: Files
    templates: Templates


def console_of(request: Request) -> Console:
    console: Console = request.app.state.console
    return console
