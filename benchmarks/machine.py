"""What the machine says of processes and of itself (Linux: /proc)."""

import os
import platform
import resource
from pathlib import Path

_TICK = os.sysconf("SC_CLK_TCK")
_PAGE = os.sysconf("SC_PAGE_SIZE")


def cpu_seconds(pid: int) -> float:
    """User and system time of a process so far; steps of 10 ms."""
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / _TICK


def family(pid: int) -> list[int]:
    """A process and its children, as PostgreSQL has one for each connection."""
    children = Path(f"/proc/{pid}/task/{pid}/children").read_text().split()
    return [pid, *map(int, children)]


def family_cpu(pid: int) -> dict[int, float]:
    """``cpu_seconds`` of a process and each of its children."""
    found: dict[int, float] = {}
    for member in family(pid):
        try:
            found[member] = cpu_seconds(member)
        except FileNotFoundError:  # it has ended meanwhile
            continue
    return found


def rss(pid: int) -> int:
    """Bytes of memory that a process really holds."""
    return int(Path(f"/proc/{pid}/statm").read_text().split()[1]) * _PAGE


def filesystem(path: Path) -> str:
    """The type of the file system that holds ``path``."""
    best, kind = "", "unknown"
    for line in Path("/proc/mounts").read_text().splitlines():
        _, mount, type_, *_ = line.split()
        inside = mount == "/" or str(path.resolve()).startswith(mount + "/") or str(path.resolve()) == mount
        if inside and len(mount) >= len(best):
            best, kind = mount, type_
    return kind


def allow_files(wanted: int) -> None:
    """Let this process and its children hold ``wanted`` open files; exits with a sentence where that is forbidden."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    if hard != resource.RLIM_INFINITY and hard < wanted:
        raise SystemExit(f"This needs {wanted:,} open files a process; the limit here is {hard:,} (ulimit -Hn).")
    resource.setrlimit(resource.RLIMIT_NOFILE, (max(soft, wanted), hard))


def described() -> str:
    """One line: what ran this and how busy it was."""
    one, five, _ = os.getloadavg()
    cores = os.cpu_count() or 1
    return f"{cores} cores, Python {platform.python_version()}, load average {one:.1f} (1 min) {five:.1f} (5 min)"
