"""The end of a program: its code is what was meant, even where a thread cannot be ended."""

import subprocess
import sys

import pytest

LEFT = """
import sys, threading, time
from instrument.leaving import leave
def busy():
    while True:
        time.sleep(0.001)
if sys.argv[1] == "busy":
    threading.Thread(target=busy, daemon=True).start()
    import atexit
    atexit.register(lambda: print("Python's own ending was asked"))
print("written", end="")
leave(int(sys.argv[2]))
"""


@pytest.mark.parametrize("threads", ["busy", "none"])
@pytest.mark.parametrize("code", [0, 2])
def test_a_program_leaves_with_its_code(threads: str, code: int) -> None:
    """What was printed is out; with a thread still there Python's own ending is not asked."""
    ended = subprocess.run(
        [sys.executable, "-c", LEFT, threads, str(code)], capture_output=True, timeout=30
    )
    assert (ended.returncode, ended.stdout) == (code, b"written")
