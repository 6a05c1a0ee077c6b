"""The nets one can choose. Another one is one entry here and its facts in `config.NETS`."""

from collections.abc import Callable
from dataclasses import dataclass

from instrument.learning.architectures import Pair, dcgan, mlp


@dataclass(frozen=True)
class Plan:
    """How a pair of nets is built and what it wants; rates and beta1 stand in `config.NETS`."""

    build: Callable[[int, int], Pair]
    """Side and channels to the pair."""
    loss: str = "non_saturating"
    beta2: float = 0.999
    spectral: bool = False
    """Whether D's weights are divided by their largest singular value (Miyato 2018)."""
    r2: bool = False
    """Whether `clamp` holds D flat at the samples too, and not only at the reals."""
    gradient_penalty: float = 0.0
    """Weight of WGAN-GP's penalty between reals and samples."""


PLANS = {
    "pocket_mlp": Plan(mlp, beta2=0.99),
    "pocket_dcgan": Plan(dcgan),
    "spectral_hinge": Plan(dcgan, loss="hinge", spectral=True),
    "relativistic": Plan(dcgan, loss="relativistic", r2=True),
    "wgan_gp": Plan(dcgan, loss="wasserstein", beta2=0.9, gradient_penalty=10.0),
}
