"""All at once: every control thrown about, looks switched, sizes changed, data that is no number."""

from collections.abc import Callable

import numpy as np
import pytest
from picture_rig import COLLAPSED, HEALTHY, NOISE, Rig

Make = Callable[..., Rig]


@pytest.mark.slow
@pytest.mark.parametrize("seed", [1, 2, 3])
def test_no_hand_and_no_data_bring_the_picture_to_stumble(make_rig: Make, seed: int) -> None:
    """300 pictures: no fault is counted, every pixel is a number, and a calm hand finds a picture again."""
    rig = make_rig(size=(320, 180), rate=15.0)
    random = np.random.default_rng(seed)
    states = (
        HEALTHY,
        NOISE,
        COLLAPSED,
        {**HEALTHY, "loss_g": float("nan"), "reject": float("inf")},
    )
    picture = [rig.bank.number[s.path] for s in rig.bank if s.path.startswith("picture.")]
    for number in range(300):
        if number % 3 == 0:
            some = random.choice(picture, 12)
            rig.positions[some] = random.choice([0.0, 1.0, random.random()], 12)
            rig.put(show__blackout=0)
        if number % 40 == 0:
            rig.picture._inner.scale = int(random.integers(1, 4))
        state = states[int(random.integers(0, len(states)))]
        if number % 50 == 7:
            rig.move_weights(np.full(4096, np.nan, np.float32))
            rig.weights[:] = random.normal(0, 1e30, 4096)
        rig.play(state, 1 / 15)
    assert rig.picture.faults == 0
    rig.positions[:] = rig.bank.defaults
    rig.weights[:] = random.normal(0, 0.05, 4096)
    rig.put(picture__look="barcode")
    rig.play(HEALTHY, 3.0)
    assert rig.picture.faults == 0
    assert rig.luma().std() > 0.05
