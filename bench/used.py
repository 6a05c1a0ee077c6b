"""What a bench has used of the machine: memory, and the time of one thread on a core."""

import threading
import time
from pathlib import Path


def resident_kb() -> int:
    """Memory of this process."""
    status = Path("/proc/self/status").read_text()
    return next(int(line.split()[1]) for line in status.splitlines() if line.startswith("VmRSS"))


def thread_s(name: str) -> float:
    """Seconds that the thread of this name, in this process, has spent on a core."""
    thread = next(each for each in threading.enumerate() if each.name == name)
    return time.clock_gettime(time.pthread_getcpuclockid(thread.ident or 0))
