"""Which thread goes first when the machine has more to do than cores: what the system lets us ask for."""

import contextlib
import os
import threading

HANDS = -12
"""Of threads that hands wait for. They sleep nearly always and are done in a fraction of a millisecond."""


def be_nice(thread: int, niceness: int) -> bool:
    """Give a thread (its number in the system, 0 is this process) a niceness; whether it is allowed."""
    with contextlib.suppress(OSError, AttributeError):
        os.setpriority(os.PRIO_PROCESS, thread, niceness)
        return True
    return False


def answer_hands() -> None:
    """Put the calling thread before training and picture. Where that is refused it is as all others."""
    be_nice(threading.get_native_id(), HANDS)
