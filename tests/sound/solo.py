"""One voice alone in a real graph, without strip and master, and moments of the recorded run."""

from collections.abc import Callable
from functools import cache
from itertools import chain, islice
from types import TracebackType
from typing import Any

import numpy as np

from instrument.runs.tape import Tape, find_run
from instrument.signals.controls import Controls
from instrument.signals.frames import METRICS, WEIGHTS
from instrument.sound.graph import Graph
from instrument.sound.inner import Inner, InnerEar

RATE, BLOCK = 48000, 256


class Solo:
    """A voice, its controls by name, and what it plays."""

    def __init__(
        self,
        build: Callable[[Graph], Any],
        controls: type[Controls],
        channels: int = 2,
        block: int = BLOCK,
        seed: int = 0,
    ) -> None:
        self.graph = Graph(RATE, block, seed, channels=channels)
        with self.graph.gather() as self._parts:
            self.voice = build(self.graph)
            # An effect gives its `output`, a voice its `sound`.
            heard = getattr(self.voice, "sound", None) or self.voice.output
            self._out = (heard + 0.0).out()
        self.controls = controls.at_defaults()
        self._names = [field.name for field in controls._fields]

    def __enter__(self) -> "Solo":
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        at: TracebackType | None,
    ) -> None:
        self.graph.close()

    def put(self, **values: float | str) -> "Solo":
        """Set controls in their units, choices by their words."""
        for name, value in values.items():
            spec = type(self.controls)._fields[self._names.index(name)].spec
            self.controls.values[self._names.index(name)] = spec.parse(value)
        return self

    def play(self, seconds: float) -> np.ndarray:
        """The next seconds, float64 (frames, channels)."""
        blocks = []
        for _ in range(max(1, round(seconds * RATE / self.graph.block))):
            self.voice.update(self.controls)
            blocks.append(self.graph.render().astype(np.float64))
        return np.concatenate(blocks)

    def sleep(self) -> None:
        """What the strip does to a voice that nobody hears."""
        for part in self._parts:
            part.stop()

    def wake(self) -> None:
        for part in self._parts:
            part.play()
        self._out.out()


@cache
def moments(first: int = 0, count: int = 40) -> tuple[Inner, ...]:
    """Moments of the shipped runs, one run after the other: real weights, gradients and class shares."""

    def heard(name: str) -> Any:
        tape = Tape(find_run(name))
        ear = InnerEar(tape.header.streams)
        streams = np.zeros(len(tape.header.streams), np.float32)
        for recorded in tape.frames():
            if recorded.topic == METRICS.name:
                streams[:] = recorded.frame.streams[: len(streams)]
            elif recorded.topic == WEIGHTS.name:
                yield ear.hear(recorded.frame, streams)

    runs = ("noise_to_digits", "collapse_and_return", "outright_failure")
    return tuple(islice(chain.from_iterable(map(heard, runs)), first, first + count))


def db(sound: np.ndarray) -> float:
    """Root mean square in dB of full scale."""
    return float(10.0 * np.log10(np.mean(np.square(sound)) + 1e-30))


def peaks_hz(sound: np.ndarray, below_db: float = 20.0) -> list[float]:
    """Frequencies of one channel that stand out, at most so far below the loudest, Hz."""
    spectrum = np.abs(np.fft.rfft(sound * np.hanning(len(sound))))
    least = spectrum.max() * 10.0 ** (-below_db / 20.0)
    inner = spectrum[1:-1]
    top = (inner > spectrum[:-2]) & (inner >= spectrum[2:]) & (inner > least)
    return [float(place) * RATE / len(sound) for place in np.flatnonzero(top) + 1]
