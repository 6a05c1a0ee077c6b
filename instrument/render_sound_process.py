"""The sound of a film, in a process of its own: ``python -m instrument.render_sound_process``.

One JSON line on standard input says what is wanted; JSON lines on standard output say how many sound frames
lie in the file, and in the end that all is there. It ends by itself when nobody reads these lines any more.
"""

import json
import math
import os
import sys
from pathlib import Path
from typing import Any, BinaryIO

from instrument.offline import render_sound
from instrument.show_house import house_of_show
from instrument.signals.frames import SoundFrame
from instrument.signals.mistake import Mistake
from instrument.signals.refused import cure, reason
from instrument.sound.pcm import pcm_digest


class Teller:
    """Writes each frame down, then says so."""

    def __init__(self, file: BinaryIO) -> None:
        self._file = file
        self.frames = 0

    def hear(self, frame: SoundFrame) -> None:
        """One more frame of sound."""
        self._file.write(bytes(frame))
        self._file.flush()
        self.frames += 1
        say({"frames": self.frames, "at_s": frame.time_s})


def say(told: dict[str, Any]) -> None:
    """One line to who started this."""
    sys.stdout.write(json.dumps(told) + "\n")
    sys.stdout.flush()


def _keep_the_line() -> None:
    """What libraries print from C goes where errors go: standard output is for our lines alone."""
    ours = os.dup(1)
    os.dup2(2, 1)
    sys.stdout = os.fdopen(ours, "w", encoding="utf-8")


def render_as_told(wanted: dict[str, Any]) -> dict[str, Any]:
    """Render; what is to be said in the end. Raises `Mistake`, `OSError`."""
    wave, preset = Path(wanted["wave"]), wanted["preset"]
    stems = wanted["stems"]
    samples = [Path(folder) for folder in wanted["samples"]]
    with open(wanted["frames"], "wb") as file:
        teller = Teller(file)
        made = render_sound(
            Path(wanted["run"]), preset, wave, house_of_show(preset, samples),
            told=teller.hear, end_s=math.inf if wanted["end_s"] is None else wanted["end_s"],
            stems=None if stems is None else Path(stems),
            sample_rate=wanted["sample_rate"], block=wanted["block"],
        )  # fmt: skip
    return {
        "whole": True,
        "frames": teller.frames,
        "seconds": made.seconds,
        "loudness_lufs": made.loudness_lufs,
        "true_peak_dbtp": made.true_peak_dbtp,
        "pcm": pcm_digest(wave),
    }


def main() -> int:
    """Do as told on standard input; the exit code."""
    _keep_the_line()
    wanted = json.loads(sys.stdin.readline())
    try:
        say(render_as_told(wanted))
    except BrokenPipeError:
        return 1
    except Mistake as mistake:
        say({"mistake": str(mistake)})
        return 2
    except (OSError, RuntimeError) as error:  # libsndfile's own are of the second kind
        helps = f"; {cure(error)}" if isinstance(error, OSError) else ""
        say({"mistake": f"the sound cannot be written ({reason(error)}){helps}"})
        return 2
    return 0


if __name__ == "__main__":
    sys.exit(main())
