"""Loudness and true peak of a sound file by a meter that nobody here wrote: ffmpeg's ebur128."""

import re
import subprocess
from dataclasses import dataclass
from pathlib import Path

import numpy as np

LINE = re.compile(r"t:\s*([\d.]+)\s+.*?M:\s*(-?[\d.]+|-inf|nan)\s+S:\s*(-?[\d.]+|-inf|nan)")


@dataclass(frozen=True)
class Loudness:
    """Integrated loudness (LUFS), range (LU), true peak (dBTP); momentary and short-term by time.

    `time_s`, `momentary`, `short_term`: float64 (n,), every 100 ms.
    """

    integrated: float
    range_lu: float
    true_peak: float
    time_s: np.ndarray
    momentary: np.ndarray
    short_term: np.ndarray


def measured(path: Path) -> Loudness:
    """What ffmpeg says of a file."""
    words = ["ffmpeg", "-hide_banner", "-nostats", "-i", str(path)]
    words += ["-af", "ebur128=peak=true:framelog=info", "-f", "null", "-"]
    said = subprocess.run(words, capture_output=True, text=True, check=True).stderr
    rows = np.array([[float(x) for x in match.groups()] for match in LINE.finditer(said)])
    end = said[said.rindex("Summary:") :]

    def value(name: str) -> float:
        found = re.search(rf"{name}:\s*(-?[\d.]+|-inf)", end)
        assert found is not None
        return float(found.group(1))

    if not len(rows):
        rows = np.zeros((0, 3))
    return Loudness(value("I"), value("LRA"), value("Peak"), rows[:, 0], rows[:, 1], rows[:, 2])
