"""The course of a training: a learner that is changed by deeds and steps, and by nothing else.

No clock and no bus in here. What was measured, shown or asked does not matter; so the same seed and the
same deeds at the same steps give the same weights, bit for bit (`replay.py` does it again).
"""

import json
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import torch

from instrument.learning.collapse import CollapseLoop
from instrument.learning.deeds import Deed, DeedKind, Mark
from instrument.learning.dials import Steering
from instrument.learning.digits import Digits
from instrument.learning.gestures import (
    ALL_IMAGES,
    AMNESIA,
    BANK,
    BREATHES,
    LEARNING,
    PLACE,
    QUAKE_PLACES,
    LearningControls,
)
from instrument.learning.healing import Healing
from instrument.learning.learner import Learner
from instrument.learning.reading import Reading
from instrument.learning.snapshot import Snapshot
from instrument.learning.wounds import forget, quake

DIGITS = tuple(PLACE[f"digit_{k}"] for k in range(10))


@dataclass
class Moment:
    """A point of the course one can go back to."""

    mark: Mark
    learner: Snapshot
    loop: CollapseLoop
    healing: Healing
    anti_left: int
    heat_factor: float
    positions: np.ndarray
    """What the learning controls were felt to be, float32 (controls,)."""
    time_s: float = 0.0

    @property
    def bytes(self) -> int:
        return self.learner.bytes


class Course:
    """Learner, felt controls, and what runs on between steps (collapse, heal, anti). Trainer thread."""

    def __init__(
        self, net: str, digits: Digits, device: torch.device, seed: int, batch: int,
        graphs: bool = True,
    ) -> None:  # fmt: skip
        self.learner = Learner(net, digits, device, seed, batch, graphs)
        self.steps = 0
        """Steps made in this show; never goes back, not even by undo."""
        self.deeds = 0
        self.loop, self.healing = CollapseLoop(), Healing()
        self.anti_left = 0
        self.heat_factor = 1.0
        """What the guard left of the heat; the hand that moves heat again takes it back."""
        self.positions = BANK.defaults.copy()
        self._values = np.zeros(len(BANK), np.float64)
        self.felt: LearningControls = BANK.bind(LEARNING, self._values)
        self._mean = digits.mean.reshape(1, -1)
        self._apply()

    def begin_from(self, moment: Moment) -> None:
        """Go on from a moment of another show, before the first deed. Its steps are counted on."""
        self._restore(moment, by_guard=False)
        self.steps = moment.mark.steps
        self.positions[:] = moment.positions
        self._apply()

    # Deeds.

    def birth(self, facts: dict[str, Any]) -> Deed:
        """The first deed."""
        return self.do(DeedKind.BIRTH, text=json.dumps(facts, separators=(",", ":")))

    def check(self) -> Deed:
        """Say what the weights are."""
        return self.do(DeedKind.CHECK, text=self.learner.checksum())

    def do(
        self, kind: DeedKind, places: Sequence[int] = (), values: Sequence[float] = (),
        text: str = "", moments: Sequence[Moment] = (),
    ) -> Deed:  # fmt: skip
        """Do it now; `moments` are those its marks name."""
        deed = Deed(kind, self.steps, self.deeds, tuple(places), tuple(values), text)
        if kind is DeedKind.FEEL:
            self._feel(places, values)
        elif kind is DeedKind.ACT:
            self._act(LEARNING.specs[places[0]].name, values[0])
        elif kind is DeedKind.RESTORE:
            self._restore(moments[0], by_guard=bool(places[0]))
        elif kind is DeedKind.LAND:
            self._land(moments[0], moments[1], values[4])
        elif kind is DeedKind.HEAL:
            self._heal(moments[0] if moments else None)
        self.deeds += 1
        return deed

    def _feel(self, places: Sequence[int], values: Sequence[float]) -> None:
        for place, position in zip(places, values, strict=True):
            self.positions[place] = position
        if PLACE["heat"] in places and not self._breathes("heat"):
            self.heat_factor = 1.0
        self._apply()

    def _breathes(self, name: str) -> bool:
        """Whether a gesture is moved by its breath and not by the hand."""
        on, depth = (float(self.positions[PLACE[n]]) for n in ("breath_on", "breath_depth"))
        return depth > 0.0 and BREATHES[int(BANK.specs[PLACE["breath_on"]].map(on))] == name

    def go_on_with(self, learner: Learner) -> None:
        """Another learner (another device, another batch), already restored, takes over."""
        self.learner = learner
        self._apply()

    def _apply(self) -> None:
        BANK.map(self.positions, self._values)
        felt = self.felt
        classes = frozenset(k for k, place in enumerate(DIGITS) if self._values[place] >= 0.5)
        if felt.twos_and_sevens >= 0.5:
            classes &= {2, 7}
        most = (
            len(self.learner.inputs.feed.reals) if felt.starve >= ALL_IMAGES else int(felt.starve)
        )
        self.learner.inputs.feed.choose(classes, most)

    def _act(self, name: str, value: float) -> None:
        if name == "quake":
            quake(self.learner, value, QUAKE_PLACES[int(self.felt.quake_where)])
        elif name == "amnesia":
            forget(self.learner, AMNESIA[int(value)])
        elif name == "anti":
            self.anti_left = round(value)

    def _restore(self, moment: Moment, by_guard: bool) -> None:
        self.learner.restore(moment.learner)
        self.loop, self.healing = replace(moment.loop), replace(moment.healing)
        self.anti_left = moment.anti_left
        self.heat_factor = self.heat_factor / 2.0 if by_guard else moment.heat_factor

    def _land(self, first: Moment, second: Moment, mix: float) -> None:
        self.learner.restore(first.learner.between(second.learner, mix))
        self.loop, self.healing, self.anti_left = CollapseLoop(), Healing(), 0

    def _heal(self, good: Moment | None) -> None:
        if good is not None:
            self.learner.restore_d(good.learner)
        forget(self.learner, "moments")
        self.loop, self.anti_left, self.heat_factor = CollapseLoop(), 0, 1.0
        self.healing.begin()

    # Steps.

    @property
    def holding(self) -> bool:
        """Whether the collapse loop needs to see every step."""
        return self.felt.collapse > 0.0 or self.loop.active

    def steering(self) -> Steering:
        """What the next step is told."""
        felt = self.felt
        heat = 0.0 if self.positions[PLACE["heat"]] <= 0.0 else felt.heat * self.heat_factor
        hand = Steering(
            rate_g=felt.rate_g, rate_d=felt.rate_d, heat=heat, tilt=felt.tilt, beta1=felt.flywheel,
            greed=int(felt.greed), helvetica=felt.helvetica >= 0.5, tyrant=felt.tyrant >= 0.5,
            pull=self.loop.pull, funnel=felt.funnel if felt.funnel_scar >= 0.5 else 1.0,
            anchors=int(felt.funnel_anchors), blinkers=felt.blinkers, clamp=felt.clamp, fog=felt.fog,
            liar=felt.liar, gravel=felt.gravel, choir=felt.choir >= 0.5, anti=self.anti_left > 0,
        )  # fmt: skip
        self.healing.nurse(hand, self.learner.facts.clamp)
        return hand

    def step(self, measure: bool = True) -> Reading | None:
        """One training step as the deeds so far have it."""
        holding = self.holding
        reading = self.learner.step(self.steering(), measure or holding)
        self.steps += 1
        self.anti_left = max(0, self.anti_left - 1)
        self.healing.stepped()
        if holding and reading is not None:
            self.loop.update(self.felt.collapse, self.similarity(reading.samples))
        return reading

    def similarity(self, samples: np.ndarray) -> float:
        """`similarity_centred` of samples (B, P) in -1..1; 1 when it is no number."""
        centred = np.clip(samples * 0.5 + 0.5, 0.0, 1.0) - self._mean
        lengths = np.sqrt(np.einsum("ij,ij->i", centred, centred))
        total = (centred / np.maximum(lengths, 1e-6)[:, None]).sum(axis=0, dtype=np.float64)
        batch = len(samples)
        similarity = (float(total @ total) - batch) / (batch * (batch - 1))
        return similarity if similarity == similarity else 1.0

    # Moments.

    @property
    def mark(self) -> Mark:
        return Mark(self.steps, self.deeds)

    def capture(self, into: Moment | None = None) -> Moment:
        """This moment; into the buffers of an older one if given."""
        return Moment(
            self.mark, self.learner.capture(None if into is None else into.learner),
            replace(self.loop), replace(self.healing), self.anti_left, self.heat_factor,
            self.positions.copy(),
        )  # fmt: skip
