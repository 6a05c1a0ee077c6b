"""The controls of the show as a whole. The conductor owns them; sound and picture obey them."""

from instrument.signals.controls import Control, Controls, Group
from instrument.signals.spec import choice, number, switch

PANIC_OFF, PANIC_FADE, PANIC_CUT = 0, 1, 2

END_FADE_S = 0.7
"""How long sound and picture take to go at the end of a show."""


class ShowControls(Controls):
    """What concerns every room."""

    panic = Control(
        choice(
            ("off", "fade", "cut"),
            "off",
            "fades all sound out; asked a second time it cuts; a third time the sound comes back",
        )
    )
    panic_fade = Control(
        number(0.05, 10.0, 1.5, "how long panic fades, and how long the sound takes back", unit="s")
    )
    blackout = Control(switch(False, "fades the picture to black; the sound goes on"))
    calm = Control(number(0.0, 1.0, 1.0, "how far the training may push anything; 0 is hands only"))


SHOW = Group("show", ShowControls)
