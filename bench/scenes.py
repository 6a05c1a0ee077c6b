"""What a scene costs: a tick of its morph in the conductor, and the blocks of sound in which voices wake.

    python bench/scenes.py [--blocks 1200]

``morph``: `Morph.advance` with every control of the show on its way, in microseconds a tick (50 a second).
``wake``: an engine whose voices are opened and closed at random every 120 blocks; the longest blocks, in
milliseconds of processor time, against the time a block has. Prints one JSON line for each.
"""

import argparse
import json
import time

import numpy as np

from instrument.conductor.morph import Morph
from instrument.house import open_house
from instrument.signals.controls import Bank
from instrument.signals.show import SHOW
from instrument.sound.controls import sound_groups
from instrument.sound.engine import Engine
from instrument.sound.library import Library

RATE, BLOCK, EVERY, TICKS, SEED = 48000, 256, 120, 2000, 3
NOT_VOICES = ("sound.master", "sound.space", "sound.drive")


def morph() -> dict[str, float]:
    """Every control of the show travels for the whole time."""
    bank = open_house().bank
    positions, numbers = bank.defaults.copy(), np.arange(len(bank))
    way = Morph(bank)
    way.begin(numbers, 1.0 - positions, positions, 1e6, 0.0)
    took = []
    for tick in range(TICKS):
        began_s = time.thread_time()
        way.advance(positions, 0.02 * tick)
        took.append((time.thread_time() - began_s) * 1e6)
    p50, p99 = np.percentile(took, (50, 99))
    return {"controls": len(bank), "p50_us": round(float(p50), 1), "p99_us": round(float(p99), 1)}


def wake(blocks: int) -> dict[str, object]:
    """Voices open and close, several in one block."""
    house = open_house()
    bank = Bank.of((SHOW, *sound_groups(tuple(house.recordings))))
    engine = Engine(bank, Library(house.recordings, RATE, patient=True))
    values = bank.map(bank.defaults, np.zeros(len(bank)))
    levels = [
        bank.number[spec.path]
        for spec in bank
        if spec.path.startswith("sound.")
        and spec.path.endswith(".level")
        and not spec.path.startswith(NOT_VOICES)
    ]
    random, took = np.random.default_rng(SEED), []
    for block in range(blocks):
        if block % EVERY == 0:
            for level in levels:
                values[level] = -60.0 if random.random() < 0.5 else -20.0
        began_s = time.thread_time()
        engine.render(values)
        took.append((time.thread_time() - began_s) * 1e3)
    engine.close()
    longest = sorted(took, reverse=True)[:5]
    return {
        "has_ms": round(BLOCK / RATE * 1e3, 2),
        "p50_ms": round(float(np.median(took)), 2),
        "longest_ms": [round(each, 1) for each in longest],
    }


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--blocks", type=int, default=1200)
    words = parser.parse_args()
    print(json.dumps({"what": "morph", **morph()}), flush=True)
    print(json.dumps({"what": "wake", **wake(words.blocks)}), flush=True)


if __name__ == "__main__":
    main()
