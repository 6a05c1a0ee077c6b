"""The command `instrument midi`."""

import argparse
from typing import Any


def add(commands: Any) -> None:
    """Declare it among the tools."""
    declare = commands.add_parser(
        "midi", help="MIDI devices, their profiles, and what moves what"
    ).add_argument
    declare("profile", nargs="?", help="show what is on a controller of this profile")
    declare("--midi-system", choices=("auto", "alsa", "jack"), default="auto",
        help="whose ports, on Linux (ALSA's, else those of a JACK server)")  # fmt: skip


def run(arguments: argparse.Namespace) -> int:
    """Print it; the exit code. Raises `Mistake`."""
    from instrument.midi_tables import show

    show(arguments.profile, arguments.midi_system)
    return 0
