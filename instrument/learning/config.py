"""What a training is asked to be. Known without torch: `--help` and rehearsal never load it."""

from collections.abc import Mapping
from dataclasses import dataclass

from instrument.signals.mistake import Mistake, did_you_mean


@dataclass(frozen=True)
class NetFacts:
    """What one kind of net is, and how it likes to be trained."""

    help: str
    learning_rate: float
    """Of Adam, for both nets, before the hands."""
    beta1: float
    """Adam's memory of directions."""
    clamp: float
    """How strongly D is held flat (its gradient penalty) before the hands; 0 is not at all."""


NETS: Mapping[str, NetFacts] = {
    "pocket_mlp": NetFacts(
        "three linear layers each; the most watchable arc on a CPU", 5e-4, 0.5, 0.0
    ),
    "pocket_dcgan": NetFacts(
        "two convolutions each; chequerboard, blobs, then digits", 2e-4, 0.5, 0.0
    ),
    "spectral_hinge": NetFacts(
        "spectral norm in the discriminator, hinge loss: hard to tear", 2e-4, 0.5, 0.0
    ),
    "relativistic": NetFacts(
        "relativistic pairing with R1 and R2: covers all modes, calm", 2e-4, 0.5, 0.1
    ),
    "wgan_gp": NetFacts(
        "Wasserstein critic with gradient penalty: a loss that means something", 2e-4, 0.0, 0.0
    ),
}
"""Names of the nets with the facts about each; `nets.py` builds them."""


def own_values(net: str) -> dict[str, float]:
    """How this net likes to begin: learning controls by name, in their units."""
    facts = NETS[net]
    return {
        "rate_g": facts.learning_rate, "rate_d": facts.learning_rate, "flywheel": facts.beta1,
        "clamp": facts.clamp,
    }  # fmt: skip


DEVICES = ("auto", "cpu", "cuda", "mps")

SIZE_LOW, SIZE_HIGH, SIZE_STEP = 8, 64, 4
"""Pixels a side: a tile frame holds 64; the convolutions halve a side twice."""

MEMORY_MB_LOW, MEMORY_MB_HIGH = 64, 16384


@dataclass(frozen=True)
class LearningConfig:
    """Which net learns which digits where. Raises `Mistake` where a name or number cannot be meant.

    `digits` is ``bundled``, ``mnist`` or the path of a folder of images. `device` is one of
    `DEVICES` (``cuda:1`` names the second GPU); ``auto`` takes CUDA, then MPS, then the CPU. Images
    are `size` pixels a side, in grey (`channels` 1) or colour (3). `memory_mb` bounds what `undo` keeps.
    """

    net: str = "pocket_mlp"
    digits: str = "bundled"
    device: str = "auto"
    seed: int = 1
    batch: int = 64
    size: int = 28
    channels: int = 1
    memory_mb: int = 384

    def __post_init__(self) -> None:
        if self.net not in NETS:
            raise Mistake(
                f"no net is called '{self.net}'{did_you_mean(self.net, NETS)}"
                f" (there are: {', '.join(NETS)})"
            )
        kind, _, number = self.device.partition(":")
        known = kind in DEVICES and (not number or (kind == "cuda" and number.isdecimal()))
        if not known or self.device.endswith(":"):
            raise Mistake(
                f"no device is called '{self.device}'{did_you_mean(self.device, DEVICES)}"
                f" (there are: {', '.join(DEVICES)}, and cuda:0, cuda:1 ... by number)"
            )
        if not 2 <= self.batch <= 1024:
            raise Mistake(
                f"a batch of {self.batch} cannot be trained; 2 to 1024 images are allowed"
            )
        if not 0 <= self.seed < 2**63:
            raise Mistake(f"seed {self.seed} is out of range; 0 to 2^63 - 1 is allowed")
        if self.size % SIZE_STEP or not SIZE_LOW <= self.size <= SIZE_HIGH:
            raise Mistake(
                f"images of {self.size} pixels a side cannot be trained; "
                f"a multiple of {SIZE_STEP} from {SIZE_LOW} to {SIZE_HIGH} is allowed"
                f"{_nearest_size(self.size)}"
            )
        if self.channels not in (1, 3):
            raise Mistake(
                f"images of {self.channels} channels cannot be trained; 1 (grey) or 3 (colour) is allowed"
            )
        if not MEMORY_MB_LOW <= self.memory_mb <= MEMORY_MB_HIGH:
            raise Mistake(
                f"a memory of {self.memory_mb} MB cannot be kept; "
                f"{MEMORY_MB_LOW} to {MEMORY_MB_HIGH} MB is allowed"
            )


def _nearest_size(size: int) -> str:
    """The size that was likely meant, as the end of a sentence."""
    near = min(SIZE_HIGH, max(SIZE_LOW, round(size / SIZE_STEP) * SIZE_STEP))
    return f" ({near} is the nearest)"
