"""The loudest that can happen: every preset in a storm of hands and streams, measured by ffmpeg.

    python bench/storm.py [--seconds 60] [--preset NAME ...]

Each preset plays offline while every stream of the training jumps about its whole range (and beyond it, to
infinity and NaN), and hands throw the controls of the sound from one end to the other: one at a time, then
all at once. Real weights come from a recorded run, and some of a thousand times their size. Prints a JSON
line each: true peak by ffmpeg's ebur128 (allowed: -1 dBTP), samples that were not finite, DC, loudness.
"""

import argparse
import json
import tempfile
from pathlib import Path

import numpy as np
import soundfile
from foreign_meter import measured

from instrument import presets
from instrument.house import open_house
from instrument.learning.streams import STREAMS
from instrument.mapping import Modulator
from instrument.runs.tape import Tape, find_run
from instrument.signals.frames import WEIGHTS
from instrument.sound.engine import Engine
from instrument.sound.inner import Inner, InnerEar
from instrument.sound.library import Library
from instrument.sound.sinks import FileSink

RATE, BLOCK = 48000, 256
SHIPPED = Path(__file__).resolve().parent.parent / "presets"
BLOCKS_BETWEEN = 12


def real_weights() -> list[Inner]:
    """Some moments of a recorded network, every second one a thousand times as large."""
    tape = Tape(find_run("noise_to_digits"))
    ear, moments = InnerEar(tape.header.streams), []
    streams = np.zeros(len(tape.header.streams), np.float32)
    for recorded in tape.frames():
        if recorded.topic == WEIGHTS.name:
            moments.append(ear.hear(recorded.frame, streams))
        if len(moments) == 40:
            break
    return [
        moment
        if number % 2
        else Inner(
            moment.weights * 1000,
            moment.gradients * 1000,
            moment.segments,
            moment.generator_segments,
            np.ones(10, np.float32),
        )
        for number, moment in enumerate(moments)
    ]


def storm(preset_name: str, seconds: float, seed: int, out: Path) -> Engine:
    """Render it; returns the engine for its counts."""
    house = open_house(clouds=presets.clouds_asked(preset_name))
    bank = house.bank
    preset = presets.load(preset_name, house.vocabulary(STREAMS))
    base = preset.positions(bank)
    library = Library(house.recordings, RATE, patient=True)
    values = bank.map(base, np.zeros(len(bank)))
    engine = Engine(bank, library, sample_rate=RATE, block=BLOCK, seed=seed, values=values)
    modulator = Modulator(preset.routes, STREAMS, bank)
    random = np.random.default_rng(seed)
    moments = real_weights()
    low = np.array([stream.low for stream in STREAMS])
    span = np.array([stream.high - stream.low for stream in STREAMS])
    sound = [n for n, spec in enumerate(bank) if spec.path.startswith("sound.")]
    sound = [n for n in sound if not bank.specs[n].path.endswith((".recording", ".mute", ".solo"))]
    streams, positions = low.astype(np.float32), base.copy()
    sink = FileSink(out, RATE)
    blocks = int(seconds * RATE / BLOCK)
    for number in range(blocks):
        if number % BLOCKS_BETWEEN == 0:
            streams[:] = low + span * random.choice([0.0, 1.0, 0.5, 3.0, -2.0], len(span))
            streams[random.random(len(span)) < 0.02] = random.choice([np.nan, np.inf])
            engine.hear(moments[random.integers(len(moments))])
            if number > blocks // 2:
                positions[sound] = random.choice([0.0, 0.5, 1.0], len(sound))
            else:
                positions[random.choice(sound)] = random.choice([0.0, 1.0])
        now = modulator.values(positions, streams, BLOCK / RATE)
        sink.write(engine.render(now))
    sink.close()
    engine.close()
    return engine


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--seconds", type=float, default=60.0)
    parser.add_argument("--preset", nargs="+", default=None)
    parser.add_argument("--seed", type=int, default=1)
    words = parser.parse_args()
    for name in words.preset or sorted(path.stem for path in SHIPPED.glob("*.toml")):
        with tempfile.TemporaryDirectory() as folder:
            out = Path(folder) / "storm.wav"
            engine = storm(name, words.seconds, words.seed, out)
            loudness = measured(out)
            heard, _ = soundfile.read(out)
        result = {
            "preset": name,
            "dbtp": loudness.true_peak,
            "lufs": loudness.integrated,
            "largest_dc_of_a_second": round(
                float(max(abs(part.mean()) for part in np.array_split(heard, int(words.seconds)))),
                5,
            ),
            "blocks_not_finite": engine.master.nonfinite_blocks,
            "rebuilds": engine.rebuilds,
        }
        print(json.dumps(result), flush=True)


if __name__ == "__main__":
    main()
