"""Render a run as it was played, scenes and all: ``python bench/piece_render.py RUN.mcap OUT.wav``.

The positions and the mapping are those that were recorded (topics `controls` and `routes`), not those of a
preset; the same engine as on stage, without a clock.
"""

import sys
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from instrument import presets, set_list
from instrument.house import House, open_house
from instrument.mapping import LiveModulator, Modulator
from instrument.offline import Heard
from instrument.runs.tape import Tape
from instrument.signals.bus import Bus, new_show_name
from instrument.signals.frames import CONTROLS, ROUTES
from instrument.sound.denormals import denormals_flushed
from instrument.sound.engine import Engine
from instrument.sound.library import Library
from instrument.sound.sinks import FileSink

RATE, BLOCK = 48_000, 256


@dataclass
class Positions:
    """Where all controls stood, as recorded."""

    numbers: list[int | None]
    values: np.ndarray

    def take(self, frame: object) -> None:
        now = np.array(frame.positions[: len(self.numbers)], np.float32)  # type: ignore[attr-defined]
        for place, number in enumerate(self.numbers):
            if number is not None:
                self.values[number] = now[place]


def house_of(tape: Tape) -> House:
    """A house in which every scene of the run can be gone to."""
    clouds = presets.clouds_asked(tape.header.preset)
    return open_house(clouds=clouds, wished=set_list.clouds_asked(set_list.read().names))


def render(run: Path, out: Path) -> None:
    """The sound of the run, from its first frame to its last."""
    tape = Tape(run)
    house = house_of(tape)
    preset = presets.load(tape.header.preset, house.vocabulary(tape.header.streams))
    bank, bus = house.bank, Bus(new_show_name())
    live = LiveModulator(Modulator(preset.routes, tape.header.streams, bank), bus)
    routes = bus.publisher(ROUTES)
    heard = Heard(tape, house, preset.positions(bank))
    standing = Positions(
        [bank.number.get(path) for path in tape.header.controls], preset.positions(bank)
    )
    with denormals_flushed():
        library = Library(house.recordings, RATE, patient=True)
        values = bank.map(standing.values, np.zeros(len(bank)))
        engine = Engine(
            bank, library, sample_rate=RATE, block=BLOCK, channels=2, seed=7, values=values
        )
        sink, at_s, first_s = FileSink(out, RATE, 2), 0.0, -1.0
        for recorded in tape.frames():
            first_s = recorded.at_s if first_s < 0.0 else first_s
            while at_s < recorded.at_s - first_s:
                if heard.trained:
                    now = live.values(standing.values, heard.streams, BLOCK / RATE)
                else:
                    now = bank.map(standing.values, values)
                sink.write(engine.render(now))
                at_s += BLOCK / RATE
            if recorded.topic == CONTROLS.name:
                standing.take(recorded.frame)
            elif recorded.topic == ROUTES.name:
                routes.send(recorded.frame)
            else:
                heard.take(recorded)
            heard.hand_over(engine)
        sink.close()
        engine.close()


if __name__ == "__main__":
    render(Path(sys.argv[1]), Path(sys.argv[2]))
