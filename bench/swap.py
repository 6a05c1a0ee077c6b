"""What swapping recordings costs a running show: late blocks and dropouts at a real pace.

    python -m bench.swap            (about two minutes; no sound device needed)

A whole engine plays on the null sink while the recordings of drone, glitch and a cloud are swapped,
ten times each, for others of 30 seconds and of 10 minutes, with 2 and with 4 blocks in the ring; the
rows called "rest" play as long and swap nothing: what is late there, the machine is to blame for.
`worked` is the longest that the render thread itself computed for a block (its processor time), so
without what it waited for others. Memory counts shared pages once.
"""

import gc
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import numpy as np
import soundfile

from instrument.clock import wall_clock
from instrument.signals.controls import Bank
from instrument.signals.show import SHOW
from instrument.sound.controls import sound_groups
from instrument.sound.denormals import flush_denormals
from instrument.sound.engine import Engine
from instrument.sound.library import Library
from instrument.sound.memory import sweep
from instrument.sound.sinks import NullSink

RATE, BLOCK = 48_000, 256
SWAPS = 10
LENGTHS_S = {"30 s": 30.0, "10 min": 600.0}
PLAYERS = ("drone", "glitch", "cloud_1")


def write(path: Path, seconds: float, hz: float) -> Path:
    """A chord that moves, stereo, 24 bit FLAC."""
    with soundfile.SoundFile(path, "w", RATE, 2, subtype="PCM_24") as file:
        for second in range(int(seconds)):
            at = np.arange(RATE) / RATE + second
            left = sum(np.sin(2 * np.pi * hz * n * at) / n for n in (1, 2, 3, 5))
            right = sum(np.sin(2 * np.pi * hz * n * 1.003 * at) / n for n in (1, 2, 4))
            file.write(0.2 * np.stack([left, right], axis=1))
    return path


def memory_mb() -> float:
    """What this process holds, shared memory included (Linux)."""
    for line in Path("/proc/self/smaps_rollup").read_text().splitlines():
        if line.startswith("Pss:"):
            return int(line.split()[1]) / 1024
    return 0.0


def row(folder: Path, length: str, ring: int, swaps: int) -> str:
    """Ten swaps of every player at a real pace, or none."""
    paths = {path.stem: path for path in sorted(folder.glob(f"{length.split()[0]}_*.flac"))}
    names = list(paths)
    said: list[str] = []
    library = Library(paths, RATE, said.append)
    bank = Bank.of((SHOW, *sound_groups(tuple(names))))
    values = bank.map(bank.defaults, np.zeros(len(bank)))
    for player in PLAYERS:
        values[bank.number[f"sound.{player}.level"]] = -6.0
        values[bank.number[f"sound.{player}.recording"]] = 0
    engine = Engine(bank, library, sample_rate=RATE, block=BLOCK, values=values)
    sink = NullSink(RATE, BLOCK, ring)
    strips = [strip for strip in engine.strips if strip.entry.name in PLAYERS]
    gc.collect()
    gc.freeze()
    gc.disable()
    taken: list[float] = []
    worked: list[float] = []
    began_s = 0.0
    waits: list[float] = []
    for swap in range(SWAPS + 1):
        wanted = names[swap * (swaps > 0) % len(names)]
        for player in PLAYERS:
            values[bank.number[f"sound.{player}.recording"]] = names.index(wanted)
        began_s, blocks = wall_clock(), 0
        while blocks < 2 * RATE // BLOCK or any(strip.playing != wanted for strip in strips):
            sink.wait()
            begun_s, begun_used_s = wall_clock(), time.thread_time()
            block = engine.render(values)
            taken.append(wall_clock() - begun_s)
            worked.append(time.thread_time() - begun_used_s)
            sink.write(block)
            blocks += 1
            if wall_clock() - began_s > 60:
                raise SystemExit(f"'{wanted}' does not come: {said}")
            if all(strip.playing == wanted for strip in strips) and len(waits) == swap:
                waits.append(wall_clock() - began_s)
    held_mb = memory_mb()
    gc.enable()
    gc.unfreeze()
    engine.close()
    library.close()
    sweep()
    times = 1000 * np.array(taken)
    what = length if swaps else "rest"
    return (
        f"{what:>7} {ring:>5} {np.median(times):>10.2f} {np.percentile(times, 99):>7.2f} "
        f"{times.max():>9.2f} {1000 * max(worked):>8.2f} {sink.dropouts:>9} "
        f"{1000 * sink.longest_gap_s:>8.1f} {np.median(waits[1:]):>8.2f} {held_mb:>8.0f}"
    )


def main() -> None:
    """Prints one row per length and ring."""
    if len(sys.argv) > 1:
        sys.setswitchinterval(0.0005)
        flush_denormals()
        place, length, ring, swaps = sys.argv[1:]
        print(row(Path(place), length, int(ring), int(swaps)), flush=True)
        return
    print(f"{SWAPS} swaps of {', '.join(PLAYERS)}; a block lasts {1000 * BLOCK / RATE:.2f} ms")
    print(
        f"{'length':>7} {'ring':>5} {'median ms':>10} {'p99 ms':>7} {'worst ms':>9} {'worked':>8} "
        f"{'dropouts':>9} {'gap ms':>8} {'ready s':>8} {'MB':>8}"
    )
    sys.stdout.flush()
    with tempfile.TemporaryDirectory() as place:
        folder = Path(place)
        for length, seconds in LENGTHS_S.items():
            for number in range(3):
                write(folder / f"{length.split()[0]}_{number}.flac", seconds, 90.0 * (number + 2))
        for ring in (2, 4):
            for length, swaps in (("30 s", 0), ("30 s", SWAPS), ("10 min", SWAPS)):
                # A process for each: pyo keeps what a closed graph has read.
                words = [sys.executable, "-m", "bench.swap", place, length, str(ring), str(swaps)]
                subprocess.run(words, check=True)


if __name__ == "__main__":
    main()
