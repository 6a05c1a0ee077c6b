"""The environment of a process that this package starts."""

import os
import signal
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

QUIET = {"OMP_NUM_THREADS": "1", "OPENBLAS_NUM_THREADS": "1"}
"""One thread for the mathematics: the cores are the show's."""


def child_environment(**more: str) -> dict[str, str]:
    """That of now, with this package found wherever it lies, and `more`."""
    root = str(Path(__file__).resolve().parent.parent.parent)
    paths = [root, *filter(None, [os.environ.get("PYTHONPATH")])]
    return {**os.environ, **QUIET, **more, "PYTHONPATH": os.pathsep.join(paths)}


@contextmanager
def deaf_to_ctrl_c() -> Iterator[None]:
    """What is started meanwhile never hears Ctrl-C, not even while it still loads; the show ends it.

    A Ctrl-C that comes meanwhile reaches this process afterwards. Windows has no such mask. Any thread.
    """
    if not hasattr(signal, "pthread_sigmask"):
        yield
        return
    before = signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT})
    try:
        yield
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)
