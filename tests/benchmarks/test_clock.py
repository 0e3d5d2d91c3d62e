"""CPU and memory of a process tree: a child's work counts while it lives, its parent's memory does not count twice."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager

import pytest
from benchmarks.clock import PROC, Watch, cpu_of, cpu_of_tree, now, peak_of, tree

pytestmark = pytest.mark.skipif(not PROC.is_dir(), reason="the system tells nothing of living children")
MB = 2**20


@contextmanager
def child(work: str) -> Iterator[subprocess.Popen[str]]:
    """A process that does some work, says so, and waits."""
    code = f"import sys, time\n{work}\nprint('done', flush=True)\nsys.stdin.read()"
    with subprocess.Popen([sys.executable, "-c", code], stdin=-1, stdout=-1, text=True) as process:
        assert process.stdout is not None
        assert process.stdout.readline() == "done\n"
        yield process
        process.stdin.close()  # type: ignore[union-attr]


def test_a_childs_cpu_counts_while_it_lives_and_after() -> None:
    before = cpu_of_tree()
    with child("while time.process_time() < 0.3: pass") as one:
        assert 0.25 <= cpu_of(one.pid) <= cpu_of_tree() - before + 0.02
        assert one.pid in tree(os.getpid())
    assert one.pid not in tree(os.getpid()) and cpu_of(one.pid) == 0.0
    assert cpu_of_tree() - before >= 0.25


def test_grandchildren_are_of_the_tree() -> None:
    spawn = "import subprocess\ng = subprocess.Popen([sys.executable, '-c', 'import sys; sys.stdin.read()'], stdin=-1)"
    with child(spawn) as one:
        assert len(tree(one.pid)) == 1 and set(tree(one.pid)) < set(tree(os.getpid()))


def test_a_childs_memory_is_its_own() -> None:
    ballast = bytearray(150 * MB)
    others = now() - peak_of(os.getpid())  # children of tests before this one
    with child(f"x = bytearray({80 * MB})") as one:
        assert 80 < peak_of(one.pid) < 140
        assert now() == pytest.approx(others + peak_of(os.getpid()) + peak_of(one.pid), abs=5)
    assert peak_of(one.pid) == 0.0 and len(ballast) == 150 * MB


def test_the_watch_remembers_a_child_that_has_ended() -> None:
    with Watch() as watch:
        alone = watch.mb
        with child(f"x = bytearray({80 * MB})"):
            assert watch.mb > alone + 80
        assert watch.mb > alone + 80 > now() + 70
