"""What a block of sound costs: the whole engine asleep, at rest and in full, and its parts.

    python -m bench.blocks          (about a minute; no sound device needed)

Times are processor time of the render thread in milliseconds; a block of 256 frames lasts 5.33 ms.
"""

import gc
import time
from collections.abc import Callable

import numpy as np

from instrument.house import open_house
from instrument.signals.controls import Bank
from instrument.signals.show import SHOW
from instrument.sound.controls import sound_groups, voices
from instrument.sound.denormals import flush_denormals
from instrument.sound.engine import Engine
from instrument.sound.inner import Inner
from instrument.sound.library import Library
from instrument.sound.limiter import Limiter
from instrument.sound.loudness import LoudnessMeter
from instrument.sound.master import Master
from instrument.sound.meter import Meter

RATE, BLOCK = 48_000, 256
BLOCKS = 1000
SLEEPY = 200
"""Blocks after which everything that nobody hears is asleep."""


def measured(what: str, work: Callable[[], object], blocks: int = BLOCKS) -> None:
    """One row; the garbage collector is off, as it is on stage."""
    gc.collect()
    gc.disable()
    times = np.empty(blocks)
    for number in range(blocks):
        begun_s = time.thread_time()
        work()
        times[number] = time.thread_time() - begun_s
    gc.enable()
    share = np.median(times) * RATE / BLOCK
    print(
        f"{what:<34} {1000 * np.median(times):>8.3f} {1000 * np.percentile(times, 99):>8.3f} "
        f"{share:>7.1%}",
        flush=True,
    )


def engine_rows(channels: int) -> None:
    """The engine with every voice asleep, as it stands by default, each voice alone, and in full."""
    house = open_house()
    library = Library(house.recordings, RATE, patient=True)
    bank = Bank.of((SHOW, *sound_groups(library.names)))
    rest = bank.map(bank.defaults, np.zeros(len(bank)))
    names = [entry.name for entry in voices(library.names)]
    levels = {name: bank.number[f"sound.{name}.level"] for name in names}
    asleep = rest.copy()
    asleep[list(levels.values())] = -60.0
    full = rest.copy()
    full[list(levels.values())] = 0.0
    for digit in range(10):
        full[bank.number[f"sound.digits.tone_{digit}"]] = 0.7
    full[bank.number["sound.drive.amount"]] = 0.7
    random = np.random.default_rng(1)
    inner = Inner(*(random.normal(0, 0.05, 4096).astype(np.float32) for _ in range(2)))
    engine = Engine(bank, library, sample_rate=RATE, block=BLOCK, channels=channels)
    engine.hear(inner)
    rows = {"all voices asleep": asleep, "at rest (defaults)": rest}
    for name in names:
        alone = asleep.copy()
        alone[levels[name]] = 0.0
        rows[f"{name} alone"] = alone
    rows["everything on"] = full
    for what, values in rows.items():
        for _ in range(SLEEPY):
            engine.render(values)
        measured(f"{channels} channels: {what}", lambda values=values: engine.render(values), 400)
    engine.close()


def part_rows(channels: int) -> None:
    """The parts that come after the graph, in their worst case: far above the ceiling."""
    loud = np.random.default_rng(2).normal(0, 3.0, (BLOCK, channels))
    sound = np.clip(loud, -0.8, 0.8).astype(np.float32)
    limiter, master = Limiter(RATE, channels=channels), Master(RATE, BLOCK, channels)
    meter, loudness = Meter(RATE, BLOCK, channels), LoudnessMeter(RATE, BLOCK, channels)
    hot = loud.astype(np.float32)
    measured(f"{channels} channels: limiter, limiting", lambda: limiter.process(loud))
    measured(f"{channels} channels: limiter, quiet", lambda: limiter.process(loud * 0.01))
    measured(f"{channels} channels: master, limiting", lambda: master.process(hot, 0.0))
    measured(f"{channels} channels: loudness meter", lambda: loudness.hear(sound))
    measured(f"{channels} channels: whole meter", lambda: meter.hear(sound))


def main() -> None:
    """Prints a row for each."""
    flush_denormals()
    print(f"{'':<34} {'median':>8} {'p99':>8} {'share':>7}")
    for channels in (2, 8):
        part_rows(channels)
    for channels in (2, 8):
        engine_rows(channels)


if __name__ == "__main__":
    main()
