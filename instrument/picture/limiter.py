"""`Limiter`: which places of the next picture must be held so that nothing flashes. No GL, no clock.

A place keeps the last extreme of the luminance that was shown, the direction it went, and a store
of tokens: three at most, 2.5 come back per second. So a place makes at most five transitions (two
flashes and a half) in any second and 2.5 a second for long: below three flashes (WCAG 2.2 SC 2.3.1,
ITU-R BT.1702) and below the four transitions a second that EA IRIS does not allow to last.

| shown at the place                           | direction | store       | extreme    |
|----------------------------------------------|-----------|-------------|------------|
| went on in its direction                     | stays     | stays       | goes along |
| came back by less than a step                | stays     | stays       | stays      |
| came back by a step, the darker below .8     | turns     | one less    | is here    |
| came back by a step, both lighter            | turns     | stays       | is here    |

| to be shown next at the place                | tokens    | much around | then                     |
|----------------------------------------------|-----------|-------------|--------------------------|
| would come back by a step                    | below 1   | is out      | held: mixed with the old |
| would come back by a step                    | below 1   | is not      | shown                    |
| anything else                                | any       | any         | shown                    |

"Much around is out": of some window of a third by a third of the screen (10 degrees of sight) that
holds the place, more than an eighth is without a token. So rain, text and single sparks pass,
however fast: what flashes on little of the screen is not a flash in the standards either.

The same is done on 64x36 places, on 16x9 (for what is spread too thin to be seen in the small
ones), and on 16x9 for contrast: there a transition is a picture that is the negative of the one
before (correlation below -.5), which the mean luminance of a place does not tell.
"""

from dataclasses import dataclass

import numpy as np

Array = np.ndarray

ROWS, COLUMNS = 36, 64
SAMPLES = 16
"""Pixels looked at in each of the small places."""
COARSE = 4
"""So many small places, across and down, are one large place."""

STEP = 0.09
"""A little below the standard's .1: places are sampled, and light is rounded to 8 bits."""
DARK = 0.81
STORE = 3.0
REFILL = 2.5
"""Tokens per second."""
MUCH = 0.125
CALM = 0.95
"""A held place goes a twentieth of the way per picture: what strobes settles at its middle."""
SURE = 2.5
"""Standard errors added to a step, so that white noise is none."""
REVERSED = -0.5
SPREAD = 0.03
"""Standard deviation of luminance below which a place has no contrast to reverse."""


@dataclass(frozen=True)
class Seen:
    """Luminance at every small place, each (36, 64): what would be shown, and what was shown last.

    `squares` and `products`: mean of new x new, of new x last and of last x last.
    """

    new: Array
    last: Array
    new_squares: Array
    last_squares: Array
    products: Array


class Store:
    """Tokens of every place of one grid, and what was last seen there: the tables above."""

    def __init__(self, shape: tuple[int, int]) -> None:
        self.tokens = np.full(shape, STORE, np.float32)
        self._extreme = np.zeros(shape, np.float32)
        self._error = np.zeros(shape, np.float32)
        self._direction = np.zeros(shape, np.float32)
        rows, columns = shape
        self._window = (max(1, round(rows / 3)), max(1, round(columns / 3)))

    def refill(self, elapsed_s: float) -> None:
        """Tokens come back."""
        np.minimum(self.tokens + REFILL * elapsed_s, STORE, out=self.tokens)

    def spend(self, where: Array) -> None:
        """One token less; a place that is not held may fall behind, by no more than one."""
        np.maximum(self.tokens - where, -1.0, out=self.tokens, where=where)

    def note(self, shown: Array, error: Array) -> None:
        """What was shown in the last picture, and the standard error of it."""
        turned, sign = self._turns(shown, error)
        self.spend(turned & (np.minimum(shown, self._extreme) < DARK))
        follow = turned | ((sign == self._direction) & (sign != 0.0))
        np.copyto(self._direction, sign, where=turned)
        np.copyto(self._extreme, shown, where=follow)
        np.copyto(self._error, error, where=follow)

    def _turns(self, level: Array, error: Array) -> tuple[Array, Array]:
        moved = level - self._extreme
        sign = np.sign(moved)
        step = STEP + SURE * np.sqrt(error * error + self._error * self._error)
        return (sign != self._direction) & (np.abs(moved) >= step), sign

    def hold(self, new: Array, shown: Array, error: Array) -> Array | None:
        """How much of what was shown must be mixed into each place, 0..1; None for none at all."""
        watched = self.watched()
        if watched is None:
            return None
        turned, sign = self._turns(new, error)
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
        sums = _sums(out)
        much = _inside(sums, rows, columns) > MUCH * rows * columns
        if not much.any():
            return None
        spread = np.pad(much, ((rows - 1, rows - 1), (columns - 1, columns - 1)))
        return out & (_inside(_sums(spread), rows, columns) > 0)


def _sums(flags: Array) -> Array:
    """Sum of all above and to the left of every corner."""
    height, width = flags.shape
    sums = np.zeros((height + 1, width + 1), np.int32)
    np.cumsum(np.cumsum(flags, axis=0, dtype=np.int32), axis=1, out=sums[1:, 1:])
    return sums


def _inside(sums: Array, rows: int, columns: int) -> Array:
    """Sum inside every window of so many rows and columns."""
    top, low = sums[:-rows], sums[rows:]
    found: Array = low[:, columns:] - top[:, columns:] - low[:, :-columns] + top[:, :-columns]
    return found


class Limiter:
    """`decide` once per picture."""

    def __init__(self) -> None:
        large = (ROWS // COARSE, COLUMNS // COARSE)
        self._small, self._large, self._contrast = (
            Store((ROWS, COLUMNS)),
            Store(large),
            Store(large),
        )

    def decide(self, seen: Seen, elapsed_s: float) -> Array | None:
        """How much of the last picture is mixed, in linear light, into the new one at every place.

        (36, 64) of 0..1, or None when nothing is held. `elapsed_s` since the last picture.
        """
        small = self._decide(
            self._small,
            seen.new,
            seen.last,
            seen.new_squares,
            seen.last_squares,
            SAMPLES,
            elapsed_s,
        )
        new, last, new_squares, last_squares, products = (
            _large(values)
            for values in (seen.new, seen.last, seen.new_squares, seen.last_squares, seen.products)
        )
        many = SAMPLES * COARSE * COARSE
        large = self._decide(self._large, new, last, new_squares, last_squares, many, elapsed_s)
        contrast = self._reversals(new, last, new_squares, last_squares, products, elapsed_s)
        held = small
        for coarse in (large, contrast):
            if coarse is not None:
                wide = coarse.repeat(COARSE, axis=0).repeat(COARSE, axis=1)
                held = wide if held is None else np.maximum(held, wide)
        return held

    @staticmethod
    def _decide(
        store: Store, new: Array, last: Array, new_squares: Array, last_squares: Array,
        many: int, elapsed_s: float,
    ) -> Array | None:  # fmt: skip
        store.refill(elapsed_s)
        store.note(last, _error(last, last_squares, many))
        return store.hold(new, last, _error(new, new_squares, many))

    def _reversals(
        self, new: Array, last: Array, new_squares: Array, last_squares: Array, products: Array,
        elapsed_s: float,
    ) -> Array | None:  # fmt: skip
        """Places whose contrast would be turned round: they pay for it, or are held."""
        store = self._contrast
        store.refill(elapsed_s)
        spread = np.maximum(new_squares - new * new, 0.0)
        spread_last = np.maximum(last_squares - last * last, 0.0)
        turned = (spread > SPREAD * SPREAD) & (spread_last > SPREAD * SPREAD)
        turned &= products - new * last < REVERSED * np.sqrt(spread * spread_last)
        if not turned.any():
            return None
        watched = store.watched()
        held = turned & watched if watched is not None else np.zeros_like(turned)
        store.spend(turned & ~held)
        return np.where(held, CALM, 0.0) if held.any() else None


def _large(values: Array) -> Array:
    """Means of 4x4 small places."""
    blocks = values.reshape(ROWS // COARSE, COARSE, COLUMNS // COARSE, COARSE)
    found: Array = blocks.mean(axis=(1, 3))
    return found


def _error(level: Array, squares: Array, many: int) -> Array:
    """Standard error of the mean of so many pixels, as if they knew nothing of each other."""
    return np.sqrt(np.maximum(squares - level * level, 0.0) / many)
