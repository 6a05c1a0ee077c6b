"""What tests of the sound process share: a hand on the bus, patience, and what was said."""

import os
import signal
import time
from collections.abc import Callable
from pathlib import Path

import numpy as np

from instrument.signals.bus import Bus
from instrument.signals.controls import Bank
from instrument.signals.frames import CONTROLS, NOTICES, ControlFrame
from instrument.signals.notices import notice_of
from instrument.sound.supervisor import SoundProcess


def until(condition: Callable[[], object], seconds: float = 15.0) -> bool:
    """Whether the condition came true in time."""
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        if condition():
            return True
        time.sleep(0.01)
    return bool(condition())


class Hand:
    """Publishes control frames as the conductor does, and knows where everything stands."""

    def __init__(self, bus: Bus, bank: Bank) -> None:
        self._publisher = bus.publisher(CONTROLS)
        self._bank = bank
        self._frame = ControlFrame(count=len(bank))
        self._positions = bank.defaults.copy()

    def put(self, path: str, value: float) -> None:
        self._positions[self._bank.number[path]] = self._bank.spec(path).unmap(value)
        self.publish()

    def publish(self) -> None:
        self._frame.positions[: len(self._bank)] = self._positions.tolist()
        self._publisher.send(self._frame)
        self._publisher.meet()

    def positions(self) -> np.ndarray:
        return self._positions


class Watch:
    """Polls a sound process as the stage does, and keeps what it said to the performer."""

    def __init__(self, process: SoundProcess, bus: Bus) -> None:
        self.process = process
        self.said: list[str] = []
        self._notices = bus.listener(NOTICES)

    def look(self) -> None:
        self.process.poll()
        self.said.extend(notice_of(frame).text for frame in self._notices.drain())

    def until(self, condition: Callable[[], object], seconds: float = 15.0) -> bool:
        return until(lambda: self.look() or condition(), seconds)

    def blocks(self) -> int:
        return int(self.process.report()["blocks"])

    def plays(self, blocks: int = 50, seconds: float = 15.0) -> bool:
        """Whether so many more blocks go."""
        wanted = self.blocks() + blocks
        return self.until(lambda: self.blocks() >= wanted, seconds)

    def seconds_until_said(self, word: str, seconds: float = 15.0) -> float:
        """How long it takes until a sentence with that word comes."""
        self.said.clear()
        begun_s = time.monotonic()
        assert self.until(lambda: any(word in text for text in self.said), seconds), self.said
        return time.monotonic() - begun_s

    def hit(self, number: signal.Signals) -> None:
        assert self.process.pid is not None
        os.kill(self.process.pid, number)


def memory_mb(pid: int) -> float:
    """What a process has in memory by itself."""
    for line in Path(f"/proc/{pid}/smaps_rollup").read_text().splitlines():
        if line.startswith("Pss:"):
            return int(line.split()[1]) / 1000.0
    return 0.0
