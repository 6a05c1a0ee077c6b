"""An array that grows on the disk, row by row, and is read once when its length is known."""

import contextlib
from collections.abc import Sequence
from pathlib import Path
from typing import IO, Any

import numpy as np

COPY_BYTES = 1 << 20
BUFFER_BYTES = 1 << 18


class Spool:
    """Rows of one shape and kind in a file of their own."""

    def __init__(self, path: Path, shape: tuple[int, ...], kind: np.dtype) -> None:
        """Raises `OSError` where the file cannot be made."""
        self.shape, self._kind, self._path = shape, kind, path
        self._file = open(path, "w+b", buffering=BUFFER_BYTES)  # noqa: SIM115 - closed by `remove`
        self._rows = 0

    def put(self, row: np.ndarray) -> None:
        """One row more."""
        self._file.write(row.tobytes())
        self._rows += 1

    def copy_to(self, into: IO[bytes]) -> None:
        """Write the whole as a .npy file."""
        _head(into, (self._rows, *self.shape), self._kind)
        self._file.seek(0)
        while portion := self._file.read(COPY_BYTES):
            into.write(portion)

    def remove(self) -> None:
        """Close the file and take it away; may be called again. Raises nothing."""
        with contextlib.suppress(OSError):  # a full disk refuses the rest of the buffer
            self._file.close()
        with contextlib.suppress(OSError):
            self._path.unlink(missing_ok=True)


def write_words(into: IO[bytes], words: Sequence[str]) -> None:
    """Words as a .npy file of fixed width, so that it needs no pickle."""
    array = np.array(words, dtype=str) if words else np.zeros(0, "<U1")
    _head(into, array.shape, array.dtype)
    into.write(array.tobytes())


def _head(into: IO[bytes], shape: tuple[int, ...], kind: np.dtype) -> None:
    head: dict[str, Any] = {
        "descr": np.lib.format.dtype_to_descr(kind), "fortran_order": False, "shape": shape,
    }  # fmt: skip
    np.lib.format.write_array_header_2_0(into, head)
