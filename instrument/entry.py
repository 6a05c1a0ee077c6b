"""Where both commands begin: Ctrl-C ends them with a sentence even while Python still imports the rest.

Next to nothing is imported here: `_signal` is what `signal` is made of, and is there at once. As soon as a
command runs, Ctrl-C is what that makes of it (`leaving`).
"""

import os
from _signal import (  # type: ignore[import-not-found]
    SIGINT,
    default_int_handler,
    getsignal,
    signal,
)

STOPPED = 130
"""The exit code that shells expect after Ctrl-C."""


def _stop(number: int, frame: object) -> None:
    """A handler of signals: nothing is open yet, or nothing any more."""
    try:
        os.write(2, b"stopped by Ctrl-C\n")
    finally:
        os._exit(STOPPED)


if getsignal(SIGINT) is default_int_handler:
    signal(SIGINT, _stop)


def perform() -> None:
    """The command `perform`. Does not return."""
    from instrument import cli

    cli.perform()


def instrument() -> None:
    """The command `instrument`: tools around the show. Does not return."""
    from instrument import cli

    cli.instrument()
