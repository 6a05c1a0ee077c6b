"""`Steady`: keeps a thread going that nothing else could take the place of."""

from collections.abc import Callable

from instrument.clock import Clock

SAID_EVERY_S = 1.0
AGAIN_S = 0.02


class Steady:
    """What fails ends there, and is said once a second at most. One thread."""

    def __init__(self, tell: Callable[[str, bool], None], clock: Clock) -> None:
        """`tell` says a sentence, and whether it is grave."""
        self._tell, self._clock = tell, clock
        self._said_s = float("-inf")

    def do(self, act: Callable[[], float | None]) -> float:
        """Do it; returns its seconds until the next time, a little where it failed. Never raises."""
        try:
            return act() or 0.0
        except KeyError:  # a control that this show does not have
            return 0.0
        except Exception as error:
            now_s = self._clock()
            if now_s >= self._said_s + SAID_EVERY_S:
                self._said_s = now_s
                name = type(error).__name__
                self._tell(f"the conductor stumbled ({name}: {error}); the show goes on", True)
            return AGAIN_S
