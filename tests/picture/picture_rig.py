"""A picture room on a bench: real window (off-screen), real bus, a clock turned by hand."""

import ctypes
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np

from instrument.clock import HandClock
from instrument.picture.controls import picture_groups
from instrument.picture.looks import Look, load_look, load_looks
from instrument.picture.picture import Picture, PictureConfig
from instrument.picture.window import WindowConfig
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
from instrument.signals.streams import StreamSpec

ROOT = Path(__file__).resolve().parents[2]
SHADERS = ROOT / "shaders"
DIGITS = np.load(ROOT / "instrument/learning/data/mnist10k.npz")["images"]

STREAMS = tuple(
    StreamSpec(name, low, high, name)
    for name, low, high in (
        ("loss_g", 0, 6), ("score_real", 0, 1), ("score_fake", 0, 1), ("accuracy", 0.5, 1),
        ("similarity_centred", 0, 1), ("reject", 0, 1), ("diversity", 0, 0.2),
    )
)  # fmt: skip

NOISE = {"loss_g": 0.7, "score_real": 0.6, "score_fake": 0.5, "accuracy": 0.6,
         "similarity_centred": 0.98, "reject": 0.98, "diversity": 0.05}  # fmt: skip
HEALTHY = {"loss_g": 1.8, "score_real": 0.7, "score_fake": 0.3, "accuracy": 0.8,
           "similarity_centred": 0.1, "reject": 0.05, "diversity": 0.18}  # fmt: skip
COLLAPSED = {"loss_g": 5.0, "score_real": 0.99, "score_fake": 0.02, "accuracy": 1.0,
             "similarity_centred": 0.97, "reject": 0.15, "diversity": 0.01}  # fmt: skip


class Rig:
    """Publishes what a training would, and draws."""

    def __init__(
        self,
        looks: Sequence[Look] | None = None,
        size: tuple[int, int] = (320, 180),
        lines: int = 180,
        **config: Any,
    ) -> None:
        self.looks = tuple(looks or load_looks([SHADERS]))
        self.bank = Bank.of([SHOW, *picture_groups(self.looks)])
        self.bus = Bus(new_show_name())
        self.clock = HandClock(1000.0)
        self.ports = {t.name: self.bus.publisher(t) for t in (METRICS, TILES, WEIGHTS, CONTROLS)}
        self.positions = self.bank.defaults.copy()
        values = np.zeros(len(self.bank))
        self.picture = Picture(
            PictureConfig(window=WindowConfig(*size, headless=True), lines=lines, rate=30.0, **config),
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
        self.step += 1
        frame = MetricFrame(step=self.step, count=len(STREAMS))
        frame.streams[: len(STREAMS)] = [values[s.name] for s in STREAMS]
        self.ports["metrics"].send(frame)

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
        for number in range(round(seconds * 30)):
            if with_data:
                self.metrics(state)
                if number % 8 == 0:
                    scores = np.clip(self.random.normal(state["score_fake"], 0.1, 64), 0, 1)
                    self.tiles(self.samples(state), scores)
                if number % 2 == 0:
                    self.move_weights()
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
