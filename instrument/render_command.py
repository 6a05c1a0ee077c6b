"""The command `instrument render`."""

import argparse
import math
from pathlib import Path
from typing import Any

from instrument.arguments import between, size


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
    declare("--rate", type=between(float, 0.1, 1000.0, "rate"), default=60.0, metavar="N",
        help="pictures per second (60)")  # fmt: skip
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


def run(arguments: argparse.Namespace) -> int:
    """Render as asked; the exit code. Raises `Mistake`."""
    from rich.progress import Progress

    from instrument import presets
    from instrument.house import open_house
    from instrument.render import Job, render
    from instrument.runs.tape import find_run

    names = ("preset", "out", "size", "lines", "rate", "start_s", "end_s", "look")
    job = Job(
        run=find_run(arguments.run),
        sound=not arguments.no_sound,
        **{name: getattr(arguments, name) for name in names},
    )
    house = open_house(arguments.samples, presets.clouds_asked(job.preset))
    with Progress(transient=True) as bar:
        tasks = {what: bar.add_task(what, total=1.0) for what in ("sound", "picture")}
        pictures = render(
            job,
            house,
            lambda what, share: bar.update(tasks[what], completed=share),
            bar.console.print,
        )
    width, height = job.size
    print(f"{job.out}: {pictures} pictures of {width}x{height}, {pictures / job.rate:.1f} s")
    return 0
