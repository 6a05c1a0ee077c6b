"""Stems: every part of the sound in a file of its own, for whoever mixes it anew.

WAV of 32 bit floats. A voice that is never heard has no file; all begin together and are equally long.
"""

import os
import struct
from pathlib import Path
from typing import BinaryIO

import numpy as np

from instrument.signals.mistake import Mistake

MIX = "mix"
"""The file of what is heard: all of it, behind the master."""
FLOAT, BYTES = 3, 4
PLAIN_LIMIT = 2**32 - 1
HEAD_BYTES = 80


class FloatFile:
    """A WAV of 32 bit floats; above 4 GiB an RF64. The same samples give the same bytes."""

    def __init__(self, path: Path, sample_rate: int, channels: int) -> None:
        """Raises `OSError`."""
        self._rate, self._channels = sample_rate, channels
        self.frames = 0
        self._file: BinaryIO = open(path, "wb")  # noqa: SIM115 (held open)
        self._file.write(bytes(HEAD_BYTES))

    def write(self, block: np.ndarray) -> None:
        """Append float32 (frames, channels). Raises `OSError`."""
        self._file.write(np.ascontiguousarray(block, "<f4").data)
        self.frames += len(block)

    def silence(self, frames: int) -> None:
        """Append so many frames of zeros, which take no room on most disks. Raises `OSError`."""
        self._file.seek(frames * self._channels * BYTES, os.SEEK_CUR)
        self.frames += frames

    def close(self) -> None:
        """Write the head, for it says how long the file is. Raises `OSError`."""
        sound = self.frames * self._channels * BYTES
        whole = HEAD_BYTES - 8 + sound
        large = whole > PLAIN_LIMIT
        sizes = struct.pack("<QQQI", whole, sound, self.frames, 0)
        head = b"".join((
            b"RF64" if large else b"RIFF", struct.pack("<I", PLAIN_LIMIT if large else whole), b"WAVE",
            b"ds64" if large else b"JUNK", struct.pack("<I", len(sizes)), sizes,
            b"fmt ", struct.pack(
                "<IHHIIHH", 16, FLOAT, self._channels, self._rate,
                self._rate * self._channels * BYTES, self._channels * BYTES, 8 * BYTES,
            ),
            b"data", struct.pack("<I", PLAIN_LIMIT if large else sound),
        ))  # fmt: skip
        try:
            self._file.truncate(HEAD_BYTES + sound)
            self._file.seek(0)
            self._file.write(head)
        finally:
            self._file.close()


class Stems:
    """Files for the parts of a sound and its mix, in a folder. Render thread."""

    def __init__(
        self, folder: Path, names: tuple[str, ...], sample_rate: int, channels: int
    ) -> None:
        """Makes the folder. Raises `Mistake` where it cannot be written."""
        self._folder, self._names = folder, names
        self._rate, self._channels = sample_rate, channels
        self._files: dict[str, FloatFile] = {}
        self._frames = 0
        try:
            folder.mkdir(parents=True, exist_ok=True)
            self._mix = self._begin(MIX)
        except OSError as error:
            raise Mistake(f"--stems {folder}: cannot be written ({error.strerror})") from error

    def _begin(self, name: str) -> FloatFile:
        return FloatFile(self._folder / f"{name}.wav", self._rate, self._channels)

    def write(self, parts: np.ndarray, mix: np.ndarray) -> None:
        """A block: `parts` float32 (block, names, channels), `mix` float32 (block, channels).

        What is no number is written as silence, as the master takes it. Raises `OSError`.
        """
        heard = np.abs(parts).max(axis=(0, 2))
        for number, name in enumerate(self._names):
            if name not in self._files:
                if heard[number] == 0.0:
                    continue
                self._files[name] = self._begin(name)
            file = self._files[name]
            file.silence(self._frames - file.frames)
            file.write(np.nan_to_num(parts[:, number], nan=0.0, posinf=0.0, neginf=0.0))
        self._mix.write(mix)
        self._frames += len(mix)

    def close(self) -> None:
        """Finish all files. Raises `OSError`."""
        for file in (*self._files.values(), self._mix):
            file.close()
