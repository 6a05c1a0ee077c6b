"""The main process's end of the sound process: starts it, watches it, brings it back, ends it."""

import json
import math
import os
import queue
import subprocess
import sys
import threading
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from instrument.clock import Clock, wall_clock
from instrument.signals.bus import Bus
from instrument.signals.frames import SOUND, SoundFrame
from instrument.signals.mistake import Mistake
from instrument.sound.capture import mend
from instrument.units import gain_to_db

MODULE = "instrument.sound_stage"
SILENT_TOO_LONG_S = 3.0
"""A child that says nothing for so long hangs, and is ended and started anew."""
END_WAIT_S = 6.0
RESTART_PAUSE_S = 0.5
STARTS_IN_A_ROW = 5
QUIET_ENVIRONMENT = {
    "PYO_GUI_WX": "0",
    "OMP_NUM_THREADS": "1",
    "OPENBLAS_NUM_THREADS": "1",
    "JACK_NO_START_SERVER": "1",
}


class SoundProcess:
    """The sound, in a process of its own. Main thread only."""

    def __init__(self, config: Mapping[str, Any], bus: Bus, clock: Clock = wall_clock) -> None:
        """`config`: JSON values, see the docstring of `instrument.sound_stage`."""
        self.config = dict(config)
        self.restarts = 0
        self.notice = ""
        """What the child said when it was ready: the sink in words."""
        self._clock = clock
        self._listener = bus.listener(SOUND)
        self._frame = SoundFrame()
        self._heard_s = 0.0
        self._process: subprocess.Popen[str] | None = None
        self._lines: queue.SimpleQueue[dict[str, Any]] = queue.SimpleQueue()
        self._is_ready = False
        self._ending = False
        self._failures = 0
        self._restart_at_s: float | None = None
        self._past = Tallies()
        self._now = Tallies()

    @property
    def pid(self) -> int | None:
        """Process number of the child, None before the start."""
        return None if self._process is None else self._process.pid

    def start(self) -> None:
        """Start the child; returns at once."""
        folder = str(Path(__file__).resolve().parent.parent.parent)
        paths = [folder, *filter(None, [os.environ.get("PYTHONPATH")])]
        self._is_ready = False
        self._heard_s = self._clock()
        self._process = subprocess.Popen(
            [sys.executable, "-m", MODULE],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
            encoding="utf-8",
            env={**os.environ, **QUIET_ENVIRONMENT, "PYTHONPATH": os.pathsep.join(paths)},
        )
        self._lines = queue.SimpleQueue()
        threading.Thread(
            target=_read_lines, args=(self._process, self._lines), name="sound lines", daemon=True
        ).start()
        assert self._process.stdin is not None
        try:
            self._process.stdin.write(json.dumps({**self.config, "part": self.restarts}) + "\n")
            self._process.stdin.flush()
        except OSError:
            return

    def ready(self) -> str | None:
        """The sink in words once the child plays, else None. Raises `Mistake` when it cannot."""
        if self._is_ready:
            return self.notice
        self._read()
        if self._is_ready:
            return self.notice
        if self._process is not None and self._process.poll() is not None and self._lines.empty():
            raise Mistake(
                "the sound process ended before it was ready "
                f"(exit code {self._process.returncode}); `instrument doctor` says what is missing"
            )
        return None

    def wait_ready(self, timeout_s: float) -> str:
        """The sink in words; waits for it. Raises `Mistake`."""
        deadline_s = self._clock() + timeout_s
        while (words := self.ready()) is None:
            if self._clock() > deadline_s:
                raise Mistake(f"the sound process did not come up within {timeout_s:g} s")
            threading.Event().wait(0.01)
        return words

    def poll(self) -> None:
        """Hear how it stands; bring a dead or hanging child back. Call it often; never waits."""
        frame = self._listener.latest(self._frame)
        if frame is not None:
            self._heard_s = self._clock()
            self._now = Tallies.of_frame(frame)
            self._failures = 0
        process = self._process
        if process is None or self._ending:
            return
        if self._restart_at_s is not None:
            if self._clock() >= self._restart_at_s:
                self._restart_at_s = None
                self.start()
            return
        try:
            self._read()
        except Mistake:
            process.kill()
        if self._clock() - self._heard_s > SILENT_TOO_LONG_S * (1 if self._is_ready else 4):
            process.kill()
            process.wait()
        if process.poll() is not None:
            self._bury(process)

    def _bury(self, process: "subprocess.Popen[str]") -> None:
        """Keep what the dead child counted; plan the next one, later each time it fails at once."""
        self._close_pipes(process)
        self._past, self._now = self._past.plus(self._now), Tallies()
        self._failures += 1
        self.restarts += 1
        if self.config.get("capture"):
            mend(Path(self.config["capture"]))
        pause_s = 0.0 if self._failures == 1 else RESTART_PAUSE_S * 2**self._failures
        if self._failures <= STARTS_IN_A_ROW:
            self._restart_at_s = self._clock() + pause_s

    def _read(self) -> None:
        while True:
            try:
                line = self._lines.get_nowait()
            except queue.Empty:
                return
            if "error" in line:
                raise Mistake(line["error"])
            if "ready" in line:
                self._is_ready = True
                self.notice = line["ready"]
                self._heard_s = self._clock()
            elif "blocks" in line:
                self._now = Tallies.of_record(line)

    def begin_end(self) -> None:
        """Let the child fade out; returns at once."""
        self._ending = True
        if self._process is not None and self._process.stdin is not None:
            try:
                self._process.stdin.close()
            except OSError:
                return

    def stop(self) -> None:
        """Fade, close the capture, take the last tallies; returns when the child is gone."""
        process = self._process
        if process is None:
            return
        self.begin_end()
        try:
            process.wait(timeout=END_WAIT_S)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()
        threads = [t for t in threading.enumerate() if t.name == "sound lines"]
        for thread in threads:
            thread.join(timeout=1.0)
        frame = self._listener.latest(self._frame)
        if frame is not None:
            self._now = Tallies.of_frame(frame)
        try:
            self._read()
        except Mistake as mistake:
            self.notice = self.notice or str(mistake)
        self._close_pipes(process)

    @staticmethod
    def _close_pipes(process: "subprocess.Popen[str]") -> None:
        for pipe in (process.stdin, process.stdout):
            if pipe is not None:
                try:
                    pipe.close()
                except OSError:
                    continue

    def report(self) -> dict[str, Any]:
        """What was counted over all children of this show."""
        total = self._past.plus(self._now)
        return {
            "sink": self.notice,
            "sample_rate": self.config["sample_rate"],
            "block": self.config["block"],
            "blocks": total.blocks,
            "dropouts": total.dropouts,
            "restarts": self.restarts,
            "nonfinite_blocks": total.nonfinite_blocks,
            "metric_frames_lost": total.metric_frames_lost,
            "peak_dbfs": round(gain_to_db(total.peak), 2),
            "rms_dbfs": round(gain_to_db(total.rms), 2),
        }


class Tallies:
    """What one child counted; two can be added."""

    def __init__(
        self,
        blocks: int = 0,
        dropouts: int = 0,
        nonfinite_blocks: int = 0,
        metric_frames_lost: int = 0,
        peak: float = 0.0,
        rms: float = 0.0,
    ) -> None:
        """`peak` and `rms` are amplitudes over all blocks."""
        self.blocks = blocks
        self.dropouts = dropouts
        self.nonfinite_blocks = nonfinite_blocks
        self.metric_frames_lost = metric_frames_lost
        self.peak = peak
        self.rms = rms

    @classmethod
    def of_frame(cls, frame: SoundFrame) -> "Tallies":
        return cls(
            frame.blocks,
            frame.dropouts,
            frame.nonfinite_blocks,
            frame.metric_frames_lost,
            frame.peak_ever,
            frame.rms_ever,
        )

    @classmethod
    def of_record(cls, record: Mapping[str, Any]) -> "Tallies":
        names = ("blocks", "dropouts", "nonfinite_blocks", "metric_frames_lost", "peak", "rms")
        return cls(**{name: record[name] for name in names})

    def plus(self, other: "Tallies") -> "Tallies":
        """Both together; rms by the share of blocks."""
        blocks = self.blocks + other.blocks
        square = self.rms**2 * self.blocks + other.rms**2 * other.blocks
        return Tallies(
            blocks,
            self.dropouts + other.dropouts,
            self.nonfinite_blocks + other.nonfinite_blocks,
            self.metric_frames_lost + other.metric_frames_lost,
            max(self.peak, other.peak),
            math.sqrt(square / max(1, blocks)),
        )


def _read_lines(
    process: "subprocess.Popen[str]", lines: "queue.SimpleQueue[dict[str, Any]]"
) -> None:
    """What the child says, until it says no more. Thread of its own."""
    assert process.stdout is not None
    try:
        for line in process.stdout:
            try:
                record = json.loads(line)
            except ValueError:
                continue
            if isinstance(record, dict):
                lines.put(record)
    except (OSError, ValueError):
        return
