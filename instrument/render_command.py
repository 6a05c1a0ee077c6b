"""The command `instrument render`."""

import argparse
import math
import sys
import time
from fractions import Fraction
from pathlib import Path
from typing import TYPE_CHECKING, Any

from instrument.arguments import between, size
from instrument.written_over import (
    check_alone,
    check_folder,
    check_pictures,
    check_stems,
    check_target,
)

if TYPE_CHECKING:
    from instrument.render import Job


def add(commands: Any) -> None:
    """Declare it among the tools."""
    declare = commands.add_parser(
        "render", help="a recorded run as a film, picture by picture, or as a folder of PNG files"
    ).add_argument
    declare("run", help="name or file of the run")
    declare(
        "-o", "--out", type=Path, required=True, metavar="FILE.mp4", help="or .mkv, or a folder"
    )
    declare("--preset", default="glitch_organ", metavar="NAME")
    declare("--look", metavar="NAME", help="this one all the time (what preset and hand choose)")
    declare(
        "--size", type=size, default=(1920, 1080), metavar="WxH", help="of the film (1920x1080)"
    )
    declare("--lines", type=between(int, 16, 16384, "lines"), default=360, metavar="N",
        help="height of the inner picture, enlarged by whole pixels (360)")  # fmt: skip
    declare("--fps", type=pictures_per_s, default=60.0, metavar="N", dest="rate",
        help="pictures per second (60); also 30000/1001")  # fmt: skip
    declare("--rate", type=pictures_per_s, dest="rate", default=argparse.SUPPRESS,
        help=argparse.SUPPRESS)  # fmt: skip
    seconds = between(float, 0.0, 1e6, "seconds")
    declare(
        "--from", type=seconds, default=0.0, metavar="S", dest="start_s", help="leave out before"
    )
    declare(
        "--to", type=seconds, default=math.inf, metavar="S", dest="end_s", help="leave out from"
    )
    declare("--no-sound", action="store_true", help="pictures only; they hear the recorded levels")
    declare("--samples", type=Path, action="append", default=[], metavar="FOLDER",
        help="a folder of your own recordings; may be said again")  # fmt: skip
    declare("--stems", type=Path, metavar="FOLDER",
        help="also each voice, the space and the drive by themselves, as WAV")  # fmt: skip
    declare("--hashes", type=Path, metavar="FILE.json",
        help="write the digests of the sound and of every picture")  # fmt: skip
    declare("--fresh", action="store_true",
        help="begin anew where this film was begun before, and not go on")  # fmt: skip
    declare("--force", action="store_true", help="write over what is there")


def pictures_per_s(text: str) -> float:
    """A parser for a rate: a number, or a fraction such as 30000/1001."""
    try:
        rate = float(Fraction(text))
    except (ValueError, ZeroDivisionError):
        raise argparse.ArgumentTypeError(
            f"'{text}' is not a number of pictures per second; 60, 29.97 or 30000/1001 is"
        ) from None
    if not 0.1 <= rate <= 1000.0:
        raise argparse.ArgumentTypeError(f"{text} pictures per second: 0.1 to 1000 is allowed")
    return rate


def run(arguments: argparse.Namespace) -> int:
    """Render as asked; the exit code. Raises `Mistake`."""
    from instrument.render import BEGINS_ANEW, Job, render
    from instrument.render_progress import Bars
    from instrument.render_work import work_folder
    from instrument.runs.tape import find_run
    from instrument.show_house import house_of_show

    names = (
        "preset",
        "out",
        "size",
        "lines",
        "rate",
        "start_s",
        "end_s",
        "look",
        "stems",
        "hashes",
        "fresh",
    )
    job = Job(
        run=find_run(arguments.run),
        sound=not arguments.no_sound,
        samples=tuple(arguments.samples),
        **{name: getattr(arguments, name) for name in names},
    )
    _check_places(job, arguments.force)
    if job.into_folder:
        print(
            f"{job.out}: PNG pictures into this folder (a name ending in .mp4 or .mkv is a film)",
            flush=True,
        )
    house = house_of_show(job.preset, arguments.samples)
    began_s = time.monotonic()
    bars = Bars()
    try:
        with bars.progress:
            rendered = render(job, house, bars.show, bars.progress.console.print)
    except KeyboardInterrupt:
        if work_folder(job.out).is_dir():
            said = "is not finished: the same command goes on (--fresh begins anew)"
        else:
            said = f"is not made: stopped by Ctrl-C{BEGINS_ANEW}"
        print(f"{job.out} {said}", file=sys.stderr)
        return 130
    took_s = time.monotonic() - began_s
    width, height = job.size
    print(
        f"{job.out}: {rendered.pictures} pictures of {width}x{height}, {rendered.seconds:.1f} s, "
        f"made in {took_s:.1f} s ({rendered.seconds / took_s:.2f} times as fast as it plays)"
    )
    if rendered.sound:
        print(f"sound     sha256 {rendered.sound['pcm']}")
    print(f"pictures  sha256 {rendered.pictures_digest}")
    return 0


def _check_places(job: "Job", force: bool) -> None:
    """Raises `Mistake` where something would be written over. A folder that was begun goes on."""
    from instrument.render_work import work_folder

    check_target(job.hashes, force)
    check_stems(job.stems, force)
    if not job.into_folder:
        check_target(job.out, force)
        return
    check_folder(job.out)
    if not work_folder(job.out).is_dir():
        check_pictures(job.out, force)
        check_alone(job.out, force)
