"""`Tempo`: whose beat counts, ours or that of an external clock while it speaks. Pure."""

import numpy as np

from instrument.signals.beat import Beat, BeatHeard
from instrument.signals.controls import Bank
from instrument.signals.show import CLOCKS

SILENT_S = 3.0
"""An external clock that says nothing for so long is silent."""
NAMES = {"midi": "MIDI clock", "link": "Link"}
CURES = {
    "midi": "is it sent, and to this machine?",
    "link": "was the show begun with --link?",
}
READ = ("show.bpm", "show.beats_per_bar", "show.clock")


class Tempo:
    """The beat of the show. Conductor thread.

    | `show.clock` is     | that clock        | the beat                                                  |
    |---------------------|-------------------|-----------------------------------------------------------|
    | internal            |                   | ours, at `show.bpm`; taps set tempo and phase             |
    | midi or link        | speaks and runs   | theirs                                                    |
    | midi or link        | stands still      | ours, at their tempo                                      |
    | midi or link        | silent for 3 s    | ours, at the last tempo, and it is said                   |

    While an external clock is chosen, taps set `show.bpm` alone: it counts when we are internal again (and
    a Link session takes it).
    """

    def __init__(self, bank: Bank, positions: np.ndarray, now_s: float) -> None:
        """`positions` float32 (controls,), where the preset puts the tempo."""
        self.beat = Beat(now_s=now_s)
        self._taps = Beat(now_s=now_s)
        self._bank = bank
        self._numbers = [bank.number[path] for path in READ if path in bank]
        self._read: list[float] = []
        self._clock = CLOCKS[0]
        self._heard_s = now_s
        self._speaks = True
        self.heed(positions, now_s)

    def heed(self, positions: np.ndarray, now_s: float) -> bool:
        """Take what the controls of the tempo say now, float32 (controls,); whether it is new."""
        read = [float(positions[number]) for number in self._numbers]
        if read == self._read or len(read) < len(READ):
            return False
        before, self._read = self._read or [-1.0] * len(READ), read
        bpm, bar, clock = (
            spec.map(at) for spec, at in zip(map(self._bank.spec, READ), read, strict=True)
        )
        self.beat.beats_per_bar = int(bar)
        if read[2] != before[2]:
            self._clock, self._heard_s, self._speaks = CLOCKS[int(clock)], now_s, True
        if self._clock == CLOCKS[0]:
            self.beat.set_bpm(round(bpm, 3), now_s)
        return True

    def tap(self, now_s: float) -> float | None:
        """A tap; the tempo that `show.bpm` is to have by now, or None."""
        return (self.beat if self._clock == CLOCKS[0] else self._taps).tap(now_s)

    def hear(self, heard: BeatHeard, now_s: float) -> str:
        """An external clock speaks; returns what is to be said of it."""
        if heard.source != self._clock:
            return ""
        if heard.running:
            self.beat.follow(heard.beat, heard.bpm, heard.time_s, now_s)
        else:
            self.beat.set_bpm(heard.bpm, now_s)
        self._heard_s = now_s
        back, self._speaks = not self._speaks, True
        return f"{NAMES[self._clock]} is back: the beat is theirs" if back else ""

    def turn(self, now_s: float) -> str:
        """What is to be said of a clock that fell silent; once."""
        if self._clock == CLOCKS[0] or not self._speaks or now_s - self._heard_s < SILENT_S:
            return ""
        self._speaks = False
        return (
            f"{NAMES[self._clock]} is silent; our own beat goes on at {self.beat.bpm:.4g} bpm "
            f"({CURES[self._clock]})"
        )
