"""What recording costs: microseconds per frame, bytes per hour, its share of a core, steps of the training.

    python bench/recorder.py wire                          each topic as a message and back, beside format 1
    python bench/recorder.py hour --seconds 60             bytes per hour of two nets and of a fast card
    python bench/recorder.py steps --pairs 3 --seconds 30  the training with and without a recording

``hour`` trains two nets by a clock that is turned by hand, with as many steps a second as two quiet cores
make, and makes one stream up: 200 metric frames a second and, ten times a second, 64 samples of 64x64 in
colour that cannot be packed. ``steps`` plays shows in turn, with and without.
"""

import argparse
import json
import os
import subprocess
import sys
import tempfile
import threading
import time
import timeit
from collections import Counter
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import numpy as np
from hand_turned import HandTurned
from quiet import PERFORM, QUIET

from instrument import presets
from instrument.house import open_house
from instrument.learning.streams import STREAMS
from instrument.learning.trainer import Trainer
from instrument.runs.header import RunHeader
from instrument.runs.layout import Reader, description
from instrument.runs.recorder import Rates, Recorder, used
from instrument.runs.tape import Tape
from instrument.runs.wire import ENCODING, MessageWriter, reader_of
from instrument.signals.bus import Bus, new_show_name
from instrument.signals.frames import (
    CONTROLS,
    METRICS,
    SNAPSHOT_PART_BYTES,
    TILE_BYTES,
    TILE_COUNT,
    TILES,
    TOPICS,
    WALK_COUNT,
    Frame,
    Topic,
)

PORT = "9484"
METRICS_PER_S, TILES_PER_S = 200, 10
NETS = (("pocket_mlp", 92.0), ("pocket_dcgan", 27.0))
"""With the steps per second that docs/learning.md gives them."""


def header() -> RunHeader:
    bank = open_house((), presets.clouds_asked("glitch_organ")).bank
    return RunHeader("glitch_organ", "", {"net": "made up"}, STREAMS, [spec.path for spec in bank])


def filled(topic: Topic, known: RunHeader, dice: np.random.Generator) -> Any:
    """A frame as large as it usually is, of any numbers."""
    frame: Any = topic.frame()
    if topic is METRICS:
        frame.count = len(known.streams)
        frame.streams[: frame.count] = dice.random(frame.count).tolist()
    elif topic is CONTROLS:
        frame.count = len(known.controls)
        frame.positions[: frame.count] = dice.random(frame.count).tolist()
    elif topic.name in ("tiles", "walk", "field", "reals"):
        frame.height = frame.width = 28
        frame.channels = 1
        if topic.name in ("tiles", "walk"):
            frame.count = TILE_COUNT if topic is TILES else WALK_COUNT
    elif topic.name == "snapshots":
        frame.count = SNAPSHOT_PART_BYTES
    return frame


def microseconds(call: Any) -> float:
    return min(timeit.repeat(call, number=100, repeat=5)) / 100 * 1e6


def wire() -> None:
    known, dice = header(), np.random.default_rng(1)
    print("topic         bytes   before  write us  read us  library us  before: write, read us")
    for topic in TOPICS:
        frame = filled(topic, known, dice)
        writer = MessageWriter(topic, known)
        message = writer.message(frame)
        schema = SimpleNamespace(name=writer.name, encoding=ENCODING, data=writer.schema)
        reader = reader_of(schema, topic)
        old, bare = Reader(description(topic.frame), topic.frame), used(frame)
        assert used(reader.frame(message)) == bare
        numbers = (
            microseconds(lambda: writer.message(frame)),  # noqa: B023
            microseconds(lambda: reader.frame(message)),  # noqa: B023
            microseconds(lambda: reader._by_library(message)),  # type: ignore[attr-defined]  # noqa: B023
            microseconds(lambda: used(frame)),  # noqa: B023
            microseconds(lambda: old.frame(bare)),  # noqa: B023
        )
        print(
            f"{topic.name:12} {len(message):6} {len(bare):8} {numbers[0]:9.1f} {numbers[1]:8.1f} "
            f"{numbers[2]:11.1f} {numbers[3]:14.1f} {numbers[4]:5.1f}"
        )


def play(folder: Path, seconds: float, *words: str) -> dict[str, Any]:
    report = folder / "report.json"
    done = subprocess.run(
        [PERFORM, *QUIET, "--osc-port", PORT, "--seconds", f"{seconds:g}", "--report", report, *words],
        capture_output=True, text=True, env={**os.environ, "TWOS_AND_SEVENS_HOME": str(folder)},
    )  # fmt: skip
    if done.returncode:
        sys.exit(f"perform left with {done.returncode}: {done.stderr}")
    told: dict[str, Any] = json.loads(report.read_text())
    return told


def tell(name: str, told: dict[str, Any], path: Path) -> None:
    seconds = told["seconds"]
    counted = Counter(recorded.topic for recorded in Tape(path).frames())
    print(
        f"{name}: {told['bytes'] / 1e6:.1f} MB in {seconds:.0f} s, {told['bytes'] / seconds * 3.6e-6:.3f} "
        f"GB an hour; heavy topics at {told['scale']:g}; {told['cpu_s'] / seconds:.2%} of a core; "
        f"{told['lost']} lost"
    )
    print("   a second:", {topic: round(n / seconds, 2) for topic, n in sorted(counted.items())})


def fast_gpu(path: Path, seconds: float) -> dict[str, Any]:
    """A recorder that hears what a fast card and a colour net would say."""
    known, dice, bus = header(), np.random.default_rng(1), Bus(new_show_name())
    recorder = Recorder(path, bus, known)
    recorder.start()
    metrics, tiles = bus.publisher(METRICS), bus.publisher(TILES)
    metric, tile = (
        filled(METRICS, known, dice),
        TILES.frame(count=64, height=64, width=64, channels=3),
    )
    pixels = np.frombuffer(tile.tiles, np.uint8)
    noise = dice.integers(0, 256, TILE_COUNT * TILE_BYTES * 2, np.uint8)
    began_s = time.monotonic()
    middle: tuple[float, int] | None = None
    for step in range(int(seconds * METRICS_PER_S)):
        at_s = began_s + step / METRICS_PER_S
        time.sleep(max(0.0, at_s - time.monotonic()))
        metric.streams[: metric.count] = dice.random(metric.count).tolist()
        send(metrics, metric, step)
        if step % (METRICS_PER_S // TILES_PER_S) == 0:
            start = int(dice.integers(0, len(pixels)))
            pixels[:] = noise[start : start + len(pixels)]
            send(tiles, tile, step)
        if middle is None and at_s - began_s > seconds / 2:
            middle = at_s, recorder.bytes
    assert middle is not None
    later = (recorder.bytes - middle[1]) / (time.monotonic() - middle[0])
    recorder.stop()
    print(f"made up, the second half: {later * 3.6e-6:.3f} GB an hour")
    return recorder.report()


def send(publisher: Any, frame: Frame, step: int) -> None:
    frame.time_s, frame.step = time.monotonic(), step  # type: ignore[attr-defined]
    publisher.send(frame)


class Paced(threading.Event):
    """Asked before every step whether the training shall stop: turns the clock when all is heard."""

    def __init__(self, by_hand: HandTurned, trainer: Trainer, per_s: float, seconds: float) -> None:
        super().__init__()
        self._by_hand, self._trainer, self._per_s, self._seconds = by_hand, trainer, per_s, seconds
        self._began_s = by_hand.clock()
        self.middle: tuple[float, int] | None = None

    def is_set(self) -> bool:
        while self._by_hand.unheard > 0:
            time.sleep(0.001)
        passed_s = self._trainer.course.steps / self._per_s
        self._by_hand.clock.now_s = self._began_s + passed_s
        if self.middle is None and passed_s >= self._seconds / 2:
            self.middle = passed_s, self._by_hand.recorder.bytes
        return passed_s >= self._seconds


def trained(net: str, per_s: float, path: Path, seconds: float) -> dict[str, Any]:
    """A real training of so many steps a second, recorded as a show records it."""
    by_hand = HandTurned(path, open_house(), "glitch_organ", 7, Rates(), net)
    trainer = by_hand.trainer()
    by_hand.wake(trainer)
    paced = Paced(by_hand, trainer, per_s, seconds)
    trainer.run(paced)
    by_hand.recorder.stop()
    assert paced.middle is not None
    later = (by_hand.recorder.bytes - paced.middle[1]) / (seconds - paced.middle[0])
    print(f"{net} at {per_s:g} steps/s, the second half: {later * 3.6e-6:.3f} GB an hour")
    return by_hand.recorder.report()


def hour(seconds: float) -> None:
    with tempfile.TemporaryDirectory() as temporary:
        folder = Path(temporary)
        path = folder / "fast.mcap"
        tell("made up", fast_gpu(path, seconds), path)
        for net, per_s in NETS:
            path = folder / f"{net}.mcap"
            tell(net, trained(net, per_s, path, seconds), path)


def steps(pairs: int, seconds: float) -> None:
    rates: dict[str, list[float]] = {"recorded": [], "not": []}
    with tempfile.TemporaryDirectory() as temporary:
        folder = Path(temporary)
        for number in range(pairs):
            words = ("--record", str(folder / f"{number}.mcap"))
            for name, way in (("recorded", words), ("not", ("--no-record",))):
                told = play(folder, seconds, *way)
                rates[name].append(told["learning"]["steps_per_s"])
                recorder = told["recorder"]
                share = recorder["cpu_s"] / recorder["seconds"] if recorder else 0.0
                print(
                    f"{name:8} {rates[name][-1]:6.1f} steps a second, recorder {share:.2%} of a core"
                )
    middle = {name: float(np.median(values)) for name, values in rates.items()}
    print(f"medians: {middle['recorded']:.1f} recorded, {middle['not']:.1f} not")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("what", choices=("wire", "hour", "steps"))
    parser.add_argument("--seconds", type=float, default=60.0)
    parser.add_argument("--pairs", type=int, default=3)
    words = parser.parse_args()
    if words.what == "wire":
        wire()
    elif words.what == "hour":
        hour(words.seconds)
    else:
        steps(words.pairs, words.seconds)


if __name__ == "__main__":
    main()
