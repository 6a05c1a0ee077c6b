"""How a program ends: at a signal in order, and in its last line with a code, whatever still runs."""

import _thread
import os
import signal
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from types import FrameType
from typing import TYPE_CHECKING, NoReturn

if TYPE_CHECKING:
    from sys import UnraisableHookArgs

AGAIN_S = 0.01
"""So long after a Ctrl-C that Python threw away it comes again."""


def leave(code: int) -> NoReturn:
    """End the process. Main thread, when everything is written and closed.

    A thread that could not be ended in time may still be deep in a library: a show that ends while torch
    is being loaded, say. Python's own ending would pull the ground from under it, and the process would
    die of a signal, with the run whole and the exit code of a crash. So Python is not asked then.
    """
    unheard = False
    for stream in (sys.stdout, sys.stderr):
        try:
            if stream is not None:
                stream.flush()
        except OSError:  # a terminal that was closed: Python would make another code of it
            unheard = True
    if unheard or threading.active_count() > 1:
        os._exit(code)
    raise SystemExit(code)


@contextmanager
def ctrl_c_raises() -> Iterator[None]:
    """Ctrl-C comes out of what is done meanwhile as KeyboardInterrupt, and none is lost. Main thread.

    Libraries that are interrupted while they are imported make an ImportError of it: that comes out as the
    Ctrl-C that it was. Afterwards signals are heard as before. One that is ignored stays ignored.
    """
    pressed = False

    def press(number: int, frame: FrameType | None) -> NoReturn:
        nonlocal pressed
        pressed = True
        raise KeyboardInterrupt

    before, unraisable = signal.getsignal(signal.SIGINT), sys.unraisablehook
    try:
        sys.unraisablehook = interrupt_again
        if callable(before):
            signal.signal(signal.SIGINT, press)
        yield
    except Exception as error:
        if pressed:
            raise KeyboardInterrupt from error
        raise
    finally:
        if callable(before):
            signal.signal(signal.SIGINT, before)
        sys.unraisablehook = unraisable


def interrupt_again(lost: "UnraisableHookArgs") -> None:
    """A `sys.unraisablehook`: no Ctrl-C is lost that happened to come while Python was tidying up.

    There (in a ``__del__``, in a callback of a weak reference) nothing can be raised, and a page of
    traceback would be all that comes of it.
    """
    if not isinstance(lost.exc_value, KeyboardInterrupt):
        sys.__unraisablehook__(lost)
        return
    again = threading.Timer(AGAIN_S, _interrupt)
    again.daemon = True
    again.start()


def _interrupt() -> None:
    if os.name == "nt":
        _thread.interrupt_main()
        return
    main = threading.main_thread().ident
    assert main is not None
    signal.pthread_kill(main, signal.SIGINT)  # it also wakes who waits


@contextmanager
def signals_end(leave: Callable[[str], None]) -> Iterator[None]:
    """Ctrl-C, SIGTERM and a closed terminal end the show as closing the window does. Main thread.

    `leave` gets the reason. Who was started to outlive its terminal (nohup) does.
    """
    names = {signal.SIGINT: "Ctrl-C", signal.SIGTERM: "SIGTERM"}
    hang_up = getattr(signal, "SIGHUP", None)  # not on Windows
    if hang_up is not None and signal.getsignal(hang_up) is not signal.SIG_IGN:
        names[hang_up] = "the terminal was closed"
    before = {
        number: signal.signal(number, lambda number, _: leave(names[signal.Signals(number)]))
        for number in names
    }
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
