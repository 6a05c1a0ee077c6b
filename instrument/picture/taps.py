"""`Tap`: whoever else wants to see what is shown (a film, another program), without holding it up."""

from typing import Protocol

import moderngl


class Tap(Protocol):
    """Sees every picture after it was painted and before it is shown. Main thread."""

    def see(self, shown: moderngl.Framebuffer, now_s: float) -> None:
        """`shown`: the picture at its inner size, without text over it; `now_s` on the show's clock.

        It may be read but not drawn into. Must not wait. What it raises takes the tap away.
        """
