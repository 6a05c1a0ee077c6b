"""Recursive filters on whole blocks, in NumPy: no call per sample, any number of channels.

A filter's answer to a block is linear in the block and in its state, so it is two matrices for what
comes out and two for the state afterwards, made once.
"""

import math

import numpy as np

LONGEST_PART = 64
"""Frames that are filtered at once: longer matrices would wake the other threads of the BLAS."""
TINY = 1e-30
"""A state below this is silence: it would become a denormal."""


class BlockFilter:
    """A cascade of second-order sections for blocks of one size."""

    def __init__(self, sections: np.ndarray, block: int, channels: int = 2) -> None:
        """`sections` float64 (n, 6): b0 b1 b2 a0 a1 a2 of each, as SciPy writes them."""
        order = 2 * len(sections)
        parts = next(
            n for n in range(1, block + 1) if block % n == 0 and block // n <= LONGEST_PART
        )
        self._part = block = block // parts
        step = np.zeros((order, order))
        enter = np.zeros(order)
        leave = np.zeros(order)
        through = 1.0
        # Transposed direct form II; the input of a section is what came out of those before it.
        for number, section in enumerate(sections):
            b0, b1, b2, a0, a1, a2 = section
            b, a = np.array([b0, b1, b2]) / a0, np.array([a1, a2]) / a0
            at = 2 * number
            out_state, out_input = leave.copy(), through
            leave = b[0] * out_state
            leave[at] += 1.0
            through = b[0] * out_input
            step[at] += (b[1] - a[0] * b[0]) * out_state
            step[at + 1] += (b[2] - a[1] * b[0]) * out_state
            step[at, at] -= a[0]
            step[at + 1, at] -= a[1]
            step[at, at + 1] += 1.0
            enter[at] = (b[1] - a[0] * b[0]) * out_input
            enter[at + 1] = (b[2] - a[1] * b[0]) * out_input
        self._from_state = np.zeros((block, order))
        self._to_state = np.zeros((order, block))
        impulse = np.zeros(block)
        impulse[0] = through
        row, column = leave, enter
        for n in range(block):
            self._from_state[n] = row
            self._to_state[:, block - 1 - n] = column
            if n + 1 < block:
                impulse[n + 1] = leave @ column
            row, column = row @ step, step @ column
        self._keep = np.linalg.matrix_power(step, block)
        lag = np.arange(block)[:, None] - np.arange(block)[None, :]
        self._response = np.where(lag >= 0, impulse[np.maximum(lag, 0)], 0.0)
        self.state = np.zeros((order, channels))

    def process(self, block: np.ndarray) -> np.ndarray:
        """Filter a block, float64 (block, channels)."""
        out = np.empty_like(block)
        for first in range(0, len(block), self._part):
            part = block[first : first + self._part]
            np.matmul(self._response, part, out=out[first : first + self._part])
            out[first : first + self._part] += self._from_state @ self.state
            self.state = self._to_state @ part + self._keep @ self.state
        self.state[np.abs(self.state) < TINY] = 0.0
        return out


def butterworth_high_pass(cutoff_hz: float, sample_rate: int) -> np.ndarray:
    """Sections, float64 (1, 6), of a Butterworth high-pass of second order (RBJ's cookbook)."""
    turn = 2.0 * math.pi * cutoff_hz / sample_rate
    alpha = math.sin(turn) / math.sqrt(2.0)
    cosine = math.cos(turn)
    b = (1.0 + cosine) / 2.0
    return np.array([[b, -2.0 * b, b, 1.0 + alpha, -2.0 * cosine, 1.0 - alpha]])
