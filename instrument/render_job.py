"""What is wanted of a rendering, and what came of it."""

import math
from contextlib import closing
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path
from typing import Any

from instrument import presets
from instrument.house import House
from instrument.offline_picture import LOOK
from instrument.picture.film_file import check_size, exact_rate, film_format
from instrument.render_digest import deciding, pictures_digest
from instrument.runs.reel import Reel
from instrument.signals.mistake import Mistake
from instrument.signals.show import END_FADE_S
from instrument.written_over import check_folder, check_stems

PIECE_S = 10.0
"""Seconds of the film that are finished together."""


@dataclass(frozen=True)
class Job:
    """What is wanted of a run. Times in seconds from its beginning; `end_s` may be infinite.

    `lines`: height of the inner picture, enlarged by whole pixels. `rate`: pictures per second. `look`:
    this one all the time. `samples`: folders of recordings besides the usual. `stems`: a folder for each
    voice by itself. `hashes`: a file for the digests. `fresh`: go on with nothing that was begun before.
    """

    run: Path
    preset: str
    out: Path
    size: tuple[int, int] = (1920, 1080)
    lines: int = 360
    rate: float = 60.0
    sound: bool = True
    start_s: float = 0.0
    end_s: float = math.inf
    look: str | None = None
    samples: tuple[Path, ...] = ()
    stems: Path | None = None
    hashes: Path | None = None
    fresh: bool = False

    @property
    def into_folder(self) -> bool:
        """Whether PNG files are wanted, not a film."""
        return not self.out.suffix or self.out.is_dir()

    @property
    def exact_rate(self) -> Fraction:
        """Pictures per second."""
        return exact_rate(self.rate)

    @property
    def per_piece(self) -> int:
        """Pictures that are finished together."""
        return max(1, round(PIECE_S * self.exact_rate))

    def number_at(self, at_s: float) -> int | None:
        """The first picture of the run that is not before `at_s`; None where that is infinite."""
        if not math.isfinite(at_s):
            return None
        rate = float(self.exact_rate)
        number = max(0, math.floor(at_s * rate) - 1)
        while number / rate < at_s:
            number += 1
        return number

    def check(self, house: House) -> None:
        """Raises `Mistake` for what can be known before."""
        if not (0.0 <= self.start_s < self.end_s):
            raise Mistake(
                f"--from {self.start_s:g} --to {self.end_s:g}: the beginning must come before the "
                "end, and not before 0"
            )
        if self.stems is not None and not self.sound:
            raise Mistake("--stems with --no-sound: there is no sound to take apart")
        check_stems(self.stems, force=True)
        if self.hashes is not None:
            check_folder(self.hashes)
        if self.into_folder:
            check_folder(self.out)
        else:
            film_format(self.out)
            check_size(self.size)
        with closing(Reel(self.run)) as reel:
            presets.load(self.preset, house.vocabulary(reel.header.streams))
            self._check_begins(reel.length_s)
        if self.look is not None:
            try:
                house.bank.spec(LOOK).parse(self.look)
            except Mistake as mistake:
                raise Mistake(f"--look {mistake}") from None

    def _check_begins(self, length_s: float) -> None:
        """Near the end only drawing tells; what is far behind it is not drawn for that."""
        whole_s = length_s + END_FADE_S
        if self.start_s > whole_s + 2.0 / self.rate:
            raise Mistake(
                f"--from {self.start_s:g}: the run is over by then; it is {whole_s:.1f} s long"
            )

    def deciding(self, house: House) -> dict[str, Any]:
        """Everything that decides how it comes out. Raises `Mistake`, `OSError`."""
        return {
            **deciding(self.run, self.preset, house),
            "--preset": self.preset,
            "--size": list(self.size),
            "--lines": self.lines,
            "--fps": str(self.exact_rate),
            "--from": self.start_s,
            "--to": str(self.end_s),
            "--look": self.look,
            "--no-sound": not self.sound,
            "film or folder": self.into_folder,
        }


@dataclass(frozen=True)
class Rendered:
    """What was made. `kept`: so many pictures were there from before. Digests are SHA-256, in hexadecimal.

    `sound`: what was said of the sound, empty for none; its digest is `sound["pcm"]`.
    """

    pictures: int
    seconds: float
    kept: int
    each: tuple[str, ...]
    sound: dict[str, Any]

    @property
    def pictures_digest(self) -> str:
        """Of all pictures as they were drawn."""
        return pictures_digest(self.each)


def hashes(job: Job, rendered: Rendered) -> dict[str, Any]:
    """The digests of a rendering, and of what, for a file that is compared with another."""
    return {
        "run": job.run.name,
        "preset": job.preset,
        "size": list(job.size),
        "lines": job.lines,
        "fps": str(job.exact_rate),
        "sound": rendered.sound.get("pcm"),
        "pictures": rendered.pictures_digest,
        "each": list(rendered.each),
    }
