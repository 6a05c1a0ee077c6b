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


class Unrest:
    """Whether the places of a region change together, or each by itself as in white noise."""

    def __init__(self) -> None:
        self._together = np.zeros((4, *REGIONS), np.float32)
        self._last = np.zeros((ROWS, COLUMNS), np.float32)

    def sure(self, new: Array, elapsed_s: float) -> Array:
        """From what is to be shown (36, 64): standard errors to be added to a step there."""
        change, self._last = new - self._last, new
        share = np.float32(min(1.0, elapsed_s / MEMORY_S))
        here, below, right = change[:-1, :-1], change[1:, :-1], change[:-1, 1:]
        whole = _regions(here * here)
        pairs = (here * below, here * right, here * change[1:, 1:], below * right)
        for memory, products in zip(self._together, pairs, strict=True):
            now = _regions(products) / np.maximum(whole, 1e-9)
            memory += np.where(whole > STIR, share * (np.clip(now, -1.0, 1.0) - memory), 0.0)
        alone = np.abs(self._together).max(axis=0) < TOGETHER
        sure = np.where(alone, np.float32(SURE_NOISE), np.float32(SURE))
        return sure.repeat(ROWS // REGIONS[0], axis=0).repeat(COLUMNS // REGIONS[1], axis=1)


def _regions(values: Array) -> Array:
    """Means of (35, 63) in 3x4 regions."""
    padded = np.zeros((ROWS, COLUMNS), np.float32)
    padded[:-1, :-1] = values
    found: Array = padded.reshape(
        REGIONS[0], ROWS // REGIONS[0], REGIONS[1], COLUMNS // REGIONS[1]
    ).mean(axis=(1, 3))
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
        self._unrest = Unrest()

    def decide(self, seen: Seen, elapsed_s: float) -> Array | None:
        """How much of the last picture is mixed, in linear light, into the new one at every place.

        (36, 64) of 0..1, or None when nothing is held. `elapsed_s` since the last picture.
        """
        sure = self._unrest.sure(seen.new, elapsed_s) * np.float32(SAMPLES**-0.5)
        large = Seen(*(_large(values) for values in seen))
        held = self._light(self._small, seen, sure, elapsed_s)
        sure_large = _large(sure) / np.float32(COARSE)
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
        store.note(seen.last, _spread(seen.last, seen.last_squares), sure)
        return store.hold(seen.new, seen.last, _spread(seen.new, seen.new_squares), sure)

    def _reversals(self, seen: Seen, elapsed_s: float) -> Array | None:
        """Places whose contrast would be turned round: they pay for it, or are held."""
        store = self._contrast
        store.refill(elapsed_s)
        spread, spread_last = (
            _spread(seen.new, seen.new_squares),
            _spread(seen.last, seen.last_squares),
        )
        turned = (spread > SPREAD) & (spread_last > SPREAD)
        turned &= seen.products - seen.new * seen.last < REVERSED * spread * spread_last
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


def _spread(level: Array, squares: Array) -> Array:
    """Standard deviation inside a place, from mean and mean of squares."""
    return np.sqrt(np.maximum(squares - level * level, 0.0))
