"""The digest of what a sound file lets one hear, whatever else stands in the file."""

import hashlib
from pathlib import Path

import numpy as np

from instrument.sound.file_names import sound_file_name

BLOCK = 65_536


def pcm_digest(path: Path) -> str:
    """SHA-256, in hexadecimal, of all samples as whole numbers of 32 bit, little-endian, channels in turn.

    A sample of 24 bit stands in the upper ones. Raises `soundfile.SoundFileError`.
    """
    import soundfile

    whole = hashlib.sha256()
    with soundfile.SoundFile(sound_file_name(path)) as file:
        for block in file.blocks(BLOCK, dtype="int32"):
            whole.update(np.ascontiguousarray(block, "<i4").data)
    return whole.hexdigest()
