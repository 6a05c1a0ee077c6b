"""What a training is asked to be. Known without torch: `--help` and rehearsal never load it."""

from collections.abc import Mapping
from dataclasses import dataclass

from instrument.signals.mistake import Mistake, did_you_mean

NETS: Mapping[str, str] = {
    "pocket_mlp": "three linear layers each; the most watchable arc on a CPU",
    "pocket_dcgan": "two convolutions each; chequerboard, blobs, then digits",
}
"""Names of the nets with a line about each; `nets.py` builds them."""

DEVICES = ("auto", "cpu", "cuda", "mps")


@dataclass(frozen=True)
class LearningConfig:
    """Which net learns which digits where. Raises `Mistake` where a name or number cannot be meant.

    `digits` is ``bundled``, ``mnist`` or the path of a folder of images. `device` is one of
    `DEVICES` (``cuda:1`` names the second GPU); ``auto`` takes CUDA, then MPS, then the CPU.
    """

    net: str = "pocket_mlp"
    digits: str = "bundled"
    device: str = "auto"
    seed: int = 1
    batch: int = 64

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
