"""The command `instrument score`."""

import argparse
import logging
from pathlib import Path
from typing import Any

from instrument.arguments import between

PAPERS = ("a4", "a3", "letter")


def add(commands: Any) -> None:
    """Declare it among the tools."""
    declare = commands.add_parser(
        "score", help="a recorded run as a graphic score on one page: PDF, PNG or SVG"
    ).add_argument
    declare("run", help="name or file of the run")
    declare("-o", "--out", type=Path, required=True, metavar="FILE.pdf", help="or .svg, or .png")
    declare("--title", metavar="WORDS", help="at the head of the page (the preset's)")
    declare("--paper", choices=PAPERS, default="a4", help="landscape (a4)")
    declare("--streams", metavar="A,B+C",
        help="which streams are drawn; with a + between them they share a lane")  # fmt: skip
    declare("--dpi", type=between(int, 50, 1200, "dots per inch"), default=300, metavar="N",
        help="of a PNG (300)")  # fmt: skip
    declare("--force", action="store_true", help="write over a file that is there")


def run(arguments: argparse.Namespace) -> int:
    """Draw as asked; the exit code. Raises `Mistake`."""
    # Where it may not keep a cache it makes another, and a performer need not read of it.
    logging.getLogger("matplotlib").setLevel(logging.ERROR)
    from instrument.runs.tape import find_run
    from instrument.score.writing import Wish, score
    from instrument.share_bar import share_bar

    wish = Wish(
        run=find_run(arguments.run),
        **{
            name: getattr(arguments, name)
            for name in ("out", "title", "paper", "streams", "dpi", "force")
        },
    )
    with share_bar(wish.run.stem) as bar:
        told = score(wish, bar)
    for sentence in told:
        print(sentence)
    return 0
