"""The bundled digits, and the sets of images of the table of values."""

import gc
from collections.abc import Callable, Iterator
from typing import Any

import numpy as np
import pytest
from plain_streams import Batch
from training_stand import Stand

from instrument.learning.blas import use_one_blas_thread
from instrument.learning.digits import Digits, load_bundled

use_one_blas_thread()  # as the trainer does: two spinning threads take ten times as long here


@pytest.fixture(scope="session")
def bundled() -> tuple[np.ndarray, np.ndarray]:
    return load_bundled()


@pytest.fixture(scope="session")
def digits(bundled: tuple[np.ndarray, np.ndarray]) -> Digits:
    return Digits("bundled", bundled[0][:9000, None], bundled[1][:9000])


@pytest.fixture(scope="session")
def sets(bundled: tuple[np.ndarray, np.ndarray]) -> dict[str, Batch]:
    """Name of a set to a function from 0..11 to its batch, float32 (64, 784) in 0..1."""
    held = bundled[0][9000:].reshape(-1, 784).astype(np.float32) / 255
    labels = bundled[1][9000:]
    two_seven = held[(labels == 2) | (labels == 7)]
    dice = np.random.default_rng(1)

    def blurred(number: int) -> np.ndarray:
        """Four times (1, 2, 1) / 4 both ways, wrapped around: what the table was measured on."""
        images = held[64 * number : 64 * number + 64].reshape(-1, 28, 28).astype(np.float64)
        for _ in range(4):
            for axis in (1, 2):
                images = (np.roll(images, 1, axis) + 2 * images + np.roll(images, -1, axis)) / 4
        return images.reshape(-1, 784).astype(np.float32)

    def noise() -> np.ndarray:
        return dice.random((64, 784), dtype=np.float32)

    def gauss(sigma: float) -> np.ndarray:
        return (sigma * dice.standard_normal((64, 784))).astype(np.float32)

    return {
        "real": lambda n: held[64 * n : 64 * n + 64],
        "twos_and_sevens": lambda n: two_seven[dice.choice(len(two_seven), 64, False)],
        "one_image": lambda n: np.clip(held[8] + gauss(0.03), 0, 1),
        "uniform": lambda n: noise(),
        "grey": lambda n: np.clip(0.5 + gauss(0.05), 0, 1),
        "half": lambda n: 0.5 * noise() + 0.5 * held[64 * n : 64 * n + 64],
        "blurred": blurred,
    }


@pytest.fixture
def stand() -> Iterator[Callable[..., Stand]]:
    """Makes shows of the training alone; ends them."""
    made: list[Stand] = []

    def make(positions: dict[str, float] | None = None, **config: Any) -> Stand:
        made.append(Stand(positions or {}, **config))
        return made[-1]

    yield make
    for one in made:
        one.training.stop()
    made.clear()
    gc.collect()  # a trainer and its rescue know each other; it holds 384 MB of moments
