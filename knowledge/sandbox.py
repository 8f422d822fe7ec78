"""A process for reading what strangers made: bounded in memory, time, output and reach, and ended when it is over.

The child gets the bytes and nothing else: an empty environment, no open files but the two pipes, no network (an audit
hook refuses sockets and processes). It answers JSON of a fixed shape, so that even a child that was taken over can say
no more than a document.
"""

import asyncio
import logging
import os
import signal
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, NoReturn
from weakref import WeakKeyDictionary

import msgspec

from knowledge.sheet import Fault, Unreadable

if TYPE_CHECKING:
    from knowledge.formats import Kind, Taken

log = logging.getLogger(__name__)

SECONDS = 20.0  # by the clock, start included
CPU_SECONDS = 20
MEMORY = 512 * 1024 * 1024  # bytes beyond what the interpreter itself takes
MOST_OUTPUT = 32 * 1024 * 1024  # bytes; 5 MB of text in the widest spelling of JSON stay below it
MOST_AT_ONCE = 2  # children of one process: a third waits
_SLOW = "Reading the file took longer than {0:.0f} seconds. Split it into smaller files, or save it in another format."
_LARGE = "Reading the file takes more memory than is allowed. Split it into smaller files, or save it as text."
_BROKEN = "The file is damaged or not what it seems: it cannot be read. Save it again, or in another format."
_REFUSED = (
    "socket.",
    "subprocess.",
    "os.exec",
    "os.fork",
    "os.posix_spawn",
    "os.system",
    "ftplib.",
    "urllib.",
    "ctypes.",
)


@dataclass(frozen=True, slots=True)
class Bounds:
    """What one reading may take: seconds by the clock and of processor, bytes of memory and of output."""

    seconds: float = SECONDS
    cpu: int = CPU_SECONDS
    memory: int = MEMORY
    output: int = MOST_OUTPUT


@dataclass(frozen=True, slots=True)
class _Order:
    """The first line that the child reads; the bytes of the file follow it."""

    kind: str
    name: str
    url: str
    charset: str
    memory: int
    cpu: int


@dataclass(frozen=True, slots=True)
class _Answer:
    """What the child says: a document, or the fault, or the name of what broke."""

    taken: Any = None
    fault: Fault | None = None
    broke: str = ""


async def run(
    data: bytes, kind: "Kind", *, name: str = "", url: str = "", charset: str = "", bounds: Bounds | None = None
) -> "Taken":
    """What :func:`knowledge.formats.taken_apart` makes of ``data``. Raises :class:`~knowledge.sheet.Unreadable`, also
    where the child took too long, too much, or died. A caller that is cancelled leaves no child behind."""
    from knowledge.formats import Taken

    limits = bounds or Bounds()
    order = _Order(kind, name[:255], url, charset[:40], limits.memory, limits.cpu)
    async with _turn():
        output = await _converse(msgspec.json.encode(order) + b"\n" + data, limits, kind)
    try:
        answer = await asyncio.to_thread(msgspec.json.decode, output, type=_Answer)
        if answer.fault is None and not answer.broke:
            return await asyncio.to_thread(msgspec.convert, answer.taken, Taken)
    except (msgspec.DecodeError, ValueError):
        log.warning("reading a %s: the child's answer is none", kind)
        raise _unreadable(_BROKEN) from None
    if answer.fault is not None:
        raise Unreadable(answer.fault)
    log.warning("reading a %s broke: %s", kind, answer.broke)
    raise _unreadable(_LARGE if answer.broke == "MemoryError" else _BROKEN)


def serve() -> None:
    """The child: read an order and a file from standard input, answer on standard output."""
    head, _, data = sys.stdin.buffer.read().partition(b"\n")
    order = msgspec.json.decode(head, type=_Order)
    _confine(order)
    answer = _answer(order, data)
    try:
        said = msgspec.json.encode(answer)
    except MemoryError:
        said = msgspec.json.encode(_Answer(broke="MemoryError"))
    sys.stdout.buffer.write(said)
    sys.stdout.buffer.flush()
    os._exit(0)  # no clean-up of a large tree: the process ends anyway


_turns: WeakKeyDictionary[asyncio.AbstractEventLoop, asyncio.Semaphore] = WeakKeyDictionary()


def _turn() -> asyncio.Semaphore:
    """A semaphore belongs to one loop; a process that serves has one."""
    return _turns.setdefault(asyncio.get_running_loop(), asyncio.Semaphore(MOST_AT_ONCE))


async def _converse(sent: bytes, limits: Bounds, kind: str) -> bytes:
    child = await asyncio.create_subprocess_exec(
        *_command(),
        stdin=asyncio.subprocess.PIPE,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.DEVNULL,
        env={"LC_ALL": "C.UTF-8"},
        cwd="/",
        start_new_session=True,
    )
    try:
        async with asyncio.timeout(limits.seconds):
            output, _ = await asyncio.gather(_receive(child, limits.output), _send(child, sent))
            code = await child.wait()
    except TimeoutError:
        log.warning("reading a %s took longer than %s s", kind, limits.seconds)
        raise _unreadable(_SLOW.format(limits.seconds)) from None
    finally:
        await _end(child)
    if code == -signal.SIGXCPU or code == -signal.SIGKILL:
        raise _unreadable(_SLOW.format(limits.cpu))
    if code or not output:
        log.warning("reading a %s: the child ended with %s", kind, code)
        raise _unreadable(_BROKEN)
    return output


def _command() -> list[str]:
    root = str(Path(__file__).resolve().parents[1])
    start = "import sys; sys.path.insert(0, sys.argv[1]); from knowledge.sandbox import serve; serve()"
    return [sys.executable, "-I", "-c", start, root]


async def _send(child: asyncio.subprocess.Process, sent: bytes) -> None:
    assert child.stdin is not None
    try:
        child.stdin.write(sent)
        await child.stdin.drain()
    except ConnectionError:
        log.info("the child ended before it had read everything")
    finally:
        child.stdin.close()


async def _receive(child: asyncio.subprocess.Process, most: int) -> bytes:
    assert child.stdout is not None
    taken = bytearray()
    while piece := await child.stdout.read(1 << 18):
        taken += piece
        if len(taken) > most:
            raise _unreadable(_LARGE)
    return bytes(taken)


async def _end(child: asyncio.subprocess.Process) -> None:
    """Kill the child's whole group, if it is not gone, and wait for it, so that no zombie stays."""
    if child.returncode is None:
        try:
            os.killpg(child.pid, signal.SIGKILL)
        except ProcessLookupError:
            log.info("the child was gone before it could be ended")
    await asyncio.shield(child.wait())


def _unreadable(sentence: str) -> Unreadable:
    return Unreadable(Fault(1, "", sentence))


# In the child --------------------------------------------------------------------------------------------------


def _answer(order: _Order, data: bytes) -> _Answer:
    try:
        from knowledge.formats import taken_apart

        kind: Any = order.kind
        return _Answer(taken_apart(data, kind, name=order.name, url=order.url, charset=order.charset))
    except Unreadable as broken:
        return _Answer(fault=broken.fault)
    except Exception as broke:  # the edge of the child: the parent logs it, and tells the person a plain sentence
        return _Answer(broke=type(broke).__name__)


def _confine(order: _Order) -> None:
    import resource

    def lower(what: int, most: int) -> None:
        _, hard = resource.getrlimit(what)
        most = most if hard == resource.RLIM_INFINITY else min(most, hard)
        resource.setrlimit(what, (most, most))

    lower(resource.RLIMIT_CORE, 0)
    lower(resource.RLIMIT_FSIZE, 0)
    lower(resource.RLIMIT_NOFILE, 32)  # for what is imported below, one file at a time
    lower(resource.RLIMIT_CPU, order.cpu)
    if sys.platform == "linux":  # elsewhere the kernel does not keep it
        pages = int(Path("/proc/self/statm").read_text().split()[0])
        lower(resource.RLIMIT_AS, pages * resource.getpagesize() + order.memory)
    sys.addaudithook(_refuse)


def _refuse(event: str, arguments: tuple[Any, ...]) -> None:
    if event.startswith(_REFUSED) or (event == "open" and _writes(arguments)):
        _forbidden(event)


def _writes(arguments: tuple[Any, ...]) -> bool:
    mode = arguments[1]
    return isinstance(mode, str) and any(letter in mode for letter in "wax+")


def _forbidden(event: str) -> NoReturn:
    raise PermissionError(f"a document wanted {event}")
