"""Turns what a step measured into the vector of streams. Its order is that of `STREAMS`."""

import math

import numpy as np

from instrument.learning.digits import Digits
from instrument.learning.gestures import PLACE
from instrument.learning.reading import LAYERS, Reading
from instrument.learning.sample_streams import SAMPLE_STREAMS, SampleStreams
from instrument.learning.slow import SLOW_STREAMS, SlowStreams
from instrument.learning.streams import FELT, STREAMS, state_of
from instrument.signals.streams import stream_numbers

NUMBER = stream_numbers(STREAMS)


def _span(names: tuple[str, ...]) -> slice:
    first = NUMBER[names[0]]
    assert [STREAMS[first + i].name for i in range(len(names))] == list(names)
    return slice(first, first + len(names))


def _layers(name: str) -> slice:
    return _span(tuple(f"{name}_{i}" for i in range(1, LAYERS + 1)))


_GRADIENTS = (_layers("grad_norm_g"), _layers("grad_norm_d"))
_UPDATES = (_layers("update_g"), _layers("update_d"))
_SIGMAS = (_layers("sigma_g"), _layers("sigma_d"))
_SAMPLES, _SLOW, _FELT = _span(SAMPLE_STREAMS), _span(SLOW_STREAMS), _span(FELT)
_FELT_PLACES = np.array([PLACE[name] for name in FELT], np.intp)
_LOGITS = _span(("loss_d", "loss_g", "score_real", "score_fake", "accuracy_real", "accuracy_fake",
                 "accuracy", "margin"))  # fmt: skip
_DEAD = _span(("dead_g", "dead_d"))
_MACHINE = _span(
    ("step", "age", "steps_per_s", "learning_rate_g", "learning_rate_d", "pull", "healing")
)


class Meter:
    """Holds the streams of the last good step. A number that is not finite never gets in."""

    def __init__(self, digits: Digits, loss: str = "non_saturating") -> None:
        """`loss`: what the nets want (`losses.LOSSES`); `loss_d` and `loss_g` are told in its terms."""
        self._loss = loss
        self._sample_streams = SampleStreams(digits.mean)
        self.slow = SlowStreams(digits)
        self.values = np.zeros(len(STREAMS), np.float32)

    def read(self, now_s: float, reading: Reading) -> None:
        """Take in the numbers of one step."""
        out = self.values
        out[_LOGITS] = from_logits(reading.logits, reading.learnt, self._loss)
        gradients = reading.gradients.astype(np.float64)
        theta = np.maximum(reading.theta.astype(np.float64), 1e-30)
        moved = reading.moved.astype(np.float64)
        for net, name in enumerate(("g", "d")):
            part = slice(net * LAYERS, (net + 1) * LAYERS)
            out[_GRADIENTS[net]], out[_SIGMAS[net]] = gradients[part], reading.sigmas[part]
            out[_UPDATES[net]] = moved[part] / theta[part]
            out[NUMBER[f"grad_norm_{name}"]] = math.sqrt(gradients[part] @ gradients[part])
            out[NUMBER[f"update_{name}"]] = math.sqrt(
                (moved[part] @ moved[part]) / (theta[part] @ theta[part])
            )
        out[_DEAD] = reading.dead
        self.see(now_s, reading.samples)
        out[NUMBER["nonfinite"]] = 0.0

    def see(self, now_s: float, samples: np.ndarray) -> None:
        """Take in what is shown alone, (B, P) in -1..1: under `scratch` no step is made."""
        out = self.values
        out[_SAMPLES] = self._sample_streams.measure(samples)
        self.slow.measure(now_s, self._sample_streams.u)
        out[_SLOW] = self.slow.values
        out[NUMBER["state"]] = state_of(
            out[NUMBER["reject"]], out[NUMBER["similarity_centred"]], out[NUMBER["divergence"]],
            out[NUMBER["slope"]], out[NUMBER["accuracy"]], self.slow.kinds,
        )  # fmt: skip

    def burst(self) -> None:
        """The step was not finite: everything holds, and one number says so."""
        self.values[NUMBER["nonfinite"]] = 1.0

    def drift(self, moved: float) -> None:
        """How far the drawings moved in one step."""
        self.values[NUMBER["drift"]] = moved

    def machine(
        self, step: int, age: int, steps_per_s: float, rates: tuple[float, float], pull: float,
        healing: float, felt: np.ndarray,
    ) -> None:  # fmt: skip
        """How the machine stands; `felt`: learning controls in their units, float64 (controls,)."""
        self.values[_MACHINE] = step, age, steps_per_s, *rates, pull, healing
        self.values[_FELT] = felt[_FELT_PLACES]

    def __getitem__(self, name: str) -> float:
        return float(self.values[NUMBER[name]])


def from_logits(
    logits: np.ndarray, learnt: np.ndarray, loss: str = "non_saturating"
) -> tuple[float, ...]:
    """Losses, scores, accuracies and margin.

    `logits` (2 B,) reals first, before D's update; `learnt` (B,) what G learned from, after it.
    """
    batch = len(learnt)
    both, after = logits.astype(np.float64), learnt.astype(np.float64)
    real, fake = both[:batch], both[batch:]
    if loss == "hinge":
        loss_d = np.maximum(0.0, 1.0 - real).mean() + np.maximum(0.0, 1.0 + fake).mean()
    elif loss == "wasserstein":
        loss_d = fake.mean() - real.mean()
    elif loss == "relativistic":
        loss_d = np.logaddexp(0.0, fake - real).mean()
    else:
        loss_d = np.logaddexp(0.0, -real).mean() + np.logaddexp(0.0, fake).mean()
    saturating = loss in ("hinge", "wasserstein")
    loss_g = -after.mean() if saturating else np.logaddexp(0.0, -after).mean()
    scores = 0.5 + 0.5 * np.tanh(0.5 * both)  # the sigmoid that cannot overflow
    accuracy_real = np.count_nonzero(real > 0) / batch
    accuracy_fake = np.count_nonzero(fake < 0) / batch
    return (
        loss_d, loss_g, scores[:batch].mean(), scores[batch:].mean(),
        accuracy_real, accuracy_fake, (accuracy_real + accuracy_fake) / 2, real.mean() - fake.mean(),
    )  # fmt: skip
