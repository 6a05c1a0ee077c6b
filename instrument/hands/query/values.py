"""The present values of the tree, out of the bus. They are taken when somebody looks, else nothing runs."""

import math
from collections.abc import Callable, Sequence
from functools import partial

import numpy as np

from instrument.hands.query.nodes import Arguments
from instrument.hands.query.standing import STANDING, Told
from instrument.hands.query.tree import POSITION, STATE
from instrument.signals.bus import Bus
from instrument.signals.controls import Bank
from instrument.signals.frames import CONTROLS, METRICS, ControlFrame, MetricFrame, StandingFrame
from instrument.signals.frames import STANDING as STANDING_TOPIC
from instrument.signals.spec import Kind, Spec
from instrument.signals.streams import StreamSpec, stream_numbers

INT_HIGH = 2**31 - 1
Reader = Callable[[], Arguments | None]


class Values:
    """What stands at every path: `look` takes what is new, `take_changed` says where. Query thread."""

    def __init__(self, bank: Bank, streams: Sequence[StreamSpec], bus: Bus) -> None:
        self._controls = ControlValues(bank, bus)
        self._streams = StreamValues(streams, bus)
        self._standing = StandingValues(bus)
        self._readers: dict[str, Reader] = {
            **self._controls.readers, **self._streams.readers, **self._standing.readers,
        }  # fmt: skip
        self._changed: dict[str, None] = {}

    def of(self, path: str) -> Arguments | None:
        """Arguments that stand at a path; None where nothing does, or not yet."""
        reader = self._readers.get(path)
        return None if reader is None else reader()

    def look(self, streams: bool = True) -> None:
        """Take what the bus has. `streams`: those of the training, too."""
        changed = self._controls.look() + self._standing.look()
        if streams:
            changed += self._streams.look()
        self._changed.update(dict.fromkeys(changed))

    def take_changed(self) -> list[str]:
        """The paths where something else stands than when this was asked last."""
        changed = list(self._changed)
        self._changed.clear()
        return changed

    def close(self) -> None:
        """Leave the bus."""
        for part in (self._controls, self._streams, self._standing):
            part.close()


class ControlValues:
    """Every control in its unit, and its position. Acts have no value."""

    def __init__(self, bank: Bank, bus: Bus) -> None:
        self._listener = bus.listener(CONTROLS)
        self._frame = ControlFrame()
        self._bank = bank
        self._positions = bank.defaults.copy()
        self.readers: dict[str, Reader] = {}
        self._paths: list[tuple[str, ...]] = []
        for number, spec in enumerate(bank):
            if spec.kind is Kind.TRIGGER:
                self._paths.append(())
                continue
            self.readers[spec.address] = partial(self._value, number, spec)
            self.readers[spec.address + POSITION] = partial(self._position, number)
            self._paths.append((spec.address, spec.address + POSITION))

    def look(self) -> list[str]:
        """Take the newest positions; the paths that changed."""
        if self._listener.latest(self._frame) is None:
            return []
        count = len(self._positions)
        now = np.ctypeslib.as_array(self._frame.positions)[:count].copy()
        moved = np.flatnonzero(now != self._positions)
        self._positions = now
        return [path for number in moved.tolist() for path in self._paths[number]]

    def _position(self, number: int) -> Arguments:
        return (short(float(self._positions[number])),)

    def _value(self, number: int, spec: Spec) -> Arguments:
        value = spec.map(float(self._positions[number]))
        if spec.choices:
            return (spec.text(value),)
        if spec.kind is Kind.BOOL:
            return (value >= 0.5,)
        return (int(value),) if spec.is_whole else (short(value),)

    def close(self) -> None:
        """Leave the bus."""
        self._listener.close()


class StreamValues:
    """The newest step of the training. Of what is not finite the last good number stands."""

    def __init__(self, streams: Sequence[StreamSpec], bus: Bus) -> None:
        self._listener = bus.listener(METRICS)
        self._frame = MetricFrame()
        self._step = -1
        self._latest = np.full(len(streams), np.nan, np.float32)
        self._paths = [f"/stream/{stream.name}" for stream in streams]
        self.readers: dict[str, Reader] = {
            path: partial(self._value, number) for number, path in enumerate(self._paths)
        }
        self.readers["/step"] = self._steps
        self._state = stream_numbers(streams).get(STATE, -1)
        self._states = streams[self._state].choices if self._state >= 0 else ()
        if self._states:
            self.readers["/state"] = self._state_word

    def look(self) -> list[str]:
        """Take the newest step; the paths that changed."""
        if self._listener.latest(self._frame) is None:
            return []
        self._step = int(self._frame.step)
        said = np.ctypeslib.as_array(self._frame.streams)[: len(self._latest)]
        now = np.where(np.isfinite(said), said, self._latest)
        moved = np.flatnonzero((now != self._latest) & np.isfinite(now)).tolist()
        self._latest = now
        changed = [self._paths[number] for number in moved]
        if self._states and self._state in moved:
            changed.append("/state")
        return [*changed, "/step"]

    def _value(self, number: int) -> Arguments | None:
        value = float(self._latest[number])
        return (short(value),) if math.isfinite(value) else None

    def _steps(self) -> Arguments | None:
        return (min(self._step, INT_HIGH),) if self._step >= 0 else None

    def _state_word(self) -> Arguments | None:
        value = float(self._latest[self._state])
        if not math.isfinite(value):
            return None
        return (self._states[int(min(len(self._states) - 1, max(0, value)))],)

    def close(self) -> None:
        """Leave the bus."""
        self._listener.close()


class StandingValues:
    """Scene, cues and beat, of the newest `StandingFrame`."""

    def __init__(self, bus: Bus) -> None:
        self._listener = bus.listener(STANDING_TOPIC)
        self._frame = StandingFrame()
        self._now: dict[str, Arguments] = {}
        self.readers: dict[str, Reader] = {
            told.address: partial(self._now.get, told.address) for told in STANDING
        }

    def look(self) -> list[str]:
        """Take the newest frame; the paths that changed."""
        if self._listener.latest(self._frame) is None:
            return []
        return [told.address for told in STANDING if self._is_new(told)]

    def _is_new(self, told: Told) -> bool:
        arguments = (told.read(self._frame),)
        new = self._now.get(told.address) != arguments
        self._now[told.address] = arguments
        return new

    def close(self) -> None:
        """Leave the bus."""
        self._listener.close()


def short(value: float) -> float:
    """A number with the six digits that a float32 is good for: 0.3, not 0.30000001192."""
    return float(f"{value:.6g}")
