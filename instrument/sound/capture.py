"""Capture: what is heard, written beside any sink by a thread of its own.

Files are 24 bit. A WAV is begun as RF64, so that it may pass 4 GiB, and gets the plain header that
every player reads when it stayed below. A file cut off by a crash is mended from its length.
"""

import queue
import struct
import threading
from pathlib import Path
from typing import Any

import numpy as np

from instrument.signals.mistake import Mistake
from instrument.signals.refused import cannot_write, reason, refusal
from instrument.sound.file_names import sound_file_name

MOST_BLOCKS_BEHIND = 4000
FORMATS = {".wav": "RF64", ".flac": "FLAC"}
PLAIN_LIMIT = 2**32 - 1


def check_sound_file(path: Path) -> str:
    """The format its name asks for. Raises `Mistake` where it asks for none."""
    form = FORMATS.get(path.suffix.lower())
    if form is None:
        raise Mistake(f"'{path}' does not say what to write: a name ending in .wav or .flac does")
    return form


def open_file(path: Path, sample_rate: int, channels: int = 2) -> Any:
    """A soundfile to write into, 24 bit. Raises `Mistake`."""
    import soundfile

    form = check_sound_file(path)
    if not path.parent.is_dir():
        raise Mistake(f"'{path}' cannot be written: there is no folder '{path.parent}'")
    try:
        return soundfile.SoundFile(
            sound_file_name(path), "w", sample_rate, channels, subtype="PCM_24", format=form
        )
    except (soundfile.SoundFileError, OSError, RuntimeError) as error:
        why = refused(path, error)
        if isinstance(why, OSError):
            raise cannot_write(path, why) from error
        raise Mistake(f"'{path}' cannot be written ({reason(why)})") from error


def refused(path: Path, error: Exception) -> Exception:
    """The system's refusal behind an error that libsndfile calls only that, else the error itself."""
    return error if isinstance(error, OSError) else refusal(path) or error


class Capture:
    """Writes blocks to a file without ever holding up the thread that hands them in."""

    def __init__(self, path: Path, sample_rate: int, channels: int = 2) -> None:
        """Opens the file at once; raises `Mistake` when it cannot be written."""
        self.path = path
        self.lost_blocks = 0
        self.failed: str | None = None
        self._file = open_file(path, sample_rate, channels)
        self._blocks: queue.SimpleQueue[np.ndarray | None] = queue.SimpleQueue()
        self._thread = threading.Thread(target=self._run, name="capture", daemon=True)
        self._thread.start()

    def write(self, block: np.ndarray) -> bool:
        """Take a block, float32 (frames, channels), which must not be changed after. Never waits.

        Whether it was taken; what is not is counted in `lost_blocks`.
        """
        if self.failed is not None or self._blocks.qsize() >= MOST_BLOCKS_BEHIND:
            self.lost_blocks += 1
            return False
        self._blocks.put(block)
        return True

    def _run(self) -> None:
        while (block := self._blocks.get()) is not None:
            if self.failed is not None:
                continue
            try:
                self._file.write(block)
            except Exception as error:
                why = reason(refused(self.path, error))
                self.failed = f"'{self.path}' can no longer be written ({why})"

    def close(self) -> None:
        """Write what waits, finish the file."""
        self._blocks.put(None)
        self._thread.join(timeout=10.0)
        try:
            self._file.close()
        except Exception as error:
            why = reason(refused(self.path, error))
            self.failed = f"'{self.path}' could not be finished ({why})"
        mend(self.path)


def mend(path: Path) -> bool:
    """Give an RF64 file sizes that match its length, as plain WAV when it is below 4 GiB.

    Whether there was anything to do. Any thread; the file must not be open for writing.
    """
    try:
        with open(path, "r+b") as file:
            head = file.read(4096)
            if head[:4] != b"RF64" or head[8:16] != b"WAVEds64":
                return False
            length = file.seek(0, 2)
            place = 12
            while head[place : place + 4] != b"data":
                if place + 8 > len(head):
                    return False
                place += 8 + struct.unpack_from("<I", head, place + 4)[0]
            align = struct.unpack_from("<H", head, head.index(b"fmt ") + 20)[0]
            sound = (length - place - 8) // align * align
            file.truncate(place + 8 + sound)
            whole = place + sound
            if whole > PLAIN_LIMIT:
                file.seek(20)
                file.write(struct.pack("<QQQ", whole, sound, sound // align))
                return True
            file.seek(place + 4)
            file.write(struct.pack("<I", sound))
            file.seek(12)
            file.write(b"JUNK")
            file.seek(0)
            file.write(b"RIFF" + struct.pack("<I", whole))
            return True
    except OSError:
        return False


def next_part(path: Path) -> Path:
    """A name for the continuation of a capture: ``show.wav`` goes on as ``show.2.wav``."""
    number = 2
    while (other := path.with_name(f"{path.stem}.{number}{path.suffix}")).exists():
        number += 1
    return other
