"""Frame times of every look at 1280x720, alone and while a GAN trains in a thread of this process.

    python bench/picture.py [--seconds 6] [--size 1280x720] [--looks tile_wall,barcode]

Per look: time between pictures (p50, p99, max, late) and time the drawing itself takes; the longest
stall that a third thread sees (a thread that only sleeps 1 ms at a time: what it oversleeps, others
held the GIL or the cores); and the trainer's speed as a share of its speed alone in this run.
"""

import argparse
import ctypes
import sys
import threading
import time
from collections.abc import Callable

import numpy as np
import torch
import torch.nn.functional as F
from torch import nn

from instrument.clock import wall_clock
from instrument.learning.streams import STREAMS
from instrument.picture.controls import picture_groups
from instrument.picture.looks import load_looks
from instrument.picture.picture import Picture, PictureConfig
from instrument.picture.window import WindowConfig
from instrument.signals import places
from instrument.signals.bus import Bus, new_show_name
from instrument.signals.controls import Bank
from instrument.signals.frames import (
    CONTROLS,
    METRICS,
    TILES,
    WEIGHTS,
    ControlFrame,
    MetricFrame,
    TileFrame,
    WeightFrame,
)
from instrument.signals.show import SHOW


class Trainer:
    """A plain MLP GAN (64-256-512-784 against 784-256-128-1, batch 64) that publishes as a show does."""

    def __init__(self, bus: Bus) -> None:
        torch.manual_seed(1)
        torch.set_num_threads(1)
        leaky = nn.LeakyReLU
        self.generator = nn.Sequential(
            nn.Linear(64, 256), leaky(0.2), nn.Linear(256, 512), leaky(0.2), nn.Linear(512, 784),
            nn.Tanh(),
        )  # fmt: skip
        self.discriminator = nn.Sequential(
            nn.Linear(784, 256), leaky(0.2), nn.Linear(256, 128), leaky(0.2), nn.Linear(128, 1)
        )
        self.step_g = torch.optim.Adam(self.generator.parameters(), 5e-4, (0.5, 0.99))
        self.step_d = torch.optim.Adam(self.discriminator.parameters(), 5e-4, (0.5, 0.99))
        self.reals = torch.rand(9000, 784) * 2 - 1
        self.ports = [bus.publisher(topic) for topic in (METRICS, TILES, WEIGHTS)]
        self.steps = 0
        self.running = False
        self._tile_s = self._weight_s = 0.0

    def step(self) -> None:
        real = self.reals[torch.randint(0, 9000, (64,))]
        fake = self.generator(torch.randn(64, 64))
        loss_d = (
            F.softplus(-self.discriminator(real)).mean()
            + F.softplus(self.discriminator(fake.detach())).mean()
        )
        self.step_d.zero_grad()
        loss_d.backward()
        self.step_d.step()
        scores = self.discriminator(fake)
        loss_g = F.softplus(-scores).mean()
        self.step_g.zero_grad()
        loss_g.backward()
        self.step_g.step()
        self.steps += 1
        self.publish(float(loss_d.detach()), float(loss_g.detach()), fake.detach(), scores.detach())

    def publish(
        self, loss_d: float, loss_g: float, fake: torch.Tensor, scores: torch.Tensor
    ) -> None:
        frame = MetricFrame(step=self.steps, time_s=wall_clock(), count=len(STREAMS))
        frame.streams[:2] = (loss_d, loss_g)
        self.ports[0].send(frame)
        now_s = wall_clock()
        if now_s - self._tile_s > 0.04:
            self._tile_s = now_s
            tiles = TileFrame(step=self.steps, count=64, height=28, width=28, channels=1)
            pixels = ((fake + 1) * 127.5).to(torch.uint8).numpy().tobytes()
            ctypes.memmove(tiles.tiles, pixels, len(pixels))
            tiles.scores[:] = torch.sigmoid(scores).flatten().tolist()
            self.ports[1].send(tiles)
        if now_s - self._weight_s > 0.05:
            self._weight_s = now_s
            self.ports[2].send(self.weight_frame())

    def weight_frame(self) -> WeightFrame:
        frame = WeightFrame(step=self.steps, segment_count=6, generator_segments=3)
        begin = 0
        layers = [m for net in (self.generator, self.discriminator) for m in net[::2]]
        for number, layer in enumerate(m for m in layers if isinstance(m, nn.Linear)):
            weight, gradient = layer.weight, layer.weight.grad
            assert gradient is not None
            count = min(680, weight.numel())
            frame.segments[number] = begin
            for source, target in ((weight.detach(), frame.weights), (gradient, frame.gradients)):
                values = source.flatten()[:count].contiguous().numpy()
                place = ctypes.addressof(target) + begin * 4
                ctypes.memmove(place, values.ctypes.data, values.nbytes)
            begin += count
        frame.count = begin
        return frame

    def run(self) -> None:
        while self.running:
            self.step()

    def during(self, play: Callable[[], None]) -> float:
        """Steps per second while `play` runs in this thread."""
        self.running = True
        thread = threading.Thread(target=self.run, daemon=True)
        thread.start()
        time.sleep(0.3)
        steps, began_s = self.steps, wall_clock()
        play()
        speed = (self.steps - steps) / (wall_clock() - began_s)
        self.running = False
        thread.join()
        return speed


class Watcher:
    """A thread that only sleeps; `longest_ms` is what it overslept at worst, `p999_ms` nearly so."""

    def __init__(self) -> None:
        self.over: list[float] = []
        self._running = True
        self._thread = threading.Thread(target=self._run, daemon=True)
        self._thread.start()

    def _run(self) -> None:
        while self._running:
            before_s = wall_clock()
            time.sleep(0.001)
            self.over.append((wall_clock() - before_s - 0.001) * 1000)

    def end(self) -> tuple[float, float]:
        """99.9th percentile and maximum in ms."""
        self._running = False
        self._thread.join()
        return float(np.percentile(self.over, 99.9)), max(self.over)


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawTextHelpFormatter
    )
    parser.add_argument("--seconds", type=float, default=6.0)
    parser.add_argument("--size", default="1280x720")
    parser.add_argument("--looks", default="")
    parser.add_argument("--lines", type=int, default=360)
    parser.add_argument("--feedback", type=float, default=0.0)
    options = parser.parse_args()
    sys.setswitchinterval(0.001)  # as the stage does
    width, height = (int(side) for side in options.size.split("x"))
    looks = load_looks(places.folders("shaders"))
    bank = Bank.of([SHOW, *picture_groups(looks)])
    bus = Bus(new_show_name())
    trainer, controls = Trainer(bus), bus.publisher(CONTROLS)
    values = np.zeros(len(bank))

    def sleep_on() -> None:
        time.sleep(options.seconds)

    trainer.during(lambda: time.sleep(1.0))
    watcher = Watcher()
    alone = trainer.during(sleep_on)
    p999, longest = watcher.end()
    print(f"trainer alone: {alone:.0f} steps/s; third thread p99.9 {p999:.1f} max {longest:.1f} ms")
    for look in looks:
        if options.looks and look.name not in options.looks.split(","):
            continue
        for training in (False, True):
            config = PictureConfig(WindowConfig(width, height, headless=True), lines=options.lines)
            picture = Picture(
                config, looks, bank, STREAMS, lambda p, s, e: bank.map(p, values), bus, wall_clock
            )
            words = picture.open()
            positions = bank.defaults.copy()
            positions[bank.number["picture.look"]] = bank.spec("picture.look").unmap(
                looks.index(look)
            )
            positions[bank.number["picture.feedback"]] = options.feedback
            frame = ControlFrame(count=len(bank))
            frame.positions[: len(bank)] = positions.tolist()
            controls.send(frame)
            for _ in range(12):
                trainer.step()
            for _ in range(60):  # the crossfade from waiting is over
                picture.draw()
            tally = Tally(picture, options.seconds)
            watcher = Watcher()
            speed = trainer.during(tally.play) if training else tally.play_alone()
            p999, longest = watcher.end()
            if look is looks[0] and not training:
                print(words)
            print(
                f"{look.name:14s}{'training' if training else 'alone':9s} {tally.words()}  "
                f"third thread p99.9 {p999:4.1f} max {longest:5.1f} ms"
                + (
                    f"  trainer {speed:.0f} steps/s = {speed / alone:.0%} of alone"
                    if training
                    else ""
                )
            )
            picture.close()


class Tally:
    """Plays a picture for some seconds and tells how it went."""

    def __init__(self, picture: Picture, seconds: float) -> None:
        self.picture, self.seconds = picture, seconds
        self.between_ms: list[float] = []
        self.work_ms: list[float] = []

    def play(self) -> None:
        for _ in range(10):
            self.picture.draw()
        end_s = (before_s := wall_clock()) + self.seconds
        while before_s < end_s:
            self.picture.draw()
            now_s = wall_clock()
            self.between_ms.append((now_s - before_s) * 1000)
            self.work_ms.append(self.picture.work_s * 1000)
            before_s = now_s

    def play_alone(self) -> float:
        """The same with no trainer: no steps."""
        self.play()
        return 0.0

    def words(self) -> str:
        between, work = np.array(self.between_ms), np.array(self.work_ms)
        inner = "x".join(str(side) for side in self.picture.inner_size)
        return (
            f"{inner} {1000 / between.mean():5.1f} fps  p50 {np.percentile(between, 50):4.1f} "
            f"p99 {np.percentile(between, 99):4.1f} max {between.max():5.1f} ms  "
            f"late {np.mean(between > 25):.2%}  drawing p50 {np.percentile(work, 50):4.1f} "
            f"p99 {np.percentile(work, 99):4.1f} ms"
        )


if __name__ == "__main__":
    main()
