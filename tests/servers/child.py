"""One foreign process: started, watched, and ended by its id, whatever becomes of the test."""

import os
import shutil
import signal
import subprocess
import threading
import time
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path


class NotReady(Exception):
    """The process ended, or was not ready in time. The text carries what it printed."""


class Child:
    """A process that ends with this one, even when this one is killed.

    Linux ends a child with the *thread* that started it, so it must be the main thread. What the process
    prints is appended to `log`.
    """

    def __init__(
        self,
        command: Sequence[str | Path],
        *,
        log: Path,
        environment: Mapping[str, str] | None = None,
        folder: Path | None = None,
        user: str | None = None,
        ended_by: signal.Signals = signal.SIGTERM,
    ) -> None:
        if threading.current_thread() is not threading.main_thread():
            raise RuntimeError("start servers from the main thread: a child ends with its thread")
        self.log = log
        with log.open("ab") as output:
            self._process = subprocess.Popen(
                [*_tied(ended_by), *map(str, command)],
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=subprocess.STDOUT,
                env=environment,
                cwd=folder,
                user=user,
                group=user,
                extra_groups=[] if user else None,
                start_new_session=True,  # Ctrl-C is for pytest, whose fixtures then end us in order
            )

    @property
    def pid(self) -> int:
        return self._process.pid

    @property
    def code(self) -> int | None:
        """The exit code, negative for a signal; None while the process lives."""
        return self._process.poll()

    def output(self) -> str:
        """All that the process printed so far."""
        return self.log.read_text(errors="replace")

    def send(self, number: signal.Signals) -> None:
        """Sends a signal; harmless once the process has ended."""
        self._process.send_signal(number)

    def wait_until(self, ready: Callable[[], bool], seconds: float) -> None:
        """Returns once `ready` is true. Raises NotReady when the process ended or `seconds` have gone by."""
        deadline = time.monotonic() + seconds
        while not ready():
            self.check(deadline, seconds)
            time.sleep(0.01)

    def check(self, deadline: float, seconds: float) -> None:
        """Raises NotReady when the process has ended or `deadline` (monotonic seconds) has passed."""
        if self.code is not None:
            raise NotReady(f"the process ended with {self.code} before it was ready:\n{self.output()}")
        if time.monotonic() > deadline:
            raise NotReady(f"the process was not ready after {seconds} s:\n{self.output()}")

    def end(self, by: signal.Signals = signal.SIGTERM, seconds: float = 10) -> int:
        """Sends `by`, waits, kills what is left after `seconds`; returns the exit code."""
        self.send(by)
        try:
            return self._process.wait(seconds)
        except subprocess.TimeoutExpired:
            self._process.kill()
            return self._process.wait()


def _tied(ended_by: signal.Signals) -> list[str]:
    """A prefix that lets the kernel end the process with us; it keeps the process id. Empty outside Linux."""
    setpriv = shutil.which("setpriv")
    return [setpriv, f"--pdeathsig={ended_by.name.removeprefix('SIG')}", "--"] if setpriv else []


def serving_user() -> str | None:
    """The user that servers which refuse root run as; None when we are not root."""
    return "postgres" if os.geteuid() == 0 else None
