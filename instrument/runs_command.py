"""The command `instrument runs`: what runs there are, whether one is whole, and what can be saved of it.

command                               | exit code
--------------------------------------|------------------------------------------------------
instrument runs                       | 0
instrument runs check RUN             | 0 whole, 1 damaged but playable, 2 no run
instrument runs repair RUN -o NEW     | 0 written, 2 nothing can be saved, or NEW is there
"""

import argparse
import json
import os
import sys
import time
from pathlib import Path
from typing import Any

from instrument.signals.mistake import Mistake

HEADER_HELP = "a run of the same preset and version, whose header takes the place of a damaged one"


def add(commands: Any) -> None:
    """Declare it among the tools."""
    runs = commands.add_parser("runs", help="recorded runs: list, check, repair")
    runs.add_argument(
        "--all", action="store_true", help="read every byte: all damage, exact shares (slow)"
    )
    runs.add_argument("--json", action="store_true", help="as JSON")
    acts = runs.add_subparsers(dest="act", metavar="ACT")
    check = acts.add_parser("check", help="read every byte of a run, say what is wrong with it")
    check.add_argument("run", help="name or file of the run")
    check.add_argument("--json", action="store_true", help="as JSON")
    repair = acts.add_parser("repair", help="save what can be read of a run into a new file")
    repair.add_argument("run", help="name or file of the run; it stays as it is")
    repair.add_argument(
        "-o", "--out", required=True, metavar="NEW", help="a file.mcap, or a name for your runs"
    )
    repair.add_argument("--header-of", metavar="RUN", help=HEADER_HELP)


def run(arguments: argparse.Namespace) -> int:
    """Do it; the exit code. Raises `Mistake`."""
    try:
        return _act(arguments)
    except BrokenPipeError:  # whoever read has read enough (`| head`)
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 0


def _act(arguments: argparse.Namespace) -> int:
    if arguments.act == "check":
        return _check(arguments.run, arguments.json)
    if arguments.act == "repair":
        return _repair(arguments.run, arguments.out, arguments.header_of)
    return _list(arguments.all, arguments.json)


def _list(every_byte: bool, as_json: bool) -> int:
    from instrument.salvage.listing import entries, to_dict
    from instrument.salvage.table import lines

    found = entries(every_byte=every_byte)
    if as_json:
        print(json.dumps([to_dict(entry) for entry in found], indent=1))
    else:
        print("\n".join(lines(found, time.time())))
    return 0


def _check(text: str, as_json: bool) -> int:
    from instrument.salvage.check import check
    from instrument.salvage.words import report_lines, report_to_dict

    report = check(_named(text))
    if as_json:
        print(json.dumps(report_to_dict(report), indent=1))
    else:
        print("\n".join(report_lines(report)))
    return report.code


def _repair(text: str, out: str, header_of: str | None) -> int:
    from instrument.salvage.repair import repair
    from instrument.salvage.words import repaired_lines

    lender = None if header_of is None else _named(header_of)
    print("\n".join(repaired_lines(repair(_named(text), _target(out), lender))))
    return 0


def _named(text: str) -> Path:
    """The file of a run by its path or its name; any file may be looked at. Raises `Mistake`."""
    from instrument.runs.tape import ENDING, find_run
    from instrument.signals import places

    path = places.spelled_out(Path(text))
    if path.name != text or path.suffix:
        return path if path.exists() else find_run(text)
    for folder in places.folders("runs"):  # what is there and no plain file is said to be none
        there = folder / f"{places.safe_name(text, 'run')}{ENDING}"
        if there.exists() and not there.is_symlink():
            return there
    return find_run(text)


def _target(text: str) -> Path:
    """A file by its path, or by a name in the performer's own runs. Raises `Mistake`."""
    from instrument.runs.tape import ENDING
    from instrument.signals import places

    path = places.spelled_out(Path(text))
    if path.name != text or path.suffix:
        return path
    name = f"{places.safe_name(text, 'run')}{ENDING}"
    if (places.shipped("runs") / name).exists():
        raise Mistake(
            f"{text}: comes with the instrument, and a run of yours would hide it; say another name"
        )
    folder = places.home() / "runs"
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise Mistake(f"{folder}: cannot be made ({error.strerror}); say a file as -o") from error
    return folder / name
