"""`Lights`: blackout, the end of the show, the first look's coming. No GL, no clock."""

BLACKOUT_S = 0.3
FADE_IN_S = 0.8


class Lights:
    """`black` 0..1 scales the picture; `presence` 0..1 rises from the first data on."""

    def __init__(self) -> None:
        self._level = 1.0
        self.presence = 0.0
        self._ending_s: float | None = None

    def end(self, seconds: float) -> None:
        """From now on fade to black, for good."""
        self._ending_s = max(0.01, seconds)

    def advance(self, elapsed_s: float, blackout: bool, waiting: bool) -> None:
        """One picture later."""
        dark = blackout or self._ending_s is not None
        step = elapsed_s / (self._ending_s or BLACKOUT_S)
        self._level = min(1.0, max(0.0, self._level - step if dark else self._level + step))
        if not waiting:
            self.presence = min(1.0, self.presence + elapsed_s / FADE_IN_S)

    @property
    def black(self) -> float:
        """1 is all light, 0 is black."""
        return self._level**2

    @property
    def opening_s(self) -> float | None:
        """How long the first look takes to come, while it does; then None."""
        return None if self.presence >= 1.0 else FADE_IN_S
