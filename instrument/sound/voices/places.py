"""Where in a recording a voice reads: the place of the hand, and how far it has drifted from it."""


class Drift:
    """How far the place has moved by itself, in lengths of the recording; it may be many."""

    def __init__(self) -> None:
        self.length_s = 1.0
        self._travelled = 0.0
        self._held: float | None = None

    def begin(self, length_s: float) -> None:
        """Another recording, this long."""
        self.length_s = length_s
        self._travelled = 0.0
        self._held = None

    def follow(self, position: float, scan: float, passed_s: float, held: bool = False) -> float:
        """The place after this time, not wrapped: whole numbers are once through the recording.

        It drifts at `scan` times the recording's own pace; with a scan of 0 it stands where the
        hand is (whole turns stay, so that whoever smooths it is not led back through all of them).
        While it is held nothing moves it.
        """
        if held:
            if self._held is None:
                self._held = position + self._travelled
            return self._held
        self._held = None
        self._travelled += scan * passed_s / self.length_s
        if scan == 0.0:
            self._travelled = float(2 * round(0.5 * self._travelled))
        return position + self._travelled


def folded(place: float) -> float:
    """A place within 0..1, there and back."""
    return 1.0 - abs(place % 2.0 - 1.0)
