"""Sound before picture and training: what the system lets a process ask for.

Real-time scheduling is asked for the render thread alone. It sleeps in the sink's `wait` most of
the time; should it ever spin (a graph that is too heavy for the machine) the system says so after
`SPIN_S` of work without a pause, it goes back to ordinary scheduling and the machine stays usable.
Where that is not heard, the system ends the process after twice the time, and the supervisor
brings it back.
"""

import contextlib
import os
import signal
import sys
import threading
from collections.abc import Callable

from instrument.signals.niceness import be_nice

FIRST_NICENESS = -15
LATER_NICENESS = 10
RENDER_PRIORITY = 4
"""Below JACK's own clients (5 and more): the callback that empties the ring goes before us."""
DEVICE_PRIORITY = 5
SPIN_S = 0.4
SWITCH_S = 0.0005
"""How long another thread of the sound process may keep the render thread waiting."""


def before_all_threads() -> bool:
    """Put this process before others, for threads that begin later too; whether it is allowed.

    Where it is not, the sound plays as any other program. Main thread.
    """
    sys.setswitchinterval(SWITCH_S)
    return be_nice(0, FIRST_NICENESS)


class LaterThread:
    """Runs one piece of work in a thread that gives way to all others until it is hurried.

    Only where the way back is allowed (`first` from `before_all_threads`), else as the others.
    """

    def __init__(self, work: Callable[[], None], first: bool) -> None:
        self._work = work
        self._first = first and sys.platform == "linux"
        self._hurried = False
        self._error: BaseException | None = None
        self._thread = threading.Thread(target=self._run, name="later", daemon=True)
        self._thread.start()

    def _run(self) -> None:
        if self._first and not self._hurried:
            be_nice(threading.get_native_id(), LATER_NICENESS)
        try:
            self._work()
        except BaseException as error:
            self._error = error

    def hurry(self) -> None:
        """It is wanted now. Any thread."""
        self._hurried = True
        number = self._thread.native_id
        if self._first and number is not None:
            be_nice(number, FIRST_NICENESS)

    def finish(self) -> None:
        """Wait for it; raises what it raised."""
        self._thread.join()
        if self._error is not None:
            raise self._error


def render_in_real_time(when_spinning: Callable[[], None]) -> str:
    """Real-time scheduling for the calling thread, which must be the main one; how it went, in words.

    `when_spinning` is called in it after it went back to ordinary scheduling.
    """
    if not hasattr(os, "SCHED_FIFO"):
        return "ordinary scheduling"
    try:
        import resource

        limit = int(SPIN_S * 1e6)
        _, hard = resource.getrlimit(resource.RLIMIT_RTTIME)
        most = 2 * limit if hard == resource.RLIM_INFINITY else min(hard, 2 * limit)

        def demote(number: int, frame: object) -> None:
            os.sched_setscheduler(0, os.SCHED_OTHER, os.sched_param(0))
            when_spinning()

        signal.signal(signal.SIGXCPU, demote)
        resource.setrlimit(resource.RLIMIT_RTTIME, (min(limit, most), most))
        policy = os.SCHED_FIFO | os.SCHED_RESET_ON_FORK
        os.sched_setscheduler(0, policy, os.sched_param(RENDER_PRIORITY))
    except (OSError, ValueError, ImportError, AttributeError):
        return "no real-time scheduling here"
    return "real time"


def threads() -> set[int]:
    """The threads of this process, by the system's numbers; empty where it does not tell."""
    with contextlib.suppress(OSError, ValueError):
        return {int(name) for name in os.listdir("/proc/self/task")}
    return set()


def device_in_real_time(before: set[int]) -> None:
    """Real-time scheduling for the threads that came since `before`: those of the sound device.

    A real-time server gives it to its clients itself; they keep what it gave. Others do not, and
    then whatever computes would hold up the callback that empties the ring.
    """
    for thread in threads() - before if before else ():
        with contextlib.suppress(OSError, AttributeError):
            if os.sched_getscheduler(thread) == os.SCHED_OTHER:
                policy = os.SCHED_FIFO | os.SCHED_RESET_ON_FORK
                os.sched_setscheduler(thread, policy, os.sched_param(DEVICE_PRIORITY))


def real_time_allowed() -> bool:
    """Whether this process may have real-time scheduling. Asks in a thread of its own."""
    answers: list[bool] = []

    def ask() -> None:
        try:
            os.sched_setscheduler(0, os.SCHED_FIFO, os.sched_param(RENDER_PRIORITY))
            answers.append(True)
        except (OSError, AttributeError):
            answers.append(False)

    thread = threading.Thread(target=ask)
    thread.start()
    thread.join()
    return answers[0]
