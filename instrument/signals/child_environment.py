"""The environment of a process that this package starts."""

import os
from pathlib import Path

QUIET = {"OMP_NUM_THREADS": "1", "OPENBLAS_NUM_THREADS": "1"}
"""One thread for the mathematics: the cores are the show's."""


def child_environment(**more: str) -> dict[str, str]:
    """That of now, with this package found wherever it lies, and `more`."""
    root = str(Path(__file__).resolve().parent.parent.parent)
    paths = [root, *filter(None, [os.environ.get("PYTHONPATH")])]
    return {**os.environ, **QUIET, **more, "PYTHONPATH": os.pathsep.join(paths)}
