"""What one measured step says, packed into one vector so that one copy brings it to the host."""

from dataclasses import dataclass

import numpy as np

LAYERS = 3
"""Layers of each net that have weights; all nets here have three."""

BOTH = 2 * LAYERS
SCALARS = 4 * BOTH + 2


@dataclass
class Reading:
    """Arrays are float32 views that the next reading replaces. Layers: G's three, then D's three."""

    gradients: np.ndarray
    """(6,) L2 norm of each layer's gradients."""
    theta: np.ndarray
    """(6,) L2 norm of each layer's weights and biases, after the update."""
    moved: np.ndarray
    """(6,) L2 norm of what the update added to them."""
    sigmas: np.ndarray
    """(6,) estimate of the largest singular value of each layer's weights."""
    dead: np.ndarray
    """(2,) share of dead units of G and D."""
    logits: np.ndarray
    """(2 B,): D's logits of reals and fakes, before its update."""
    learnt: np.ndarray
    """(B,): what G learned from: D's logits of its samples after D's update, or their lead."""
    samples: np.ndarray
    """(B, P) in -1..1: the fakes of this step, or what a veil shows in their place."""
    age: int = 0
    """Age of the net when it was made; on CUDA a reading comes one step late."""

    @classmethod
    def unpack(cls, packed: np.ndarray, batch: int, age: int) -> "Reading":
        """From the vector: scalars, 2 B logits, B learnt, B P samples."""
        s = SCALARS
        gradients, theta, moved, sigmas = packed[: 4 * BOTH].reshape(4, BOTH)
        return cls(
            gradients, theta, moved, sigmas, packed[4 * BOTH : s], packed[s : s + 2 * batch],
            packed[s + 2 * batch : s + 3 * batch], packed[s + 3 * batch :].reshape(batch, -1), age,
        )  # fmt: skip

    @property
    def total(self) -> float:
        """Not finite if anything but the samples is not."""
        return float(
            self.gradients.sum() + self.theta.sum() + self.logits.sum() + self.learnt.sum()
        )
