"""One gesture on one healthy net: until it is seen, held, then the ways back. Used by `gestures.py`.

Everything goes through the real `Course`, with the deeds that the trainer would do:

when    | deeds
--------|-----------------------------------------------------------------------------------
gesture | FEEL its positions and hold them, or ACT once
release | FEEL the net's own positions; or HEAL with D of the checkpoint, then FEEL those
between | RESTORE, so that both ways back begin at the same moment
"""

import hashlib
import math
import os
from collections import deque
from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from pathlib import Path
from typing import Any

import numpy as np
import torch

from instrument.learning.blas import use_one_blas_thread
from instrument.learning.config import own_values
from instrument.learning.course import Course, Moment
from instrument.learning.deeds import DeedKind, chunks
from instrument.learning.digits import load_digits
from instrument.learning.gestures import BANK, PLACE
from instrument.learning.judge import Judge, Verdicts
from instrument.learning.meter import from_logits
from instrument.learning.sample_streams import SAMPLE_STREAMS, SampleStreams
from instrument.learning.snapshot import Snapshot
from instrument.learning.streams import STATES, state_of

NET, BATCH, TRAINED = "pocket_mlp", 64, 6400
EVERY = 4
"""Every so many steps are measured; a measured step is one row of a trace."""
BEFORE = 160
"""Steps that tell what is usual."""
HOLD, SEEN_LIMIT, BACK_LIMIT = 240, 500, 1200
SEEN_SD, SEEN_MOST, SEEN_OF = 4.0, 5, 8
BACK_SD, BACK_ROWS, BACK_STAYS = 3.0, 16, 16
JUDGED = 8
"""Rows behind modes and divergence: the last 512 samples."""

STREAMS = (
    "similarity_centred", "flatness", "slope", "reject", "accuracy", "margin", "drift", "modes",
    "divergence", "state",
)  # fmt: skip
AT = {name: column for column, name in enumerate(STREAMS)}
TOLERANCE = {
    "similarity_centred": 0.04, "flatness": 0.05, "reject": 0.05, "slope": 0.1, "margin": 0.3,
    "drift": 0.001, "divergence": 0.1,
}  # fmt: skip
"""What a stream may differ by, beyond `BACK_SD`, when it is back: training goes on meanwhile."""
PICTURE = ("similarity_centred", "flatness", "reject", "divergence")
"""Nothing is back, whatever the witness says, while the drawings are not as they were."""
PROTOCOL = (
    NET, BATCH, TRAINED, EVERY, BEFORE, HOLD, SEEN_LIMIT, BACK_LIMIT, SEEN_SD, SEEN_MOST, SEEN_OF,
    BACK_SD, BACK_ROWS, BACK_STAYS, JUDGED, STREAMS, tuple(sorted(TOLERANCE.items())), PICTURE,
)  # fmt: skip
CACHE = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "twos-and-sevens"

Row = list[float]


@dataclass(frozen=True)
class Strength:
    """One way to do a gesture: controls that are held at values in their units, or one act."""

    label: str
    held: dict[str, float] = field(default_factory=dict)
    act: tuple[str, float] | None = None
    steps: int | None = None
    """How long exactly it is held; None: `HOLD`, or on until it is seen, at most `SEEN_LIMIT`."""

    @property
    def shortest(self) -> int:
        return HOLD if self.steps is None else self.steps

    @property
    def longest(self) -> int:
        return SEEN_LIMIT if self.steps is None else self.steps


@dataclass(frozen=True)
class Job:
    """One gesture in one strength on the net of one seed; `witness` names the stream that tells."""

    gesture: str
    strength: Strength
    witness: str
    seed: int

    def key(self, fingerprint: str) -> str:
        """Changes with everything that the result depends on."""
        whole = (PROTOCOL, fingerprint, self.gesture, self.strength, self.witness, self.seed)
        return hashlib.sha256(repr(whole).encode()).hexdigest()[:16]


class Usual:
    """How the streams are when nobody does anything, for one that watches a witness."""

    def __init__(self, witness: str, rows: Sequence[Row]) -> None:
        values = np.array(rows)
        self.witness = witness
        self.mean = dict(zip(STREAMS, values.mean(axis=0).tolist(), strict=True))
        self.sd = dict(zip(STREAMS, values.std(axis=0).tolist(), strict=True))

    def is_off(self, row: Row) -> bool:
        """Whether this row is anything but usual and healthy."""
        away = abs(row[AT[self.witness]] - self.mean[self.witness])
        return away > SEEN_SD * self.sd[self.witness] or row[AT["state"]] != 0

    def is_back(self, rows: Sequence[Row]) -> bool:
        """Whether the medians of these rows are usual, the picture's too, and healthy."""
        middle = dict(zip(STREAMS, np.median(np.array(rows), axis=0).tolist(), strict=True))
        return not _state(middle) and all(
            abs(middle[name] - self.mean[name]) <= BACK_SD * self.sd[name] + TOLERANCE[name]
            for name in (self.witness, *PICTURE)
        )


def _state(of: dict[str, float]) -> int:
    return state_of(
        of["reject"], of["similarity_centred"], of["divergence"], of["slope"], of["accuracy"]
    )


def seen_at(offs: Sequence[bool]) -> int | None:
    """The first row that is off and begins `SEEN_OF` rows of which `SEEN_MOST` are off."""
    for row, off in enumerate(offs):
        if off and sum(offs[row : row + SEEN_OF]) >= SEEN_MOST:
            return row
    return None


class Stand:
    """A net that stands at its checkpoint, what is usual there, and the eyes on it."""

    def __init__(self, seed: int) -> None:
        """Load it from the cache, or train it; a minute or so."""
        torch.set_num_threads(1)
        use_one_blas_thread()
        digits = load_digits("bundled", print)
        self.course = Course(NET, digits, torch.device("cpu"), seed, BATCH)
        self._samples, self._judge = SampleStreams(digits.mean), Judge.load()
        self._judged: deque[np.ndarray] = deque(maxlen=JUDGED)
        self.rest = BANK.defaults.copy()
        self.rest[:] = self.positions(own_values(NET))
        self.feel(self.rest)
        birth = self.course.capture()
        for _ in range(20):
            self.course.step(False)
        told = (PROTOCOL[:5], STREAMS, self.course.learner.checksum())
        name = hashlib.sha256(repr(told).encode()).hexdigest()[:16]
        path = CACHE / "gestures" / f"checkpoint_{seed}_{name}.npz"
        self.go(birth, ())
        self.rows: list[Row] = []
        if path.exists():
            self._load(path)
        else:
            self._train(path)
        self.checkpoint, self.judged = self.course.capture(), tuple(self._judged)

    def _train(self, path: Path) -> None:
        for _ in range(TRAINED):
            self.course.step(False)
        for _ in range(BEFORE // EVERY):
            row = self.steps()
            assert row is not None, "an undisturbed training does not burst"
            self.rows.append(row)
        s = self.course.learner.capture()
        path.parent.mkdir(parents=True, exist_ok=True)
        unfinished = path.with_name(f"{os.getpid()}.npz")
        np.savez(
            unfinished, core=s.core, adam_steps=s.adam_steps, spins=s.spins, dice=s.dice, age=s.age,
            rows=np.array(self.rows), judged=np.stack(self._judged),
        )  # fmt: skip
        unfinished.replace(path)

    def _load(self, path: Path) -> None:
        with np.load(path, allow_pickle=False) as stored:
            core, steps, spins, dice = (
                torch.from_numpy(stored[name]) for name in ("core", "adam_steps", "spins", "dice")
            )
            age, self.rows = int(stored["age"]), stored["rows"].tolist()
            self._judged.extend(stored["judged"])
        self.course.learner.restore(Snapshot(core, None, steps, spins, dice, age, None))

    # What the trainer does.

    def positions(self, values: dict[str, float]) -> np.ndarray:
        """The net's own positions with some controls at these values in their units."""
        moved = self.rest.copy()
        for name, value in values.items():
            moved[PLACE[name]] = BANK.specs[PLACE[name]].unmap(value)
        return moved

    def feel(self, positions: np.ndarray) -> None:
        changed = np.flatnonzero(positions != self.course.positions)
        for places, values in chunks(changed.tolist(), positions[changed].tolist()):
            self.course.do(DeedKind.FEEL, places, values)

    def go(self, moment: Moment, judged: Sequence[np.ndarray]) -> None:
        """To a moment, with what had been judged by then."""
        marks = (moment.mark.steps, moment.mark.deeds)
        self.course.do(DeedKind.RESTORE, [0], marks, moments=[moment])
        self._judged = deque(judged, maxlen=JUDGED)

    def begin(self, strength: Strength) -> None:
        """From the checkpoint: the gesture."""
        self.go(self.checkpoint, self.judged)
        self.feel(self.positions(strength.held))
        if strength.act is not None:
            name, value = strength.act
            self.course.do(DeedKind.ACT, [PLACE[name]], [value])

    def release(self, heal: bool) -> None:
        """Everything at rest; healed first if asked for."""
        if heal:
            marks = (self.checkpoint.mark.steps, self.checkpoint.mark.deeds)
            self.course.do(DeedKind.HEAL, (), marks, moments=[self.checkpoint])
        self.feel(self.rest)

    @property
    def now(self) -> tuple[Moment, tuple[np.ndarray, ...]]:
        return self.course.capture(), tuple(self._judged)

    # What is seen of it.

    def steps(self) -> Row | None:
        """`EVERY` steps, the last one measured as `STREAMS` has it; None when the training burst."""
        course, learner = self.course, self.course.learner
        for _ in range(EVERY - 1):
            course.step(False)
        with torch.no_grad():
            before = learner.pair.generate(learner.g.frozen, learner.z0)[0]
            reading = course.step()
            moved = learner.pair.generate(learner.g.frozen, learner.z0)[0].sub_(before)
        assert reading is not None, "on the CPU every measured step is read at once"
        within = bool(reading.theta.max() < 1e3) or learner.is_sound()
        if not (math.isfinite(reading.total) and within):
            return None
        told = self._samples.measure(reading.samples).tolist()
        of = dict(zip(SAMPLE_STREAMS, map(float, told), strict=True))
        *_, of["accuracy"], of["margin"] = map(float, from_logits(reading.logits, reading.learnt))
        of["drift"] = float(moved.abs_().mean())
        self._judged.append(self._judge.probabilities(self._samples.u))
        verdicts = Verdicts()
        verdicts.add(np.concatenate(self._judged))
        modes, of["divergence"], _ = verdicts.measure()
        of["modes"], of["reject"] = float(modes), float(self._judged[-1][:, -1].mean())
        of["state"] = float(_state(of))
        return [float(f"{of[name]:.4g}") for name in STREAMS]


@lru_cache(maxsize=2)
def stand(seed: int) -> Stand:
    """One for each process and seed."""
    return Stand(seed)


def checkpoint(seed: int) -> dict[str, Any]:
    """How the net of this seed stands before any gesture: what is usual of each stream."""
    rows = np.array(stand(seed).rows)
    means = dict(zip(STREAMS, rows.mean(axis=0).tolist(), strict=True))
    healthy = float((rows[:, AT["state"]] == 0).mean())
    return {"seed": seed, "healthy": healthy, "means": means, "rows": rows.tolist()}


def fingerprint(strengths: Sequence[Strength]) -> str:
    """Weights after a few steps of everything: other code, other bits, another fingerprint."""
    torch.set_num_threads(1)
    course = Course(NET, load_digits("bundled", print), torch.device("cpu"), 1, BATCH)
    whole = hashlib.sha256()
    birth = course.capture()
    for strength in strengths:
        course.do(DeedKind.RESTORE, [0], (0, 0), moments=[birth])
        at = BANK.defaults.copy()
        for name, value in strength.held.items():
            at[PLACE[name]] = BANK.specs[PLACE[name]].unmap(value)
        course.do(DeedKind.FEEL, range(len(at)), at.tolist())
        if strength.act is not None:
            course.do(DeedKind.ACT, [PLACE[strength.act[0]]], [strength.act[1]])
        for _ in range(3):
            course.step(False)
        course.do(DeedKind.HEAL)
        course.step(False)
        whole.update(course.learner.checksum().encode())
    return whole.hexdigest()[:16]


# The protocol.


def play(job: Job) -> dict[str, Any]:
    """Do it; what came of it, as JSON values. Steps count from the gesture, or from its release."""
    scene, strength = stand(job.seed), job.strength
    usual = Usual(job.witness, scene.rows)
    scene.begin(strength)
    held, burst = _hold(scene, strength, usual)
    result: dict[str, Any] = {
        "gesture": job.gesture, "strength": strength.label, "seed": job.seed,
        "held": len(held) * EVERY, "burst": "held" if burst else "", "alone": None, "heal": None,
    }  # fmt: skip
    trace = {"held": held, "alone": [], "heal": []}
    seen = seen_at([usual.is_off(row) for row in held])
    if not burst and (seen is not None or strength.steps is not None):
        moment = scene.now
        scene.release(heal=False)
        way = _way_back(scene, usual, held, wait=True)
        trace["alone"], result["alone"], burst = way
        result["burst"] = "alone" if burst else ""
        seen = seen_at([usual.is_off(row) for row in held + way[0]])
        if seen is not None:
            scene.go(*moment)
            scene.release(heal=True)
            trace["heal"], result["heal"], burst = _way_back(scene, usual, held, wait=False)
            result["burst"] = result["burst"] or ("heal" if burst else "")
    elif burst and seen is None:
        seen = len(held)
    result["seen"] = None if seen is None else (seen + 1) * EVERY
    result["states"] = _states(held + trace["alone"], seen)
    return result | {"trace": trace}


def _hold(scene: Stand, strength: Strength, usual: Usual) -> tuple[list[Row], bool]:
    """The rows under the gesture, and whether it burst."""
    rows: list[Row] = []
    while (done := len(rows) * EVERY) < strength.longest:
        if done >= strength.shortest and seen_at([usual.is_off(row) for row in rows]) is not None:
            break
        row = scene.steps()
        if row is None:
            return rows, True
        rows.append(row)
    return rows, False


def _way_back(
    scene: Stand, usual: Usual, held: list[Row], wait: bool
) -> tuple[list[Row], int | None, bool]:
    """Rows since the release, steps until it was back (None: not within the limit), whether it burst.

    `wait`: it is not back before it was seen. Dated at the middle of the rows whose medians were usual.
    """
    rows: list[Row] = []
    stays, first = 0, 0
    while len(rows) * EVERY < BACK_LIMIT:
        row = scene.steps()
        if row is None:
            return rows, None, True
        rows.append(row)
        past = held + rows
        if wait and seen_at([usual.is_off(row) for row in past]) is None:
            if len(past) * EVERY >= SEEN_LIMIT:
                break
            continue
        window = past[-BACK_ROWS:]
        good = len(window) >= BACK_ROWS // 2 and usual.is_back(window)
        if good and not stays:
            first = max(0, (len(rows) - len(window) // 2) * EVERY)
        stays = stays + 1 if good else 0
        if stays >= BACK_STAYS:
            return rows, first, False
    return rows, None, False


def _states(rows: list[Row], seen: int | None) -> str:
    """The state it was mostly in besides healthy, if it was in one for a quarter of 160 steps."""
    if seen is None:
        return ""
    ills = np.bincount([int(row[AT["state"]]) for row in rows[seen:]], minlength=len(STATES))[1:]
    return STATES[int(ills.argmax()) + 1] if len(ills) and ills.max() >= 10 else ""
