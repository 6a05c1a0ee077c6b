"""`Fold`: a run of any length in a few thousand columns of time, heard once from front to back.

Columns begin narrow. When the last of them is full, each two become one and all are twice as wide: so two
hours need no more memory than three seconds.
"""

import numpy as np

COLUMNS = 2048
"""As many as a page of 227 mm can show, each a tenth of a millimetre."""
NARROWEST_S = 1.0 / 64.0


class Fold:
    """Lowest, highest and sum of some values per column of time. One thread."""

    def __init__(self, width: int, columns: int = COLUMNS, column_s: float = NARROWEST_S) -> None:
        """`width` values are heard at a time; `columns` is even."""
        self.column_s = column_s
        """How wide a column is now."""
        self._columns = columns
        self._low = np.full((columns, width), np.inf)
        self._high = np.full((columns, width), -np.inf)
        self._sum = np.zeros((columns, width))
        self._count = np.zeros((columns, width))
        self._end = 0

    def hear(self, at_s: float, values: np.ndarray) -> None:
        """Values (width,) at a time >= 0; those that are not finite are passed over."""
        column = int(max(0.0, at_s) / self.column_s)
        while column >= self._columns:
            self._double()
            column = int(at_s / self.column_s)
        said = np.isfinite(values)
        np.minimum(self._low[column], values, out=self._low[column], where=said)
        np.maximum(self._high[column], values, out=self._high[column], where=said)
        np.add(self._sum[column], values, out=self._sum[column], where=said)
        self._count[column] += said
        self._end = max(self._end, column + 1)

    def _double(self) -> None:
        half = self._columns // 2
        for array, two, empty in (
            (self._low, np.minimum, np.inf),
            (self._high, np.maximum, -np.inf),
            (self._sum, np.add, 0.0),
            (self._count, np.add, 0.0),
        ):
            array[:half] = two(array[0::2], array[1::2])
            array[half:] = empty
        self.column_s *= 2.0

    @property
    def times_s(self) -> np.ndarray:
        """The middle of every column up to the last that heard something, float64 (columns,)."""
        return (np.arange(self._end) + 0.5) * self.column_s

    @property
    def counts(self) -> np.ndarray:
        """How many values a column heard, (columns, width)."""
        return self._count[: self._end]

    @property
    def sums(self) -> np.ndarray:
        """Sum of a column, (columns, width); 0 where nothing was heard."""
        return self._sum[: self._end]

    @property
    def means(self) -> np.ndarray:
        """Mean of a column, (columns, width); NaN where nothing was heard."""
        with np.errstate(invalid="ignore", divide="ignore"):
            return np.where(self.counts > 0, self.sums / self.counts, np.nan)

    @property
    def lows(self) -> np.ndarray:
        """Lowest of a column, (columns, width); NaN where nothing was heard."""
        return np.where(self.counts > 0, self._low[: self._end], np.nan)

    @property
    def highs(self) -> np.ndarray:
        """Highest of a column, (columns, width); NaN where nothing was heard."""
        return np.where(self.counts > 0, self._high[: self._end], np.nan)
