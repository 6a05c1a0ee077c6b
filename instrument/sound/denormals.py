"""Numbers too small to matter, and slow to compute with, count as zero in the thread that says so.

A filter or a reverb that dies away ends in denormal numbers, which take a processor up to a hundred
times as long. The processor can round them to zero: bits FTZ and DAZ of MXCSR on x86-64, FZ of FPCR
on ARM. Python has no call for it; the C library's ``fegetenv`` and ``fesetenv`` do.
"""

import contextlib
import ctypes
import ctypes.util
import platform
import struct
import sys
from collections.abc import Iterator

import numpy as np

ENVIRONMENT_BYTES = 256
"""More than any C library's ``fenv_t`` takes."""
X86_PLACE, X86_BITS = 28, 0x8040
"""MXCSR comes after the 28 bytes of the old coprocessor; flush-to-zero and denormals-are-zero."""
ARM_PLACE, ARM_BITS = 0, 1 << 24


def flush_denormals() -> bool:
    """Let the calling thread, and threads it begins from now on, take denormals as zero.

    False where that is not possible (then nothing has changed). Linux on x86-64 and ARM.
    """
    before = environment()
    if before is None:
        return False
    place, bits = (X86_PLACE, X86_BITS) if _x86() else (ARM_PLACE, ARM_BITS)
    (word,) = struct.unpack_from("<I", before, place)
    struct.pack_into("<I", before, place, word | bits)
    # NumPy looks for the smallest number there is when first asked, and would warn.
    for kind in (np.float32, np.float64):
        _ = np.finfo(kind).smallest_subnormal
    return put_environment(before)


@contextlib.contextmanager
def denormals_flushed() -> Iterator[bool]:
    """As `flush_denormals`, for as long as it lasts."""
    before = environment()
    done = flush_denormals()
    try:
        yield done
    finally:
        if done and before is not None:
            put_environment(before)


def _x86() -> bool:
    return platform.machine().lower() in ("x86_64", "amd64")


def _library() -> ctypes.CDLL | None:
    machine = platform.machine().lower()
    if not sys.platform.startswith("linux") or machine not in ("x86_64", "amd64", "aarch64"):
        return None
    try:
        library = ctypes.CDLL(ctypes.util.find_library("m") or "libm.so.6")
        _ = (library.fegetenv, library.fesetenv)
    except (OSError, AttributeError):
        return None
    return library


def environment() -> bytearray | None:
    """The floating-point environment of this thread."""
    library = _library()
    if library is None:
        return None
    room = (ctypes.c_uint8 * ENVIRONMENT_BYTES)()
    return bytearray(room) if library.fegetenv(room) == 0 else None


def put_environment(kept: bytearray) -> bool:
    """Let this thread compute as when `kept` was asked for; False where that is not possible."""
    library = _library()
    if library is None:
        return False
    room = (ctypes.c_uint8 * ENVIRONMENT_BYTES).from_buffer(kept)
    return bool(library.fesetenv(room) == 0)
