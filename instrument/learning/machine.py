"""What decides the last bits of a sum: set alike for a training and for its replay, and put into words."""

import platform
from importlib import metadata

from instrument.learning.blas import use_one_blas_thread


def use_one_thread() -> None:
    """One thread for torch and for NumPy's products, denormals to zero. The thread that trains."""
    import torch

    torch.set_num_threads(1)
    torch.set_flush_denormal(True)
    use_one_blas_thread()


def cpu_in_words() -> str:
    """The kind of the CPU and the instructions torch uses on it, ``x86_64 AVX2``; at most 40 characters."""
    import torch

    return f"{platform.machine()} {torch.backends.cpu.get_cpu_capability()}"[:40]


def version_of(package: str) -> str:
    """Of an installed package, without importing it; ``none`` when it is not there."""
    try:
        return metadata.version(package)
    except metadata.PackageNotFoundError:
        return "none"
