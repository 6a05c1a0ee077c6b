"""Render a run as it was played, scenes and all: ``python bench/piece_render.py RUN.mcap OUT.wav``.

Through the preset it was recorded with, so its own mapping is followed; as ``instrument render-sound``.
"""

import sys
from pathlib import Path

from instrument.offline import render_sound
from instrument.runs.tape import Tape
from instrument.show_house import house_of_show


def render(run: Path, out: Path) -> None:
    """The sound of the run, from its first frame to its last."""
    preset = Tape(run).header.preset
    render_sound(run, preset, out, house_of_show(preset))


if __name__ == "__main__":
    render(Path(sys.argv[1]), Path(sys.argv[2]))
