"""The last line of a program: leave with a code, whatever still runs."""

import os
import sys
import threading
from typing import NoReturn


def leave(code: int) -> NoReturn:
    """End the process. Main thread, when everything is written and closed.

    A thread that could not be ended in time may still be deep in a library: a show that ends while torch
    is being loaded, say. Python's own ending would pull the ground from under it, and the process would
    die of a signal, with the run whole and the exit code of a crash. So Python is not asked then.
    """
    if threading.active_count() > 1:
        for stream in (sys.stdout, sys.stderr):
            if stream is not None:
                stream.flush()
        os._exit(code)
    raise SystemExit(code)
