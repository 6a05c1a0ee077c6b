"""What a bench has used of the machine: memory, and the time of one thread on a core."""

import threading
import time
from pathlib import Path


def resident_kb() -> int:
    """Memory of this process."""
    return _status_kb("VmRSS")


def peak_kb() -> int:
    """The most memory this process had since `forget_peak`."""
    return _status_kb("VmHWM")


def forget_peak() -> None:
    """Let the peak begin anew (Linux)."""
    Path("/proc/self/clear_refs").write_text("5")


def _status_kb(name: str) -> int:
    status = Path("/proc/self/status").read_text()
    return next(int(line.split()[1]) for line in status.splitlines() if line.startswith(name))


def thread_s(name: str) -> float:
    """Seconds that the thread of this name, in this process, has spent on a core."""
    thread = next(each for each in threading.enumerate() if each.name == name)
    return time.clock_gettime(time.pthread_getcpuclockid(thread.ident or 0))
