"""The end of a program: its code is what was meant, even where a thread cannot be ended."""

import os
import subprocess
import sys
import time
from pathlib import Path

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


CLOSED = """
import contextlib, signal, sys, time
from instrument.leaving import leave, signals_end
if sys.argv[2] == "outlives":
    signal.signal(signal.SIGHUP, signal.SIG_IGN)
said = []
with signals_end(said.append):
    print("up", flush=True)
    end_s = time.monotonic() + (30.0 if sys.argv[2] == "ends" else 0.5)
    while not said and time.monotonic() < end_s:
        time.sleep(0.01)
with contextlib.suppress(OSError):
    print("to nobody")
open(sys.argv[1], "w").write(" ".join(said) or "the end")
leave(0)
"""


@pytest.mark.skipif(os.name == "nt", reason="Windows has no such terminals")
@pytest.mark.parametrize(
    ("how", "reason"), [("ends", "the terminal was closed"), ("outlives", "the end")]
)
def test_a_terminal_that_is_closed_ends_the_show_in_order(
    tmp_path: Path, how: str, reason: str
) -> None:
    """As SIGTERM does, with its exit code, though nobody reads any more; who runs under nohup goes on."""
    import pty

    out = tmp_path / "reason"
    child, terminal = pty.fork()
    if child == 0:
        os.execv(sys.executable, [sys.executable, "-c", CLOSED, str(out), how])
    said = b""
    while b"up\r\n" not in said:
        said += os.read(terminal, 100)
    os.close(terminal)
    deadline_s = time.monotonic() + 60
    while (ended := os.waitpid(child, os.WNOHANG))[0] == 0:
        assert time.monotonic() < deadline_s, "it never ended"
        time.sleep(0.02)
    assert (os.waitstatus_to_exitcode(ended[1]), out.read_text()) == (0, reason)
