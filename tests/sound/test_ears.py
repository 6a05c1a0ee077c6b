"""What the sound hears block by block does not depend on when it was said, only on its dates."""

from typing import Any

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from instrument.signals.controls import Bank, Control, Controls, Group
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
from instrument.signals.local_bus import LocalBus
from instrument.signals.spec import number
from instrument.signals.streams import StreamSpec
from instrument.sound.ears import Ears


class Voice(Controls):
    level = Control(number(0.0, 1.0, 0.0, "level"))
    tone = Control(number(0.0, 1.0, 0.0, "tone"))


BANK = Bank.of((Group("sound.voice", Voice),))
STREAMS = (StreamSpec("loss_g", 0.0, 1.0, "loss"), StreamSpec("class_2", 0.0, 1.0, "twos"))
TOPICS = (METRICS, TILES, WEIGHTS, CONTROLS)
BLOCKS = 40


def frame_of(kind: int, step: int, due: int) -> Any:
    """A frame of one of the topics that cannot be taken for another."""
    if kind == 0:
        metric = MetricFrame(step=step, due=due, count=2)
        metric.streams[0] = metric.streams[1] = step / 64.0
        return metric
    if kind == 1:
        tile = TileFrame(step=step, due=due, count=1, height=4, width=4, channels=1)
        tile.tiles[0] = step
        return tile
    if kind == 2:
        weight = WeightFrame(step=step, due=due, count=1, segment_count=1, generator_segments=1)
        weight.weights[0] = step
        return weight
    control = ControlFrame(due=due, count=2)
    control.positions[step % 2] = step / 64.0
    control.positions[1 - step % 2] = (step - 1) / 64.0
    return control


def heard(said: list[tuple[int, int, int, Any]]) -> list[tuple]:
    """Everything the ears tell, block by block; `said`: (at block, number, kind, frame)."""
    bus = LocalBus()
    ports = [bus.publisher(topic) for topic in TOPICS]
    ears = Ears(bus, BANK, np.zeros(2, np.float32), STREAMS, far=400.0)
    told = []
    for block in range(BLOCKS):
        for at, _, kind, frame in said:
            if at == block:
                ports[kind].send(frame)
        inner, samples = ears.listen(block), ears.look(block)
        told.append(
            (
                ears.trained,
                ears.streams[:2].tolist(),
                ears.positions.tolist(),
                None if inner is None else (inner.weights.tolist(), inner.classes.tolist()),
                None if samples is None else int(samples.images[0, 0, 0, 0]),
            )
        )
    assert ears.late == 0
    return told


@settings(deadline=None, max_examples=60)
@given(
    st.lists(st.tuples(st.integers(0, 3), st.integers(0, BLOCKS - 1)), max_size=30),
    st.lists(st.integers(0, 20), min_size=30, max_size=30),
)
def test_ahead_or_in_time_is_the_same(frames: list[tuple[int, int]], ahead: list[int]) -> None:
    """Each frame in the very block in which it counts, or up to twenty blocks before: the same is heard."""
    dated = sorted(frames, key=lambda each: each[1])
    made = [(due, n, kind, frame_of(kind, n, due)) for n, (kind, due) in enumerate(dated)]
    in_time = heard(made)
    before, earlier = 0, []
    for due, n, kind, frame in made:
        before = max(before, due - ahead[n])
        earlier.append((before, n, kind, frame))
    assert heard(earlier) == in_time


def test_what_came_late_is_counted() -> None:
    """Said in block 9 for block 5."""
    bus = LocalBus()
    ears = Ears(bus, BANK, np.zeros(2, np.float32), STREAMS, far=400.0)
    bus.publisher(METRICS).send(frame_of(0, 3, 5))
    bus.publisher(CONTROLS).send(frame_of(3, 3, 9))
    ears.listen(9)
    assert ears.late == 1 and ears.trained and ears.lost == 0
