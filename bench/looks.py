"""Contact sheet: every look at noise, strokes, digits and collapse of a recorded run.

    python bench/looks.py [--run collapse_and_return] [--looks a,b] [--out docs/looks.png] [--cell 400x225]
                          [--preset glitch_organ] [--size 640x360] [--single FOLDER] [--hero [FILE]]

The moments are found in the run: noise within its first steps, strokes at step 1,600, digits at the last
healthy second before the collapse, collapse in the middle of the longest one. Looks are drawn as on stage
(inner size, flash guard, 12 pictures a second), each by itself: of the preset only the colours are
left. `--single` also writes every picture by itself. `--hero` writes docs/picture.png instead: six moments
of the presets as the show shows them, pixel for pixel.
"""

import argparse
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, Self

import numpy as np
from PIL import Image, ImageDraw, ImageFont

from instrument import presets
from instrument.house import open_house
from instrument.learning.streams import STATES
from instrument.offline import render_sound
from instrument.offline_picture import LOOK, OfflinePicture
from instrument.picture.letters import FONTS
from instrument.runs.tape import Tape, find_run
from instrument.signals.controls import Bank
from instrument.signals.frames import METRICS, SoundFrame

RATE = 12.0
STROKES_STEP = 1600
NAMES = ("noise", "strokes", "digits", "collapse")
GREYS_KEPT = 160
"""Of the 256 colours a sheet may have; the rest is the accents, and what lies between."""
HERO = (
    ("glitch_organ", None, "strokes"), ("collapse_study", None, "digits"), ("sine_data", None, "strokes"),
    ("cathedral", None, "collapse"), ("collapse_study", None, "collapse"), ("weights", None, "collapse"),
)  # fmt: skip
"""(preset, look or None for the preset's own, moment), in reading order."""


def moments(run: Path) -> dict[str, float]:
    """Seconds into the run at which each of `NAMES` is seen."""
    tape = Tape(run)
    place = [stream.name for stream in tape.header.streams].index("state")
    first_s: float | None = None
    steps, times, states = [], [], []
    for recorded in tape.frames():
        first_s = recorded.at_s if first_s is None else first_s
        if recorded.topic == METRICS.name:
            steps.append(int(recorded.frame.step))
            times.append(recorded.at_s - first_s)
            states.append(STATES[int(recorded.frame.streams[place])])
    time, state = np.array(times), np.array(states)
    collapsed = longest(state == "collapse")
    healthy = np.flatnonzero((state == "healthy") & (np.arange(len(state)) < collapsed[0]))
    strokes = min(np.searchsorted(steps, STROKES_STEP), len(steps) - 1)
    noise = min(30, len(steps) - 1)
    return {
        "noise": float(time[noise]) + 0.5,
        "strokes": float(time[strokes]),
        "digits": float(time[healthy[-1]]) - 1.0 if healthy.size else float(time[-1]) / 2,
        "collapse": float((time[collapsed[0]] + time[collapsed[1]]) / 2),
    }


def longest(true: np.ndarray) -> tuple[int, int]:
    """First and last place of the longest stretch of collapse; short gaps do not part it."""
    places = np.flatnonzero(true)
    if not places.size:
        return len(true) - 1, len(true) - 1
    cuts = np.flatnonzero(np.diff(places) > 200)
    begins, ends = np.append(0, cuts + 1), np.append(cuts, len(places) - 1)
    best = int(np.argmax(places[ends] - places[begins]))
    return int(places[begins[best]]), int(places[ends[best]])


def heard(run: Path, preset: str) -> list[SoundFrame]:
    """What the run sounds like through the preset, as the picture hears it."""
    frames: list[SoundFrame] = []
    house = open_house(clouds=presets.clouds_asked(preset))
    with TemporaryDirectory() as folder:
        render_sound(run, preset, Path(folder) / "sound.wav", house, told=frames.append)
    return frames


class Alone(OfflinePicture):
    """A look by itself: no layers, and nothing done to it."""

    def _values(self, positions: np.ndarray, streams: np.ndarray, elapsed_s: float) -> np.ndarray:
        values = super()._values(positions, streams, elapsed_s)
        for number, value in self.plain.items():
            values[number] = value
        return values

    @classmethod
    def of(cls, bank: Bank, *rest: Any) -> Self:
        """As `OfflinePicture`, whose controls are `bank`'s."""
        alone = cls(*rest)
        kept = (LOOK, "picture.accent", "picture.ink", "picture.ground")
        alone.plain = {
            bank.number[spec.path]: spec.default
            for spec in bank
            if spec.path.startswith("picture.") and spec.path not in kept
        }
        return alone


def drawn(
    run: Path,
    preset: str,
    look: str | None,
    size: tuple[int, int],
    at: dict[str, float],
    sound: list[SoundFrame] | None,
) -> dict[str, np.ndarray]:
    """Each moment's picture, uint8 (height, width, 3). `look` None: the preset's, with all its layers."""
    waiting = sorted(at.items(), key=lambda item: item[1])
    found: dict[str, np.ndarray] = {}
    house = open_house(clouds=presets.clouds_asked(preset))
    given = (run, preset, size, RATE, look, sound, house)
    with OfflinePicture(*given) if look is None else Alone.of(house.bank, *given) as offline:
        for now_s, shown in offline.draw():
            while waiting and now_s >= waiting[0][1]:
                pixels = np.frombuffer(shown.read(components=3, alignment=1), np.uint8)
                found[waiting.pop(0)[0]] = pixels.reshape(size[1], size[0], 3)[::-1].copy()
            if not waiting:
                break
    return found


def save(sheet: Image.Image, path: Path) -> None:
    """As a small file: greys as they are, the colours reduced, no dots between them."""
    pixels = np.asarray(sheet).reshape(-1, 3).astype(int)
    coloured = pixels[pixels.max(axis=1) - pixels.min(axis=1) > 8].astype(np.uint8)[None]
    greys = np.linspace(0, 255, GREYS_KEPT).round().repeat(3).astype(int).tolist()
    palette = Image.new("P", (1, 1))
    colours: list[int] = []
    if coloured.size:
        few = Image.fromarray(coloured).quantize(256 - GREYS_KEPT, Image.Quantize.MEDIANCUT)
        colours = few.getpalette() or []
    palette.putpalette((greys + colours)[:768])
    sheet.quantize(palette=palette, dither=Image.Dither.NONE).save(path, optimize=True)
    print(path, f"{path.stat().st_size / 1e6:.2f} MB")


def hero(run: Path, at: dict[str, float], size: tuple[int, int], path: Path) -> None:
    """Six moments, three a row, not scaled."""
    side = 8
    pitch = size[0] + side, size[1] + side
    sheet = Image.new("RGB", (3 * pitch[0] - side, 2 * pitch[1] - side), (32, 32, 32))
    for place, (preset, look, moment) in enumerate(HERO):
        found = drawn(run, preset, look, size, {moment: at[moment]}, None)
        sheet.paste(Image.fromarray(found[moment]), (place % 3 * pitch[0], place // 3 * pitch[1]))
    save(sheet, path)


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawTextHelpFormatter
    )
    parser.add_argument("--run", default="collapse_and_return")
    parser.add_argument("--looks", default="")
    parser.add_argument("--preset", default="glitch_organ")
    parser.add_argument("--size", default="640x360")
    parser.add_argument("--cell", default="400x225")
    parser.add_argument("--out", type=Path, default=Path("docs/looks.png"))
    parser.add_argument("--single", type=Path)
    parser.add_argument("--hero", type=Path, nargs="?", const=Path("docs/picture.png"))
    options = parser.parse_args()
    width, height = (int(side) for side in options.size.split("x"))
    cell = tuple(int(side) for side in options.cell.split("x"))
    run = find_run(options.run)
    at = moments(run)
    print("  ".join(f"{name} {seconds:.1f} s" for name, seconds in at.items()))
    if options.hero:
        hero(run, at, (width, height), options.hero)
        return
    sound = heard(run, options.preset)
    names = [look.name for look in open_house().looks]
    if options.looks:
        names = [name for name in names if name in options.looks.split(",")]
    side, head = 20, 40
    sheet = Image.new(
        "RGB", (side + 4 * (cell[0] + side), head + len(names) * (cell[1] + head)), (16, 16, 16)
    )
    pen = ImageDraw.Draw(sheet)
    face = ImageFont.truetype(str(FONTS / "JetBrainsMono-Regular.ttf"), 18)
    for row, name in enumerate(names):
        found = drawn(run, options.preset, name, (width, height), at, sound)
        top = head + row * (cell[1] + head)
        for column, moment in enumerate(NAMES):
            picture = Image.fromarray(found[moment])
            if options.single:
                options.single.mkdir(parents=True, exist_ok=True)
                large = picture.resize((width * 2, height * 2), Image.Resampling.NEAREST)
                large.save(options.single / f"{name}_{moment}.png")
            left = side + column * (cell[0] + side)
            sheet.paste(picture.resize(cell, Image.Resampling.BOX), (left, top))
            pen.text((left, top - 26), f"{name}  {moment}", (200, 200, 200), face)
        print(name)
    save(sheet, options.out)


if __name__ == "__main__":
    main()
