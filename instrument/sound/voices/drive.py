"""The drive: overdrive of the whole mix, at four times the sample rate."""

from typing import Any

from instrument.signals.controls import Control, Controls
from instrument.signals.spec import Curve, number
from instrument.sound import graph as pyo
from instrument.sound.graph import Graph
from instrument.units import db_to_gain

MOST_GAIN_DB = 42.0
OVERSAMPLING = 4
HEADROOM = 0.9


class DriveControls(Controls):
    """Overdrive of the mix."""

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
    """Soft clipping that leaves a quiet mix as it is and holds a driven one at the same level."""

    def __init__(self, graph: Graph, mix: Any) -> None:
        """`mix` is the stereo sum of all voices."""
        self._gain = graph.live(1.0, 0.05)
        self._after = graph.live(1.0, 0.05)
        self._bias = graph.live(0.0, 0.05)
        self._wet = graph.live(0.0, 0.05)
        self._tone = graph.live(9000.0, 0.05)
        pushed = mix * self._gain.signal + self._bias.signal
        with graph.resampling(OVERSAMPLING):
            fast = pyo.Resample(pushed, mode=16)
            bent = pyo.Tanh(fast)
        slow = pyo.Resample(bent, mode=16)
        level = pyo.DCBlock(slow) * self._after.signal
        dark = pyo.ButLP(level, self._tone.signal)
        self.output = pyo.Interp(mix, dark, self._wet.signal)
        self._parts = [pushed, fast, bent, slow, level, dark]
        self._wet_blocks = 1
        self._asleep = False

    def update(self, controls: DriveControls) -> None:
        """Follow the controls; costs nothing while it has been clean for a while. Render thread."""
        amount = controls.amount
        gain_db = amount * MOST_GAIN_DB
        gain = db_to_gain(gain_db)
        self._gain.set(gain)
        # Loudness of a saturated mix rises by about half of its gain in dB; give that back.
        self._after.set(HEADROOM * db_to_gain(-0.62 * gain_db))
        self._bias.set(0.5 * controls.bias * amount)
        self._wet.set(min(1.0, amount * 8.0))
        self._tone.set(controls.tone)
        self._wet_blocks = 200 if amount > 0.0 else max(0, self._wet_blocks - 1)
        if self._asleep != (self._wet_blocks == 0):
            self._asleep = not self._asleep
            for part in self._parts:
                if self._asleep:
                    part.stop()
                else:
                    part.play()
