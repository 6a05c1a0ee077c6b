"""A show of one room: the real training thread, a real bus, and hands that speak through it."""

import time
from collections.abc import Callable
from typing import Any

import numpy as np

from instrument.clock import wall_clock
from instrument.learning.config import LearningConfig
from instrument.learning.gestures import LEARNING
from instrument.learning.saved import SavedMoment
from instrument.learning.streams import STREAMS
from instrument.learning.training import Training
from instrument.signals.bus import Bus, new_show_name
from instrument.signals.controls import Bank
from instrument.signals.frames import (
    CONTROLS,
    DEEDS,
    GESTURES,
    METRICS,
    NOTICES,
    SNAPSHOTS,
    TILES,
    WEIGHTS,
    ControlFrame,
    GestureFrame,
)
from instrument.signals.streams import stream_numbers

NUMBER = stream_numbers(STREAMS)


class Stand:
    """A show of one room: the training, and listeners and hands around it."""

    def __init__(
        self, positions: dict[str, float], begins_from: SavedMoment | None = None,
        start: Callable[[Training], None] = Training.start, **config: Any,
    ) -> None:  # fmt: skip
        self.bus, self.bank = Bus(new_show_name()), Bank.of([LEARNING])
        self.positions = self.bank.defaults.copy()
        self.training = Training(
            LearningConfig(**{"batch": 16, "device": "cpu", **config}),
            self.bus, self.bank, wall_clock, begins_from,
        )  # fmt: skip
        self.listeners = {
            t.name: self.bus.listener(t)
            for t in (METRICS, TILES, WEIGHTS, GESTURES, DEEDS, NOTICES, SNAPSHOTS)
        }
        self.controls, self.gestures = self.bus.publisher(CONTROLS), self.bus.publisher(GESTURES)
        self.heard: dict[str, list[Any]] = {name: [] for name in self.listeners}
        self.turn(**positions)
        start(self.training)

    def turn(self, **values: float) -> None:
        """Set controls by their values."""
        for name, value in values.items():
            number = self.bank.number[f"learning.{name}"]
            self.positions[number] = self.bank.specs[number].unmap(value)
        frame = ControlFrame(time_s=wall_clock(), count=len(self.bank))
        np.frombuffer(frame.positions, np.float32)[: len(self.bank)] = self.positions
        self.controls.send(frame)

    def do(self, name: str, value: float = 1.0) -> None:
        """Ask for an act."""
        number = self.bank.number[f"learning.{name}"]
        self.gestures.send(
            GestureFrame(
                step=-1, control=number, position=self.bank.specs[number].unmap(value), who=b"key"
            )
        )

    def listen(self) -> None:
        for name, listener in self.listeners.items():
            self.heard[name] += list(listener.drain())

    def until(self, condition: Callable[[], Any], what: str) -> Any:
        """Wait until something was heard; a minute at most."""
        end = time.monotonic() + 60
        while time.monotonic() < end:
            self.listen()
            if found := condition():
                return found
            time.sleep(0.002)
        raise AssertionError(f"waited in vain for {what}; notices: {self.sentences}")

    def effect(self, name: str) -> Any:
        """The gesture frame that says an act or move took effect; forgets it."""
        number = self.bank.number[f"learning.{name}"]
        found = self.until(
            lambda: [g for g in self.heard["gestures"] if g.step >= 0 and g.control == number],
            f"the effect of {name}",
        )[0]
        self.heard["gestures"].remove(found)
        return found

    @property
    def sentences(self) -> list[str]:
        return [frame.text.decode() for frame in self.heard["notices"]]

    def steps(self, count: int) -> None:
        """Wait until so many more steps have been made and heard of."""
        end = self.training.steps + count
        self.until(
            lambda: self.heard["metrics"] and self.heard["metrics"][-1].step >= end,
            f"{count} steps",
        )

    @property
    def tiles(self) -> np.ndarray:
        """The last wall, uint8 (64, H, W, C)."""
        frame = self.heard["tiles"][-1]
        shape = (frame.count, frame.height, frame.width, frame.channels)
        pixels = np.frombuffer(frame.tiles, np.uint8)[: int(np.prod(shape))]
        return pixels.reshape(shape).copy()

    @property
    def learner(self) -> Any:
        return self.training._trainer.course.learner

    @property
    def state(self) -> Any:
        return self.training._trainer.course.learner.state.clone()

    @property
    def rescue(self) -> Any:
        return self.training._trainer.rescue

    def stream(self, name: str) -> float:
        return float(self.heard["metrics"][-1].streams[NUMBER[name]])
