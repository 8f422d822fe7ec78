"""What the tests need of the machine: where it is, or a failure that says how to get it."""

import os
import random
import shutil
import socket
from collections.abc import Iterable
from pathlib import Path

FIRST_PORT, PORTS = 12_000, 2_500  # below what the system gives to outgoing connections (32768 on Linux)


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
    """A port of 127.0.0.1 on which nobody listens now, and which no other worker of this run is offered."""
    worker = int(os.environ.get("PYTEST_XDIST_WORKER", "gw0").removeprefix("gw"))
    first = FIRST_PORT + worker % 8 * PORTS
    for port in random.sample(range(first, first + PORTS), PORTS):
        with socket.socket() as probe:
            try:
                probe.bind(("127.0.0.1", port))
            except OSError:
                continue
            return port
    raise MissingPart(f"no port of {first} to {first + PORTS} is free on this machine: end what listens there")
