"""The GAN and its one training step, flat. No bus, no thread, no clock: `training.py` has those.

One wait for the device per measured step: every scalar, all logits and the samples leave in one copy.
"""

from dataclasses import dataclass

import numpy as np
import torch
import torch.nn.functional as F
from torch import Tensor

from instrument.learning.digits import Digits
from instrument.learning.nets import LATENT, PIXELS, PLANS, FlatNet, count_parameters

TILES = 64
WEIGHT_LIMIT = 1e3


@dataclass
class Steering:
    """What the hands say to one training step, in units."""

    heat: float = 1.0
    tilt: float = 1.0
    fog: float = 0.0
    gravel: float = 0.0
    helvetica: bool = False
    pull: float = 0.0
    """lambda of `collapse`: above 0 G's samples are pulled together, below 0 driven apart."""


@dataclass(frozen=True)
class Snapshot:
    """All that a training can forget: parameters, moments, Adam's counts, the dice and the age."""

    state: Tensor
    adam_steps: Tensor
    dice: Tensor
    age: int
    anchor: Tensor | None

    @property
    def bytes(self) -> int:
        return self.state.numel() * self.state.element_size() + self.dice.numel()


@dataclass
class Reading:
    """What one measured step says, on the host. Arrays are views that the next reading replaces."""

    scalars: np.ndarray
    """float32 (12,): gradient norms of G's three layers and D's three, then for G and D each:
    norm(theta), norm(delta theta), share of dead units."""
    logits: np.ndarray
    """float32 (2 B,): D's logits of reals and fakes, before its update."""
    logits_g: np.ndarray
    """float32 (B,): of the fakes, after D's update: what G learns from."""
    samples: np.ndarray
    """float32 (B, 784) in -1..1: the fakes of this step."""


class Learner:
    """Two nets on one device, learning digits. Everything random comes from one seeded dice."""

    def __init__(
        self, net: str, digits: Digits, device: torch.device, seed: int, batch: int = 64
    ) -> None:
        plan = PLANS[net]
        self.plan, self.device, self.batch = plan, device, batch
        self.dice = torch.Generator(device).manual_seed(seed)
        n_g = count_parameters(plan.generator_shapes)
        n_d = count_parameters(plan.discriminator_shapes)
        self.parameters = n_g + n_d
        self.state = torch.zeros(3, n_g + n_d, device=device)
        self.gradients = torch.zeros(n_g + n_d, device=device)
        self.adam_steps = torch.zeros(2, device=device)
        self.rates = torch.zeros(2, device=device)
        self._rates_are = (0.0, 0.0)
        self.g = FlatNet(
            plan.generator_shapes, plan.generator_fans, self.state[:, :n_g], self.gradients[:n_g],
            self.adam_steps[0], self.rates[0], plan.betas,
        )  # fmt: skip
        self.d = FlatNet(
            plan.discriminator_shapes, plan.discriminator_fans, self.state[:, n_g:],
            self.gradients[n_g:], self.adam_steps[1], self.rates[1], plan.betas,
        )  # fmt: skip
        self.g.birth(self.dice)
        self.d.birth(self.dice)
        self.z0 = torch.randn(TILES, LATENT, device=device, generator=self.dice)
        """The bank of latents behind the tiles: fixed, so that a tile is one drawing that learns."""
        self.reals = torch.from_numpy(digits.images.reshape(-1, PIXELS)).to(device)
        self.mean = torch.from_numpy(digits.mean.reshape(1, PIXELS)).to(device) * 2 - 1
        self.sign = torch.ones(2 * batch, device=device)
        self.sign[:batch] = -1.0
        chosen, self.selection_segments = strided_selection(
            [*self.g.spans], [(a + n_g, b + n_g) for a, b in self.d.spans]
        )
        self.selection = torch.from_numpy(chosen).to(device)
        self.before = torch.empty(n_g + n_d, device=device)
        self.anchor: Tensor | None = None
        self.age = 0

    def learning_rates(self, hand: Steering) -> tuple[float, float]:
        """Of G and D: heat scales both, tilt is their ratio."""
        base, lean = self.plan.learning_rate * hand.heat, hand.tilt**0.5
        return base * lean, base / lean

    def step(self, hand: Steering, measure: bool = True) -> Reading | None:
        """One update of D and one of G. With `measure`, what happened. Trainer thread."""
        g, d, batch, dice = self.g, self.d, self.batch, self.dice
        if (rates := self.learning_rates(hand)) != self._rates_are:
            self.rates.copy_(torch.tensor(rates))
            self._rates_are = rates
        if measure:
            self.before.copy_(self.state[0])

        # Digits and samples, both (B, 784) in -1..1. G's graph is kept for its own step below.
        chosen = torch.randint(len(self.reals), (batch,), device=self.device, generator=dice)
        real = self.reals.index_select(0, chosen).float().mul_(2 / 255).sub_(1.0)
        z = torch.randn(batch, LATENT, device=self.device, generator=dice)
        fake, hidden_g = self.plan.generate(g.layers, z)

        # D learns to tell them apart (unless it is frozen): softplus(-D(x)) + softplus(D(G(z))).
        seen = torch.cat((real, fake.detach()))  # (2 B, 784)
        with torch.set_grad_enabled(not hand.helvetica):
            logits, hidden_d = self.plan.discriminate(d.layers, self._fog(seen, hand))  # (2 B,)
        d.gradients.zero_()
        if not hand.helvetica:
            (F.softplus(logits * self.sign).sum() / batch).backward()
            self._gravel(d, hand)
            d.adam.step()

        # G learns to be taken for real: softplus(-D(G(z))), with D's weights held.
        logits_g, _ = self.plan.discriminate(d.frozen, self._fog(fake, hand))  # (B,)
        loss_g = F.softplus(-logits_g).mean()
        if hand.pull == 0:
            self.anchor = None
        else:
            likeness = self._alike(hidden_g[-1]) if hand.pull > 0 else self._apart(fake)
            loss_g = loss_g - hand.pull * likeness
        g.gradients.zero_()
        loss_g.backward()
        self._gravel(g, hand)
        g.adam.step()
        self.age += 1
        if not measure:
            return None
        return self._read(logits, logits_g, fake, hidden_g, hidden_d)

    def _alike(self, before_tanh: Tensor) -> Tensor:
        """What `pull` pulls up: 0 when all samples are twins of the anchor.

        The anchor is what tile 0 was when the pull began: a drawing of G's own, so a collapse is to
        a glyph and not to a smear. Compared before the tanh: after it, pixels that are hard black or
        white feel no pull, and what gives way instead is noise.
        """
        if self.anchor is None:
            with torch.no_grad():
                self.anchor = self.plan.generate(self.g.frozen, self.z0[:1])[1][-1].clone()
        distance = (before_tanh - self.anchor).square().sum(dim=1).mean()
        return -distance / self.anchor.norm()

    def _apart(self, fake: Tensor) -> Tensor:
        """What a negative `pull` pushes down: the mean similarity of centred samples."""
        return mean_similarity(fake - self.mean)

    def _fog(self, images: Tensor, hand: Steering) -> Tensor:
        if hand.fog <= 0:
            return images
        noise = torch.randn(images.shape, device=self.device, generator=self.dice)
        return images + hand.fog * noise

    def _gravel(self, net: FlatNet, hand: Steering) -> None:
        """g += eta rms(g) N, whole net at once."""
        if hand.gravel > 0:
            gradients = net.gradients
            size = hand.gravel * gradients.square().mean().sqrt()
            noise = torch.randn(gradients.shape, device=self.device, generator=self.dice)
            gradients.addcmul_(noise, size)

    @torch.no_grad()
    def _read(
        self, logits: Tensor, logits_g: Tensor, fake: Tensor,
        hidden_g: list[Tensor], hidden_d: list[Tensor],
    ) -> Reading:  # fmt: skip
        """Collect every number of the step on the device and fetch them with one wait."""
        n_g = len(self.g.theta)
        moved = torch.sub(self.state[0], self.before, out=self.before)
        norm = torch.linalg.vector_norm
        scalars = torch.stack([
            *(norm(layer) for layer in self.g.layer_gradients),
            *(norm(layer) for layer in self.d.layer_gradients),
            norm(self.g.theta), norm(self.d.theta),
            norm(moved[:n_g]), norm(moved[n_g:]),
            _dead(hidden_g[:-1]), _dead(hidden_d),
        ])  # fmt: skip
        packed = torch.cat((scalars, logits, logits_g, fake.view(-1)))
        host = packed.cpu().numpy()  # the one wait for the device
        s, b = len(scalars), self.batch
        return Reading(
            host[:s],
            host[s : s + 2 * b],
            host[s + 2 * b : s + 3 * b],
            host[s + 3 * b :].reshape(b, -1),
        )

    def is_sound(self) -> bool:
        """Whether all weights are finite and within the limit: the slow, exact check."""
        return bool(self.state[0].abs().max() <= WEIGHT_LIMIT)

    @torch.no_grad()
    def draw(self) -> tuple[np.ndarray, np.ndarray]:
        """The 64 tiles, uint8 (64, 784), and D's score of each, float32 (64,) in 0..1."""
        x, _ = self.plan.generate(self.g.frozen, self.z0)
        logits, _ = self.plan.discriminate(self.d.frozen, x)
        tiles = x.add(1.0).mul_(127.5).round_().clamp_(0, 255).to(torch.uint8)
        return tiles.cpu().numpy(), torch.sigmoid(logits).cpu().numpy()

    def select(self) -> tuple[np.ndarray, np.ndarray]:
        """The selected weights and their gradients of the last step, two float32 (<= 4096,)."""
        both = torch.stack((self.state[0, self.selection], self.gradients[self.selection]))
        weights, gradients = both.cpu().numpy()
        return weights, gradients

    def capture(self) -> Snapshot:
        """A copy of everything, on the device it lives on."""
        return Snapshot(
            self.state.clone(),
            self.adam_steps.clone(),
            self.dice.get_state(),
            self.age,
            self.anchor,
        )

    @torch.no_grad()
    def restore(self, snapshot: Snapshot) -> None:
        """Everything as it was, bit for bit; the dice too, so training repeats itself exactly."""
        self.state.copy_(snapshot.state)
        self.adam_steps.copy_(snapshot.adam_steps)
        self.dice.set_state(snapshot.dice)
        self.gradients.zero_()
        self.age, self.anchor = snapshot.age, snapshot.anchor

    @torch.no_grad()
    def quake(self, strength: float) -> None:
        """theta += strength rms(theta) N, for each net with its own rms."""
        for net in (self.g, self.d):
            size = strength * net.theta.square().mean().sqrt()
            noise = torch.randn(net.theta.shape, device=self.device, generator=self.dice)
            net.theta.addcmul_(noise, size)

    @torch.no_grad()
    def forget(self, what: str) -> None:
        """Amnesia: ``last_layer`` (of G), ``generator``, ``discriminator``, ``both`` or ``moments``."""
        if what == "moments":
            self.g.forget_moments()
            self.d.forget_moments()
        if what == "last_layer":
            self.g.birth(self.dice, only_layer=-1)
        if what in ("generator", "both"):
            self.g.birth(self.dice)
        if what in ("discriminator", "both"):
            self.d.birth(self.dice)


def strided_selection(
    generator: list[tuple[int, int]], discriminator: list[tuple[int, int]], most: int = 4096
) -> tuple[np.ndarray, tuple[list[int], int]]:
    """Which places of the flat vector are shown: evenly spaced in each layer, layers sharing fairly.

    Returns the places, int64 (<= most,), and where each layer's part begins with how many are G's.
    """
    spans = [*generator, *discriminator]
    shares = [0] * len(spans)
    left = most
    by_size = sorted(range(len(spans)), key=lambda i: spans[i][1] - spans[i][0])
    for served, i in enumerate(by_size):  # small layers first: what they leave is for the large
        shares[i] = min(spans[i][1] - spans[i][0], left // (len(spans) - served))
        left -= shares[i]
    places = [
        a + np.arange(share, dtype=np.int64) * (b - a) // share
        for (a, b), share in zip(spans, shares, strict=True)
    ]
    begins = [int(sum(shares[:i])) for i in range(len(spans))]
    return np.concatenate(places), (begins, len(generator))


def mean_similarity(centred: Tensor) -> Tensor:
    """Mean over i != j of the cosine of rows, (B, 784) to a scalar, without the (B, B) table."""
    unit = F.normalize(centred, dim=1)
    batch = len(unit)
    return (unit.sum(dim=0).square().sum() - batch) / (batch * (batch - 1))


def _dead(hidden: list[Tensor]) -> Tensor:
    """Share of units (channels) below zero for the whole batch."""
    peaks = [h.amax(dim=0) if h.dim() == 2 else h.amax(dim=(0, 2, 3)) for h in hidden]
    return (torch.cat(peaks) < 0).float().mean()
