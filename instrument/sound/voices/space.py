"""The space: a long reverb for whatever is sent into it, and its freeze.

It sleeps when its level is off, or when nothing has been sent for longer than its tail. What is sent
while it sleeps still stands in the pre-delay when it wakes, so no click is lost. Frozen, its input is
shut and its tail is held as it is: it neither grows nor dies, and it does not sleep.
"""

from typing import Any

from instrument.signals.controls import Control, Controls
from instrument.signals.spec import Curve, number, switch
from instrument.sound import graph as pyo
from instrument.sound.graph import Graph
from instrument.sound.voices.hall import Hall
from instrument.sound.voices.parts import gain_of, level

PREDELAY_S = 0.02
WHISPER = 1e-9
"""Noise kept in the feedback paths, at -180 dB: it keeps them out of denormal numbers."""
SHORTEST_S, LONGEST_S = 0.3, 60.0
"""Time in which a tail falls by 60 dB, at the two ends of `decay`."""
LOW_CUT_HZ = 50.0
SILENCE = 1e-6
GONE_DECAYS = 2.0
"""A tail is over after so many times the time in which it falls by 60 dB."""
OFF_S, DIES_AFTER_S = 1.2, 0.4
"""Turned off, the tail is let die before all of it sleeps: filters remember, and cannot be emptied."""
DRIVEN = 1.3


class SpaceControls(Controls):
    """A room around the sound."""

    level = Control(level(-6.0, "how loud the space (reverb) comes back"))
    decay = Control(number(0.0, 1.0, 0.75, "how long it rings: 0 a room, 1 a cathedral and beyond"))
    damping = Control(
        number(500.0, 16000.0, 4500.0, "how bright it rings", unit="Hz", curve=Curve.EXPONENTIAL)
    )
    freeze = Control(switch(False, "holds the tail as it is, for ever, and lets nothing new in"))


class Space:
    """A hall behind a pre-delay, asleep while there is nothing to hear in it."""

    def __init__(self, graph: Graph, sent: Any) -> None:
        """`sent` is the sum of all sends, one stream for each channel."""
        self._period_s = graph.block / graph.sample_rate
        self._peak = pyo.PeakAmp(sent)
        early_s = max(PREDELAY_S, 2.5 * self._period_s)
        before = pyo.SDelay(sent, early_s, early_s + 0.01)
        with graph.gather() as self._parts:
            self._level = graph.live(0.0, 0.05)
            self._door = graph.live(1.0, 0.05)
            entering = (pyo.ButHP(before, LOW_CUT_HZ) + graph.noise(0.37) * WHISPER) * (
                self._door.signal
            )
            self.hall = Hall(graph, entering)
            self.output = pyo.ButHP(self.hall.sound, LOW_CUT_HZ) * self._level.signal
        self._quiet_s = 0.0
        self._off_s = 0.0
        self.asleep = False

    def update(self, controls: SpaceControls) -> None:
        """Follow the controls; fall asleep and wake. Render thread."""
        frozen = bool(controls.freeze)
        decay_s = decay_seconds(controls.decay)
        gain = gain_of(controls.level)
        loud = max(self._peak.get(all=True)) > SILENCE
        self._quiet_s = (
            0.0 if loud or (frozen and not self.asleep) else self._quiet_s + self._period_s
        )
        self._off_s = self._off_s + self._period_s if gain <= 0.0 and not frozen else 0.0
        over = self._quiet_s > GONE_DECAYS * decay_s + DIES_AFTER_S or self._off_s > OFF_S
        if over != self.asleep:
            self._turn(over)
        if self.asleep:
            return
        self._level.set(gain)
        self.hall.damping.set(controls.damping)
        self.hall.frozen.set(float(frozen))
        dies = self._off_s > DIES_AFTER_S
        for live, length_s in zip(self.hall.gains, self.hall.lengths_s, strict=True):
            kept = 1.0 if frozen else 10.0 ** (-3.0 * length_s / decay_s)
            live.set(0.0 if dies else kept)
        # A longer tail piles up: let in less of what sounds on, and not much less of a single click.
        lost = 1.0 - 10.0 ** (-6.0 * self.hall.lengths_s[8] / decay_s)
        self._door.set(0.0 if frozen or dies else DRIVEN * lost**0.25)

    def _turn(self, asleep: bool) -> None:
        self.asleep = asleep
        if not asleep:
            self.hall.empty()
        for part in self._parts:
            if asleep:
                part.stop()
            else:
                part.play()


def decay_seconds(decay: float) -> float:
    """Time in which the tail falls by 60 dB for a position of `decay`, s."""
    return float(SHORTEST_S * (LONGEST_S / SHORTEST_S) ** (decay * decay))
