"""The controls of the show as a whole. The conductor owns them; sound and picture obey them."""

from instrument.signals.controls import Control, Controls, Group
from instrument.signals.spec import Curve, choice, number, switch, trigger, whole

PANIC_OFF, PANIC_FADE, PANIC_CUT = 0, 1, 2

MOST_SCENES = 128
"""So many as a program change can name."""
MOST_CUES = 256

QUANTISE = ("off", "beat", "bar", "2 bars", "4 bars")
CLOCKS = ("internal", "midi", "link")

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
    scene = Control(trigger(
        "goes to a scene: a preset by its number on the set list, or by its name", low=1,
        high=MOST_SCENES, default=1, step=1.0, names="scene",
    ))  # fmt: skip
    morph = Control(number(
        0.0, 120.0, 2.0, "how long a scene takes to come; a control that is touched meanwhile stays "
        "where the hand puts it", unit="s", curve=Curve.POWER,
    ))  # fmt: skip
    snapshot = Control(trigger(
        "saves what stands as a preset of yours, in the next free place of the set list (a word: under "
        "this name)", names="scene",
    ))  # fmt: skip
    store = Control(trigger(
        "saves what stands as a preset of yours, in this place of the set list", low=1,
        high=MOST_SCENES, default=MOST_SCENES, step=1.0,
    ))  # fmt: skip
    go = Control(trigger("GO: the next cue"))
    back = Control(trigger("the cue before is the next again; nothing moves"))
    goto = Control(trigger(
        "this cue is gone to now, by its number or its name", low=1, high=MOST_CUES, default=1,
        step=1.0, names="cue",
    ))  # fmt: skip
    go_guard = Control(number(
        0.0, 5.0, 0.5, "for so long after a GO another one is taken for a slip", unit="s"
    ))  # fmt: skip
    auto = Control(switch(True, "cues that have a time or a condition go by themselves"))
    quantise = Control(choice(
        QUANTISE, "off", "acts (gestures that are triggers, scenes, GO) wait for the next of these"
    ))  # fmt: skip
    bpm = Control(
        number(30.0, 300.0, 120.0, "tempo of the beat, where the clock is internal", unit="bpm")
    )
    beats_per_bar = Control(whole(1, 16, 4, "how many beats a bar has"))
    tap = Control(trigger("taps the tempo: the last taps give it, and where the beat is"))
    clock = Control(
        choice(CLOCKS, "internal", "whose beat it is: ours, that of MIDI clock, that of Link")
    )
    clock_out = Control(switch(False, "sends MIDI clock to the MIDI outputs"))


SHOW = Group("show", ShowControls)
