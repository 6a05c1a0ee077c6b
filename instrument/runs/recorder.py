"""The recorder: a listener like any other that writes what it hears into an MCAP file.

It runs in a thread with listeners of its own; if it is slow it loses frames and counts them, and
nobody waits for it. It does not wait for the disk either (`disk`): what was heard is with the system within
half a second and on the disk within one, and a disk that is slow or full makes a gap in the run, not in the
show (`flow`).
"""

import builtins
import ctypes
import json
import math
import os
import threading
import time
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from instrument.clock import Clock, wall_clock
from instrument.runs import sheet
from instrument.runs.budget import BYTES_PER_HOUR, HEAVY, Budget
from instrument.runs.disk import BlockFile, Disk
from instrument.runs.flow import MB, Flow, Limits
from instrument.runs.header import RECORD, RunHeader
from instrument.runs.log_file import LogFile
from instrument.runs.tape import ENDING
from instrument.runs.wire import ENCODING, MessageWriter
from instrument.signals.bus import Bus, Listener
from instrument.signals.frames import (
    CONTROLS,
    NOTICES,
    ROUTES,
    STANDING,
    TILES,
    TOPICS,
    ControlFrame,
    Frame,
    Topic,
)
from instrument.signals.mistake import Mistake
from instrument.signals.notices import Notice, notice_frame
from instrument.signals.places import spelled_out
from instrument.signals.refused import cannot_write

KEPT = "twos-and-sevens kept"
"""Name of the MCAP metadata record at the end: how much of each topic was kept, as JSON."""
FLUSH_S = 0.25
POLL_S = 0.02
END_S = 5.0
"""How long the end of a show waits for the disk."""
STAND = (STANDING, ROUTES)
"""What the last frame says of, until another comes: it must not be missing."""
STILL_S = 5.0
"""So often controls that stand still are kept, for whoever begins in the middle of a run."""


@dataclass(frozen=True)
class Rates:
    """At most so many frames per second of each topic are kept; 0 keeps none, None all."""

    metrics: float | None = None
    tiles: float | None = 4.0
    weights: float | None = 2.0
    walk: float | None = 2.0
    field: float | None = 1.0
    activations: float | None = 1.0
    reals: float | None = None
    controls: float | None = None
    gestures: float | None = None
    deeds: float | None = None
    notices: float | None = None
    routes: float | None = None
    sound: float | None = 2.0
    health: float | None = 1.0
    standing: float | None = 10.0
    hands: float | None = 0.0
    snapshots: float | None = None
    deck: float | None = 0.0

    def of(self, topic: Topic) -> float | None:
        rate: float | None = getattr(self, topic.name)
        return rate


class Recorder:
    """Writes one run. `frames`, `bytes`, `lost` and `unwritten` may be read from any thread."""

    def __init__(
        self,
        path: str | Path,
        bus: Bus,
        header: RunHeader,
        rates: Rates | None = None,
        clock: Clock = wall_clock,
        *,
        disk: Disk | None = None,
        limits: Limits | None = None,
        bytes_per_hour: float = BYTES_PER_HOUR,
        time_of_day_ns: Callable[[], int] = time.time_ns,
    ) -> None:
        """`path` must end in .mcap and must not be there yet: a run is never written over.

        `disk`: what is asked of the system. `bytes_per_hour`: the heavy topics are thinned until the file
        grows more slowly. `time_of_day_ns`: nanoseconds since 1970, asked once.
        """
        self.path = spelled_out(Path(path))
        self.header = header
        self.frames = 0
        self.unwritten = 0
        """Frames heard while the disk took none."""
        self._rates = rates or Rates()
        self._bus = bus
        self._clock = clock
        self._limits = limits or Limits()
        self._budget = Budget(bytes_per_hour)
        self._time_of_day_ns = time_of_day_ns
        self._topics = [topic for topic in TOPICS if self._rates.of(topic) != 0]
        self._listeners: dict[str, Listener[Any]] = {}
        self._scratch = {topic.name: topic.frame() for topic in TOPICS}
        self._kept_s: dict[str, float] = {}
        self._kept: Counter[str] = Counter()
        self._standing = b""
        self._put_off: dict[str, builtins.bytes] = {}
        """What stands by now and is not written yet, by its topic."""
        self._channels: dict[str, int] = {}
        self._messages = {topic.name: MessageWriter(topic, header) for topic in self._topics}
        self._disk = disk
        self._take_file()
        self._failed = False
        self._cpu_s = 0.0
        self._began_s = self._now_s = self._began_ns = 0.0
        self._ending = threading.Event()
        self._thread = threading.Thread(target=self._run, name="recorder", daemon=True)

    @property
    def lost(self) -> int:
        """Frames that gave way because the recorder was slow, and those that the disk did not take."""
        return self.unwritten + sum(listener.lost for listener in self._listeners.values())

    @property
    def bytes(self) -> int:
        """Size of the file so far."""
        return self._file.written

    @property
    def free_bytes(self) -> int | None:
        """What is free on the disk of the run; None where the system does not say."""
        return self._file.free_bytes

    def report(self) -> dict[str, Any]:
        """What was written, counted; `cpu_s` are seconds of a processor, of both threads. Any thread."""
        return {
            "file": str(self.path),
            "frames": self.frames,
            "bytes": self.bytes,
            "lost": self.lost,
            "lacking_s": round(self._flow.lacking_s(self._now_s), 3),
            "scale": round(self._budget.scale, 4),
            "cpu_s": round(self._cpu_s + self._file.cpu_s, 3),
            "seconds": round(self._now_s - self._began_s, 3),
        }

    def _take_file(self) -> None:
        self._file = BlockFile(self.path, self._disk, self._clock)
        self._flow = Flow(self._file, self._limits)

    def move(self, path: Path) -> None:
        """Record into another file with a name of the instrument's own, after a `start` that raised."""
        self.path = path
        self.header = replace(self.header, automatic=path.name)
        self._take_file()

    def start(self) -> None:
        """Make the file, write its header, begin. Raises `Mistake` if that cannot be done."""
        _check(self.path)
        self._began_s = self._now_s = self._clock()
        self._began_ns = self._time_of_day_ns()
        self._budget.begin(self._began_s)
        self._begin()
        try:
            self._file.begin()
        except OSError as error:
            raise _mistake(self.path, error) from error
        self._listeners = {topic.name: self._bus.listener(topic) for topic in self._topics}
        self._notices = self._bus.publisher(NOTICES)
        free = self._file.free_bytes
        if free is not None and free < self._limits.warn:
            self._say(f"only {free // MB} MB are free on the disk of {self.path.name}", True)
        self._thread.start()

    def stop(self) -> None:
        """Write what is still on the bus, close the file; returns when it is closed."""
        self._ending.set()
        if self._thread.is_alive():
            self._thread.join(timeout=END_S + 2.0)

    def _begin(self) -> None:
        self._log = LogFile(self._file)
        self._log.start()
        self._log.add_metadata(RECORD, self.header.to_metadata())
        schemas = {name: (words.name, words.schema) for name, words in self._messages.items()}
        if TILES in self._topics:
            schemas[sheet.TOPIC] = sheet.NAME, sheet.schema()
        self._channels = {
            topic: self._log.add_channel(topic, ENCODING, name, schema)
            for topic, (name, schema) in schemas.items()
        }
        self._log.flush()

    def _run(self) -> None:
        next_flush_s = self._clock() + FLUSH_S
        while True:
            ending = self._ending.wait(POLL_S)
            now_s = self._now_s = self._clock()
            self._look()
            self._write(finish=ending, flush=now_s >= next_flush_s)
            if now_s >= next_flush_s:
                next_flush_s = now_s + FLUSH_S
                self._cpu_s = time.thread_time()
            if ending:
                break
        if not self._file.end(END_S):
            self._say(f"the disk did not take the end of {self.path.name}", True)
        elif self._file.deleted:
            self._say(f"there is no {self.path.name}: it was deleted while it was recorded", True)
        for listener in self._listeners.values():
            listener.close()
        # the notices stay open: what was said last would go with them, unheard

    def _look(self) -> None:
        """Has the disk changed its mind, and is the file growing too fast?"""
        told = self._flow.look(self._now_s)
        if told is not None:
            self._say(*told)
        self._budget.look(self._now_s, self._file.tell())

    def _write(self, finish: bool, flush: bool) -> None:
        """One round over all topics. Nothing that goes wrong gets past here."""
        try:
            for topic in self._topics:
                self._drain(topic)
            self._write_put_off(finish)
            if finish and not self._failed:
                self._log.add_metadata(KEPT, self._what_was_kept())
                self._log.finish()
            elif flush and not self._failed:
                self._log.flush()
        except Exception as error:
            self._fail(error)

    def _drain(self, topic: Topic) -> None:
        listener, frame = self._listeners[topic.name], self._scratch[topic.name]
        while listener.take(frame) is not None:
            if self._failed or not self._flow.open:
                self.unwritten += 1
            elif self._wanted(topic, frame):
                self._add(topic, frame)
                self._put_off.pop(topic.name, None)
                continue
            if topic in STAND:
                self._put_off[topic.name] = used(frame)

    def _write_put_off(self, finish: bool) -> None:
        """What was thinned away or came in a gap is written a little later, where it still stands."""
        if self._failed or not self._flow.open:
            return
        for topic in (topic for topic in STAND if topic.name in self._put_off):
            kept_s = self._kept_s.get(topic.name, float("-inf"))
            if finish or self._now_s >= kept_s + 1.0 / (self._rates.of(topic) or math.inf):
                frame, said = self._scratch[topic.name], self._put_off.pop(topic.name)
                ctypes.memmove(ctypes.byref(frame), said, len(said))
                self._kept_s[topic.name] = self._at_s(frame)
                self._add(topic, frame)

    def _wanted(self, topic: Topic, frame: Any) -> bool:
        if topic is CONTROLS and not self._moved(frame):
            return False
        rate = self._rates.of(topic)
        if topic.name in HEAVY:
            if not self._budget.keeps(topic.name):
                return False
            rate = rate and rate * self._budget.scale
        if rate is None:
            return True
        at_s = self._at_s(frame)
        if at_s < self._kept_s.get(topic.name, float("-inf")) + 1.0 / rate - 1e-3:
            return False
        self._kept_s[topic.name] = at_s
        return True

    def _at_s(self, frame: Any) -> float:
        """When a frame was said. What the bus kept for late comers is older than the run, a clock may be
        broken: neither may break the file."""
        return float(min(max(self._began_s, frame.time_s), self._now_s + 1.0))

    def _moved(self, frame: ControlFrame) -> bool:
        """Whether the controls stand otherwise than last time, or were kept long ago."""
        standing = bytes(frame.positions)
        kept_s = self._kept_s.get(CONTROLS.name, float("-inf"))
        if standing == self._standing and self._now_s < kept_s + STILL_S:
            return False
        self._standing = standing
        self._kept_s[CONTROLS.name] = self._now_s
        return True

    def _add(self, topic: Topic, frame: Any) -> None:
        at_s = self._at_s(frame)
        at_ns = int(self._began_ns + (at_s - self._began_s) * 1e9)
        self._put(topic.name, self._messages[topic.name].message(frame), at_ns, frame.sequence)
        self.frames += 1
        if topic is TILES and at_s >= self._kept_s.get(sheet.TOPIC, float("-inf")) + sheet.EVERY_S:
            self._kept_s[sheet.TOPIC] = at_s
            picture = sheet.picture_of(frame)
            if picture is not None:
                self._put(sheet.TOPIC, sheet.message(picture, at_ns), at_ns, frame.sequence)

    def _put(self, name: str, data: builtins.bytes, at_ns: int, sequence: int) -> None:
        self._log.add_message(self._channels[name], at_ns, data, sequence)
        self._kept[name] += 1
        self._budget.count(name, len(data))

    def _what_was_kept(self) -> dict[str, str]:
        seconds = self._now_s - self._began_s
        record = {
            "seconds": round(seconds, 3),
            "lacking_s": round(self._flow.lacking_s(self._now_s), 3),
            "unwritten": self.unwritten,
            "frames": dict(self._kept),
            "per_s": {name: round(n / max(seconds, 1e-9), 3) for name, n in self._kept.items()},
            "lost": {name: ear.lost for name, ear in self._listeners.items() if ear.lost},
        }
        return {name: json.dumps(value) for name, value in record.items()}

    def _fail(self, error: Exception) -> None:
        if self._failed:
            return
        self._failed = True
        reason = getattr(error, "strerror", None) or type(error).__name__
        self._say(
            f"the recording stopped ({reason}): {self.path.name} ends here, the show goes on", True
        )

    def _say(self, text: str, grave: bool) -> None:
        self._notices.send(notice_frame(Notice("recorder", text, grave), self._clock()))


def used(frame: Frame) -> bytes:
    """The bytes of a frame that are meant."""
    return ctypes.string_at(ctypes.addressof(frame), frame.used_bytes())


def _check(path: Path) -> None:
    """Raises `Mistake` for what can be told without touching the disk."""
    if path.suffix != ENDING:
        raise Mistake(f"{path}: a run is recorded into a file that ends in {ENDING}")


def check_new(path: Path) -> None:
    """Raises `Mistake` where a recording into this file could only fail; before anything is opened."""
    path = spelled_out(path)
    _check(path)
    if os.path.lexists(path):
        raise _mistake(path, FileExistsError())


def _mistake(path: Path, error: OSError) -> Mistake:
    if isinstance(error, FileExistsError):
        return Mistake(
            f"{path}: is there already, and a run is never written over; take another name"
        )
    if isinstance(error, FileNotFoundError):
        return Mistake(f"{path}: there is no folder {path.parent}; make it first")
    return cannot_write(path, error)
