"""The drive: overdrive of what the voices send through it, at eight times the sample rate."""

from typing import Any

from instrument.signals.controls import Control, Controls
from instrument.signals.spec import Curve, number
from instrument.sound import graph as pyo
from instrument.sound.graph import Graph
from instrument.units import db_to_gain

MOST_GAIN_DB = 36.0
OVERSAMPLING = 8
KERNEL = 24
"""Length of the resampling filters, in samples of the slow rate."""
FOLLOW_HZ = 6.0
SILENCE = 1e-5
MOST_MAKEUP = 2.0
AWAKE_BLOCKS = 200


class DriveControls(Controls):
    """Overdrive of all that goes through it."""

    amount = Control(number(0.0, 1.0, 0.0, "overdrive: 0 is clean, 1 is destroyed"))
    bias = Control(number(0.0, 1.0, 0.15, "makes it uneven: even harmonics, like a tired valve"))
    tone = Control(
        number(
            400.0,
            18000.0,
            9000.0,
            "low-pass after the overdrive",
            unit="Hz",
            curve=Curve.EXPONENTIAL,
        )
    )


class Drive:
    """Soft clipping that holds the mix at the level it came in with; what changes is its colour."""

    def __init__(self, graph: Graph, mix: Any) -> None:
        """`mix` is the sum of all voices, one stream for each channel."""
        self.input = mix
        with graph.gather() as self._parts:
            self._gain = graph.live(1.0, 0.05)
            self._bias = graph.live(0.0, 0.05)
            self._tone = graph.live(9000.0, 0.05)
            pushed = mix * self._gain.signal + self._bias.signal
            with graph.resampling(OVERSAMPLING):
                # Upsampling fills up with zeros, which takes so many times of the amplitude.
                fast = pyo.Resample(pushed, mode=KERNEL, mul=OVERSAMPLING)
                bent = pyo.Tanh(fast)
            slow = pyo.Resample(bent, mode=KERNEL)
            dark = pyo.ButLP(pyo.DCBlock(slow), self._tone.signal)
            came = pyo.Mix(pyo.Follower(mix, FOLLOW_HZ), 1)
            left = pyo.Mix(pyo.Follower(dark, FOLLOW_HZ), 1)
            makeup = pyo.Clip(came / pyo.Clip(left, SILENCE, 1e3), 0.0, MOST_MAKEUP)
            held = dark * makeup
        self._wet = graph.live(0.0, 0.05)
        self.output = pyo.Interp(mix, held, self._wet.signal)
        self._wet_blocks = 1
        self._asleep = False

    def update(self, controls: DriveControls) -> None:
        """Follow the controls; costs nothing while it has been clean for a while. Render thread."""
        amount = controls.amount
        self._gain.set(db_to_gain(amount * MOST_GAIN_DB))
        self._bias.set(0.5 * controls.bias * amount)
        # Wet soon: dry and wet together would be a comb, as the resampling takes its time.
        self._wet.set(min(1.0, amount * 30.0))
        self._tone.set(controls.tone)
        self._wet_blocks = AWAKE_BLOCKS if amount > 0.0 else max(0, self._wet_blocks - 1)
        if self._asleep != (self._wet_blocks == 0):
            self._asleep = not self._asleep
            for part in self._parts:
                if self._asleep:
                    part.stop()
                else:
                    part.play()
