"""The controls of the deck that plays a recorded run. Where the training is live nobody listens to them."""

from instrument.signals.controls import Control, Controls, Group
from instrument.signals.spec import Curve, choice, number, switch, trigger

HERE = -1.0
"""Said of a mark: where the deck stands now."""
LONGEST_S = 86_400.0
MOST_STEPS = 1_000_000_000
AT_END = ("leave", "hold", "loop")


class DeckControls(Controls):
    """A recorded run under the hand. Seconds count from the beginning of the run."""

    play = Control(
        switch(True, "the recorded run rolls; off: it holds, and what was said last stands")
    )
    speed = Control(number(
        0.1, 8.0, 1.0, "how fast it rolls", unit="x", curve=Curve.EXPONENTIAL,
    ))  # fmt: skip
    seek = Control(trigger("goes to this second of the run", low=0.0, high=LONGEST_S, default=0.0))
    seek_step = Control(trigger(
        "goes to this step of the training", low=0, high=MOST_STEPS, default=0, step=1.0,
    ))  # fmt: skip
    skip = Control(
        trigger("goes so many seconds on, or back", low=-600.0, high=600.0, default=10.0)
    )
    loop = Control(
        switch(False, "rolls round between the two marks (the whole run where none is set)")
    )
    mark_in = Control(trigger(
        "the loop begins at this second; -1 is here", low=HERE, high=LONGEST_S, default=HERE,
    ))  # fmt: skip
    mark_out = Control(trigger(
        "the loop ends at this second; -1 is here", low=HERE, high=LONGEST_S, default=HERE,
    ))  # fmt: skip
    no_marks = Control(trigger("takes both marks away"))
    at_end = Control(choice(AT_END, "leave", "what happens at the end of the run"))
    mute_hands = Control(switch(False, "the recorded hands are not played: the training alone"))
    punch_out = Control(
        trigger("gives every control that a hand has taken back to the recorded hands")
    )
    branch = Control(trigger(
        "from here the training is live: it goes on from the nearest saved moment of the run"
    ))  # fmt: skip


DECK = Group("deck", DeckControls)
