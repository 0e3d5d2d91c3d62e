"""A helper process that answers jobs, and the watch over it: it never outlives its job's limit, nor its parent.

Started as a plain child (`python -c ...`), not by `multiprocessing`: a user's script needs no `__main__` guard.
Jobs and answers are pickles on the child's standard input and output.
"""

from __future__ import annotations

import pickle
import queue
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable
from contextlib import AbstractContextManager, suppress
from types import TracebackType
from typing import IO, Any

from kaopt.errors import EnvironmentFault

WORKER = "import sys; sys.path[:] = {path!r}; from kaopt.allocation.solver.worker import main; main()"
GRACE = 5.0  # seconds beyond a limit before the child is killed
POLITE = 3.0  # seconds that an interrupted child has to hand in its last word
Message = dict[str, Any]


class Stopped(Exception):
    """The child gave no final answer: `why` is limit (killed by the watchdog), died or interrupted."""

    def __init__(self, why: str, detail: str = "") -> None:
        self.why, self.detail = why, detail
        super().__init__(f"{why}: {detail}")


class Child(AbstractContextManager["Child"]):
    """One helper process; started on the first job, and again on the next job after it was killed."""

    def __init__(self, *, memory_gb: float = 16.0, grace: float = GRACE, code: str | None = None) -> None:
        """`code`: what the process runs instead of the solver's worker."""
        self._grace = grace
        self._code = WORKER.format(path=sys.path) if code is None else code
        self._memory = memory_gb
        self._process: subprocess.Popen[bytes] | None = None
        self._inbox: queue.Queue[Message] = queue.Queue()
        self._errors: IO[bytes] | None = None
        self._past = self._latest = 0.0
        self.generation = 0  # counts starts: models loaded in an earlier one are gone

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    @property
    def running(self) -> bool:
        """True while the process lives."""
        return self._process is not None and self._process.poll() is None

    @property
    def cpu(self) -> float:
        """CPU seconds that this child and those before it have used, as of the last answer or end."""
        return self._past + self._latest

    @property
    def pid(self) -> int | None:
        """The process id, None before the first job."""
        return None if self._process is None else self._process.pid

    def ask(self, job: Message, *, limit: float, hear: Callable[[Message], None] | None = None) -> Message:
        """Give a job and wait for its final answer, hearing what comes between; Stopped where none comes.

        `limit`: wall seconds that the job was told to take; the child is killed GRACE or 10 % after it.
        """
        end = time.monotonic() + limit + max(self._grace, 0.1 * limit)
        try:
            self._start()
            self._send(job)
            return self._await(end, hear)
        except KeyboardInterrupt:
            raise self._interrupt(hear) from None
        except BaseException:
            self.close()
            raise

    def close(self) -> None:
        """End the process at once, whatever it does."""
        process, self._process = self._process, None
        if process is not None:
            before = children_cpu()
            process.kill()
            process.wait()
            self._past += max(children_cpu() - before, self._latest)
            self._latest = 0.0
            for pipe in (process.stdin, process.stdout, self._errors):
                with suppress(OSError):
                    if pipe is not None:
                        pipe.close()

    def _start(self) -> None:
        if self.running:
            return
        self.close()
        self._errors = tempfile.TemporaryFile()  # noqa: SIM115 closed in close()
        self._inbox = queue.Queue()
        command = [sys.executable, "-c", self._code]
        try:
            self._process = subprocess.Popen(  # its own session: Ctrl-C reaches the parent only
                command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=self._errors, start_new_session=True
            )
        except OSError as error:
            raise EnvironmentFault(f"the solver's process cannot be started: {error}") from error
        threading.Thread(target=_read, args=(self._process.stdout, self._inbox), daemon=True).start()
        self.generation += 1
        self._send({"memory_gb": self._memory})

    def _send(self, message: Message) -> None:
        assert self._process is not None
        assert self._process.stdin is not None
        try:
            pickle.dump(message, self._process.stdin, protocol=5)
            self._process.stdin.flush()
        except OSError:
            raise self._dead() from None

    def _await(self, end: float, hear: Callable[[Message], None] | None) -> Message:
        while True:
            try:
                message = self._inbox.get(timeout=max(end - time.monotonic(), 0.0))
            except queue.Empty:
                self.close()
                raise Stopped("limit", "the solver overran its limit and was ended") from None
            if message["kind"] == "gone":
                raise self._dead()
            if message["kind"] == "failed":
                raise Stopped("died", message["text"])
            if message["kind"] == "done":
                self._latest = message["cpu"]
                return message
            if hear is not None:
                hear(message)

    def _interrupt(self, hear: Callable[[Message], None] | None) -> Stopped:
        """Ask politely, hear the last improvements, then end it."""
        with suppress(Stopped, KeyboardInterrupt):
            self._send({"kind": "stop"})
            self._await(time.monotonic() + POLITE, hear)
        self.close()
        return Stopped("interrupted", "interrupted by the user")

    def _dead(self) -> Stopped:
        process, errors = self._process, self._errors
        said = ""
        if process is not None and errors is not None:
            with suppress(subprocess.TimeoutExpired):
                process.wait(timeout=POLITE)
            errors.seek(0)
            said = errors.read()[-2000:].decode("utf-8", "replace").strip()
        code = None if process is None else process.returncode
        self.close()
        why = "memory" if "bad_alloc" in said or "MemoryError" in said else "died"
        return Stopped(why, f"the solver's process ended with code {code}. {said[-300:]}".strip())


def cpu_seconds() -> float:
    """CPU seconds of this process and its ended children."""
    return time.process_time() + children_cpu()


def children_cpu() -> float:
    """CPU seconds of all ended children of this process; 0 where the system does not tell."""
    try:
        import resource
    except ImportError:  # Windows
        return 0.0
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime


def _read(pipe: IO[bytes], inbox: queue.Queue[Message]) -> None:
    """Put what the child says into the inbox until it says no more."""
    with suppress(EOFError, OSError, ValueError, pickle.UnpicklingError):
        while True:
            inbox.put(pickle.load(pipe))
    inbox.put({"kind": "gone"})
