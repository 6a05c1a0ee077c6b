"""What tests of rendering share: small jobs, films read back, renderings in processes of their own."""

import subprocess
import sys
from collections.abc import Iterator
from fractions import Fraction
from pathlib import Path

import av
import numpy as np

from instrument.render_job import Job
from instrument.runs.tape import find_run

RUN = find_run("noise_to_digits")
SMALL = ("--size", "320x180", "--lines", "90", "--fps", "20")


def job(out: Path, **words: object) -> Job:
    """Five seconds of small pictures without sound, unless something else is said."""
    usual = {"size": (320, 180), "lines": 90, "rate": 20.0, "end_s": 5.0, "sound": False}
    return Job(RUN, "glitch_organ", out, **{**usual, **words})  # type: ignore[arg-type]


def decoded(path: Path) -> list[np.ndarray]:
    """Every picture of a film, uint8 (height, width, 3)."""
    with av.open(str(path)) as film:
        return [frame.to_ndarray(format="rgb24") for frame in film.decode(video=0)]


def picture_times(path: Path) -> list[Fraction]:
    """When each picture is shown, in the order of the file, seconds."""
    with av.open(str(path)) as film:
        return [frame.pts * frame.time_base for frame in film.decode(video=0)]


def sound_of(path: Path) -> np.ndarray:
    """What is heard in a film, float (samples, 2)."""
    with av.open(str(path)) as film:
        stream = film.streams.audio[0]
        frames = [frame.to_ndarray() for frame in film.decode(stream)]
        if stream.codec_context.format.is_planar:
            return np.concatenate(frames, axis=1).T
    return np.concatenate(frames, axis=1).reshape(-1, 2) / 2.0**31


def process(
    *words: str, tool: str = "render", file_limit_bytes: int | None = None
) -> subprocess.Popen[str]:
    """`instrument render` with these words, beside the test; no file of it may grow beyond the limit."""
    code = "from instrument.cli import instrument; instrument()"
    if file_limit_bytes is not None:
        limits = (file_limit_bytes, file_limit_bytes)
        code = f"import resource; resource.setrlimit(resource.RLIMIT_FSIZE, {limits}); {code}"
    return subprocess.Popen(
        [sys.executable, "-c", code, tool, *words],
        stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
    )  # fmt: skip


def finished(out: Path) -> Iterator[Path]:
    """The records of finished pieces of a rendering that goes on or was ended."""
    return out.with_name(out.name + ".rendering").glob("0*.json")
