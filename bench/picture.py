"""Frame times of every look and of the whole chain, alone and while a GAN trains in this process.

    python bench/picture.py [--seconds 6] [--sizes 1280x720,1920x1080] [--looks a,b] [--lines 360]
                            [--device cpu] [--only alone|training] [--no-chain] [--json FILE]

The real `Picture` (off-screen window, flash guard on) and the real `Training` (its own thread, all its
frames). Per look: the inner size it settles at, time between pictures (p50, p99, max, share over 25 ms) and
how long the drawing itself takes. `chain`: two layers over a wall, feedback with sort and zoom, glow,
tears, dots, lines. While training also: the trainer's speed against its speed alone in this run, and the
longest wait of a third thread that sleeps 1 ms at a time, beside that of a *process* that does so too: what
the thread waits longer than the process, the interpreter lock was held. Upload: bytes and time per picture.
"""

import argparse
import json
import multiprocessing
import queue
import sys
import threading
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np

from instrument.clock import wall_clock
from instrument.learning.config import LearningConfig, own_values
from instrument.learning.gestures import LEARNING
from instrument.learning.streams import STREAMS
from instrument.learning.training import Training
from instrument.picture.controls import picture_groups
from instrument.picture.looks import load_looks
from instrument.picture.picture import Picture, PictureConfig
from instrument.picture.window import WindowConfig
from instrument.signals import places
from instrument.signals.bus import Bus, new_show_name
from instrument.signals.controls import Bank
from instrument.signals.frames import CONTROLS, ControlFrame
from instrument.signals.show import SHOW
from instrument.stage import SWITCH_INTERVAL_S

SETTLE_S = 9.0
"""A look is judged after every 240 pictures: so long until it is as coarse as it will be."""
NET = "pocket_mlp"
CHAIN = {
    "picture.look": "tile_wall", "picture.layer_1.look": "datamosh", "picture.layer_1.level": 1.0,
    "picture.layer_1.blend": "normal", "picture.layer_2.look": "spectra", "picture.layer_2.level": 0.5,
    "picture.layer_2.blend": "screen", "picture.feedback": 0.8, "picture.zoom": 0.1,
    "picture.sort": 0.5, "picture.bloom": 0.6, "picture.tear": 0.3, "picture.greys": 5,
    "picture.lines": 0.4,
}  # fmt: skip


class Hands:
    """Where the controls stand, on the bus."""

    def __init__(self, bank: Bank, bus: Bus) -> None:
        self.bank, self._port = bank, bus.publisher(CONTROLS)
        self.positions = bank.defaults.copy()
        for name, value in own_values(NET).items():
            self.put(f"learning.{name}", value)

    def put(self, path: str, value: Any) -> None:
        spec = self.bank.spec(path)
        self.positions[self.bank.number[path]] = spec.unmap(spec.parse(value))

    def show(self, values: dict[str, Any]) -> None:
        """The picture's controls at their defaults but for these."""
        for spec in self.bank:
            if spec.path.startswith("picture."):
                self.positions[self.bank.number[spec.path]] = spec.unmap(spec.default)
        for path, value in values.items():
            if path in self.bank:
                self.put(path, value)
        self.send()

    def send(self) -> None:
        frame = ControlFrame(count=len(self.bank), time_s=wall_clock())
        frame.positions[: len(self.bank)] = self.positions.tolist()
        self._port.send(frame)


def oversleep(ready: Any, end: Any, answer: Any) -> None:
    """What a sleeper of 1 ms oversleeps until `end` is set, ms; puts (p99.9, max) into `answer`."""
    over = [0.0]
    ready.set()
    while not end.is_set():
        before_s = time.monotonic()
        time.sleep(0.001)
        over.append((time.monotonic() - before_s - 0.001) * 1000)
    answer.put((float(np.percentile(over, 99.9)), max(over)))


class Sleepers:
    """A thread of this process, and a process: both oversleep when the cores are busy."""

    def __init__(self) -> None:
        self._spawn = multiprocessing.get_context("spawn")

    def during(self, play: Callable[[], None]) -> dict[str, float]:
        thread_answer: queue.SimpleQueue[tuple[float, float]] = queue.SimpleQueue()
        ready, end = self._spawn.Event(), self._spawn.Event()
        answer = self._spawn.Queue()
        other = self._spawn.Process(target=oversleep, args=(ready, end, answer))
        other.start()
        if not ready.wait(60.0):
            raise SystemExit("the second process did not start")
        here, done = threading.Event(), threading.Event()
        thread = threading.Thread(target=oversleep, args=(here, done, thread_answer), daemon=True)
        thread.start()
        play()
        done.set()
        end.set()
        mine, theirs = thread_answer.get(), answer.get(timeout=60.0)
        other.join()
        return {
            "thread_p999_ms": mine[0], "thread_max_ms": mine[1],
            "process_p999_ms": theirs[0], "process_max_ms": theirs[1],
        }  # fmt: skip


class Bench:
    """One training and one picture at a time on one bus."""

    def __init__(self, device: str) -> None:
        self.looks = load_looks(places.folders("shaders"))
        self.bank = Bank.of([SHOW, LEARNING, *picture_groups(self.looks)])
        self.bus = Bus(new_show_name())
        self.hands = Hands(self.bank, self.bus)
        self.training = Training(
            LearningConfig(net=NET, device=device), self.bus, self.bank, wall_clock
        )
        self._values = np.zeros(len(self.bank))

    def train(self, on: bool) -> None:
        """Tempo 0 holds the training; the top is as fast as it goes."""
        self.hands.positions[self.bank.number["learning.tempo"]] = float(on)
        self.hands.send()

    def speed(self, play: Callable[[], None]) -> float:
        steps, began_s = self.training.steps, wall_clock()
        play()
        return (self.training.steps - steps) / (wall_clock() - began_s)

    def open(self, size: tuple[int, int], lines: int) -> Picture:
        config = PictureConfig(WindowConfig(*size, headless=True), lines=lines, hot_reload=False)
        picture = Picture(
            config, self.looks, self.bank, STREAMS,
            lambda positions, streams, elapsed_s: self.bank.map(positions, self._values),
            self.bus, wall_clock,
        )  # fmt: skip
        self.words = picture.open()
        return picture


class Tally:
    """Plays a picture for some seconds and tells how it went."""

    def __init__(self, picture: Picture) -> None:
        self.picture = picture
        self.between_ms: list[float] = []
        self.work_ms: list[float] = []

    def play(self, seconds: float) -> None:
        self.between_ms, self.work_ms = [], []
        self.picture.draw()
        end_s = (before_s := wall_clock()) + seconds
        while before_s < end_s:
            self.picture.draw()
            now_s = wall_clock()
            self.between_ms.append((now_s - before_s) * 1000)
            self.work_ms.append(self.picture.work_s * 1000)
            before_s = now_s

    def figures(self) -> dict[str, Any]:
        between, work = np.array(self.between_ms), np.array(self.work_ms)
        return {
            "inner": "x".join(str(side) for side in self.picture.inner_size),
            "fps": 1000 / between.mean(),
            "p50_ms": float(np.percentile(between, 50)),
            "p99_ms": float(np.percentile(between, 99)),
            "max_ms": float(between.max()),
            "late": float(np.mean(between > 25)),
            "work_p50_ms": float(np.percentile(work, 50)),
            "work_p99_ms": float(np.percentile(work, 99)),
        }


def line(name: str, how: str, f: dict[str, Any]) -> str:
    text = (
        f"{name:15s}{how:9s}{f['inner']:>10s} {f['fps']:5.1f} fps  p50 {f['p50_ms']:5.1f} "
        f"p99 {f['p99_ms']:5.1f} max {f['max_ms']:6.1f} ms  late {f['late']:6.2%}  "
        f"drawing p50 {f['work_p50_ms']:5.2f} p99 {f['work_p99_ms']:5.1f} ms"
    )
    if "trainer" in f:
        text += (
            f"  trainer {f['trainer']:.0%} of alone  thread p99.9 {f['thread_p999_ms']:.1f} max "
            f"{f['thread_max_ms']:.1f}, process {f['process_p999_ms']:.1f} {f['process_max_ms']:.1f} ms"
        )
    return text


def measure(
    bench: Bench, size: tuple[int, int], options: argparse.Namespace, alone: float
) -> list[dict[str, Any]]:
    """Every look and the chain at one size of the window."""
    picture = bench.open(size, options.lines)
    print(f"\n{size[0]}x{size[1]}, {bench.words}", flush=True)
    names = [look.name for look in bench.looks]
    if options.looks:
        names = [name for name in names if name in options.looks.split(",")]
    shows: list[tuple[str, dict[str, Any]]] = [(n, {"picture.look": n}) for n in names]
    if not options.no_chain:
        shows.append(("chain", CHAIN))
    tally, found = Tally(picture), []
    bench.train(True)
    for _ in range(90):  # the crossfade from waiting is over, and there are samples to see
        picture.draw()
    for name, values in shows:
        bench.hands.show({"picture.crossfade": 0.0, **values})
        for how in ("alone", "training"):
            if options.only and how != options.only:
                continue
            bench.train(how == "training")
            tally.play(min(SETTLE_S, options.settle) if how == "training" else 0.7)
            figures: dict[str, Any] = {}
            if how == "training":
                speeds: list[float] = []
                figures |= Sleepers().during(
                    lambda seen=speeds: seen.append(
                        bench.speed(lambda: tally.play(options.seconds))
                    )
                )
                figures["trainer"] = speeds[0] / alone
            else:
                tally.play(options.seconds)
            figures |= {
                "look": name,
                "how": how,
                "window": f"{size[0]}x{size[1]}",
                **tally.figures(),
            }
            found.append(figures)
            print(line(name, how, figures), flush=True)
    if not options.only:
        print(upload(bench, picture))
        print(reload(bench, picture))
    picture.close()
    return found


def upload(bench: Bench, picture: Picture) -> str:
    """What is sent to the graphics card per picture while training, and how long that takes."""
    textures, data = picture._textures, picture.data
    bench.train(True)
    before, took_ms = textures.bytes_sent, []
    for _ in range(240):
        data.take(wall_clock())
        began_s = wall_clock()
        textures.upload(data)
        textures.bind()
        took_ms.append((wall_clock() - began_s) * 1000)
        time.sleep(1 / 60)
    sent = (textures.bytes_sent - before) / len(took_ms)
    return (
        f"upload per picture: {sent / 1000:.1f} kB, p50 {np.percentile(took_ms, 50):.3f} "
        f"p99 {np.percentile(took_ms, 99):.2f} max {max(took_ms):.2f} ms"
    )


def reload(bench: Bench, picture: Picture) -> str:
    """How long the picture takes in which a saved look is compiled and drawn for the first time."""
    bench.train(True)
    compiled_ms, drawn_ms = [], []
    for look in bench.looks:
        bench.hands.show({"picture.crossfade": 0.0, "picture.look": look.name})
        for _ in range(4):
            picture.draw()
        began_s = wall_clock()
        picture.reload(look.name)
        compiled_ms.append((wall_clock() - began_s) * 1000)
        picture.draw()
        drawn_ms.append(compiled_ms[-1] + picture.work_s * 1000)
    return (
        f"a look saved while training: compiled in p50 {np.percentile(compiled_ms, 50):.0f} max "
        f"{max(compiled_ms):.0f} ms, with its first picture p50 {np.percentile(drawn_ms, 50):.0f} "
        f"max {max(drawn_ms):.0f} ms"
    )


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawTextHelpFormatter
    )
    parser.add_argument("--seconds", type=float, default=6.0)
    parser.add_argument("--settle", type=float, default=SETTLE_S)
    parser.add_argument("--sizes", default="1280x720,1920x1080")
    parser.add_argument("--looks", default="")
    parser.add_argument("--lines", type=int, default=360)
    parser.add_argument("--device", default="cpu")
    parser.add_argument("--only", choices=("alone", "training"))
    parser.add_argument("--no-chain", action="store_true")
    parser.add_argument("--json", type=Path)
    options = parser.parse_args()
    sys.setswitchinterval(SWITCH_INTERVAL_S)
    bench = Bench(options.device)
    bench.train(True)
    bench.training.start()
    while bench.training.steps < 50 and not bench.training.ended:
        bench.hands.send()
        time.sleep(0.1)
    alone = bench.speed(lambda: time.sleep(options.seconds))
    print(f"trainer alone: {alone:.0f} steps/s ({NET})")
    found = []
    for text in options.sizes.split(","):
        width, height = (int(side) for side in text.split("x"))
        found += measure(bench, (width, height), options, alone)
    bench.training.stop()
    if options.json:
        options.json.write_text(json.dumps(found, indent=1) + "\n")


if __name__ == "__main__":
    main()
