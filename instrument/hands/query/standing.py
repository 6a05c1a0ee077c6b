"""What OSCQuery tells of the show as it stands, beside controls and streams: one row per address."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from instrument.signals.frames import StandingFrame


@dataclass(frozen=True)
class Told:
    """One address that can only be read: its OSC type, what it is, and where it stands in the frame."""

    address: str
    kind: str
    help: str
    read: Callable[[Any], object]


def _text(name: str) -> Callable[[Any], object]:
    return lambda frame: getattr(frame, name).decode("utf-8", "replace")


def _number(name: str) -> Callable[[Any], object]:
    return lambda frame: int(getattr(frame, name))


def _real(name: str) -> Callable[[Any], object]:
    return lambda frame: float(f"{getattr(frame, name):.6g}")


STANDING = (
    Told("/show/standing/scene", "s", "name of the scene gone to last", _text("scene")),
    Told("/show/standing/scene_number", "i", "its place on the set list; 0: none", _number("scene_number")),
    Told("/show/standing/morph", "f", "how far the morph is; 1: none is under way", _real("morph")),
    Told("/show/standing/cue", "i", "number of the last cue that went; 0: none yet", _number("cue")),
    Told("/show/standing/cue_name", "s", "name of the last cue that went", _text("cue_name")),
    Told("/show/standing/next_cue", "i", "number of the next cue; 0: none", _number("next_cue")),
    Told("/show/standing/next_name", "s", "name of the next cue", _text("next_name")),
    Told("/show/standing/waits", "s", "what the next cue waits for", _text("waits")),
    Told("/show/standing/pending", "i", "how many acts wait for the beat", _number("pending")),
    Told("/show/standing/beat", "f", "where the beat is, in beats", _real("beat")),
    Told("/show/standing/bpm", "f", "how fast the beat is, beats per minute", _real("bpm")),
)  # fmt: skip

FRAME = StandingFrame
