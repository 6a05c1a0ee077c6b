"""Processes that this package starts, and Ctrl-C."""

import os
import signal
import subprocess
import sys

import pytest

from instrument.signals.child_environment import deaf_to_ctrl_c

CHILD = "import sys; print('up', flush=True); print('heard ' + sys.stdin.readline(), end='')"


@pytest.mark.skipif(os.name == "nt", reason="Windows has no signal mask")
def test_a_child_that_still_loads_is_deaf_to_ctrl_c() -> None:
    """It goes on until it is told; the one who started it hears Ctrl-C as before."""
    with deaf_to_ctrl_c():
        child = subprocess.Popen(
            [sys.executable, "-c", CHILD], stdin=subprocess.PIPE, stdout=subprocess.PIPE,
            stderr=subprocess.PIPE, text=True,
        )  # fmt: skip
    child.send_signal(signal.SIGINT)
    said, faults = child.communicate("the order", timeout=60)
    assert (child.returncode, said, faults) == (0, "up\nheard the order", "")
    assert signal.SIGINT not in signal.pthread_sigmask(signal.SIG_BLOCK, set())
