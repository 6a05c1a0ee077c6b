"""`Limiter`: which places of the next picture must be held so that nothing flashes. No GL, no clock.

A place keeps the last extreme of the luminance that was shown, the direction it went, and a store
of tokens: 2.9 at most, three come back per second. So a place makes at most five transitions (two
flashes and a half) in any second and three a second for long: below three flashes (WCAG 2.2 SC 2.3.1,
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
holds the place, more than a seventh is without a token. So rain, text and single sparks pass,
however fast: what flashes on little of the screen is not a flash in the standards either.

The same is done on 64x36 places, on 16x9 (for what is spread too thin to be seen in the small
ones), and on 16x9 for contrast: there a transition is a picture that is the negative of the one
before (correlation below -.5), which the mean luminance of a place does not tell.
"""

from typing import NamedTuple

import numpy as np

from instrument.picture.flash_store import CALM, Array, Store

ROWS, COLUMNS = 36, 64
SAMPLES = 16
"""Pixels looked at in each of the small places."""
COARSE = 4
"""So many small places, across and down, are one large place."""

SURE, SURE_NOISE = 0.75, 4.0
"""Standard errors (of the mean of a place) added to a step: where places change together, and where
each does by itself: so that white noise is no flash."""
TOGETHER = 0.2
"""Correlation of the changes of two neighbours above which they change together."""
STIR = 1e-4
"""Mean square of the changes of a region below which nothing is learned from them."""
REGIONS = (3, 4)
MEMORY_S = 0.12
REVERSED = -0.5
SPREAD = 0.03
"""Standard deviation of luminance below which a place has no contrast to reverse."""


class Seen(NamedTuple):
    """Luminance at every small place, each (36, 64): what would be shown, and what was shown last.

    The others are the means of new x new, last x last and new x last over a place's pixels.
    """

    new: Array
    last: Array
    new_squares: Array
    last_squares: Array
    products: Array


def _means(many: int, few: int) -> Array:
    """Matrix (few, many): mean of neighbours."""
    share = np.float32(few / many)
    return np.repeat(np.eye(few, dtype=np.float32), many // few, axis=1) * share


# Means by multiplication: numpy's own over two axes takes five times as long.
DOWN_REGIONS, ACROSS_REGIONS = _means(ROWS, REGIONS[0]), _means(COLUMNS, REGIONS[1]).T
DOWN_LARGE, ACROSS_LARGE = _means(ROWS, ROWS // COARSE), _means(COLUMNS, COLUMNS // COARSE).T


class Unrest:
    """Whether the places of a region change together, or each by itself as in white noise."""

    def __init__(self) -> None:
        self._together = np.zeros((4, *REGIONS), np.float32)
        self._last = np.zeros((ROWS, COLUMNS), np.float32)

    def sure(self, new: Array, elapsed_s: float) -> Array:
        """From what is to be shown (36, 64): standard errors to be added to a step, by region (3, 4)."""
        change, self._last = new - self._last, new
        share = np.float32(min(1.0, elapsed_s / MEMORY_S))
        here, below, right = change[:-1, :-1], change[1:, :-1], change[:-1, 1:]
        pairs = np.empty((5, ROWS - 1, COLUMNS - 1), np.float32)
        np.multiply(here, below, out=pairs[0])
        np.multiply(here, right, out=pairs[1])
        np.multiply(here, change[1:, 1:], out=pairs[2])
        np.multiply(below, right, out=pairs[3])
        np.multiply(here, here, out=pairs[4])
        regions = DOWN_REGIONS[:, :-1] @ pairs @ ACROSS_REGIONS[:-1]
        whole = regions[4]
        now = np.clip(regions[:4] / np.maximum(whole, 1e-9), -1.0, 1.0)
        self._together += np.where(whole > STIR, share * (now - self._together), np.float32(0.0))
        alone = np.abs(self._together).max(axis=0) < TOGETHER
        return np.where(alone, np.float32(SURE_NOISE), np.float32(SURE))


class Limiter:
    """`decide` once per picture."""

    def __init__(self) -> None:
        large = (ROWS // COARSE, COLUMNS // COARSE)
        self._small, self._large, self._contrast = (
            Store((ROWS, COLUMNS)),
            Store(large),
            Store(large),
        )
        self._unrest = Unrest()

    def decide(self, seen: Seen, elapsed_s: float) -> Array | None:
        """How much of the last picture is mixed, in linear light, into the new one at every place.

        (36, 64) of 0..1, or None when nothing is held. `elapsed_s` since the last picture.
        """
        sure = self._unrest.sure(seen.new, elapsed_s) * np.float32(SAMPLES**-0.5)
        large = Seen(*(DOWN_LARGE @ np.stack(seen) @ ACROSS_LARGE))
        held = self._light(self._small, seen, _spread_out(sure, 4), elapsed_s)
        sure_large = _spread_out(sure / np.float32(COARSE), 1)
        for wide in (
            self._light(self._large, large, sure_large, elapsed_s),
            self._reversals(large, elapsed_s),
        ):
            if wide is not None:
                wide = wide.repeat(COARSE, axis=0).repeat(COARSE, axis=1)
                held = wide if held is None else np.maximum(held, wide)
        return held

    @staticmethod
    def _light(store: Store, seen: Seen, sure: Array, elapsed_s: float) -> Array | None:
        """Places whose luminance would turn."""
        store.refill(elapsed_s)
        store.note(seen.last, _variance(seen.last, seen.last_squares), sure)
        return store.hold(seen.new, seen.last, _variance(seen.new, seen.new_squares), sure)

    def _reversals(self, seen: Seen, elapsed_s: float) -> Array | None:
        """Places whose contrast would be turned round: they pay for it, or are held."""
        store = self._contrast
        store.refill(elapsed_s)
        varies, varied = (
            _variance(seen.new, seen.new_squares),
            _variance(seen.last, seen.last_squares),
        )
        turned = (varies > SPREAD * SPREAD) & (varied > SPREAD * SPREAD)
        turned &= seen.products - seen.new * seen.last < REVERSED * np.sqrt(varies * varied)
        if not turned.any():
            return None
        watched = store.watched()
        held = turned & watched if watched is not None else np.zeros_like(turned)
        store.spend(turned & ~held)
        return np.where(held, CALM, 0.0) if held.any() else None


def _variance(level: Array, squares: Array) -> Array:
    """Inside a place, from mean and mean of squares."""
    return np.maximum(squares - level * level, np.float32(0.0))


def _spread_out(regions: Array, wide: int) -> Array:
    """(3, 4) to (9, 16) places, or `wide` times as many across and down."""
    rows, columns = ROWS // COARSE // REGIONS[0] * wide, COLUMNS // COARSE // REGIONS[1] * wide
    return regions.repeat(rows, axis=0).repeat(columns, axis=1)
