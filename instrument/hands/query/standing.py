"""What OSCQuery says of the addresses that are no controls and no streams: scene, cues, deck, meters."""

import ctypes

from instrument.hands.readouts import (
    DECK_FIELDS,
    DECK_STANDS,
    METER,
    METERS,
    SHOW_STANDS,
    STANDING_FIELDS,
)
from instrument.signals.frames import StandingFrame

FIELDS = {
    "scene": "name of the scene gone to last",
    "scene_number": "its place on the set list; 0: none",
    "morph": "how far the morph is; 1: none is under way",
    "morph_left_s": "what the morph still takes, in seconds",
    "cue": "number of the last cue that went; 0: none yet",
    "cue_name": "name of the last cue that went",
    "cue_count": "how many cues there are",
    "cue_s": "how long ago the last cue went, in seconds",
    "next_cue": "number of the next cue; 0: none",
    "next_name": "name of the next cue",
    "next_note": "what is written beside the next cue",
    "waits": "what the next cue waits for, in words",
    "pending": "how many acts wait for the beat",
    "beat": "where the beat is, in beats from the start of the clock",
    "bpm": "how fast the beat is, in beats per minute",
}
DECK_HELP = {
    "run": ("s", "name of the recorded run"),
    "at": ("s", "where the deck stands in it, minutes and seconds"),
    "length": ("s", "how long the run is, minutes and seconds"),
    "position_s": ("f", "where the deck stands, in seconds"),
    "length_s": ("f", "how long the run is, in seconds"),
    "speed": ("f", "how fast it rolls; 0: it holds"),
    "loop": ("s", "from where to where it goes round"),
    "punched": ("i", "how many controls a hand has taken from the recording"),
}
METER_HELP = {
    "peak": "loudest sample of late, dBFS",
    "lufs": "loudness of the last 3 s, LUFS",
    "momentary": "loudness of the last 400 ms, LUFS",
    "integrated": "loudness of the whole show (of this sound process), LUFS",
    "dropouts": "how often the sound broke off since the show began",
    "load": "share of its time that the sound process works, 0 to 1",
}


def told() -> list[tuple[str, str, str]]:
    """Address, OSC type and help of each. KeyError where OSC says something that is not explained here."""
    kinds = {field[0]: _kind(field[1]) for field in StandingFrame._fields_}
    stands = [(SHOW_STANDS + name, kinds[name], FIELDS[name]) for name in STANDING_FIELDS]
    meters = [
        (METER + name, "i" if name == "dropouts" else "f", METER_HELP[name]) for name in METERS
    ]
    deck = [(DECK_STANDS + name, *DECK_HELP[name]) for name in DECK_FIELDS]
    return stands + meters + deck


def _kind(type_: type) -> str:
    if issubclass(type_, ctypes.Array):
        return "s"
    return "i" if type_ in (ctypes.c_uint32, ctypes.c_uint64) else "f"
