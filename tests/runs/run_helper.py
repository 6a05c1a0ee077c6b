"""Runs for the tests: a small bank, a header, and a way to record given frames through a real bus."""

import random
import time
from collections.abc import Callable, Iterable
from functools import partial
from pathlib import Path

import numpy as np

from instrument.runs.header import RunHeader
from instrument.runs.recorder import Rates, Recorder
from instrument.signals.bus import Bus, Listener
from instrument.signals.controls import Bank, Control, Controls, Group
from instrument.signals.frames import (
    ACTIVATIONS,
    CONTROLS,
    FIELD,
    FIELD_SIDE,
    GESTURES,
    METRICS,
    REALS,
    ROUTES,
    SLICE_LENGTH,
    TILES,
    WALK,
    WALK_COUNT,
    WEIGHTS,
    ActivationFrame,
    ControlFrame,
    FieldFrame,
    Frame,
    GestureFrame,
    MetricFrame,
    RealsFrame,
    RoutesFrame,
    TileFrame,
    Topic,
    WalkFrame,
    WeightFrame,
)
from instrument.signals.show import SHOW
from instrument.signals.spec import number, trigger
from instrument.signals.streams import StreamSpec

STREAMS = (
    StreamSpec("loss_g", 0.0, 3.0, "loss"),
    StreamSpec("state", 0.0, 1.0, "state", choices=("noise", "healthy")),
)


class SmallLearning(Controls):
    heat = Control(number(0.0, 1.0, 0.5, "heat"))
    undo = Control(trigger("undo"))


class SmallSound(Controls):
    level = Control(number(0.0, 1.0, 0.5, "level"))


RECORDED = Bank.of((SHOW, Group("learning", SmallLearning), Group("sound.drone", SmallSound)))
TONIGHT = Bank.of((Group("sound.drone", SmallSound), Group("learning", SmallLearning), SHOW))
"""The same controls in another order, as another version may have them."""

ALL = Rates(
    tiles=None, weights=None, sound=None, walk=None, field=None, activations=None, reals=None
)
INNER = (WALK, FIELD, ACTIVATIONS, REALS)


def header(bank: Bank = RECORDED) -> RunHeader:
    return RunHeader(
        preset="test",
        preset_text="title = 'Test'",
        source={"net": "pocket_mlp", "digits": "bundled"},
        streams=STREAMS,
        controls=[spec.path for spec in bank],
        seed=7,
    )


def metric(step: int, at_s: float = 0.0) -> MetricFrame:
    frame = MetricFrame(time_s=at_s, step=step, count=2)
    frame.streams[0], frame.streams[1] = step * 0.5, 1.0
    return frame


def tiles(step: int, at_s: float = 0.0) -> TileFrame:
    frame = TileFrame(time_s=at_s, step=step, count=64, height=28, width=28, channels=1)
    for number_ in range(64):
        frame.scores[number_] = number_ / 64
        frame.tiles[number_ * 784] = (step + number_) % 256
    return frame


def noise(step: int) -> TileFrame:
    """Samples that cannot be packed: 50 kB a frame."""
    frame = tiles(step)
    frame.tiles[: 64 * 784] = random.Random(step).randbytes(64 * 784)
    return frame


def weights(step: int, at_s: float = 0.0) -> WeightFrame:
    frame = WeightFrame(time_s=at_s, step=step, count=100, segment_count=2, generator_segments=1)
    frame.segments[1] = 50
    noise = np.random.default_rng(step).standard_normal(SLICE_LENGTH, np.float32)
    np.copyto(np.ctypeslib.as_array(frame.weights), noise)
    frame.gradients[3] = -step
    return frame


def fill(values: object, dice: np.random.Generator) -> None:
    """Any bytes into an array of a frame."""
    array = np.ctypeslib.as_array(values)  # type: ignore[call-overload]
    np.copyto(array, dice.integers(0, 256, array.shape), casting="unsafe")


def walk(step: int, at_s: float = 0.0) -> WalkFrame:
    frame = WalkFrame(time_s=at_s, step=step, count=WALK_COUNT, height=28, width=28, channels=1)
    frame.first, frame.around, frame.phase, frame.moved = 120, 128, 0.99, 0.25
    fill(frame.tiles, np.random.default_rng(step))
    return frame


def field(step: int, at_s: float = 0.0) -> FieldFrame:
    frame = FieldFrame(time_s=at_s, step=step, side=FIELD_SIDE, height=28, width=28, channels=1)
    frame.low, frame.high, frame.number = -0.5, 1.5, step
    frame.points[:] = [0.25, 0.25, 0.75, 0.25, 0.25, 0.75]
    fill(frame.scores, np.random.default_rng(step))
    fill(frame.images, np.random.default_rng(step + 1))
    return frame


def activations(step: int, at_s: float = 0.0) -> ActivationFrame:
    """Two layers, 128 of 512 and all of 64 units, of 64 samples."""
    frame = ActivationFrame(time_s=at_s, step=step, layer_count=2, generator_layers=1, samples=64)
    frame.begins[:2], frame.shown[:2] = [0, 128], [128, 64]
    frame.units[:2], frame.dead[:2], frame.loudest[:2] = [512, 64], [300, 64], [1.5, 2.5]
    fill(frame.cells, np.random.default_rng(step))
    return frame


def reals(step: int, at_s: float = 0.0) -> RealsFrame:
    frame = RealsFrame(time_s=at_s, step=step, count=9000, height=28, width=28, channels=1)
    frame.classes = 0b10000100
    fill(frame.mean, np.random.default_rng(step))
    fill(frame.deviation, np.random.default_rng(step + 1))
    return frame


def controls(bank: Bank, at_s: float = 0.0, **moved: float) -> ControlFrame:
    """All at their defaults but what `moved` says, ``learning_heat=.7``."""
    frame = ControlFrame(time_s=at_s, count=len(bank))
    frame.positions[: len(bank)] = bank.defaults.tolist()
    for name, position in moved.items():
        frame.positions[bank.number[name.replace("_", ".")]] = position
    return frame


def gesture(bank: Bank, path: str, step: int, at_s: float = 0.0) -> GestureFrame:
    return GestureFrame(time_s=at_s, step=step, control=bank.number[path], position=0.5, who=b"key")


def topic_of(frame: Frame) -> Topic:
    kinds = {
        MetricFrame: METRICS,
        TileFrame: TILES,
        WeightFrame: WEIGHTS,
        WalkFrame: WALK,
        FieldFrame: FIELD,
        ActivationFrame: ACTIVATIONS,
        RealsFrame: REALS,
        ControlFrame: CONTROLS,
        GestureFrame: GESTURES,
        RoutesFrame: ROUTES,
    }
    return kinds[type(frame)]


def record(
    path: Path, bus: Bus, frames: Iterable[Frame], rates: Rates = ALL, bank: Bank = RECORDED
) -> Recorder:
    """Record frames through the bus, one after the other; `time_s` counts from now on."""
    recorder = Recorder(path, bus, header(bank), rates)
    recorder.start()
    began_s = time.monotonic()
    publishers = {
        topic.name: bus.publisher(topic)
        for topic in (METRICS, TILES, WEIGHTS, *INNER, CONTROLS, GESTURES, ROUTES)
    }

    def hears(count: int) -> bool:
        return sum(ear.received for ear in recorder._listeners.values()) >= count

    for sent, frame in enumerate(frames, start=1):
        frame.time_s += began_s  # type: ignore[attr-defined]
        publishers[topic_of(frame).name].send(frame)
        wait_for(partial(hears, sent))
    recorder.stop()
    for publisher in publishers.values():
        publisher.close()
    return recorder


def wait_for(true: Callable[[], object]) -> None:
    """Until another thread has come so far."""
    deadline_s = time.monotonic() + 20.0
    while not true():
        assert time.monotonic() < deadline_s, "it does not come"
        time.sleep(0.001)


def listeners(bus: Bus) -> dict[str, Listener[Frame]]:
    return {
        topic.name: bus.listener(topic) for topic in (METRICS, TILES, WEIGHTS, *INNER, GESTURES)
    }
