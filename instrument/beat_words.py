"""The beat, whose it is, and what waits for it, in words: for overlay and performer's view alike. Pure."""

import math
from collections.abc import Callable
from dataclasses import dataclass

from instrument.conductor.quantise import beats_of
from instrument.signals.frames import StandingFrame
from instrument.signals.show import CLOCKS, QUANTISE
from instrument.signals.spoken import Line, Tone, Word

USUAL_BPM = 120.0


@dataclass(frozen=True)
class BeatWishes:
    """What the hands ask of the beat: numbers of `show.clock` and `show.quantise`, and the rest."""

    clock: int = 0
    quantise: int = 0
    beats_per_bar: int = 4
    bpm: float = USUAL_BPM
    """Tempo of our own clock."""
    sends: bool = False
    """Whether our clock is sent."""

    @classmethod
    def read(cls, value: Callable[[str], float]) -> "BeatWishes":
        """`value` gives a control of the group ``show`` in its unit."""
        return cls(
            int(value("clock")), int(value("quantise")), int(value("beats_per_bar")),
            value("bpm"), value("clock_out") >= 0.5,
        )  # fmt: skip

    @property
    def matter(self) -> bool:
        """Whether the beat decides when something happens, or is another's."""
        return self.clock != 0 or self.quantise != 0

    @property
    def are_used(self) -> bool:
        """Whether anybody touched anything of the beat."""
        return self.matter or self.sends or abs(self.bpm - USUAL_BPM) > 1e-3


def beat_words(frame: StandingFrame, wishes: BeatWishes, now_s: float) -> Line:
    """Bar and beat (from 1), tempo, whose clock, and what waits with the time it still has."""
    at = max(0.0, _now(frame, now_s))
    bar, beat = divmod(math.floor(at), max(1, wishes.beats_per_bar))
    words = [
        Word(f"{bar + 1}.{beat + 1}", Tone.STRONG),
        Word(f"{frame.bpm:.4g} bpm"),
        Word(CLOCKS[min(wishes.clock, len(CLOCKS) - 1)], Tone.QUIET),
    ]
    if frame.pending:
        words.append(Word(_pending(frame, wishes, at), Tone.STRONG))
    elif wishes.quantise:
        words.append(Word(f"acts wait for: {QUANTISE[wishes.quantise]}", Tone.QUIET))
    return tuple(words)


def waiting_acts(frame: StandingFrame) -> str:
    """How many acts wait for the beat."""
    return "1 act waits" if frame.pending == 1 else f"{frame.pending} acts wait"


def _now(frame: StandingFrame, now_s: float) -> float:
    return float(frame.beat) + max(0.0, now_s - frame.time_s) * float(frame.bpm) / 60.0


def _pending(frame: StandingFrame, wishes: BeatWishes, at: float) -> str:
    waits = waiting_acts(frame)
    every = beats_of(wishes.quantise, wishes.beats_per_bar)
    if every <= 0.0 or frame.bpm <= 0.0:
        return waits
    left_s = (every - at % every) * 60.0 / frame.bpm
    return f"{waits}, {left_s:.1f} s"
