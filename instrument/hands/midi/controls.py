"""The controls of the MIDI hand itself, so that OSC, cues and MIDI can reach them."""

from instrument.hands.midi.entry import BANKS
from instrument.signals.controls import Control, Controls, Group
from instrument.signals.spec import trigger, whole

LEARN, FORGET, BANK = "midi.learn", "midi.forget", "midi.bank"


class MidiControls(Controls):
    """What MIDI itself can be asked for."""

    learn = Control(trigger(
        "MIDI learn: what is moved next at a controller moves this control from now on (without a "
        "word: the control moved last, then the macro page)", names="control",
    ))  # fmt: skip
    forget = Control(trigger("no MIDI controller moves this control any more", names="control"))
    bank = Control(whole(1, BANKS, 1, "which bank of the MIDI map is under the hands"))


MIDI = Group("midi", MidiControls)
