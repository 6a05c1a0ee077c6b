"""What is read of the streams: levels, slopes and outliers. The one door where non-finite numbers stop."""

from collections.abc import Sequence

import numpy as np

from instrument.mapping.source import Of, Source
from instrument.signals.streams import StreamSpec

JUDGES_AFTER = 0.25
"""Share of its window that must be over before anything counts as an outlier."""
LEAST_DEVIATION = 1e-3
"""Of the stream's span: what hardly flickers is not called an outlier for a flicker."""
AT_MOST_WINDOWS = 30.0

Key = tuple[str, Of, float]
"""Stream, what of it, window in seconds."""


def key_of(source: Source) -> Key:
    """What two sources share when they read the same."""
    return source.stream, source.of, source.window_s


class Slopes:
    """Rate of change per second of some values, float64 (n,).

    Smoothed twice over half the window: a value that holds between two metric frames is a stair to the
    first pole, and no spike to the second. Exact for a ramp a few windows old; late by the window.
    """

    def __init__(self, window_s: np.ndarray) -> None:
        self._half_s = 0.5 * window_s
        self._elapsed_s = -1.0
        self._share = self._per_s = self._half_s
        self.state = np.zeros((2, len(window_s)))
        """The value smoothed once and twice."""

    def begin(self, new: np.ndarray, said: np.ndarray) -> None:
        """Where `new`, the value stands still so far."""
        self.state[:, new] = said[new]

    def __call__(self, said: np.ndarray, elapsed_s: float) -> np.ndarray:
        """The slopes after `elapsed_s` at `said`."""
        if elapsed_s != self._elapsed_s:
            self._elapsed_s = elapsed_s
            windows = np.clip(elapsed_s / self._half_s, 1e-9, AT_MOST_WINDOWS)
            self._share = -np.expm1(-windows)
            self._per_s = np.expm1(windows) / (windows * self._half_s)
        once, twice = self.state
        once += (said - once) * self._share
        twice += (once - twice) * self._share
        return (once - twice) * self._per_s


class Outliers:
    """Distance of some values from their running mean in running standard deviations, float64 (n,).

    Each value is judged by what was before it. At the start all that has been counts alike (a plain
    mean), later what is older than the window fades; for the first quarter of it nothing is judged.
    """

    def __init__(self, window_s: np.ndarray, least: np.ndarray) -> None:
        """`least`: no standard deviation counts as less, (n,)."""
        self._window_s, self._least = window_s, least
        self._elapsed_s = -1.0
        self._share = window_s
        self.state = np.zeros((3, len(window_s)))
        """Mean, variance, and how long it has been heard, in seconds."""

    def begin(self, new: np.ndarray, said: np.ndarray) -> None:
        """Where `new`, nothing has been before."""
        self.state[0, new] = said[new]
        self.state[1:, new] = 0.0

    def __call__(self, said: np.ndarray, elapsed_s: float) -> np.ndarray:
        """The distances of `said`, which stands for `elapsed_s`."""
        if elapsed_s != self._elapsed_s:
            self._elapsed_s = elapsed_s
            self._share = -np.expm1(-elapsed_s / self._window_s)
        mean, variance, heard_s = self.state
        away = said - mean
        distance = np.abs(away) / np.maximum(np.sqrt(variance), self._least)
        distance[heard_s < JUDGES_AFTER * self._window_s] = 0.0
        heard_s += elapsed_s
        share = np.maximum(self._share, elapsed_s / np.maximum(heard_s, 1e-9))
        mean += share * away
        variance += share * away * away
        variance *= 1.0 - share
        return distance


class Reads:
    """Everything that some routes read, each once however many of them read it."""

    def __init__(self, keys: Sequence[Key], streams: Sequence[StreamSpec]) -> None:
        """`keys` are different from each other; their streams are among `streams`."""
        self.keys = tuple(keys)
        self.refused = 0
        """Non-finite numbers stopped so far."""
        self.whole = not keys
        """Whether a good number has come of each; until then the others are NaN."""
        self.now = np.full(len(keys), np.nan)
        """What the last call said, float64 (keys,), each in its unit; only to be read."""
        number = {stream.name: n for n, stream in enumerate(streams)}
        span = np.array([stream.high - stream.low for stream in streams], np.float64)
        self._place = np.array([number[name] for name, _, _ in keys], np.intp)
        self._good = np.full(len(keys), np.nan)
        of = [of for _, of, _ in keys]
        window_s = np.array([window_s for _, _, window_s in keys], np.float64)
        self._sloping = np.array([n for n, each in enumerate(of) if each == Of.SLOPE], np.intp)
        self._judged = np.array([n for n, each in enumerate(of) if each == Of.OUTLIER], np.intp)
        least = np.maximum(LEAST_DEVIATION * np.abs(span[self._place[self._judged]]), 1e-9)
        self._slopes = Slopes(window_s[self._sloping])
        self._outliers = Outliers(window_s[self._judged], least)

    def keep(self, before: "Reads") -> None:
        """Go on from where these were, for all that both read."""
        self.refused = before.refused
        number = {key: n for n, key in enumerate(before.keys)}
        for mine, key in enumerate(self.keys):
            theirs = number.get(key)
            if theirs is None:
                continue
            self._good[mine] = before._good[theirs]
            if key[1] == Of.SLOPE:
                at, from_ = (
                    r._sloping.searchsorted(n) for r, n in ((self, mine), (before, theirs))
                )
                self._slopes.state[:, at] = before._slopes.state[:, from_]
            elif key[1] == Of.OUTLIER:
                at, from_ = (r._judged.searchsorted(n) for r, n in ((self, mine), (before, theirs)))
                self._outliers.state[:, at] = before._outliers.state[:, from_]
        self.whole = bool(np.isfinite(self._good).all())

    def __call__(self, streams: np.ndarray, elapsed_s: float) -> np.ndarray:
        """Each in its unit, float64 (keys,), after `elapsed_s`; `streams` float32 (streams,) or longer."""
        said = streams[self._place].astype(np.float64)
        finite = np.isfinite(said)
        if not finite.all():
            self.refused += int(len(said) - np.count_nonzero(finite))
            said = np.where(finite, said, self._good)
        if not self.whole:
            self._begin(finite, said)
        self._good = said
        if self._sloping.size or self._judged.size:
            said = said.copy()
            self._past(said, elapsed_s)
        self.now = said
        return said

    def _begin(self, finite: np.ndarray, said: np.ndarray) -> None:
        new = finite & ~np.isfinite(self._good)
        self._slopes.begin(new[self._sloping], said[self._sloping])
        self._outliers.begin(new[self._judged], said[self._judged])
        self.whole = bool(np.isfinite(said).all())

    def _past(self, said: np.ndarray, elapsed_s: float) -> None:
        """Put slopes and distances in the place of the levels; NaN, which is nothing yet, is left."""
        for where, worked_out in ((self._sloping, self._slopes), (self._judged, self._outliers)):
            if where.size:
                level = said[where]
                nothing = np.isnan(level)
                said[where] = worked_out(np.where(nothing, 0.0, level), elapsed_s)
                said[where[nothing]] = np.nan
