"""A foreign meter to hold ours against: ffmpeg's ebur128."""

import re
import subprocess
from pathlib import Path
from typing import NamedTuple

import numpy as np
import soundfile

RATE = 48000


class Measured(NamedTuple):
    """What ffmpeg says: LUFS and dBTP, in tenths."""

    integrated: float
    true_peak: float


def measure(sound: np.ndarray, folder: Path) -> Measured:
    """Of sound, float (frames, channels) at 48 kHz, written as float and as it is."""
    path = folder / "measured.wav"
    soundfile.write(path, sound, RATE, subtype="FLOAT")
    done = subprocess.run(
        f"ffmpeg -hide_banner -nostats -i {path} -filter_complex ebur128=peak=true -f null -".split(),
        capture_output=True,
        text=True,
        check=True,
    )
    summary = done.stderr[done.stderr.rindex("Summary:") :]

    def said(pattern: str) -> float:
        match = re.search(pattern, summary)
        assert match is not None, summary
        return float(match[1])

    return Measured(said(r"I:\s*(\S+) LUFS"), said(r"Peak:\s*(\S+) dBFS"))
