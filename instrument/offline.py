"""The sound of a recorded run, rendered into a file as fast as it goes: no device, no clock, no bus.

The same playback, conductor, mapping and engine as on stage, in one thread and block after block; the same
run and preset give the same bytes, and those that a rehearsal of it plays from where it begins to roll.
"""

import math
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from instrument import presets
from instrument.clock import HandClock
from instrument.conductor import Conductor
from instrument.house import House
from instrument.mapping import RouteDesk
from instrument.next_block import NextBlock, SoundSetup
from instrument.runs.pace import first_block
from instrument.runs.playback import Playback
from instrument.signals.frames import SoundFrame
from instrument.signals.local_bus import LocalBus
from instrument.signals.show import END_FADE_S
from instrument.signals.sound_place import ExactPlace
from instrument.sound.denormals import denormals_flushed
from instrument.sound.meter import Meter
from instrument.sound.sinks import FileSink
from instrument.sound.stems import Stems
from instrument.units import gain_to_db

SAY_EVERY_S = 0.05
"""How often it is told how the sound stands, as on stage."""


@dataclass(frozen=True)
class Rendering:
    """What was rendered: its length, gated loudness (BS.1770) and highest peak between samples."""

    seconds: float
    loudness_lufs: float
    true_peak_dbtp: float


class OfflineSound:
    """A rehearsal without a stage: what it would sound like. One thread, one at a time in a process."""

    def __init__(
        self,
        run: Path,
        preset_name: str,
        house: House,
        sample_rate: int = 48_000,
        block: int = 256,
        channels: int = 2,
        seed: int = 7,
    ) -> None:
        """Raises `Mistake`."""
        bus, self._clock, bank = LocalBus(), HandClock(), house.bank
        self._place = ExactPlace(block / sample_rate)
        self._playback = Playback(
            run, bus, bank, lambda act: self._conductor.take(act), self._clock, self._place
        )
        streams = self._playback.streams
        preset = presets.load(preset_name, house.vocabulary(streams))
        positions = preset.positions(bank)
        routes = RouteDesk(preset.routes, streams, bank)
        self._conductor = Conductor(bank, positions, bus, self._clock, routes)
        self.next = NextBlock(
            SoundSetup(
                bank, streams, preset.routes, house.recordings, positions,
                sample_rate, block, channels, seed,
            ),
            patient=True, prompt=True,
        )  # fmt: skip
        self.next.join(bus, positions)
        self._playback.follow_mapping(preset.name, self._conductor.take)
        self._conductor.open()
        self._playback.open()
        self.seconds = self._playback.reel.length_s
        """How long the run is."""
        self.began = first_block(0, self._place.period_s)
        """The block at which the run begins to roll."""

    def blocks(self) -> Iterator[np.ndarray]:
        """Every block from the start of the sound on, float32 (block, channels), to its last fade."""
        fader = self.next.engine.master.fader
        while not fader.silent:
            self._place.at = self.next.blocks
            self._clock.now_s = self.next.blocks * self._place.period_s
            if self._playback.advance():
                fader.end(END_FADE_S)
            yield self.next.render()

    def close(self) -> None:
        """Give the graph back, let go of the run."""
        self.next.close()
        self._playback.stop()


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
    stems: Path | None = None,
) -> Rendering:
    """Render a run through a preset into a sound file. Raises `Mistake`.

    It begins where the run begins to roll; the sound has begun a second before, as on stage. `told` gets
    how it stands as often as on stage, a frame of its own each time; its `time_s` counts from the beginning
    of the run. `end_s`: where to break off. `stems`: a folder for every part of the sound by itself.
    """
    with denormals_flushed(), ExitStack() as stack:
        sound = OfflineSound(run, preset_name, house, sample_rate, block, channels, seed)
        stack.callback(sound.close)
        apart = None
        if stems is not None:
            apart = Stems(stems, sound.next.engine.take_apart(), sample_rate, channels)
            stack.callback(apart.close)
        sink, meter = FileSink(out, sample_rate, channels), Meter(sample_rate, block, channels)
        stack.callback(sink.close)
        period_s, at_s, next_word_s = block / sample_rate, 0.0, 0.0
        whole_s = max(period_s, min(end_s, sound.seconds))
        for rendered in sound.blocks():
            if sound.next.blocks <= sound.began:
                continue
            sink.write(rendered)
            if apart is not None:
                apart.write(sound.next.engine.parts, rendered)
            meter.hear(rendered)
            at_s = (sound.next.blocks - sound.began) * period_s
            if at_s >= next_word_s:
                next_word_s = at_s + SAY_EVERY_S
                told(_standing(sound, meter, at_s))
            progress(min(1.0, at_s / whole_s))
            if at_s >= end_s:
                break
    return Rendering(at_s, meter.loudness.integrated_lufs, gain_to_db(meter.true_peak_ever))


def _standing(sound: OfflineSound, meter: Meter, at_s: float) -> SoundFrame:
    """How the sound stands `at_s` seconds into the run."""
    frame = SoundFrame(time_s=at_s, period_s=sound.next.setup.period_s)
    meter.fill(frame)
    line = sound.next.engine.hair_line
    frame.scan_place, frame.scan_rate = line.place, line.rate
    return frame
