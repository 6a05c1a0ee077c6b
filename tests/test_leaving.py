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


TIDYING = """
import sys, time
from instrument.cli import guarded
from instrument.leaving import interrupt_again
class Old:
    def __del__(self):
        raise KeyboardInterrupt
def run():
    sys.unraisablehook = interrupt_again
    Old()
    time.sleep(60)
    return 0
sys.exit(guarded(run))
"""


def test_ctrl_c_while_python_tidies_up_still_ends_the_tool() -> None:
    """No traceback of what nobody can mend, and the tool does not go on as if nothing had been."""
    ended = subprocess.run(
        [sys.executable, "-c", TIDYING], capture_output=True, text=True, timeout=55
    )
    assert (ended.returncode, ended.stderr) == (130, "stopped by Ctrl-C\n")
