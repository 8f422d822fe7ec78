"""What the tests need of the machine: where it is, or a failure that says how to get it."""

import shutil
import socket
from collections.abc import Iterable
from pathlib import Path


class MissingPart(Exception):
    """A server or browser that the tests start is not on this machine. Never a reason to skip."""


def program(*names: str, package: str, folders: Iterable[Path] = ()) -> Path:
    """The first of `names` found in PATH, then in `folders`.

    Raises MissingPart, which names Debian's `package` that holds it.
    """
    for name in names:
        if found := shutil.which(name):
            return Path(found)
    for folder in folders:
        for name in names:
            if found := shutil.which(name, path=str(folder)):
                return Path(found)
    wanted = " or ".join(names)
    raise MissingPart(
        f"{wanted} is not on this machine: start ./test as root, or apt-get install {package}, then try again"
    )


def free_port() -> int:
    """A port of 127.0.0.1 on which nobody listens now."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port
