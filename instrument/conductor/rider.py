"""`Rider`: what moves by itself and rides with the conductor's thread, as a cue list does."""

from typing import Protocol

from instrument.signals.frames import StandingFrame


class Rider(Protocol):
    """Asked by the conductor, in its thread."""

    @property
    def is_busy(self) -> bool:
        """Whether the standing frame is to be said 10 times a second for its sake."""

    def turn(self, now_s: float) -> float:
        """Do what is due; seconds until it wants to be asked again. After every act it is asked anyway."""

    def fill(self, frame: StandingFrame, now_s: float) -> None:
        """Put its part into the frame."""
