"""`Hearing`: the sound of a film is rendered by another process, ahead of the pictures that hear it."""

import ctypes
import json
import math
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from instrument.render_digest import file_digest
from instrument.render_work import Work, read, settle, write_whole
from instrument.runs.header import RunHeader
from instrument.signals.child_environment import child_environment
from instrument.signals.frames import SoundFrame
from instrument.signals.mistake import Mistake

STEMS = "stems"
FRAME_BYTES = ctypes.sizeof(SoundFrame)
SAMPLE_RATE, BLOCK = 48_000, 256
"""Where a run does not say what the sound of its show had, in Hz and samples."""
SAMPLE_RATES, BLOCKS = range(22_050, 192_001), range(32, 4_097)
"""What `perform` takes; a header may hold any number."""


@dataclass(frozen=True)
class SoundWanted:
    """What sound of what run. `end_s` seconds, may be infinite; `stems`: also each voice by itself.

    `sample_rate` in Hz, `block` in samples.
    """

    run: Path
    preset: str
    samples: tuple[Path, ...] = ()
    end_s: float = math.inf
    stems: bool = False
    sample_rate: int = SAMPLE_RATE
    block: int = BLOCK


def as_in_the_show(header: RunHeader) -> tuple[int, int]:
    """Sample rate (Hz) and block (samples) that the sound of a run had when it was played."""
    return (
        header.sample_rate if header.sample_rate in SAMPLE_RATES else SAMPLE_RATE,
        header.block if header.block in BLOCKS else BLOCK,
    )


class Hearing:
    """The sound in `work`: kept from before, or being rendered. Main thread, except where said."""

    def __init__(
        self, wanted: SoundWanted, work: Work, heard: Callable[[float], None] = lambda at_s: None
    ) -> None:
        """Begins at once where it is missing. `heard` takes the second that is reached (other thread)."""
        self._wanted, self._work, self._heard = wanted, work, heard
        self._more = threading.Condition()
        self._frames = 0
        self._ended = False
        self.told: dict[str, Any] = {}
        """What was said of the whole sound: its length, loudness, the digest of its samples."""
        self._child: subprocess.Popen[str] | None = None
        kept = read(self._record)
        if self._is_whole(kept):
            self.told, self._frames, self._ended = kept, kept["frames"], True
            self._frames_path, self.wave = self._path("frames"), self._path("wav")
        else:
            self._record.unlink(missing_ok=True)
            self._frames_path, self.wave = self._path("part.frames"), self._path("part.wav")
            self._start()

    def _path(self, ending: str) -> Path:
        return self._work.folder / f"sound.{ending}"

    @property
    def _record(self) -> Path:
        return self._path("json")

    @property
    def stems(self) -> Path:
        """The folder of the voices by themselves."""
        return self._work.folder / STEMS

    def _is_whole(self, kept: Any) -> bool:
        try:
            return (
                kept["file"] == file_digest(self._path("wav"))
                and kept["frames"] * FRAME_BYTES == self._path("frames").stat().st_size
                and (self.stems.is_dir() or not self._wanted.stems)
            )
        except (KeyError, TypeError, OSError):
            return False

    def _start(self) -> None:
        wanted = {
            "run": str(self._wanted.run),
            "preset": self._wanted.preset,
            "samples": [str(folder) for folder in self._wanted.samples],
            "end_s": self._wanted.end_s if math.isfinite(self._wanted.end_s) else None,
            "wave": str(self.wave),
            "frames": str(self._frames_path),
            "stems": str(self.stems) if self._wanted.stems else None,
            "sample_rate": self._wanted.sample_rate,
            "block": self._wanted.block,
        }
        # A session of its own: Ctrl-C is for the one who renders, and ends this one by its pipe.
        self._child = subprocess.Popen(
            [sys.executable, "-m", "instrument.render_sound_process"],
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, encoding="utf-8",
            env=child_environment(), start_new_session=True,
        )  # fmt: skip
        assert self._child.stdin is not None
        self._child.stdin.write(json.dumps(wanted) + "\n")
        self._child.stdin.close()
        self._listener = threading.Thread(target=self._listen, name="hearing", daemon=True)
        self._listener.start()

    def _listen(self) -> None:
        assert self._child is not None and self._child.stdout is not None
        try:
            with self._child.stdout as lines:
                for line in lines:
                    self._take(json.loads(line))
        finally:  # whatever comes: nobody waits for frames that nobody counts any more
            with self._more:
                self._ended = True
                self._more.notify_all()

    def _take(self, told: dict[str, Any]) -> None:
        with self._more:
            self._frames = told.get("frames", self._frames)
            if "at_s" not in told:
                self.told = told
            self._more.notify_all()
        self._heard(told.get("at_s", told.get("seconds", 0.0)))

    def frames(self) -> Iterator[SoundFrame]:
        """How the sound stood, frame by frame; waits for what is not rendered yet. Raises `Mistake`."""
        number = 0
        self._wait_for(1)
        with open(self._frames_path, "rb") as file:
            while self._wait_for(number + 1):
                yield SoundFrame.from_buffer_copy(file.read(FRAME_BYTES))
                number += 1

    def _wait_for(self, frames: int) -> bool:
        """Whether there are so many frames, once that is known."""
        with self._more:
            self._more.wait_for(lambda: self._frames >= frames or self._ended)
            if self._frames >= frames:
                return True
        self._check()
        return False

    def _check(self) -> None:
        if "mistake" in self.told:
            raise Mistake(self.told["mistake"])
        if "whole" not in self.told:
            raise Mistake(
                "the process that renders the sound ended before its time (out of memory, perhaps)"
            )

    def finish(self) -> None:
        """Return when all of the sound is there, and kept. Raises `Mistake`, `OSError`."""
        if self._child is None:
            return
        self._listener.join()
        self._check()
        for ending in ("wav", "frames"):
            part = self._path(f"part.{ending}")
            settle(part)
            part.replace(self._path(ending))
        self.wave, self._frames_path = self._path("wav"), self._path("frames")
        write_whole(self._record, {**self.told, "file": file_digest(self.wave)})
        self._end_child()

    def _end_child(self) -> None:
        if self._child is not None:
            self._child.wait()
            self._child = None

    def close(self) -> None:
        """Nobody wants the rest."""
        if self._child is not None:
            self._child.terminate()
            self._listener.join()
            self._end_child()
