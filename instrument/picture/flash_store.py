"""`Store`: what every place of the picture may still flash. See limiter.py. No GL, no clock."""

import numpy as np

Array = np.ndarray

STEP = 0.09
"""A little below the standard's .1: places are sampled, and light is rounded to 8 bits."""
DARK = 0.81
STORE = 2.9
REFILL = 3.0
"""Tokens per second."""
MUCH = 0.14
LEAST = 0.6
"""No place that flashes counts for less: small print that flashes as a whole lights little of a place,
and is a flash to the eye all the same."""
CALM = 0.95
"""A held place goes a twentieth of the way per picture: what strobes settles at its middle."""


class Store:
    """Tokens of every place of one grid, and what was last seen there: the tables above.

    A place counts for as much of the screen as its pixels flash: a leg from one extreme to the next
    of height h, with standard deviations a and b inside the place, was made by about
    h^2 / (h^2 + a^2 + b^2) of them (all where the place is even; less where a part of it is lit), but
    for no less than `LEAST`.
    """

    def __init__(self, shape: tuple[int, int]) -> None:
        self.tokens = np.full(shape, STORE, np.float32)
        self.covers = np.ones(shape, np.float32)
        self._extreme, self._extreme_varies, self._direction, self._start, self._start_varies = (
            np.zeros(shape, np.float32) for _ in range(5)
        )
        rows, columns = shape
        self._window = (max(1, round(rows / 3)), max(1, round(columns / 3)))

    def refill(self, elapsed_s: float) -> None:
        """Tokens come back."""
        np.minimum(self.tokens + np.float32(REFILL * elapsed_s), STORE, out=self.tokens)

    def spend(self, where: Array) -> None:
        """One token less; a place that is not held may fall behind, by no more than one."""
        np.maximum(self.tokens - where, -1.0, out=self.tokens, where=where)

    def note(self, shown: Array, varies: Array, sure: Array) -> None:
        """What was shown in the last picture: mean, variance, and how much of it adds to a step."""
        turned, sign = self._turns(shown, varies, sure)
        follow = sign == self._direction
        if turned.any():
            self.spend(turned & (np.minimum(shown, self._extreme) < DARK))
            leg = (self._extreme - self._start) ** 2
            both = leg + self._extreme_varies + self._start_varies
            covers = 0.5 * (self.covers + leg / np.maximum(both, 1e-6))
            np.copyto(self.covers, covers, where=turned)
            np.copyto(self._start, self._extreme, where=turned)
            np.copyto(self._start_varies, self._extreme_varies, where=turned)
            np.copyto(self._direction, sign, where=turned)
            follow |= turned
        np.copyto(self._extreme, shown, where=follow)
        np.copyto(self._extreme_varies, varies, where=follow)

    def _turns(self, level: Array, varies: Array, sure: Array) -> tuple[Array, Array]:
        moved = level - self._extreme
        sign = np.sign(moved)
        step = STEP + sure * np.sqrt(varies + self._extreme_varies)
        return (sign != self._direction) & (np.abs(moved) >= step), sign

    def hold(self, new: Array, shown: Array, varies: Array, sure: Array) -> Array | None:
        """How much of what was shown must be mixed into each place, 0..1; None for none at all."""
        watched = self.watched()
        if watched is None:
            return None
        turned, sign = self._turns(new, varies, sure)
        turned &= watched & (np.minimum(new, self._extreme) < DARK)
        if not turned.any():
            return None
        edge = self._extreme + sign * (0.8 * STEP)
        apart = shown - new
        apart[np.abs(apart) < 1e-5] = 1e-5
        share = np.clip((edge - new) / apart, CALM, 1.0)
        return np.where(turned, share, 0.0)

    def watched(self) -> Array | None:
        """Places without a token, where much around is without one; None for none at all."""
        out = self.tokens < 1.0
        rows, columns = self._window
        if np.count_nonzero(out) <= MUCH * rows * columns:
            return None
        much = (
            _inside(_sums(out * np.maximum(self.covers, LEAST)), rows, columns)
            > MUCH * rows * columns
        )
        if not much.any():
            return None
        wide = np.pad(much, ((rows - 1, rows - 1), (columns - 1, columns - 1)))
        return out & (_inside(_sums(wide), rows, columns) > 0.5)


def _sums(values: Array) -> Array:
    """Sum of all above and to the left of every corner."""
    height, width = values.shape
    sums = np.zeros((height + 1, width + 1), np.float32)
    np.cumsum(np.cumsum(values, axis=0, dtype=np.float32), axis=1, out=sums[1:, 1:])
    return sums


def _inside(sums: Array, rows: int, columns: int) -> Array:
    """Sum inside every window of so many rows and columns."""
    top, low = sums[:-rows], sums[rows:]
    found: Array = low[:, columns:] - top[:, columns:] - low[:, :-columns] + top[:, :-columns]
    return found
