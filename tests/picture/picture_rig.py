"""A picture room on a bench: real window (off-screen), real bus, a clock turned by hand."""

import ctypes
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np

from instrument.clock import HandClock
from instrument.learning.streams import STREAMS as ALL_STREAMS
from instrument.picture.controls import picture_groups
from instrument.picture.looks import Look, load_look, load_looks
from instrument.picture.picture import Picture, PictureConfig
from instrument.picture.window import WindowConfig
from instrument.signals.bus import Bus, new_show_name
from instrument.signals.controls import Bank
from instrument.signals.frames import (
    TOPICS,
    ActivationFrame,
    ControlFrame,
    FieldFrame,
    GestureFrame,
    MetricFrame,
    RealsFrame,
    SoundFrame,
    TileFrame,
    WalkFrame,
    WeightFrame,
)
from instrument.signals.show import SHOW

ROOT = Path(__file__).resolve().parents[2]
SHADERS = ROOT / "shaders"
DIGITS = np.load(ROOT / "instrument/learning/data/mnist10k.npz")["images"]

RECORDED = np.load(Path(__file__).with_name("states.npz"))
"""Ninety metric frames in a row of a recorded run in each of three states (see `states.py` in bench)."""
NAMES = tuple(str(name) for name in RECORDED["names"])
STREAMS = tuple(spec for spec in ALL_STREAMS if spec.name in NAMES)


def _mean(recorded: str, **other: float) -> dict[str, float]:
    means = dict(zip(NAMES, RECORDED[recorded].mean(axis=0).tolist(), strict=True))
    return {**means, **other}


# Beside what was recorded, as far from one another as the pages of the streams say they may be.
NOISE = _mean("noise", similarity_centred=0.98, reject=0.98, diversity=0.05, state=1)
HEALTHY = _mean("healthy", similarity_centred=0.1, reject=0.05, diversity=0.18, state=0)
COLLAPSED = _mean(
    "collapsed", loss_g=5.0, score_real=0.99, score_fake=0.02, accuracy=1.0,
    similarity_centred=0.97, reject=0.1, diversity=0.01, state=2,
)  # fmt: skip
RIPPLE = {
    state: RECORDED[state] - RECORDED[state].mean(axis=0)
    for state in ("noise", "healthy", "collapsed")
}
"""How every stream trembles about its mean from step to step."""


def ripple_of(state: dict[str, float]) -> np.ndarray:
    """The trembling that belongs to a state, float32 (90, streams)."""
    if state["reject"] > 0.5:
        return RIPPLE["noise"]
    return RIPPLE["collapsed" if state["similarity_centred"] > 0.5 else "healthy"]


class Rig:
    """Publishes what a training would, and draws."""

    def __init__(
        self,
        looks: Sequence[Look] | None = None,
        size: tuple[int, int] = (320, 180),
        lines: int = 180,
        rate: float = 30.0,
        **config: Any,
    ) -> None:
        self.rate = rate
        self.looks = tuple(looks or load_looks([SHADERS]))
        self.bank = Bank.of([SHOW, *picture_groups(self.looks)])
        self.bus = Bus(new_show_name())
        self.clock = HandClock(1000.0)
        self.ports = {t.name: self.bus.publisher(t) for t in TOPICS}
        self.positions = self.bank.defaults.copy()
        values = np.zeros(len(self.bank))
        self.picture = Picture(
            PictureConfig(window=WindowConfig(*size, headless=True), lines=lines, rate=rate, **config),
            self.looks, self.bank, STREAMS,
            lambda positions, streams, elapsed_s: self.bank.map(positions, values),
            self.bus, self.clock,
        )  # fmt: skip
        self.picture._pacer._sleep = lambda s: self.clock.advance(max(s, 1e-4))
        self.step = 0
        self.words = ""
        self.random = np.random.default_rng(7)
        self.weights = self.random.normal(0, 0.05, 4096).astype(np.float32)

    def put(self, **values: Any) -> None:
        """Set controls in their units: ``picture__look="barcode"``."""
        for path, value in values.items():
            spec = self.bank.spec(path.replace("__", "."))
            self.positions[self.bank.number[spec.path]] = spec.unmap(spec.parse(value))
        frame = ControlFrame(count=len(self.positions))
        frame.positions[: len(self.positions)] = self.positions.tolist()
        self.ports["controls"].send(frame)

    def metrics(self, values: dict[str, float]) -> None:
        """One step. A stream at exactly 0 is not there, and does not tremble."""
        self.step += 1
        ripple = ripple_of(values)[self.step % 90]
        frame = MetricFrame(step=self.step, count=len(STREAMS))
        given = np.array([values[s.name] for s in STREAMS], np.float32)
        frame.streams[: len(STREAMS)] = (given + ripple * (given != 0.0)).tolist()
        self.ports["metrics"].send(frame)

    def act(self, path: str) -> None:
        """A hand does something once."""
        number = self.bank.number[path]
        self.ports["gestures"].send(GestureFrame(step=-1, control=number, position=1.0))

    def sound(self, level: float = 0.2, band: float | None = None) -> None:
        """What is heard: a tone that turns in the stereo field, or every band of the spectrum at `band`."""
        at = np.arange(256) / 256.0 + self.step * 0.013
        frame = SoundFrame(time_s=self.clock(), rms=level, peak=1.4 * level, scan_rate=4.0)
        frame.scan_place = self.clock() * 4.0 % 64
        left, right = np.sin(at * 31.0), np.sin(at * 31.0 + self.clock())
        frame.scope[:] = (level * np.concatenate((left, right))).tolist()
        bands = np.linspace(0.9, 0.1, 64) * (
            0.7 + 0.3 * np.sin(np.arange(64) * 0.7 + self.step * 0.1)
        )
        frame.spectrum[:] = (np.full(64, band) if band is not None else bands).tolist()
        self.ports["sound"].send(frame)

    def inside(self, state: dict[str, float]) -> None:
        """What the net shows of its inside in this state."""
        samples = self.samples(state)
        self._walk(samples)
        self._field(state)
        self._activations(state)
        frame = RealsFrame(count=9000, height=28, width=28, channels=1, classes=1023)
        for target, image in (
            (frame.mean, DIGITS.mean(axis=0)),
            (frame.deviation, DIGITS.std(axis=0)),
        ):
            pixels = image.astype(np.uint8).tobytes()
            ctypes.memmove(target, pixels, len(pixels))
        self.ports["reals"].send(frame)

    def _walk(self, samples: np.ndarray) -> None:
        phase = self.clock() / 96.0 % 1.0
        place = phase * 128
        frame = WalkFrame(count=16, height=28, width=28, channels=1, around=128, phase=phase)
        frame.first = int(place - 7.5) % 128
        order = (frame.first + np.arange(16)) % 64
        pixels = samples[order].tobytes()
        ctypes.memmove(frame.tiles, pixels, len(pixels))
        frame.moved = float(np.abs(np.diff(samples[order].astype(float), axis=0)).mean() / 255)
        frame.distance = 1.2
        frame.scores[:] = np.linspace(0.1, 0.9, 16).tolist()
        self.ports["walk"].send(frame)

    def _field(self, state: dict[str, float]) -> None:
        frame = FieldFrame(side=32, height=28, width=28, channels=1, low=-0.5, high=1.5, number=1)
        frame.points[:] = [8.5 / 32, 8.5 / 32, 23.5 / 32, 8.5 / 32, 8.5 / 32, 23.5 / 32]
        y, x = np.mgrid[0:32, 0:32] / 31.0
        steep = 40.0 if state["accuracy"] > 0.95 else 4.0
        logit = steep * (y - 0.3 * x - 0.3 - 0.2 * np.sin(5 * x + 0.05 * self.step))
        frame.scores[:] = (1 / (1 + np.exp(-logit))).ravel().tolist()
        pixels = self.samples(state)[:3].tobytes()
        ctypes.memmove(frame.images, pixels, len(pixels))
        self.ports["field"].send(frame)

    def _activations(self, state: dict[str, float]) -> None:
        units = (256, 512, 256, 128)
        frame = ActivationFrame(layer_count=4, generator_layers=2, samples=64)
        frame.shown[:4] = [128] * 4
        frame.begins[:4] = [0, 128, 256, 384]
        frame.units[:4], frame.dead[:4] = units, (3, 40, 7, 1)
        cells = np.clip(self.random.normal(0, 90, (512, 64)), 0, 255).astype(np.uint8)
        if state["similarity_centred"] > 0.5:
            cells[:] = cells[:, :1]
        cells[130:150] = 0
        pixels = cells.tobytes()
        ctypes.memmove(frame.cells, pixels, len(pixels))
        self.ports["activations"].send(frame)

    def tiles(self, tiles: np.ndarray, scores: np.ndarray) -> None:
        """`tiles` uint8 (n, h, w) or (n, h, w, c)."""
        shape = tiles.shape if tiles.ndim == 4 else (*tiles.shape, 1)
        frame = TileFrame(
            step=self.step, count=shape[0], height=shape[1], width=shape[2], channels=shape[3]
        )
        pixels = tiles.tobytes()
        ctypes.memmove(frame.tiles, pixels, len(pixels))
        frame.scores[: shape[0]] = scores.tolist()
        self.ports["tiles"].send(frame)

    def move_weights(self, gradients: np.ndarray | None = None) -> None:
        if gradients is None:
            gradients = self.random.normal(0, 0.01, 4096).astype(np.float32)
        self.weights = self.weights - 0.01 * np.nan_to_num(gradients)
        frame = WeightFrame(step=self.step, count=4096, segment_count=6, generator_segments=3)
        frame.segments[:6] = [0, 680, 1360, 2040, 2720, 3400]
        frame.weights[:] = self.weights.tolist()
        frame.gradients[:] = gradients.tolist()
        self.ports["weights"].send(frame)

    def samples(self, state: dict[str, float]) -> np.ndarray:
        if state["reject"] > 0.5:
            return self.random.integers(90, 166, (64, 28, 28)).astype(np.uint8)
        if state["similarity_centred"] > 0.5:
            return np.repeat(DIGITS[3:4], 64, axis=0)
        return DIGITS[self.random.integers(0, 9000, 64)]

    def play(self, state: dict[str, float], seconds: float, with_data: bool = True) -> None:
        """Draw for some seconds while data as in `state` flows."""
        for number in range(round(seconds * self.rate)):
            if with_data:
                self.metrics(state)
                if number % 8 == 0:
                    scores = np.clip(self.random.normal(state["score_fake"], 0.1, 64), 0, 1)
                    self.tiles(self.samples(state), scores)
                if number % 2 == 0:
                    self.move_weights()
                    self.sound()
                if number % 4 == 0:
                    self.inside(state)
            self.picture.draw()

    def rgb(self) -> np.ndarray:
        """The last picture before it is enlarged, uint8 (height, width, 3), top row first."""
        shown = self.picture._painter.shown
        pixels = np.frombuffer(shown.read(components=3, alignment=1), np.uint8)
        return pixels.reshape(shown.height, shown.width, 3)[::-1]

    def luma(self) -> np.ndarray:
        """The same as grey, float (height, width), 0..1."""
        return self.rgb() @ np.array([0.2126, 0.7152, 0.0722]) / 255.0


def hash_of(luma: np.ndarray) -> np.ndarray:
    """64-bit difference hash as bool (64,): is a box brighter than its right neighbour."""
    height, width = luma.shape
    rows = luma[: height // 8 * 8].reshape(8, -1, width).mean(axis=1)
    boxes = rows[:, : width // 9 * 9].reshape(8, 9, -1).mean(axis=2)
    return (boxes[:, 1:] > boxes[:, :-1]).ravel()


def look_of(folder: Path, name: str, body: str, header: str = "{}") -> Look:
    """A look from a few words of GLSL."""
    path = folder / f"{name}.frag"
    path.write_text(f"/*{header}*/\n{body}\n")
    return load_look(path)
