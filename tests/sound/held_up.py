"""Whether the machine made a test wait: what the kernel says of the threads that play and of JACK's."""

import os
from collections.abc import Callable
from pathlib import Path

TRIES = 40
HELD_UP_S = 0.002
"""Of all threads together, in one try: less than half of what a ring of one block forgives."""


def waited_s(*processes: int) -> float:
    """Seconds for which threads of these processes could have run and no core was free, since they began.

    Infinite where the kernel does not say it.
    """
    waited_ns = 0
    for process in processes:
        for task in Path(f"/proc/{process}/task").iterdir():
            try:
                waited_ns += int((task / "schedstat").read_text().split()[1])
            except FileNotFoundError:  # a thread that has just ended, or a kernel without it
                continue
    return waited_ns / 1e9


def undisturbed(play: Callable[[], None], *processes: int) -> None:
    """`play` succeeds, or succeeds again when the machine had held it up.

    A try that fails counts unless threads of this process or of `processes` waited for a core meanwhile.
    """
    for number in range(1, TRIES + 1):
        before_s = waited_s(os.getpid(), *processes)
        try:
            return play()
        except AssertionError:
            held_up_s = waited_s(os.getpid(), *processes) - before_s
            if held_up_s < HELD_UP_S or number == TRIES:
                raise
