"""Runs for tests of what is made of runs: told frame by frame in the time of a clock that is turned."""

import math
import time
from collections.abc import Iterable, Iterator
from pathlib import Path

import numpy as np

from instrument.clock import HandClock
from instrument.house import open_house
from instrument.learning.streams import STATES, STREAMS
from instrument.runs.header import RunHeader
from instrument.runs.recorder import Rates, Recorder
from instrument.signals.controls import Bank
from instrument.signals.frames import (
    CONTROLS,
    GESTURES,
    METRICS,
    NOTICES,
    SOUND,
    STANDING,
    TILES,
    WEIGHTS,
    ControlFrame,
    Frame,
    GestureFrame,
    MetricFrame,
    NoticeFrame,
    SoundFrame,
    StandingFrame,
    TileFrame,
    WeightFrame,
)
from instrument.signals.local_bus import LocalBus
from instrument.signals.streams import stream_numbers

BANK = open_house().bank
NUMBER = stream_numbers(STREAMS)
ALL = Rates(tiles=None, weights=None, sound=None, standing=None)
TOPICS = {
    MetricFrame: METRICS, TileFrame: TILES, WeightFrame: WEIGHTS, ControlFrame: CONTROLS,
    GestureFrame: GESTURES, StandingFrame: STANDING, SoundFrame: SOUND, NoticeFrame: NOTICES,
}  # fmt: skip
PORTION = 100
"""So few are under way at a time: they lie in the file nearly in the order of time."""


def header(bank: Bank = BANK, **said: object) -> RunHeader:
    facts = {
        "preset": "glitch_organ", "preset_text": 'title = "A title"\nabout = "What it is about."',
        "source": {"net": "pocket_mlp", "digits": "bundled"}, "streams": STREAMS,
        "controls": [spec.path for spec in bank], "seed": 7, "date": "2026-11-26T21:00:00+00:00",
        "versions": {"instrument": "0.1.0"},
    }  # fmt: skip
    return RunHeader(**{**facts, **said})  # type: ignore[arg-type]


def metric(at_s: float, step: int, state: str = "healthy", **values: float) -> MetricFrame:
    """All streams at a fifth of their span but what is said."""
    frame = MetricFrame(time_s=at_s, step=step, count=len(STREAMS))
    frame.streams[: len(STREAMS)] = [s.low + 0.2 * (s.high - s.low) for s in STREAMS]
    for name, value in {"state": STATES.index(state), "step": step, **values}.items():
        frame.streams[NUMBER[name]] = value
    return frame


def tiles(at_s: float, step: int, level: int = 200, colours: int = 1, side: int = 8) -> TileFrame:
    """Four samples; all pixels of sample n are at ``level + n``."""
    frame = TileFrame(time_s=at_s, step=step, count=4, height=side, width=side, channels=colours)
    size = side * side * colours
    for number in range(4):
        frame.tiles[number * size : (number + 1) * size] = [level + number] * size
        frame.scores[number] = number / 4
    return frame


def weights(at_s: float, step: int) -> WeightFrame:
    frame = WeightFrame(time_s=at_s, step=step, count=16, segment_count=2, generator_segments=1)
    frame.segments[1] = 8
    frame.weights[:16] = [step + n / 16 for n in range(16)]
    frame.gradients[:16] = [-n / 16 for n in range(16)]
    return frame


def gesture(
    at_s: float, path: str, position: float, step: int = -1, who: bytes = b"key"
) -> GestureFrame:
    return GestureFrame(
        time_s=at_s, step=step, control=BANK.number[path], position=position, who=who
    )


def act(at_s: float, path: str, step: int, position: float = 1.0) -> Iterator[GestureFrame]:
    """As it is told on stage: asked for, and felt."""
    yield gesture(at_s, path, position)
    yield gesture(at_s, path, position, step, b"")


def controls(at_s: float, **moved: float) -> ControlFrame:
    """All at their defaults but what is said, ``learning_collapse=.7``."""
    frame = ControlFrame(time_s=at_s, count=len(BANK))
    frame.positions[: len(BANK)] = BANK.defaults.tolist()
    for name, position in moved.items():
        frame.positions[BANK.number[name.replace("_", ".", 1)]] = position
    return frame


def standing(
    at_s: float, scene: bytes, cue: int = 0, name: bytes = b"", morph: float = 1.0
) -> StandingFrame:
    return StandingFrame(time_s=at_s, scene=scene, cue=cue, cue_name=name, morph=morph, cue_count=9)


def sound(at_s: float, momentary: float) -> SoundFrame:
    return SoundFrame(time_s=at_s, momentary=momentary, short_term=momentary, integrated=-20.0)


def training(length_s: float, rate: float = 10.0, **values: float) -> Iterator[Frame]:
    """A training that goes from noise to order, with samples twice a second."""
    for step in range(1, int(length_s * rate) + 1):
        at_s = step / rate
        share = at_s / length_s
        said = {
            "loss_g": 0.7 + math.sin(9 * share), "diversity": 0.19 * share,
            "entropy": 1.0 - 0.7 * share, "similarity_centred": 0.9 * (1 - share),
        }  # fmt: skip
        yield metric(at_s, step, "noise" if share < 0.3 else "healthy", **{**said, **values})
        if step % max(1, int(rate / 2)) == 0:
            yield tiles(at_s, step, level=int(200 * (1 - share)))


def in_order(*told: Iterable[Frame]) -> list[Frame]:
    """Frames of several sources in the order of time."""
    frames = [frame for source in told for frame in source]
    return sorted(frames, key=lambda frame: frame.time_s)  # type: ignore[attr-defined]


def record(
    path: Path, frames: Iterable[Frame], run: RunHeader | None = None, rates: Rates = ALL
) -> Path:
    """Have a recorder write them into a file, whose first second is that of the first frame."""
    clock, bus = HandClock(), LocalBus()
    recorder = Recorder(
        path, bus, run or header(), rates, clock,
        bytes_per_hour=math.inf, time_of_day_ns=lambda: 1_795_000_000_000_000_000,
    )  # fmt: skip
    recorder.start()
    publishers = {topic.name: bus.publisher(topic) for topic in TOPICS.values()}
    for sent, frame in enumerate(frames, start=1):
        clock.now_s = max(clock.now_s, frame.time_s)  # type: ignore[attr-defined]
        publishers[TOPICS[type(frame)].name].send(frame)  # type: ignore[index]
        if sent % PORTION == 0:
            _wait(recorder, sent)
    recorder.stop()
    return path


def _wait(recorder: Recorder, sent: int) -> None:
    deadline_s = time.monotonic() + 20.0
    while sum(listener.received for listener in recorder._listeners.values()) < sent:
        assert time.monotonic() < deadline_s, "the recorder does not hear"
        time.sleep(0.0005)


def cut(run: Path, into: Path, share: float) -> Path:
    """The beginning of a file, as after a power cut."""
    data = run.read_bytes()
    into.write_bytes(data[: int(len(data) * share)])
    return into


def damaged(run: Path, into: Path, places: int = 12) -> Path:
    """The same file with some bytes in its second half changed."""
    data = bytearray(run.read_bytes())
    for place in np.linspace(len(data) * 0.5, len(data) * 0.8, places).astype(int):
        data[place] ^= 0xFF
    into.write_bytes(data)
    return into
