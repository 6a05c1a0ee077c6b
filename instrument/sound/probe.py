"""Looks for a sound device that vanished, in a process of its own.

PortAudio knows only the devices there were when it began, and waits for ever for a server that
dies under it: so it is begun anew for each look, where nothing else can be held up. A look costs 6 ms
without a JACK server and 45 ms with one; between two looks pass `PAUSE_S` or four times as long as
the look took, whichever is more. One that says nothing for `STUCK_S` is ended and begun anew.
"""

import contextlib
import json
import os
import subprocess
import sys
import threading
import time
from collections.abc import Mapping

from instrument.clock import Clock, wall_clock
from instrument.signals.child_environment import start_child
from instrument.signals.mistake import Mistake

MODULE = "instrument.sound.probe"
PAUSE_S = 0.25
STUCK_S = 4.0


class Probe:
    """The main process's end of it. Main thread only."""

    def __init__(
        self, device: str, channels: int, environment: Mapping[str, str], clock: Clock = wall_clock
    ) -> None:
        """Looks for the device of that name from now on; '' is any."""
        self._words = json.dumps({"device": device, "channels": channels}) + "\n"
        self._environment = dict(environment)
        self._clock = clock
        self._seen = False
        self._spoke_s = clock()
        self._process = self._begin()

    def _begin(self) -> "subprocess.Popen[str]":
        process = start_child(MODULE, self._environment, stderr=subprocess.DEVNULL)
        self._spoke_s = self._clock()
        assert process.stdin is not None
        with contextlib.suppress(OSError):
            process.stdin.write(self._words)
            process.stdin.flush()
        threading.Thread(target=self._read, args=(process,), name="probe", daemon=True).start()
        return process

    def _read(self, process: "subprocess.Popen[str]") -> None:
        assert process.stdout is not None
        with contextlib.suppress(OSError, ValueError):
            for line in process.stdout:
                self._spoke_s = self._clock()
                if line.strip() == "found":
                    self._seen = True

    @property
    def pid(self) -> int:
        """Process number of the one that looks."""
        return self._process.pid

    def found(self) -> bool:
        """Whether it is back. Call it often; never waits."""
        if self._seen:
            return True
        # One that died is not begun anew sooner: what cannot begin must not cost the show.
        if self._clock() - self._spoke_s > STUCK_S:
            self.close()
            self._process = self._begin()
        return False

    def close(self) -> None:
        """End it."""
        self._process.kill()
        self._process.wait()
        for pipe in (self._process.stdin, self._process.stdout):
            if pipe is not None:
                with contextlib.suppress(OSError, ValueError):
                    pipe.close()


def main() -> int:
    """Says ``looked`` after each look and ``found`` at the end; ends with its parent."""
    with contextlib.suppress(OSError, AttributeError):
        os.nice(10)
    import signal

    signal.signal(signal.SIGINT, signal.SIG_IGN)
    words = json.loads(sys.stdin.readline())
    threading.Thread(target=_end_with_parent, daemon=True).start()
    import sounddevice

    from instrument.sound.devices import find_device

    while True:
        begun_s = time.monotonic()
        if not sounddevice._initialized:
            sounddevice._initialize()
        try:
            find_device(words["device"], words["channels"])
            seen = True
        except (Mistake, LookupError):
            seen = False
        sounddevice._terminate()
        print("found" if seen else "looked", flush=True)
        if seen:
            # Leaves without PortAudio's own end, which may wait for a server that goes again.
            os._exit(0)
        time.sleep(max(PAUSE_S, 4.0 * (time.monotonic() - begun_s)))


def _end_with_parent() -> None:
    with contextlib.suppress(OSError):
        while os.read(0, 64):
            pass
    os._exit(0)


if __name__ == "__main__":
    sys.exit(main())
