"""A process that this package starts: its environment, its start, and what it says."""

import json
import os
import signal
import subprocess
import sys
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

QUIET = {"OMP_NUM_THREADS": "1", "OPENBLAS_NUM_THREADS": "1"}
"""One thread for the mathematics: the cores are the show's."""


def child_environment(**more: str) -> dict[str, str]:
    """That of now, with this package found wherever it lies, and `more`."""
    root = str(Path(__file__).resolve().parent.parent.parent)
    paths = [root, *filter(None, [os.environ.get("PYTHONPATH")])]
    return {**os.environ, **QUIET, **more, "PYTHONPATH": os.pathsep.join(paths)}


@contextmanager
def deaf_to_terminal() -> Iterator[None]:
    """What is started meanwhile hears neither Ctrl-C nor that the terminal is closed; the show ends it.

    Not even while it still loads. What comes meanwhile reaches this process afterwards. Windows has no such
    mask. Any thread.
    """
    if not hasattr(signal, "pthread_sigmask"):
        yield
        return
    before = signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT, signal.SIGHUP})
    try:
        yield
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)


def start_child(
    module: str, environment: Mapping[str, str], stderr: int | None = None
) -> "subprocess.Popen[str]":
    """A module in a process of its own, deaf to its terminal; lines of text go in and come out.

    `stderr` as `subprocess.Popen` takes it. Returns at once. Any thread. Raises `OSError`.
    """
    with deaf_to_terminal():
        return subprocess.Popen(
            [sys.executable, "-m", module],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=stderr,
            text=True,
            encoding="utf-8",
            env=environment,
        )


def records_of(lines: Iterable[str]) -> Iterator[dict[str, Any]]:
    """The JSON objects that a process says, one a line, until it says no more; waits for each.

    What is none is passed over; that the pipe is closed meanwhile is an end as well.
    """
    with suppress(OSError, ValueError):
        for line in lines:
            record = None
            with suppress(ValueError):
                record = json.loads(line)
            if isinstance(record, dict):
                yield record
