"""Pictures of what is written over the picture, for docs/screens.md, from a rehearsal of a recorded run.

    python bench/screens.py [--run noise_to_digits] [--at 64] [--preset glitch_organ]

Plays the run off-screen to its `--at`-th second, asks for the legend as a key does, and writes the window
as it is to docs/legend.png.
"""

import argparse
from pathlib import Path

import numpy as np
from PIL import Image

from instrument.hands.keys import Command
from instrument.options import Options
from instrument.picture.picture import PictureConfig
from instrument.picture.window import WindowConfig
from instrument.stage import Show

OUT = Path(__file__).resolve().parent.parent / "docs" / "legend.png"


class Shown(Show):
    """A show that ends with a picture of its window."""

    at_s = 60.0

    def _loop(self) -> None:
        began_s = self.clock()
        while self.clock() - began_s < self.at_s and not self.source.ended:
            self.picture.draw()
            self.front.attend()
            self.pulse.beat()
            self.sound.poll()
        self.front.obey(Command.LEGEND)
        for _ in range(30):
            self.front.attend()
            self.pulse.beat()
            self.picture.draw()
        window = self.picture._open_window()
        self.picture._draw(self.clock())
        width, height = window.size
        pixels = window.screen().read(components=3, alignment=1)
        image = np.frombuffer(pixels, np.uint8).reshape(height, width, 3)[::-1]
        Image.fromarray(image).quantize(64).save(OUT)
        print(OUT)
        self.leave("the picture is taken")


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawTextHelpFormatter
    )
    parser.add_argument("--run", default="noise_to_digits")
    parser.add_argument("--preset", default="glitch_organ")
    parser.add_argument("--at", type=float, default=64.0)
    options = parser.parse_args()
    Shown.at_s = options.at
    window = WindowConfig(1280, 720, headless=True)
    Shown(
        Options(
            preset=options.preset, rehearse=options.run, sink="null", standby=False, osc_port=9653,
            picture=PictureConfig(window=window),
        )
    ).play()  # fmt: skip


if __name__ == "__main__":
    main()
