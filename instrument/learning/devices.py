"""Which device the training runs on: CUDA before MPS before the CPU, or the one that was asked for."""

from typing import TYPE_CHECKING

from instrument.signals.mistake import Mistake

if TYPE_CHECKING:
    import torch


def check_device(name: str) -> None:
    """`Mistake` if a device that was named is not there. Imports torch only to ask for a GPU."""
    if name not in ("auto", "cpu"):
        try:
            pick_device(name)
        except ImportError as error:
            raise Mistake(
                f"device '{name}' cannot be asked for: torch does not load ({error}); install torch"
            ) from error


def pick_device(name: str) -> "torch.device":
    """The device; `auto` takes the best there is, a named one must be there."""
    import torch

    there = ["cpu"]
    if torch.backends.mps.is_available():
        there.insert(0, "mps")
    if torch.cuda.is_available():
        there[:0] = ["cuda", *(f"cuda:{n}" for n in range(torch.cuda.device_count()))]
    if name == "auto":
        return torch.device(there[0])
    if name not in there:
        raise Mistake(
            f"device '{name}' is not on this machine; torch {torch.__version__} finds "
            f"{', '.join(there)} (leave --device away to take the best)"
        )
    return torch.device(name)


def device_in_words(device: "torch.device") -> str:
    """``cpu (1 thread)`` or the GPU by its name."""
    import torch

    if device.type == "cuda":
        return f"{device.type} ({torch.cuda.get_device_name(device)})"
    return f"cpu ({torch.get_num_threads()} thread)" if device.type == "cpu" else device.type
