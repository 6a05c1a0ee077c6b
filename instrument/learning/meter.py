"""Turns what a step measured into the vector of streams. Its order is that of `STREAMS`."""

import math

import numpy as np

from instrument.learning.digits import Digits
from instrument.learning.sample_streams import SAMPLE_STREAMS, SampleStreams
from instrument.learning.slow import SLOW_STREAMS, SlowStreams
from instrument.learning.streams import STREAMS, state_of
from instrument.signals.streams import stream_numbers

NUMBER = stream_numbers(STREAMS)


def _span(names: tuple[str, ...]) -> slice:
    first = NUMBER[names[0]]
    assert [STREAMS[first + i].name for i in range(len(names))] == list(names)
    return slice(first, first + len(names))


_G_NORMS = slice(NUMBER["grad_norm_g_1"], NUMBER["grad_norm_g_3"] + 1)
_D_NORMS = slice(NUMBER["grad_norm_d_1"], NUMBER["grad_norm_d_3"] + 1)
_SAMPLES, _SLOW = _span(SAMPLE_STREAMS), _span(SLOW_STREAMS)
_FIRST = ("loss_d", "loss_g", "score_real", "score_fake", "accuracy_real", "accuracy_fake", "accuracy",
          "margin")  # fmt: skip
_LOGITS = _span(_FIRST)
_MOVES = _span(("update_g", "update_d", "dead_g", "dead_d"))
_MACHINE = _span(("steps_per_s", "age", "learning_rate_g", "learning_rate_d", "pull"))


class Meter:
    """Holds the streams of the last good step. A number that is not finite never gets in."""

    def __init__(self, digits: Digits) -> None:
        self._sample_streams = SampleStreams(digits.mean)
        self.slow = SlowStreams(digits)
        self.values = np.zeros(len(STREAMS), np.float32)

    def read(
        self, now_s: float, scalars: np.ndarray, logits: np.ndarray, logits_g: np.ndarray,
        samples: np.ndarray,
    ) -> None:  # fmt: skip
        """Take in the numbers of one step; see `learner.Reading` for the arrays."""
        out = self.values
        out[_LOGITS] = from_logits(logits, logits_g)
        norms = scalars[:6].astype(np.float64)
        out[_G_NORMS], out[_D_NORMS] = norms[:3], norms[3:]
        out[NUMBER["grad_norm_g"]] = math.sqrt(norms[:3] @ norms[:3])
        out[NUMBER["grad_norm_d"]] = math.sqrt(norms[3:] @ norms[3:])
        theta_g, theta_d, moved_g, moved_d, dead_g, dead_d = scalars[6:12].tolist()
        out[_MOVES] = moved_g / theta_g, moved_d / theta_d, dead_g, dead_d
        out[_SAMPLES] = self._sample_streams.measure(samples)
        self.slow.measure(now_s, self._sample_streams.u)
        out[_SLOW] = self.slow.values
        out[NUMBER["state"]] = state_of(
            out[NUMBER["reject"]], out[NUMBER["similarity_centred"]], out[NUMBER["divergence"]],
            out[NUMBER["slope"]], out[NUMBER["accuracy"]],
        )  # fmt: skip
        out[NUMBER["nonfinite"]] = 0.0

    def burst(self) -> None:
        """The step was not finite: everything holds, and one number says so."""
        self.values[NUMBER["nonfinite"]] = 1.0

    def machine(
        self, steps_per_s: float, age: int, rates: tuple[float, float], pull: float
    ) -> None:
        """How the machine stands."""
        self.values[_MACHINE] = steps_per_s, age, *rates, pull

    def __getitem__(self, name: str) -> float:
        return float(self.values[NUMBER[name]])


def from_logits(logits: np.ndarray, logits_g: np.ndarray) -> tuple[float, ...]:
    """Losses, scores, accuracies and margin. `logits` (2 B,) reals first; `logits_g` (B,) of G's step."""
    batch = len(logits_g)
    both = logits.astype(np.float64)
    real, fake = both[:batch], both[batch:]
    loss_d = np.logaddexp(0.0, -real).mean() + np.logaddexp(0.0, fake).mean()
    loss_g = np.logaddexp(0.0, -logits_g.astype(np.float64)).mean()
    scores = 0.5 + 0.5 * np.tanh(0.5 * both)  # the sigmoid that cannot overflow
    accuracy_real = np.count_nonzero(real > 0) / batch
    accuracy_fake = np.count_nonzero(fake < 0) / batch
    return (
        loss_d, loss_g, scores[:batch].mean(), scores[batch:].mean(),
        accuracy_real, accuracy_fake, (accuracy_real + accuracy_fake) / 2, real.mean() - fake.mean(),
    )  # fmt: skip
