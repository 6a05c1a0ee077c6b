"""The judge: eleven classes, ten digits and *not a digit*; NumPy only, a fraction of a millisecond.

A judge of ten classes calls noise a digit with 96% confidence, so noise would look like collapse.
`make_judge.py` trains it; its weights ship as an npz without pickle. For pictures that are no digits
`kinds.py` trains another of the same build at the start; see there for what *class k* then means.
"""

import hashlib
import math
from pathlib import Path

import numpy as np

from instrument.learning.reshape import greyed, resized
from instrument.signals.mistake import Mistake

FILE = Path(__file__).parent / "data" / "judge.npz"
PIXELS, HIDDEN, CLASSES, REJECT = 784, 128, 11, 10
WINDOW = 1024
SHAPES = {
    "w1": (PIXELS, HIDDEN), "b1": (HIDDEN,), "w2": (HIDDEN, CLASSES), "b2": (CLASSES,),
}  # fmt: skip


def checksum(weights: dict[str, np.ndarray]) -> str:
    """SHA-256 of all weights in their fixed order."""
    whole = hashlib.sha256()
    for name in SHAPES:
        whole.update(np.ascontiguousarray(weights[name], np.float32).tobytes())
    return whole.hexdigest()


class Judge:
    """Says of images u in 0..1 which digit (or kind of picture) each is, or that it is none.

    It looks at grey images of its own size; others it is shown in grey and resized. Of its eleven
    classes the first `kinds` exist and the last is *none of them*; those between have probability 0.
    """

    def __init__(
        self, weights: dict[str, np.ndarray], side: int = 28, channels: int = 1, kinds: int = REJECT
    ) -> None:
        """For images of `side` pixels a side and `channels`."""
        self._weights = [np.ascontiguousarray(weights[name], np.float32) for name in SHAPES]
        self._own_side = math.isqrt(len(self._weights[0]))
        self._side, self._channels = side, channels
        self.kinds = kinds

    @classmethod
    def load(cls, path: Path = FILE, side: int = 28, channels: int = 1) -> "Judge":
        """The shipped judge of digits; `Mistake` if its file is missing, foreign or damaged."""
        try:
            with np.load(path, allow_pickle=False) as stored:
                weights = {name: stored[name] for name in SHAPES}
                said = str(stored["sha256"])
        except Exception as error:
            raise Mistake(
                f"{path}: the judge cannot be read ({type(error).__name__}); "
                "python -m instrument.learning.make_judge makes it anew"
            ) from error
        fits = all(weights[name].shape == shape for name, shape in SHAPES.items())
        if not fits or checksum(weights) != said:
            raise Mistake(
                f"{path}: the judge is damaged; python -m instrument.learning.make_judge mends it"
            )
        return cls(weights, side, channels)

    def view(self, u: np.ndarray) -> np.ndarray:
        """Images u (B, C * S * S) as the judge looks at them: grey, of its own size, (B, its pixels)."""
        grey = greyed(u, self._channels)
        if self._side == self._own_side:
            return grey
        planes = resized(grey.reshape(-1, self._side, self._side), self._own_side)
        return np.clip(planes, 0.0, 1.0, out=planes).reshape(len(u), -1)

    def probabilities(self, u: np.ndarray) -> np.ndarray:
        """Softmax over the eleven classes, float32 (B, 11), of images u (B, C * S * S) in 0..1."""
        w1, b1, w2, b2 = self._weights
        hidden = self.view(u) @ w1
        hidden += b1
        np.maximum(hidden, 0.0, out=hidden)
        logits = hidden @ w2
        logits += b2
        logits -= logits.max(axis=1, keepdims=True)
        np.exp(logits, out=logits)
        logits /= logits.sum(axis=1, keepdims=True)
        return logits


class Verdicts:
    """Window over the last 1,024 judged samples: modes, divergence and score come from here.

    With K = `kinds` classes that exist, q and p are over those: divergence is sum q ln(K q), 0 to
    ln K; modes go to K and score from 1 to K. For the ten digits that is what `streams.py` says.
    """

    def __init__(self, kinds: int = REJECT) -> None:
        self._kinds = kinds
        self._p = np.zeros((WINDOW, CLASSES), np.float32)
        self._filled = 0
        self._next = 0

    def add(self, probabilities: np.ndarray) -> None:
        """Take a batch (B, 11) in; the oldest samples leave."""
        batch = probabilities[-WINDOW:]
        at = (self._next + np.arange(len(batch))) % WINDOW
        self._p[at] = batch
        self._next = int(at[-1] + 1) % WINDOW
        self._filled = min(WINDOW, self._filled + len(batch))

    def measure(self) -> tuple[int, float, float]:
        """Modes, divergence (nats), score, as `streams.py` defines them."""
        p = self._p[: self._filled]
        best = p.argmax(axis=1)
        counts = np.bincount(best, minlength=CLASSES)[: self._kinds]
        if not counts.sum():
            return 0, math.log(self._kinds), 1.0
        q = counts / counts.sum()
        present = q[q > 0]
        divergence = float((present * np.log(self._kinds * present)).sum())
        own = p[:, : self._kinds].astype(np.float64) + 1e-12
        own /= own.sum(axis=1, keepdims=True)
        mean = own.mean(axis=0)
        gain = -(mean * np.log(mean)).sum() + (own * np.log(own)).sum(axis=1).mean()
        return int((q >= 0.01).sum()), divergence, float(np.exp(gain))
