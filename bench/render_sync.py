"""How well sound and pictures of a rendered film lie beside each other, near its beginning and far out.

    python bench/render_sync.py [--minutes 10] [--fps 60]

A run in which one stream jumps to 1 for a quarter of a second at known moments. A look shows that as white,
a route makes it noise. In the film: when is the first white picture shown, when does the noise begin?
"""

import argparse
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path

import av
import numpy as np
from jump import furnish, record

INSTRUMENT = Path(sys.executable).parent / "instrument"
LONG_S = 0.25
"""How long it stays at 1."""
STILL_S = 0.5
"""So often the stream is said between events."""


def jumping_run(path: Path, events_s: Sequence[float], length_s: float) -> None:
    """Records a run whose stream jumps at these seconds, as fast as the recorder takes it."""
    still_s = np.arange(0.0, length_s, STILL_S).tolist()
    times_s = sorted({*still_s, *events_s, *(at_s + LONG_S for at_s in events_s)})
    record(
        path,
        [(at_s, float(any(e <= at_s < e + LONG_S for e in events_s))) for at_s in times_s],
    )


def home(folder: Path) -> dict[str, str]:
    """A home with the look and the preset; the environment for it."""
    furnish(folder)
    return {**os.environ, "TWOS_AND_SEVENS_HOME": str(folder)}


def render(run: Path, film: Path, fps: str, environment: dict[str, str]) -> str:
    """The command, at a small size; what it printed."""
    return subprocess.run(
        [INSTRUMENT, "render", run, "--preset", "jump", "--size", "64x36", "--lines", "36",
         "--fps", fps, "-o", film],
        check=True, capture_output=True, text=True, env=environment,
    ).stdout  # fmt: skip


def white_s(film: Path) -> list[float]:
    """When the first white picture after a black one is shown, each time."""
    found, before = [], False
    with av.open(str(film)) as file:
        for frame in file.decode(video=0):
            white = bool(frame.to_ndarray(format="gray").mean() > 128)
            if white and not before:
                found.append(float(frame.pts * frame.time_base))
            before = white
    return found


def loud_s(film: Path, near_s: Sequence[float]) -> list[float]:
    """When the noise begins that is nearest to each of these times: a twentieth of how loud it becomes."""
    with av.open(str(film)) as file:
        blocks = [np.abs(frame.to_ndarray()[0]) for frame in file.decode(audio=0)]
    sound = np.concatenate(blocks)
    scale = 48_000
    found = []
    for at_s in near_s:
        first = max(0, round((at_s - 0.1) * scale))
        window = sound[first : first + round(0.3 * scale)]
        level = np.convolve(window, np.ones(24) / 24, "same")
        found.append((first + int(np.argmax(level > 0.05 * level.max()))) / scale)
    return found


def measured(film: Path, events_s: Sequence[float]) -> np.ndarray:
    """For each event: how long after it picture and sound come, seconds, float64 (events, 2)."""
    white = white_s(film)
    if len(white) != len(events_s):
        raise ValueError(f"{len(white)} flashes were seen, {len(events_s)} were recorded")
    return np.array([white, loud_s(film, events_s)]).T - np.array(events_s)[:, None]


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--minutes", type=float, default=10.0)
    parser.add_argument("--fps", default="60")
    arguments = parser.parse_args()
    length_s = arguments.minutes * 60.0
    rng = np.random.default_rng(1)
    # At all phases of pictures and blocks; the first second is the sound's soft beginning.
    events_s = [3.0 + 0.77 * n + float(rng.uniform(0, 0.1)) for n in range(8)]
    events_s += [length_s / 2 + 0.77 * n + float(rng.uniform(0, 0.1)) for n in range(8)]
    events_s += [length_s - 8.0 + 0.77 * n + float(rng.uniform(0, 0.1)) for n in range(8)]
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        run, film = folder / "jump.mcap", folder / "film.mp4"
        jumping_run(run, events_s, length_s)
        began_s = time.monotonic()
        print(render(run, film, arguments.fps, home(folder / "home")))
        print(f"rendered in {time.monotonic() - began_s:.0f} s")
        for (picture_s, sound_s), at_s in zip(measured(film, events_s), events_s, strict=True):
            print(
                f"event at {at_s:8.3f} s: picture {picture_s * 1000:5.1f} ms after it, sound "
                f"{sound_s * 1000:5.1f} ms, sound after picture {(sound_s - picture_s) * 1000:6.1f} ms"
            )


if __name__ == "__main__":
    main()
