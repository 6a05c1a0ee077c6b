"""The sound of a recorded run, rendered into a file as fast as it goes: no device, no clock, no bus.

The same engine and the same routes as on stage; the same run and preset give the same bytes.
"""

import math
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from instrument import presets
from instrument.house import House
from instrument.mapping import Modulator
from instrument.runs.playback import ROOMS
from instrument.runs.tape import Recorded, Tape
from instrument.signals.frames import CONTROLS, METRICS, TILES, WEIGHTS, SoundFrame
from instrument.signals.show import END_FADE_S
from instrument.sound.denormals import denormals_flushed
from instrument.sound.engine import Engine
from instrument.sound.inner import Inner, InnerEar, Samples, samples_of
from instrument.sound.library import Library
from instrument.sound.meter import Meter
from instrument.sound.sinks import FileSink
from instrument.units import gain_to_db

SAY_EVERY_S = 0.05
"""How often it is told how the sound stands, as on stage."""


@dataclass(frozen=True)
class Rendering:
    """What was rendered: its length, gated loudness (BS.1770) and highest peak between samples."""

    seconds: float
    loudness_lufs: float
    true_peak_dbtp: float


class Heard:
    """What the run has said up to a moment, as the ear needs it."""

    def __init__(self, tape: Tape, house: House, positions: np.ndarray) -> None:
        """`positions` float32 (controls,): where the preset puts every control."""
        self.positions = positions
        self.streams = np.zeros(len(tape.header.streams), np.float32)
        self.trained = False
        self.inner: Inner | None = None
        self.samples: Samples | None = None
        self._ear = InnerEar(tape.header.streams)
        paths = [path if path.startswith(ROOMS) else "" for path in tape.header.controls]
        self._numbers = [house.bank.number.get(path) for path in paths]
        self._standing: np.ndarray | None = None

    def take(self, recorded: Recorded) -> None:
        """One frame of the run; where its controls stood at the beginning is the preset's to say."""
        frame = recorded.frame
        if recorded.topic == METRICS.name:
            self.streams[:] = frame.streams[: len(self.streams)]
            self.trained = True
        elif recorded.topic == WEIGHTS.name:
            self.inner = self._ear.hear(frame, self.streams)
        elif recorded.topic == TILES.name:
            self.samples = samples_of(frame)
        elif recorded.topic == CONTROLS.name:
            now = np.array(frame.positions[: len(self._numbers)], np.float32)
            before = now if self._standing is None else self._standing
            for place in np.flatnonzero(now != before):
                number = self._numbers[place]
                if number is not None:
                    self.positions[number] = now[place]
            self._standing = now

    def hand_over(self, engine: Engine) -> None:
        """Weights and samples that came since the last time, to the engine."""
        if self.inner is not None:
            engine.hear(self.inner)
            self.inner = None
        if self.samples is not None:
            engine.see(self.samples)
            self.samples = None


def render_sound(
    run: Path,
    preset_name: str,
    out: Path,
    house: House,
    *,
    sample_rate: int = 48_000,
    block: int = 256,
    channels: int = 2,
    seed: int = 7,
    progress: Callable[[float], None] = lambda share: None,
    told: Callable[[SoundFrame], None] = lambda frame: None,
    end_s: float = math.inf,
) -> Rendering:
    """Render a run through a preset into a sound file. Raises `Mistake`.

    `told` gets how the sound stands as often as on stage, a frame of its own each time; its `time_s`
    counts from the beginning of the run. `end_s`: where to break off.
    """
    with denormals_flushed():
        return _render(
            run, preset_name, out, house, sample_rate, block, channels, seed, progress, told, end_s
        )


def _render(
    run: Path,
    preset_name: str,
    out: Path,
    house: House,
    sample_rate: int,
    block: int,
    channels: int,
    seed: int,
    progress: Callable[[float], None],
    told: Callable[[SoundFrame], None],
    end_s: float,
) -> Rendering:
    tape = Tape(run)
    preset = presets.load(preset_name, house.vocabulary(tape.header.streams))
    bank = house.bank
    library = Library(house.recordings, sample_rate, patient=True)
    values = bank.map(preset.positions(bank), np.zeros(len(bank)))
    engine = Engine(
        bank,
        library,
        sample_rate=sample_rate,
        block=block,
        channels=channels,
        seed=seed,
        values=values,
    )
    meter = Meter(sample_rate, block, channels)
    modulator = Modulator(preset.routes, tape.header.streams, bank)
    frames = list(tape.frames())
    heard = Heard(tape, house, preset.positions(bank))
    values = np.zeros(len(bank))
    sink = FileSink(out, sample_rate, channels)
    period_s, at_s, number, next_word_s = block / sample_rate, 0.0, 0, 0.0
    first_s, last_s = frames[0].at_s, frames[-1].at_s
    try:
        while at_s < end_s and (number < len(frames) or not engine.master.fader.silent):
            while number < len(frames) and frames[number].at_s - first_s <= at_s:
                heard.take(frames[number])
                number += 1
            heard.hand_over(engine)
            if number == len(frames):
                engine.master.fader.end(END_FADE_S)
            if heard.trained:
                now = modulator.values(heard.positions, heard.streams, period_s)
            else:
                now = bank.map(heard.positions, values)
            sound = engine.render(now)
            sink.write(sound)
            meter.hear(sound)
            at_s += period_s
            if at_s >= next_word_s:
                next_word_s = at_s + SAY_EVERY_S
                frame = SoundFrame(time_s=at_s)
                meter.fill(frame)
                frame.scan_place, frame.scan_rate = engine.hair_line.place, engine.hair_line.rate
                told(frame)
            progress(min(1.0, at_s / max(period_s, min(end_s, last_s - first_s))))
    finally:
        sink.close()
        engine.close()
    return Rendering(at_s, meter.loudness.integrated_lufs, gain_to_db(meter.true_peak_ever))
