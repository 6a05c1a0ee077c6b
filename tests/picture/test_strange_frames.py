"""Frames as a damaged run file may hold them: any counts, any sizes, tiles that change their shape."""

import ctypes
from collections.abc import Callable

import numpy as np
import pytest
from picture_rig import DIGITS, HEALTHY, Rig

from instrument.signals.frames import (
    TOPICS,
    ActivationFrame,
    Frame,
    MetricFrame,
    WalkFrame,
    WeightFrame,
)

pytestmark = pytest.mark.slow

Make = Callable[..., Rig]
HEARD = ("metrics", "tiles", "weights", "walk", "field", "activations", "reals", "sound")
SHAPES = (
    (28, 28, 1),
    (64, 64, 3),
    (8, 8, 1),
    (1, 64, 3),
    (32, 20, 3),
    (0, 28, 1),
    (65, 65, 3),
    (9, 9, 2),
)


def any_frame(kind: type[Frame], dice: np.random.Generator) -> Frame:
    """Noise, but with counts that are often near what fits, so that the rest is looked at as well."""
    frame = kind.from_buffer_copy(dice.bytes(ctypes.sizeof(kind)))
    if dice.random() < 0.2:
        return frame
    if hasattr(frame, "height"):
        frame.height, frame.width, frame.channels = SHAPES[int(dice.integers(len(SHAPES)))]
    if hasattr(frame, "side"):
        frame.side = 32
    match frame:
        case MetricFrame():
            frame.count = int(dice.integers(0, 129))
        case WeightFrame():
            frame.count = int(dice.integers(0, 4097))
            begins = np.sort(dice.integers(0, frame.count + 1, 32))
            begins[0] = 0
            frame.segments[:32] = begins.tolist()
            frame.segment_count, frame.generator_segments = dice.integers(0, 33, 2).tolist()
        case ActivationFrame():
            frame.layer_count, frame.samples = int(dice.integers(0, 10)), int(dice.integers(0, 66))
            frame.shown[:] = dice.integers(0, 130, 8).tolist()
        case WalkFrame():
            frame.count = int(dice.integers(0, 18))
    if hasattr(frame, "count") and hasattr(frame, "scores"):
        frame.count = int(dice.integers(0, 67))
    return frame


@pytest.mark.slow
@pytest.mark.parametrize("seed", [1, 2])
@pytest.mark.filterwarnings("error")
def test_no_frame_brings_the_picture_to_stumble(make_rig: Make, seed: int) -> None:
    """72 pictures of noise through every look: no fault; then what is right is seen again."""
    rig = make_rig(size=(160, 90), lines=90)
    rig.play(HEALTHY, 0.5)
    dice = np.random.default_rng(seed)
    names = [look.name for look in rig.looks]
    kinds = {topic.name: topic.frame for topic in TOPICS}
    for number in range(72):
        rig.put(picture__look=names[number % len(names)], picture__crossfade=0)
        for topic in HEARD:
            rig.ports[topic].send(any_frame(kinds[topic], dice))
        rig.picture.draw()
    assert rig.picture.faults == 0
    assert rig.picture.data.refused > 0 and rig.picture.data.probes.refused > 0
    rig.put(picture__look="tile_wall")
    rig.play(HEALTHY, 3.0)
    assert rig.picture.faults == 0 and rig.luma().std() > 0.05


@pytest.mark.parametrize(
    ("first", "around"), [(5, 5), (0, 0), (0, 2**32 - 1), (2**32 - 1, 2**32 - 1)]
)
def test_a_walk_that_leads_nowhere_is_refused(make_rig: Make, first: int, around: int) -> None:
    """What stood still stands; the numbers would not fit into a shader."""
    rig = make_rig(size=(160, 90), lines=90)
    rig.put(picture__look="latent_walk")
    rig.play(HEALTHY, 0.5)
    before = rig.picture.data.probes.walk_first
    rig.ports["walk"].send(
        WalkFrame(count=16, height=28, width=28, channels=1, first=first, around=around)
    )
    rig.picture.draw()
    probes = rig.picture.data.probes
    assert (probes.walk_first, probes.walk_around, probes.refused) == (before, 128, 1)
    assert rig.picture.faults == 0


@pytest.mark.parametrize("shape", [(8, 8), (64, 64), (28, 20), (64, 64, 3), (1, 64, 3)])
def test_samples_may_change_their_size_while_they_are_seen(
    make_rig: Make, shape: tuple[int, ...]
) -> None:
    """Other runs, other images: as large, in colour, no longer square; and back."""
    rig = make_rig(size=(160, 90), lines=90)
    rig.play(HEALTHY, 0.5)
    other = np.random.default_rng(1).integers(0, 256, (64, *shape)).astype(np.uint8)
    for look in rig.looks:
        for wall in (other, DIGITS[:64]):
            rig.put(picture__look=look.name, picture__crossfade=0)
            rig.tiles(wall, np.linspace(0, 1, 64))
            rig.play(HEALTHY, 0.4, with_data=False)
    assert rig.picture.faults == 0
