"""`Fold`: a run of any length in as many columns of time as a page can show."""

import numpy as np

COLUMNS = 2000
"""A tenth of a millimetre each on a page of A4."""
NARROWEST_S = 1.0 / 64.0


class Fold:
    """Lowest, highest and sum of some values per column of time; memory does not grow. One thread."""

    def __init__(self, width: int, length_s: float, columns: int = COLUMNS) -> None:
        """`width` values are heard at a time, in a run of this length."""
        self.column_s = max(NARROWEST_S, length_s / columns)
        """How wide a column is."""
        count = max(1, round(length_s / self.column_s))
        self.times_s = (np.arange(count) + 0.5) * self.column_s
        """The middle of every column, float64 (columns,)."""
        self.counts = np.zeros((count, width))
        """How many values a column heard, (columns, width)."""
        self.sums = np.zeros((count, width))
        """Sum of a column, (columns, width); 0 where nothing was heard."""
        self._low = np.full((count, width), np.inf)
        self._high = np.full((count, width), -np.inf)

    def hear(self, at_s: float, values: np.ndarray) -> None:
        """Values (width,) at a time; those that are not finite are passed over."""
        column = min(len(self.times_s) - 1, max(0, int(at_s / self.column_s)))
        said = np.isfinite(values)
        np.minimum(self._low[column], values, out=self._low[column], where=said)
        np.maximum(self._high[column], values, out=self._high[column], where=said)
        np.add(self.sums[column], values, out=self.sums[column], where=said)
        self.counts[column] += said

    @property
    def means(self) -> np.ndarray:
        """Mean of a column, (columns, width); NaN where nothing was heard."""
        with np.errstate(invalid="ignore", divide="ignore"):
            return np.where(self.counts > 0, self.sums / self.counts, np.nan)

    @property
    def lows(self) -> np.ndarray:
        """Lowest of a column, (columns, width); NaN where nothing was heard."""
        return np.where(self.counts > 0, self._low, np.nan)

    @property
    def highs(self) -> np.ndarray:
        """Highest of a column, (columns, width); NaN where nothing was heard."""
        return np.where(self.counts > 0, self._high, np.nan)
