"""One thread for NumPy's matrix products, in a process that also draws and plays.

NumPy's OpenBLAS takes every core and spins on them: on two busy cores the sample streams then took
twenty times as long. The environment variable works only before NumPy is imported; this works after.
"""

import ctypes
import re
from pathlib import Path

import numpy as np

NAMES = (
    "scipy_openblas_set_num_threads64_", "scipy_openblas_set_num_threads",
    "openblas_set_num_threads64_", "openblas_set_num_threads",
)  # fmt: skip


def use_one_blas_thread() -> bool:
    """Ask NumPy's OpenBLAS to use one thread. False where NumPy uses another library."""
    package = Path(np.__file__).parent
    folders = (package.parent / "numpy.libs", package / ".dylibs", package / ".libs")
    for library in (path for folder in folders if folder.is_dir() for path in folder.iterdir()):
        if not re.search(r"openblas.*\.(so|dylib|dll)", library.name):
            continue
        try:
            loaded = ctypes.CDLL(str(library))
        except OSError:
            continue
        for name in NAMES:
            if (set_threads := getattr(loaded, name, None)) is not None:
                set_threads(ctypes.c_int(1))
                return True
    return False
