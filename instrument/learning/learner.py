"""The GAN and its one training step, flat. No bus, no thread, no clock: `training.py` has those.

One wait for the device per measured step: every scalar, all logits and the samples leave in one copy.
On CUDA the whole step is a captured graph and the copy is fetched one step later, so nothing waits.
"""

import hashlib

import numpy as np
import torch
from torch import Tensor

from instrument.learning.architectures import LATENT
from instrument.learning.config import NETS
from instrument.learning.dials import Branches, Steering
from instrument.learning.digits import Digits
from instrument.learning.flat import FlatNet, Layer, count_parameters
from instrument.learning.graphs import Graphs
from instrument.learning.inputs import Inputs
from instrument.learning.losses import LOSSES, one_centred_penalty, zero_centred_penalty
from instrument.learning.nets import PLANS
from instrument.learning.pull import apart, together
from instrument.learning.reading import SCALARS, Reading
from instrument.learning.selection import strided_selection
from instrument.learning.snapshot import Snapshot
from instrument.learning.spectral import Spin

TILES = 64
WEIGHT_LIMIT = 1e3


class Learner:
    """Two nets on one device, learning images. Everything random comes from one seeded dice."""

    def __init__(
        self, net: str, digits: Digits, device: torch.device, seed: int, batch: int = 64,
        graphs: bool = True,
    ) -> None:  # fmt: skip
        """`graphs`: whether a CUDA device plays captured graphs (elsewhere it means nothing)."""
        plan, self.facts = PLANS[net], NETS[net]
        pair = plan.build(digits.side, digits.channels)
        self.net, self.plan, self.pair, self.loss = net, plan, pair, LOSSES[plan.loss]
        self.digits, self.device, self.batch, self.seed = digits, device, batch, seed
        self.dice = torch.Generator(device).manual_seed(seed)
        n_g, n_d = count_parameters(pair.generator), count_parameters(pair.discriminator)
        self.core, n_slot = n_g + n_d, count_parameters(pair.slot)
        self.parameters = self.core
        self.state = torch.zeros(3, self.core + n_slot, device=device)
        self.gradients = torch.zeros(self.core + n_slot, device=device)
        self.adam_steps = torch.zeros(3, device=device)
        self.inputs = Inputs(digits, device, batch, self.core, pair.hidden_d)

        def net_of(plans: tuple, first: int, end: int, number: int, rate: int) -> FlatNet:
            return FlatNet(
                plans, self.state[:, first:end], self.gradients[first:end],
                self.adam_steps[number], self.inputs.rates[rate], (self.facts.beta1, plan.beta2),
            )  # fmt: skip

        self.g = net_of(pair.generator, 0, n_g, 0, 0)
        self.d = net_of(pair.discriminator, n_g, self.core, 1, 1)
        self.slot = net_of(pair.slot, self.core, self.core + n_slot, 2, 1)
        self.choir_open = False
        """Whether D's second place has ever been opened: from then on it belongs to the snapshots."""
        self.g.birth(self.dice)
        self.d.birth(self.dice)
        self.birth_theta = self.g.theta.detach().clone()
        self.z0 = torch.randn(TILES, LATENT, device=device, generator=self.dice)
        """The bank of latents behind the tiles: fixed, so that a tile is one drawing that learns."""
        self.spin_g, self.spin_d = Spin(self.g.layers, self.dice), Spin(self.d.layers, self.dice)
        self.mean = torch.from_numpy(digits.mean.reshape(1, -1)).to(device) * 2 - 1
        chosen, self.selection_segments = strided_selection(
            [*self.g.spans], [(a + n_g, b + n_g) for a, b in self.d.spans]
        )
        self.selection = torch.from_numpy(chosen).to(device)
        self.anchor = torch.zeros(1, digits.pixels, device=device)
        self.anchored = False
        self.before = torch.empty(self.core, device=device)
        self._before_layers = [self.before[a:b] for a, b in self._core_spans()]
        self.packed = torch.zeros(SCALARS + batch * (3 + digits.pixels), device=device)
        self._graphs = Graphs(device) if graphs and device.type == "cuda" else None
        self._in_flight: tuple[Tensor, torch.cuda.Event, int] | None = None
        self.age = 0

    def _core_spans(self) -> list[tuple[int, int]]:
        n_g = len(self.g.theta)
        return [*self.g.spans, *((a + n_g, b + n_g) for a, b in self.d.spans)]

    def learning_rates(self, hand: Steering) -> tuple[float, float]:
        """Of G and D: heat scales both, tilt is their ratio."""
        lean, own = hand.tilt**0.5, self.facts.learning_rate
        rate_g = own if hand.rate_g is None else hand.rate_g
        rate_d = own if hand.rate_d is None else hand.rate_d
        return rate_g * hand.heat * lean, rate_d * hand.heat / lean

    # One step: dice and dials first, then what a graph can hold, then the one copy to the host.

    def step(self, hand: Steering, measure: bool = True) -> Reading | None:
        """One update of D and one of G. With `measure`, what happened. Trainer thread."""
        branches = Branches.of(hand, self.age, self.facts, measure)
        self.inputs.turn_dials(hand, self.learning_rates(hand), self.facts)
        path = self.plan.gradient_penalty > 0
        self.inputs.throw_dice(hand, branches, self.z0, path, self.dice)
        self._drop_anchor(branches)
        self.choir_open = self.choir_open or branches.choir
        if self._graphs is None:
            self._learn(branches)
        else:
            self._graphs.play(branches, self._learn)
        self.age += 1
        return self._fetch() if measure else None

    @torch.no_grad()
    def _drop_anchor(self, branches: Branches) -> None:
        """A pull that begins remembers, of the 64 tiles, the one that D holds for real most.

        A drawing of G's own, so a collapse is to a glyph and not to a smear.
        """
        if branches.pull > 0 and not self.anchored:
            x, hidden = self.pair.generate(self.g.frozen, self.z0)
            logits, _ = self.pair.discriminate(self.frozen_d(), x)
            self.anchor.copy_(hidden[-1].index_select(0, logits.argmax().view(1)))
        self.anchored = branches.pull > 0 or (self.anchored and branches.pull < 0)

    def _learn(self, branches: Branches) -> None:
        """The step itself. No dice and no wait in here: on CUDA this is what a graph holds."""
        g, d, pair, batch, given = self.g, self.d, self.pair, self.batch, self.inputs
        if branches.measure:
            self.before.copy_(self.state[0, : self.core])
        if branches.measure or self.plan.spectral:
            self.spin_d.turn()

        # Reals and samples, both (B, P) in -1..1. G's graph is kept for its own step below.
        with torch.set_grad_enabled(branches.g_learns):
            fake, hidden_g = pair.generate(g.layers, given.z)
        seen = torch.cat((given.real, fake.detach()))  # (2 B, P)
        if branches.fog:
            seen = torch.addcmul(seen, given.fog_noise[: 2 * batch], given.fog)

        # D learns to tell them apart, unless it is frozen.
        with torch.set_grad_enabled(branches.d_learns):
            layers = self.spin_d.normed(d.layers) if self.plan.spectral else d.layers
            seen.requires_grad_(branches.clamp and branches.d_learns)
            logits, hidden_d = self._judge(layers, seen, branches)  # (2 B,)
            d.gradients.zero_()
            if branches.d_learns:
                loss_d = self.loss.discriminator(logits, given.sign)
                loss_d = loss_d + self._penalties(layers, seen, fake.detach(), logits, branches)
                self._update_d(loss_d, branches)

        # G learns to be taken for real, with D's weights held.
        with torch.set_grad_enabled(branches.g_learns):
            frozen = self.frozen_d()
            fog = given.fog_noise[2 * batch :]
            shown = torch.addcmul(fake, fog, given.fog) if branches.fog else fake
            learnt, _ = self._judge(frozen, shown, branches)  # (B,)
            if self.loss.relative:
                with torch.no_grad():
                    real_logits, _ = self._judge(frozen, seen[:batch].detach(), branches)
                learnt = learnt - real_logits
            g.gradients.zero_()
            if branches.g_learns:
                loss_g = self.loss.generator(learnt)
                if branches.pull:
                    loss_g = self._pulled(loss_g, hidden_g[-1], fake, branches.pull)
                self._update_g(loss_g, branches)
        if branches.measure:
            self._pack(logits, learnt, fake, hidden_g, hidden_d)

    def _judge(
        self, layers: list[Layer], images: Tensor, branches: Branches
    ) -> tuple[Tensor, list[Tensor]]:
        """D's logits and hidden layers; under `choir` each image comes with its neighbour."""
        masks = self.inputs.masks if branches.blinkers else None
        if not branches.choir:
            return self.pair.discriminate(layers, images, masks)
        slot = self.slot.layers[0][0] if torch.is_grad_enabled() else self.slot.frozen[0][0]
        packs = images.view(-1, self.batch, images.shape[1])
        partner = packs.roll(1, dims=1).reshape(images.shape)
        return self.pair.discriminate(layers, images, masks, partner, slot)

    def _pulled(self, loss_g: Tensor, before_tanh: Tensor, fake: Tensor, way: int) -> Tensor:
        """A loss with the gradients of `loss_g` and those of the pull; D is walked back through once."""
        (push,) = torch.autograd.grad(loss_g, before_tanh, retain_graph=True)
        pull = self.inputs.pull
        if way > 0:
            added = together(before_tanh, self.anchor, pull, push)
        else:
            added = apart(before_tanh, fake - self.mean, pull, push)
        return (before_tanh * push).sum() + added

    def _penalties(
        self, layers: list[Layer], seen: Tensor, fake: Tensor, logits: Tensor, branches: Branches
    ) -> Tensor | float:
        """`clamp` / 2 times R1 (and R2), and the gradient penalty of WGAN-GP."""
        penalty: Tensor | float = 0.0
        if branches.clamp:
            steepness = zero_centred_penalty(logits, seen)
            held = steepness if self.plan.r2 else steepness[: self.batch]
            penalty = self.inputs.clamp / 2 * (held.sum() / self.batch)
        if self.plan.gradient_penalty:
            path = torch.lerp(fake, self.inputs.real, self.inputs.between).requires_grad_()
            on_path, _ = self._judge(layers, path, branches)
            penalty = penalty + self.plan.gradient_penalty * one_centred_penalty(on_path, path)
        return penalty

    def _update_d(self, loss: Tensor, branches: Branches) -> None:
        learning = [self.d, self.slot] if branches.choir else [self.d]
        self.slot.gradients.zero_()
        torch.autograd.backward(loss, inputs=[p for net in learning for p in net.parameters])
        if branches.gravel:
            self._gravel(self.d)
        for net in learning:
            net.set_beta1(branches.beta1)
            net.adam.step()

    def _update_g(self, loss: Tensor, branches: Branches) -> None:
        torch.autograd.backward(loss, inputs=self.g.parameters)
        if branches.gravel:
            self._gravel(self.g)
        if branches.anti:
            self.g.gradients.neg_()
        self.g.set_beta1(branches.beta1)
        self.g.adam.step()

    def _gravel(self, net: FlatNet) -> None:
        """g += eta rms(g) N, whole net at once."""
        first = 0 if net is self.g else len(self.g.theta)
        noise = self.inputs.gravel_noise[first : first + len(net.gradients)]
        net.gradients.addcmul_(noise, self.inputs.gravel * net.gradients.square().mean().sqrt())

    @torch.no_grad()
    def _pack(
        self, logits: Tensor, learnt: Tensor, fake: Tensor,
        hidden_g: list[Tensor], hidden_d: list[Tensor],
    ) -> None:  # fmt: skip
        """Collect every number of the step on the device, in the order of `Reading`."""
        torch.sub(self.state[0, : self.core], self.before, out=self.before)
        norms = torch._foreach_norm(
            [*self.g.layer_gradients, *self.d.layer_gradients,
             *self.g.layer_theta, *self.d.layer_theta, *self._before_layers]
        )  # fmt: skip
        scalars = torch.stack([*norms, *self.spin_g.turn().unbind(), *self.spin_d.sigmas.unbind(),
                               _dead(hidden_g[:-1]), _dead(hidden_d)])  # fmt: skip
        torch.cat((scalars, logits, learnt, fake.view(-1)), out=self.packed)

    def _fetch(self) -> Reading | None:
        """The step's numbers on the host: the one wait. On CUDA those of the step before, unwaited for."""
        if self.device.type != "cuda":
            return Reading.unpack(self.packed.cpu().numpy(), self.batch, self.age)
        arrived = self._in_flight
        host = torch.empty(
            self.packed.shape, pin_memory=True
        )  # the caching host allocator reuses it
        host.copy_(self.packed, non_blocking=True)
        landed = torch.cuda.Event()
        landed.record()
        self._in_flight = (host, landed, self.age)
        if arrived is None:
            return None
        before, there, age = arrived
        there.synchronize()  # a step old: it has landed long ago
        return Reading.unpack(before.numpy(), self.batch, age)

    # What is shown.

    def frozen_d(self) -> list[Layer]:
        """D's layers as it judges by them, without gradients."""
        return self.spin_d.normed(self.d.frozen) if self.plan.spectral else self.d.frozen

    @torch.no_grad()
    def draw(self) -> tuple[np.ndarray, np.ndarray]:
        """The 64 tiles of G as it is: uint8 (64, H, W, C), and D's score of each, float32 (64,)."""
        return self.develop(self.pair.generate(self.g.frozen, self.z0)[0])

    @torch.no_grad()
    def develop(self, x: Tensor) -> tuple[np.ndarray, np.ndarray]:
        """Samples x (n, P) in -1..1 as tiles and their scores."""
        scores, _ = self.judged(x)
        return self.tiles_of(x).cpu().numpy(), scores.cpu().numpy()

    @torch.no_grad()
    def judged(self, x: Tensor) -> tuple[Tensor, list[Tensor]]:
        """D's score of each of the images x (n, P), (n,) in 0..1, and D's hidden layers."""
        logits, hidden = self.pair.discriminate(self.frozen_d(), x)
        return torch.sigmoid(logits), hidden

    @torch.no_grad()
    def tiles_of(self, x: Tensor) -> Tensor:
        """Images x (n, P) in -1..1 as uint8 (n, H, W, C)."""
        tiles = x.add(1.0).mul_(127.5).round_().clamp_(0, 255).to(torch.uint8)
        side, channels = self.digits.side, self.digits.channels
        return tiles.view(-1, channels, side, side).permute(0, 2, 3, 1).contiguous()

    def select(self) -> tuple[np.ndarray, np.ndarray]:
        """The selected weights and their gradients of the last step, two float32 (<= 4096,)."""
        both = torch.stack((self.state[0, self.selection], self.gradients[self.selection]))
        weights, gradients = both.cpu().numpy()
        return weights, gradients

    # What can be lost and found again.

    def is_sound(self) -> bool:
        """Whether all weights are finite and within the limit: the slow, exact check."""
        return bool(self.state[0].abs().max() <= WEIGHT_LIMIT)

    def checksum(self) -> str:
        """BLAKE2b over all weights, 32 hex digits."""
        weights = self.state[0] if self.choir_open else self.state[0, : self.core]
        return hashlib.blake2b(weights.cpu().numpy().tobytes(), digest_size=16).hexdigest()

    @torch.no_grad()
    def capture(self, into: Snapshot | None = None) -> Snapshot:
        """A copy of everything, on the device it lives on; into the buffers of an older one if given."""
        core = self.state[:, : self.core]
        spins = torch.cat((self.spin_g.memory, self.spin_d.memory))
        slot = self.state[:, self.core :].clone() if self.choir_open else None
        anchor = self.anchor.clone() if self.anchored else None
        held = torch.empty(core.shape, device=core.device) if into is None else into.core
        held.copy_(core)
        return Snapshot(
            held, slot, self.adam_steps.clone(), spins, self.dice.get_state(), self.age, anchor
        )

    @torch.no_grad()
    def restore(self, snapshot: Snapshot) -> None:
        """Everything as it was, bit for bit; the dice too, so training repeats itself exactly."""
        self.state[:, : self.core].copy_(snapshot.core)
        self.choir_open = snapshot.slot is not None
        if snapshot.slot is None:
            self.state[:, self.core :] = 0.0
        else:
            self.state[:, self.core :].copy_(snapshot.slot)
        self.adam_steps.copy_(snapshot.adam_steps)
        self.spin_g.memory.copy_(snapshot.spins[: len(self.spin_g.memory)])
        self.spin_d.memory.copy_(snapshot.spins[len(self.spin_g.memory) :])
        self.anchored = snapshot.anchor is not None
        if snapshot.anchor is not None:
            self.anchor.copy_(snapshot.anchor)
        if snapshot.core.device.type == self.device.type:
            self.dice.set_state(snapshot.dice)
        self.gradients.zero_()
        self._in_flight = None
        self.age = snapshot.age

    @torch.no_grad()
    def restore_d(self, snapshot: Snapshot) -> None:
        """Only D as it was, its second place and its moments too."""
        part = slice(len(self.g.theta), self.core)
        self.state[:, part].copy_(snapshot.core[:, part])
        self.adam_steps[1:] = snapshot.adam_steps[1:]
        self.state[:, self.core :] = 0.0 if snapshot.slot is None else snapshot.slot


def _dead(hidden: list[Tensor]) -> Tensor:
    """Share of units (channels) below zero for the whole batch."""
    peaks = [h.amax(dim=0) if h.dim() == 2 else h.amax(dim=(0, 2, 3)) for h in hidden]
    return (torch.cat(peaks) < 0).float().mean()
