"""One sound process as the main process sees it: what it was told, what it said, what it counted."""

import contextlib
import json
import queue
import signal
import threading
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from instrument.clock import Clock
from instrument.signals.child_environment import child_environment, records_of, start_child
from instrument.signals.frames import SoundFrame
from instrument.sound.tallies import Tallies

MODULE = "instrument.sound_stage"
START_TOO_LONG_S = 12.0
"""A child that is silent for so long before it plays hangs."""
WAKE_TOO_LONG_S = 3.0
"""The same for a standby that was built and told to go."""
MOST_AWAY_S = 0.1
"""Of a pause in which nobody looked (the picture was busy, the machine slept) no more counts as
silence of the child."""


def sound_environment() -> dict[str, str]:
    """The environment of a process that plays or looks for a device."""
    return child_environment(PYO_GUI_WX="0", JACK_NO_START_SERVER="1")


class Child:
    """A sound process. With `standby` in its configuration it builds everything and sleeps until `go`.

    Main thread only; two threads of its own write to it and read from it, so nothing here waits.
    """

    def __init__(self, config: Mapping[str, Any], clock: Clock) -> None:
        """Starts it; returns at once."""
        self.part = int(config.get("part", 0))
        """Which sound process of the show it is; its frames say so."""
        self.dropouts_before = int(config.get("dropouts", 0))
        self.built = False
        """A standby: whether it sleeps, ready to go."""
        self.ready: str | None = None
        """The sink in words once it is open."""
        self.device: str | None = None
        """Name of the device that it plays to."""
        self.lost: str | None = None
        """Name of the device that it lost (or did not find), which may be ''."""
        self.lost_s = 0.0
        self.sounding_s: float | None = None
        """When its first block was on its way."""
        self.capture: Path | None = None
        self.anchors: list[dict[str, Any]] = []
        """When samples of its capture were heard, see `sound.capture_clock`."""
        self.error: str | None = None
        """Why it cannot play, in a sentence of its own."""
        self.gap_s = 0.0
        self.silent_s = 0.0
        """For how long it has said nothing, as far as somebody listened."""
        self.heard_s = clock()
        """When it last said that it plays."""
        self.start_limit_s = START_TOO_LONG_S
        """How long it may say nothing before it plays."""
        self.tallies = Tallies()
        self.scan: dict[str, float] = {}
        """Where the hair-line of its scanner was when it last said so (see `instrument.sound_stage`)."""
        self.block_ms: dict[str, float] = {}
        """How long its blocks took, told at its end."""
        self.late_frames = 0
        """Dated frames that came after their block, told at its end."""
        self._clock = clock
        self._looked_s = self.heard_s
        self._lines: queue.SimpleQueue[dict[str, Any]] = queue.SimpleQueue()
        self._orders: queue.SimpleQueue[str | None] = queue.SimpleQueue()
        self.process = start_child(MODULE, sound_environment())
        self._threads = [
            threading.Thread(target=run, name="sound lines", daemon=True)
            for run in (self._write_orders, self._read_lines)
        ]
        self._orders.put(json.dumps(dict(config)))
        for thread in self._threads:
            thread.start()

    def go(self, changes: Mapping[str, Any]) -> None:
        """Wake a standby, with what is different now."""
        self.part = int(changes.get("part", self.part))
        self.dropouts_before = int(changes.get("dropouts", 0))
        self.silent_s = 0.0
        if self.built:
            self.start_limit_s = WAKE_TOO_LONG_S
        self._orders.put(json.dumps(dict(changes)))

    def end(self) -> None:
        """Let it fade out and close its capture; a standby just leaves."""
        self._orders.put(None)

    def kill(self) -> None:
        """End it now, stopped or not; returns when it is gone."""
        self.process.kill()
        self.process.wait()

    @property
    def pid(self) -> int:
        return self.process.pid

    @property
    def alive(self) -> bool:
        return self.process.poll() is None

    def how_it_ended(self) -> str:
        """In words, for the performer."""
        code = self.process.returncode
        if code is None or code == 0:
            return "it left by itself"
        if code == -signal.SIGKILL:
            return "killed"
        if code < 0:
            with contextlib.suppress(ValueError):
                return f"crashed, {signal.Signals(-code).name}"
        return f"exit code {code}"

    def hear(self, frame: SoundFrame) -> None:
        """One of its frames."""
        self.heard_s = max(self.heard_s, frame.time_s)
        self.silent_s = 0.0
        self.scan = {
            "place": frame.scan_place,
            "rate": frame.scan_rate,
            "time_s": frame.time_s,
        }
        gap_s = max(self.gap_s, self.tallies.longest_gap_s)
        self.tallies = Tallies.of_frame(frame, self.dropouts_before).plus(
            Tallies(longest_gap_s=gap_s)
        )

    def look(self) -> None:
        """Take its lines; count its silence. Never waits."""
        now_s = self._clock()
        self.silent_s += min(now_s - self._looked_s, MOST_AWAY_S)
        self._looked_s = now_s
        while True:
            try:
                line = self._lines.get_nowait()
            except queue.Empty:
                return
            self._take(line)

    def _take(self, line: Mapping[str, Any]) -> None:
        if "error" in line:
            self.error = str(line["error"])
        elif "built" in line:
            self.built = True
        elif "ready" in line:
            self.ready = str(line["ready"])
            self.device = line.get("device")
            if line.get("capture"):
                self.capture = Path(line["capture"])
            self.heard_s, self.silent_s = self._clock(), 0.0
        elif "sounding" in line:
            self.sounding_s = float(line["sounding"])
        elif "lost" in line:
            self.lost, self.lost_s = str(line["lost"]), float(line["at_s"])
            self.device = None
        elif "captured" in line:
            self.anchors.append(dict(line["captured"]))
        elif "gap_s" in line:
            self.gap_s = float(line["gap_s"])
            self.tallies = self.tallies.plus(Tallies(longest_gap_s=self.gap_s))
        elif "blocks" in line:
            self.block_ms = dict(line["block_ms"])
            self.late_frames = int(line.get("late_frames", 0))
            self.tallies = Tallies.of_record(line, self.dropouts_before)

    def close(self, wait_s: float = 1.0) -> None:
        """Take its last words and close its pipes; it must be gone or going."""
        self._threads[1].join(timeout=wait_s)
        self.look()
        self._orders.put(None)
        self._threads[0].join(timeout=wait_s)
        for pipe in (self.process.stdin, self.process.stdout):
            if pipe is not None and not self._threads[1].is_alive():
                with contextlib.suppress(OSError, ValueError):
                    pipe.close()

    def _write_orders(self) -> None:
        """Thread of its own: a child that does not read yet holds up nobody else."""
        pipe = self.process.stdin
        assert pipe is not None
        with contextlib.suppress(OSError, ValueError):
            while (order := self._orders.get()) is not None:
                pipe.write(order + "\n")
                pipe.flush()
        with contextlib.suppress(OSError, ValueError):
            pipe.close()

    def _read_lines(self) -> None:
        """What it says, until it says no more. Thread of its own."""
        assert self.process.stdout is not None
        for record in records_of(self.process.stdout):
            self._lines.put(record)
