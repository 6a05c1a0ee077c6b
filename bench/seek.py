"""Seeking in a run of two hours: from the trigger to the first frame on the bus; opening; memory.

`python bench/seek.py [--hours 2] [--seeks 200] [--run NAME]`: the frames of a shipped run one after the
other, with shifted times and steps, written as the recorder writes; then a playback with conductor and bus,
and seeks to random seconds and steps. Then the same file without its end. The file (about 750 MB) is made
in a temporary folder.
"""

import argparse
import random
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

import numpy as np
from used import resident_kb

from instrument.clock import wall_clock
from instrument.conductor import Conductor
from instrument.house import open_house
from instrument.runs.disk import BlockFile
from instrument.runs.header import RECORD
from instrument.runs.log_file import LogFile
from instrument.runs.playback import Playback
from instrument.runs.recorder import FLUSH_S
from instrument.runs.reel import Reel
from instrument.runs.tape import Recorded, find_run
from instrument.runs.wire import ENCODING, MessageWriter
from instrument.signals.bus import Bus, new_show_name
from instrument.signals.frames import METRICS, TOPICS
from instrument.signals.gesture import Gesture

EPOCH_NS = 1_800_000_000 * 10**9
MOST_WAITING = 64 * 1024 * 1024
"""Bytes that wait for the disk."""


def shifted(frames: list[Recorded], hours: float) -> Iterator[tuple[float, int, Recorded]]:
    """Second, number of the round, frame; until the hours are full."""
    length_s = frames[-1].at_s + 0.01
    for number in range(int(hours * 3600 / length_s) + 1):
        for recorded in frames:
            yield number * length_s + recorded.at_s, number, recorded


def write(path: Path, source: Path, hours: float) -> None:
    """The long run. Frames other than metrics keep their steps."""
    reel = Reel(source)
    frames = list(reel.frames())
    writers = {topic.name: MessageWriter(topic, reel.header) for topic in TOPICS}
    steps = max(recorded.frame.step for recorded in frames if recorded.topic == METRICS.name)
    messages: dict[int, bytes] = {}
    file = BlockFile(path)
    log = LogFile(file)
    log.start()
    log.add_metadata(RECORD, reel.header.to_metadata())
    channels = {
        name: log.add_channel(name, ENCODING, words.name, words.schema)
        for name, words in writers.items()
    }
    file.begin()
    next_flush_s = FLUSH_S
    for sequence, (at_s, number, recorded) in enumerate(shifted(frames, hours)):
        if recorded.topic == METRICS.name:
            recorded.frame.step += steps if number else 0
            data = writers[METRICS.name].message(recorded.frame)
        else:
            data = messages.get(id(recorded)) or writers[recorded.topic].message(recorded.frame)
            messages[id(recorded)] = data
        log.add_message(channels[recorded.topic], EPOCH_NS + int(at_s * 1e9), data, sequence)
        if at_s >= next_flush_s:
            log.flush()
            next_flush_s = at_s + FLUSH_S
            while file.waiting > MOST_WAITING:
                time.sleep(0.01)
    log.finish()
    assert file.end(60.0)


def opened(path: Path) -> Reel:
    """Open it in a fresh process, which says how long that took and what it holds; and here."""
    subprocess.run([sys.executable, __file__, "--open", str(path)], check=True)
    return Reel(path)


def tell(path: Path) -> None:
    """Open it, and say how long that took and what it holds."""
    before_kb, begin_s = resident_kb(), time.perf_counter()
    reel = Reel(path)
    took_s = time.perf_counter() - begin_s
    print(
        f"{path.name}: {path.stat().st_size / 1e6:.0f} MB, {reel.length_s / 3600:.2f} h, "
        f"opened in {took_s:.2f} s, {(resident_kb() - before_kb) / 1024:.0f} MB",
        flush=True,
    )


def seek(path: Path, reel: Reel, seeks: int, by_step: bool) -> list[float]:
    """Milliseconds from the gesture to the first metrics on the bus that are near the place."""
    bus, bank = Bus(new_show_name()), open_house().bank
    conductor = Conductor(bank, bank.defaults, bus, wall_clock)
    playback = Playback(path, bus, bank, conductor.post, wall_clock)
    ear = bus.listener(METRICS)
    conductor.start()
    playback.start()
    dice, took = random.Random(7), []
    last_step = reel.step_at(reel.length_s)
    for _ in range(seeks):
        time.sleep(0.05)
        name = "deck.seek_step" if by_step else "deck.seek"
        value = float(dice.randrange(last_step)) if by_step else dice.uniform(0, reel.length_s - 5)
        wanted = value if by_step else float(reel.step_at(value))
        list(ear.drain())
        begin_s = time.perf_counter()
        conductor.post(Gesture(name, bank.spec(name).unmap(value), "bench", wall_clock()))
        while True:
            if any(abs(frame.step - wanted) < 60 for frame in ear.drain()):
                took.append((time.perf_counter() - begin_s) * 1e3)
                break
            time.sleep(0.0005)
    playback.stop()
    conductor.stop()
    return took


def main() -> None:
    """Print what was measured."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--hours", type=float, default=2.0)
    parser.add_argument("--seeks", type=int, default=200)
    parser.add_argument("--run", default="noise_to_digits")
    parser.add_argument("--open", type=Path, help=argparse.SUPPRESS)
    words = parser.parse_args()
    if words.open is not None:
        tell(words.open)
        return
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "long.mcap"
        write(path, find_run(words.run), words.hours)
        reel = opened(path)
        for by_step in (False, True):
            took = seek(path, reel, words.seeks // 2, by_step)
            half, most = np.percentile(took, (50, 95))
            print(
                f"{len(took)} seeks by {'step' if by_step else 'second'}: p50 {half:.1f} ms, "
                f"p95 {most:.1f} ms, longest {max(took):.1f} ms"
            )
        with path.open("r+b") as file:
            file.truncate(path.stat().st_size - 8_000_000)
        opened(path)


if __name__ == "__main__":
    main()
