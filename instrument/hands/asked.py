"""Where a control will stand once the conductor has taken what a hand just asked for."""

from collections.abc import Callable

from instrument.clock import Clock
from instrument.signals.spec import Spec

ON_ITS_WAY_S = 0.1


class Asked:
    """Positions as one hand has to see them: its own last word while that is still on its way.

    The conductor takes gestures a moment later; two presses within one picture must both count.
    One thread.
    """

    def __init__(self, position: Callable[[str], float], clock: Clock) -> None:
        """`position`: the conductor's position 0..1 of a path."""
        self._position = position
        self._clock = clock
        self._last: dict[str, tuple[float, float]] = {}

    def remember(self, path: str, position: float) -> None:
        """This hand asked for `position` now."""
        self._last[path] = (position, self._clock())

    def position(self, path: str) -> float:
        """Where the control stands or is about to stand, 0..1."""
        asked = self._last.get(path)
        if asked is not None and self._clock() - asked[1] < ON_ITS_WAY_S:
            return asked[0]
        return self._position(path)


def next_choice(spec: Spec, position: float) -> float:
    """Position of the choice after the one that stands; after the last comes the first."""
    value = spec.map(position) + 1.0
    return spec.unmap(spec.low if value > spec.high else value)
