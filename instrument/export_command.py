"""The command `instrument export`."""

import argparse
from pathlib import Path
from typing import Any

from instrument.arguments import between


def add(commands: Any) -> None:
    """Declare it among the tools."""
    declare = commands.add_parser(
        "export", help="a recorded run for other programs: CSV, Parquet, NumPy, MIDI, TensorBoard"
    ).add_argument
    declare("run", help="name or file of the run")
    declare("--csv", type=Path, metavar="FILE.csv",
        help="the streams step by step; gestures, controls, cues, sound, notices beside it")  # fmt: skip
    declare("--parquet", type=Path, metavar="FILE.parquet",
        help="the same tables, with types, units and help")  # fmt: skip
    declare("--npz", type=Path, metavar="FILE.npz",
        help="arrays for NumPy, samples and weights among them")  # fmt: skip
    declare("--midi", type=Path, metavar="FILE.mid",
        help="streams as controller curves, states as notes; a tick is a millisecond")  # fmt: skip
    declare("--tensorboard", type=Path, metavar="FOLDER",
        help="scalars, sheets of samples, and what hands did as text")  # fmt: skip
    declare("--streams", metavar="A,B,C", help="only these streams (all; MIDI: twelve)")
    declare("--rate", type=between(float, 0.01, 1000.0, "rate"), metavar="N",
        help="values a second at most in MIDI (50) and TensorBoard; the others hold all")  # fmt: skip
    declare("--midi-bits", type=int, choices=(7, 14), default=14, help="of a controller (14)")
    declare("--force", action="store_true", help="write over files that are there")


def run(arguments: argparse.Namespace) -> int:
    """Write as asked; the exit code. Raises `Mistake`."""
    from instrument.exports.writing import Wish, export
    from instrument.runs.tape import find_run
    from instrument.share_bar import share_bar

    names = (
        "csv",
        "parquet",
        "npz",
        "midi",
        "tensorboard",
        "streams",
        "rate",
        "midi_bits",
        "force",
    )
    wish = Wish(run=find_run(arguments.run), **{name: getattr(arguments, name) for name in names})
    with share_bar(wish.run.stem) as bar:
        told = export(wish, bar)
    for sentence in told:
        print(sentence)
    return 0
