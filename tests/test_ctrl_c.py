"""Ctrl-C before a command has begun, while it begins, and when it is over: a sentence, no traceback."""

import os
import signal
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest

WAITS = """
import atexit, os, sys
class Wait:
    def find_spec(self, name, path=None, target=None):
        if name == os.environ["WAIT_AT"] and sys.meta_path.pop(0):
            print("here", flush=True)
            sys.stdin.readline()
def late():
    try:
        import nothing_of_this_name
    except ImportError:
        return
sys.meta_path.insert(0, Wait())
atexit.register(late)
from instrument.entry import COMMAND
COMMAND()
"""
"""The console script, which waits where a module is about to be imported."""
MODULES = (
    "instrument.cli", "argparse", "numpy", "datetime", "instrument.guarded", "instrument.leaving",
)  # fmt: skip
SHOW = ("--headless", "--sound", "null", "--no-midi", "--no-query", "--no-announce", "--no-record")


def interrupted(command: str, at: str, *words: str) -> tuple[int, str]:
    """Exit code, and all that was said after Ctrl-C came when `at` was about to be imported."""
    process = subprocess.Popen(
        [sys.executable, "-c", WAITS.replace("COMMAND", command), *words],
        stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
        env={**os.environ, "WAIT_AT": at},
    )  # fmt: skip
    assert process.stdout is not None
    while (line := process.stdout.readline().strip()) != "here":
        assert line or process.poll() is None, "it never came there"
    process.send_signal(signal.SIGINT)
    try:
        _, said = process.communicate(timeout=120)
    finally:
        process.kill()  # nobody is left behind to play on, whatever this test finds
    return process.returncode, said


@pytest.mark.parametrize("command", ["perform", "instrument"])
@pytest.mark.parametrize("module", MODULES)
def test_ctrl_c_while_python_imports_is_a_sentence(command: str, module: str) -> None:
    """From the first import on."""
    assert interrupted(command, module, "--version") == (130, "stopped by Ctrl-C\n")


@pytest.mark.parametrize(
    "module", ["instrument.stage", "instrument.house", "pygame", "instrument.sound.supervisor"]
)
def test_ctrl_c_while_a_show_is_put_together_is_a_sentence(module: str, tmp_path: Path) -> None:
    """Whatever is imported then, and whatever a library makes of being interrupted."""
    home = ("--report", str(tmp_path / "report.json"))
    assert interrupted("perform", module, *SHOW, *home) == (130, "stopped by Ctrl-C\n")


@pytest.mark.slow
def test_ctrl_c_while_a_run_is_verified_is_neither_a_verdict_nor_a_mistake() -> None:
    """The run is named, and the exit code is that of Ctrl-C."""
    stopped = interrupted("instrument", "instrument.learning.replay", "verify", "noise_to_digits")
    assert stopped == (130, "noise_to_digits: stopped by Ctrl-C, nothing can be said\n")


def test_ctrl_c_while_python_ends_is_a_sentence() -> None:
    """All is written and closed; what Python tidies up then is left to the system."""
    assert interrupted("instrument", "nothing_of_this_name", "keys") == (130, "stopped by Ctrl-C\n")


INTERRUPTED = """
import sys
from instrument.guarded import guarded
def run():
    try:
        IMPORT
    except BaseException as error:
        raise ImportError("the library cannot be loaded") from error
sys.exit(guarded(run))
"""


@pytest.mark.parametrize(
    ("what", "code"), [("signal.raise_signal(signal.SIGINT)", 130), ("import no_library", 1)]
)
def test_a_library_that_takes_ctrl_c_for_a_fault_of_its_own(what: str, code: int) -> None:
    """NumPy says it cannot be imported when it was interrupted: Ctrl-C it was. Without, a fault is one."""
    program = "import signal\n" + INTERRUPTED.replace("IMPORT", what)
    ended = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, timeout=60
    )
    assert ended.returncode == code
    assert (ended.stderr == "stopped by Ctrl-C\n") == (code == 130)


def test_who_is_deaf_to_ctrl_c_stays_deaf() -> None:
    """A shell starts what runs in the background so."""
    program = (
        "import signal\nsignal.signal(signal.SIGINT, signal.SIG_IGN)\n"
        "from instrument.entry import instrument\nfrom instrument.guarded import guarded\n"
        "import os\nos.kill(os.getpid(), signal.SIGINT)\n"
        "def run():\n    os.kill(os.getpid(), signal.SIGINT)\n    return 7\n"
        "raise SystemExit(guarded(run))"
    )
    assert subprocess.run([sys.executable, "-c", program], timeout=60).returncode == 7


def test_both_commands_begin_there() -> None:
    """What the package says to whoever installs it."""
    project = tomllib.loads((Path(__file__).parents[1] / "pyproject.toml").read_text("utf-8"))
    scripts = project["project"]["scripts"]
    assert scripts == {name: f"instrument.entry:{name}" for name in ("perform", "instrument")}


DECLARED = """
import signal, sys
from instrument.guarded import guarded
from instrument.signals.controls import Control, Controls
from instrument.signals.spec import number
class Pressed(Control):
    def __set_name__(self, owner, name):
        signal.raise_signal(signal.SIGINT)
        super().__set_name__(owner, name)
def run():
    class Declared(Controls):
        level = Pressed(number(0, 1, 0, "how loud"))
sys.exit(guarded(run))
"""


def test_ctrl_c_while_a_control_is_declared_is_a_sentence() -> None:
    """Python makes a RuntimeError of whatever is raised there."""
    ended = subprocess.run(
        [sys.executable, "-c", DECLARED], capture_output=True, text=True, timeout=60
    )
    assert (ended.returncode, ended.stderr) == (130, "stopped by Ctrl-C\n")
