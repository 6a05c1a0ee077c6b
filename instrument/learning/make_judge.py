"""Train the judge and write `data/judge.npz`: ``python -m instrument.learning.make_judge``.

784-128-11 on the 9,000 training digits. A quarter of every batch is junk of four sorts: grey noise,
uniform noise, digits with shuffled pixels, digits under 70 to 90% noise.
"""

import sys

import numpy as np
import torch
from torch import Tensor, nn

from instrument.learning.digits import HELD_OUT, load_bundled
from instrument.learning.judge import CLASSES, FILE, HIDDEN, PIXELS, REJECT, Judge, checksum

BATCH, JUNK, STEPS = 256, 64, 2000


def make_junk(digits: Tensor, dice: torch.Generator) -> Tensor:
    """Four sorts of what is no digit, in equal parts; `digits` (4 n, 784) in 0..1 is what it is made of."""
    grey, uniform, shuffled, drowned = digits.chunk(4)
    spread = torch.rand(len(grey), 1, generator=dice) * 0.2
    level = 0.2 + 0.6 * torch.rand(len(grey), 1, generator=dice)
    grey = (level + spread * torch.randn(grey.shape, generator=dice)).clamp(0, 1)
    uniform = torch.rand(uniform.shape, generator=dice)
    order = torch.rand(shuffled.shape, generator=dice).argsort(dim=1)
    shuffled = shuffled.gather(1, order)
    share = 0.7 + 0.2 * torch.rand(len(drowned), 1, generator=dice)
    drowned = share * torch.rand(drowned.shape, generator=dice) + (1 - share) * drowned
    return torch.cat([grey, uniform, shuffled, drowned])


def train(seed: int = 7) -> dict[str, np.ndarray]:
    """The judge's weights, the same for the same seed and machine."""
    torch.set_num_threads(1)
    dice = torch.Generator().manual_seed(seed)
    images, labels = load_bundled()
    digits = torch.from_numpy(images[:-HELD_OUT].reshape(-1, PIXELS)).float() / 255
    classes = torch.from_numpy(labels[:-HELD_OUT].astype(np.int64))
    torch.manual_seed(seed)
    net = nn.Sequential(nn.Linear(PIXELS, HIDDEN), nn.ReLU(), nn.Linear(HIDDEN, CLASSES))
    optimiser = torch.optim.AdamW(net.parameters(), lr=2e-3, weight_decay=1e-2)
    fade = torch.optim.lr_scheduler.CosineAnnealingLR(optimiser, STEPS)
    none_of_them = torch.full((JUNK,), REJECT)
    for _ in range(STEPS):
        chosen = torch.randint(len(digits), (BATCH,), generator=dice)
        junk = make_junk(digits[chosen[:JUNK]], dice)
        batch = torch.cat([digits[chosen[JUNK:]], junk])
        wanted = torch.cat([classes[chosen[JUNK:]], none_of_them])
        loss = nn.functional.cross_entropy(net(batch), wanted, label_smoothing=0.02)
        optimiser.zero_grad()
        loss.backward()
        optimiser.step()
        fade.step()
    first, last = net[0], net[2]
    assert isinstance(first, nn.Linear) and isinstance(last, nn.Linear)
    tensors = {"w1": first.weight.T, "b1": first.bias, "w2": last.weight.T, "b2": last.bias}
    return {k: np.ascontiguousarray(t.detach().numpy(), np.float32) for k, t in tensors.items()}


def main() -> int:
    """Write the judge and say how well it judges the 1,000 held-out digits."""
    weights = train()
    np.savez_compressed(FILE, allow_pickle=False, sha256=np.array(checksum(weights)), **weights)
    images, labels = load_bundled()
    held_out = images[-HELD_OUT:].reshape(-1, PIXELS).astype(np.float32) / 255
    right = (Judge.load().probabilities(held_out).argmax(axis=1) == labels[-HELD_OUT:]).mean()
    print(f"{FILE}: {right:.1%} of the held-out digits")
    return 0


if __name__ == "__main__":
    sys.exit(main())
