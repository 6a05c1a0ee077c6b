"""The recorder: a listener like any other that writes what it hears into an MCAP file.

It runs in a thread with listeners of its own; if it is slow it loses frames and counts them, and
nobody waits for it. What was heard is on disk within half a second, so kill -9 loses no more. A full disk
ends the recording, not the show.
"""

import contextlib
import ctypes
import os
import threading
from dataclasses import dataclass
from pathlib import Path
from typing import Any, BinaryIO

from mcap.writer import CompressionType, IndexType, Writer

from instrument.clock import Clock, wall_clock
from instrument.runs.header import RECORD, RunHeader
from instrument.runs.layout import description
from instrument.signals.bus import Bus, Listener
from instrument.signals.frames import (
    CONTROLS,
    NOTICES,
    TOPICS,
    ControlFrame,
    Frame,
    Topic,
)
from instrument.signals.mistake import Mistake
from instrument.signals.notices import Notice, notice_frame

ENDING = ".mcap"
CHUNK_BYTES = 64 * 1024
FLUSH_S = 0.4
POLL_S = 0.01
EPOCH_NS = 10**18
"""Log times are monotonic seconds after this (2001): MCAP wants them positive, players relative."""


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
    ) -> None:
        """`path` must end in .mcap and must not be there yet: a run is never written over."""
        self.path = Path(path).expanduser()
        self.header = header
        self.frames = 0
        self.unwritten = 0
        """Frames heard after the disk failed."""
        self._rates = rates or Rates()
        self._bus = bus
        self._clock = clock
        self._topics = [topic for topic in TOPICS if self._rates.of(topic) != 0]
        self._listeners: dict[str, Listener[Any]] = {}
        self._scratch = {topic.name: topic.frame() for topic in TOPICS}
        self._kept_s: dict[str, float] = {}
        self._standing = b""
        self._channels: dict[str, int] = {}
        self._file: BinaryIO | None = None
        self._failed = False
        self._began_s = self._now_s = 0.0
        self._ending = threading.Event()
        self._thread = threading.Thread(target=self._run, name="recorder", daemon=True)

    @property
    def lost(self) -> int:
        """Frames that gave way because the recorder was slow, and those after the disk failed."""
        return self.unwritten + sum(listener.lost for listener in self._listeners.values())

    @property
    def bytes(self) -> int:
        """Size of the file so far."""
        try:
            return self.path.stat().st_size if self._file is not None else 0
        except OSError:
            return 0

    def start(self) -> None:
        """Open the file, write its header, begin. Raises `Mistake` if that cannot be done."""
        self._file = _open(self.path)
        self._writer = Writer(
            self._file,
            chunk_size=CHUNK_BYTES,
            compression=CompressionType.ZSTD,
            index_types=IndexType.ALL,
        )
        try:
            self._begin()
        except OSError as error:
            raise Mistake(f"{self.path}: the run cannot be written ({error.strerror})") from error
        self._listeners = {topic.name: self._bus.listener(topic) for topic in self._topics}
        self._notices = self._bus.publisher(NOTICES)
        self._began_s = self._now_s = self._clock()
        self._thread.start()

    def stop(self) -> None:
        """Write what is still on the bus, close the file; returns when it is closed."""
        self._ending.set()
        if self._thread.is_alive():
            self._thread.join(timeout=5.0)

    def _begin(self) -> None:
        self._writer.start(profile="", library="twos-and-sevens")
        self._writer.add_metadata(RECORD, self.header.to_metadata())
        for topic in self._topics:
            schema = self._writer.register_schema(
                f"instrument.{topic.frame.__name__}",
                "fixed-layout",
                description(topic.frame).encode(),
            )
            self._channels[topic.name] = self._writer.register_channel(
                topic.name, "fixed-layout", schema
            )
        self._writer.flush()

    def _run(self) -> None:
        next_flush_s = self._clock() + FLUSH_S
        while True:
            ending = self._ending.wait(POLL_S)
            now_s = self._now_s = self._clock()
            self._write(finish=ending, flush=now_s >= next_flush_s)
            if now_s >= next_flush_s:
                next_flush_s = now_s + FLUSH_S
            if ending:
                break
        for listener in self._listeners.values():
            listener.close()
        self._notices.close()
        with contextlib.suppress(OSError):  # a full disk cannot take what is buffered either
            if self._file is not None:
                self._file.close()

    def _write(self, finish: bool, flush: bool) -> None:
        """One round over all topics. Whatever the disk does ends here."""
        try:
            for topic in self._topics:
                self._drain(topic)
            if finish and not self._failed:
                self._writer.finish()
            elif flush and not self._failed:
                self._writer.flush()
        except Exception as error:
            self._fail(error)

    def _drain(self, topic: Topic) -> None:
        listener, frame = self._listeners[topic.name], self._scratch[topic.name]
        while listener.take(frame) is not None:
            if self._failed:
                self.unwritten += 1
            elif self._wanted(topic, frame):
                self._add(topic, frame)

    def _wanted(self, topic: Topic, frame: Any) -> bool:
        if topic is CONTROLS and not self._moved(frame):
            return False
        rate = self._rates.of(topic)
        if rate is None:
            return True
        if frame.time_s < self._kept_s.get(topic.name, float("-inf")) + 1.0 / rate - 1e-3:
            return False
        self._kept_s[topic.name] = frame.time_s
        return True

    def _moved(self, frame: ControlFrame) -> bool:
        """Whether the controls stand otherwise than last time; the heartbeat need not be kept."""
        standing = bytes(frame.positions)
        moved = standing != self._standing
        self._standing = standing
        return moved

    def _add(self, topic: Topic, frame: Any) -> None:
        # what the bus kept for late comers is older than the run; a broken clock must not break the file
        at_s = min(max(self._began_s, frame.time_s), self._now_s + 1.0)
        log_time = EPOCH_NS + int(at_s * 1e9)
        self._writer.add_message(
            channel_id=self._channels[topic.name],
            log_time=log_time,
            data=used(frame),
            publish_time=log_time,
            sequence=frame.sequence & 0xFFFFFFFF,
        )
        self.frames += 1

    def _fail(self, error: Exception) -> None:
        if self._failed:
            return
        self._failed = True
        reason = getattr(error, "strerror", None) or type(error).__name__
        text = f"the recording stopped ({reason}): {self.path.name} ends here, the show goes on"
        self._notices.send(notice_frame(Notice("recorder", text, grave=True), self._clock()))


def used(frame: Frame) -> bytes:
    """The bytes of a frame that are meant."""
    return ctypes.string_at(ctypes.addressof(frame), frame.used_bytes())


def _open(path: Path) -> BinaryIO:
    if path.suffix != ENDING:
        raise Mistake(f"{path}: a run is recorded into a file that ends in {ENDING}")
    try:
        return open(path, "xb")
    except FileExistsError as error:
        raise Mistake(
            f"{path}: is there already, and a run is never written over; take another name"
        ) from error
    except FileNotFoundError as error:
        raise Mistake(f"{path}: there is no folder {path.parent}; make it first") from error
    except OSError as error:
        reason = error.strerror or os.strerror(error.errno or 0)
        raise Mistake(
            f"{path}: cannot be written ({reason}); take a folder that you may write"
        ) from error
