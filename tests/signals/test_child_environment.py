"""Processes that this package starts, and the signals of a terminal."""

import os
import signal
import subprocess
import sys

import pytest

from instrument.signals.child_environment import deaf_to_terminal, records_of

CHILD = "import sys; print('up', flush=True); print('heard ' + sys.stdin.readline(), end='')"


@pytest.mark.skipif(os.name == "nt", reason="Windows has no signal mask")
@pytest.mark.parametrize("name", ["SIGINT", "SIGHUP"])
def test_a_child_that_still_loads_is_deaf_to_its_terminal(name: str) -> None:
    """It goes on until it is told; the one who started it hears them as before."""
    with deaf_to_terminal():
        child = subprocess.Popen(
            [sys.executable, "-c", CHILD], stdin=subprocess.PIPE, stdout=subprocess.PIPE,
            stderr=subprocess.PIPE, text=True,
        )  # fmt: skip
    child.send_signal(signal.Signals[name])
    said, faults = child.communicate("the order", timeout=60)
    assert (child.returncode, said, faults) == (0, "up\nheard the order", "")
    assert signal.Signals[name] not in signal.pthread_sigmask(signal.SIG_BLOCK, set())


def test_what_a_process_says_is_read_past_what_is_no_object() -> None:
    """A library that prints among its lines, a number, a line cut short: only objects are heard."""
    lines = [
        '{"ready": "yes"}\n',
        "libfoo: warning\n",
        "7\n",
        "[1]\n",
        "\n",
        '{"ended": 1}\n',
        '{"cu',
    ]
    assert list(records_of(lines)) == [{"ready": "yes"}, {"ended": 1}]


def test_a_pipe_that_breaks_or_is_closed_ends_what_is_said() -> None:
    """Bytes that are no text, or the other end of the show closing it: what came before stands."""
    first, last = os.pipe()
    with os.fdopen(last, "wb") as pipe:
        pipe.write(b'{"at": 1}\n' + b"x" * 9000 + b'\n\xff\xfe\n{"at": 2}\n')
    with os.fdopen(first, encoding="utf-8") as broken:
        assert next(records_of(broken)) == {"at": 1}
        assert list(records_of(broken)) == []
    assert list(records_of(broken)) == []
