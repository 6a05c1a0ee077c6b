"""One gesture on one healthy net: until it is seen, held, then the ways back. Used by `gestures.py`.

Everything goes through the real `Course`, with the deeds that the trainer would do.
"""

import math
import os
from collections import deque
from pathlib import Path

import numpy as np
import torch

from instrument.learning.blas import use_one_blas_thread
from instrument.learning.config import own_values
from instrument.learning.course import Course
from instrument.learning.deeds import DeedKind, chunks
from instrument.learning.digits import Digits, load_digits
from instrument.learning.gestures import BANK, PLACE
from instrument.learning.judge import Judge, Verdicts
from instrument.learning.meter import from_logits
from instrument.learning.reading import Reading
from instrument.learning.sample_streams import SAMPLE_STREAMS, SampleStreams
from instrument.learning.snapshot import Snapshot
from instrument.learning.streams import state_of

NET, BATCH = "pocket_mlp", 64
CACHE = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "twos-and-sevens"

TRAINED = 6400
BEFORE = 150
"""Steps in which it is measured what is usual."""
EVERY = 4
"""Every so many steps are measured."""
HOLD, SEEN_LIMIT, BACK_LIMIT = 250, 500, 1200
SEEN_SD, SEEN_MOST, SEEN_OF = 4.0, 5, 8
BACK_SD, BACK_WINDOW, BACK_STAYS = 3.0, 16, 8
JUDGED = 512
"""Samples behind modes and divergence: the last eight measured batches."""

LOGITS = ("loss_d", "loss_g", "score_real", "score_fake", "accuracy_real", "accuracy_fake",
          "accuracy", "margin")  # fmt: skip
TRACED = (
    *SAMPLE_STREAMS,
    "accuracy",
    "margin",
    "loss_d",
    "drift",
    "reject",
    "confidence",
    "modes",
    "divergence",
    "score",
    "state",
)
AT = {name: number for number, name in enumerate(TRACED)}


class Eyes:
    """What is measured of a step, in the order of `TRACED`."""

    def __init__(self, digits: Digits) -> None:
        self._samples, self._judge = SampleStreams(digits.mean), Judge.load()
        self.judged: deque[np.ndarray] = deque(maxlen=JUDGED // BATCH)

    def look(self, reading: Reading, drift: float) -> list[float]:
        """All of `TRACED`, of a sound reading."""
        own = dict(
            zip(SAMPLE_STREAMS, self._samples.measure(reading.samples).tolist(), strict=True)
        )
        own |= zip(LOGITS, map(float, from_logits(reading.logits, reading.learnt)), strict=True)
        p = self._judge.probabilities(self._samples.u)
        self.judged.append(p)
        verdicts = Verdicts()
        verdicts.add(np.concatenate(self.judged))
        own |= zip(("modes", "divergence", "score"), map(float, verdicts.measure()), strict=True)
        own |= {"reject": float(p[:, -1].mean()), "confidence": float(p.max(axis=1).mean())}
        own["drift"] = drift
        own["state"] = state_of(
            own["reject"],
            own["similarity_centred"],
            own["divergence"],
            own["slope"],
            own["accuracy"],
        )
        return [float(f"{own[name]:.4g}") for name in TRACED]


class Start:
    """A course that stands at a healthy checkpoint, and how it usually measures there."""

    def __init__(self, seed: int) -> None:
        torch.set_num_threads(1)
        use_one_blas_thread()
        digits = load_digits("bundled", print)
        self.seed = seed
        self.course = Course(NET, digits, torch.device("cpu"), seed, BATCH)
        self.eyes = Eyes(digits)
        self.rest = BANK.defaults.copy()
        for name, value in own_values(NET).items():
            self.rest[PLACE[name]] = BANK.specs[PLACE[name]].unmap(value)
        self.feel(self.rest)
        birth = self.course.capture()
        for _ in range(20):
            self.course.step(False)
        self._path = CACHE / "gestures" / f"{NET}_{seed}_{self.course.learner.checksum()[:12]}.npz"
        self.course.do(DeedKind.RESTORE, [0], moments=[birth])
        if not self._load():
            self._train()
        self.moment = self.course.capture()
        self._judged = list(self.eyes.judged)

    def feel(self, positions: np.ndarray) -> None:
        """As the trainer does it."""
        changed = np.flatnonzero(positions != self.course.positions)
        for places, values in chunks(changed.tolist(), positions[changed].tolist()):
            self.course.do(DeedKind.FEEL, places, values)

    def begin(self):
        self.go(self.moment, self._judged)
        self.feel(self.rest)

    def go(self, moment, judged):
        self.course.do(
            DeedKind.RESTORE, [0], (moment.mark.steps, moment.mark.deeds), moments=[moment]
        )
        self.eyes.judged = deque(judged, maxlen=JUDGED // BATCH)

    def measured_step(self) -> list[float] | None:
        course = self.course
        with torch.no_grad():
            l = course.learner
            a = l.pair.generate(l.g.frozen, l.z0)[0]
            reading = course.step()
            drift = float((l.pair.generate(l.g.frozen, l.z0)[0] - a).abs().mean())
        if not math.isfinite(reading.total) or (reading.theta.max() >= 1e3 and not l.is_sound()):
            return None
        return self.eyes.look(reading, drift)

    def steps(self) -> list[float] | None:
        """`EVERY` steps, the last of them measured; None if it burst."""
        for _ in range(EVERY - 1):
            self.course.step(False)
        return self.measured_step()

    def _train(self) -> None:
        for _ in range(TRAINED):
            self.course.step(False)
        self.usual = np.array([self.steps() for _ in range(BEFORE // EVERY)])
        s = self.course.capture().learner
        self._path.parent.mkdir(parents=True, exist_ok=True)
        np.savez(
            self._path,
            core=s.core,
            adam_steps=s.adam_steps,
            spins=s.spins,
            dice=s.dice,
            age=s.age,
            usual=self.usual,
            judged=np.stack(self.eyes.judged),
        )

    def _load(self) -> bool:
        if not self._path.exists():
            return False
        with np.load(self._path) as f:
            s = Snapshot(
                torch.from_numpy(f["core"]),
                None,
                torch.from_numpy(f["adam_steps"]),
                torch.from_numpy(f["spins"]),
                torch.from_numpy(f["dice"]),
                int(f["age"]),
                None,
            )
            self.course.learner.restore(s)
            self.usual = f["usual"]
            self.eyes.judged.extend(f["judged"])
        return True
