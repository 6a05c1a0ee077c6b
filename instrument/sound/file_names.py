"""Names of files as libsndfile takes them."""

import os
from pathlib import Path


def sound_file_name(path: Path) -> str | bytes:
    """For `soundfile`: the bytes of the name, which need be no text, as on disks of older systems.

    On Windows every name is text.
    """
    return str(path) if os.name == "nt" else os.fsencode(path)
