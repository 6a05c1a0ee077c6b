"""What the voices have in common: their shape, and their common controls."""

from collections.abc import Sequence
from typing import Any, Protocol

from instrument.signals.controls import Control, Controls
from instrument.signals.spec import Spec, choice, number, switch
from instrument.sound.inner import Inner
from instrument.sound.recording import Recording
from instrument.units import db_to_gain

OFF_DB = -60.0
LOUDEST_DB = 12.0


def level(default_db: float, help: str) -> Spec:
    """The spec of a loudness in dB; at the very bottom it is off."""
    return number(OFF_DB, LOUDEST_DB, default_db, f"{help}; -60 is off", unit="dB")


def send(default: float) -> Spec:
    """The spec of how much of a voice goes into the space."""
    return number(0.0, 1.0, default, "how much of it is sent into the space (reverb)")


def recording_choice(names: Sequence[str], default: str) -> Spec:
    """The spec of which recording is played: one of the names there are in this show."""
    first = default if default in names else names[0]
    return choice(
        tuple(names), first, "which recording it plays; another one fades in while it plays"
    )


class VoiceControls(Controls):
    """What can be turned on every voice."""

    level = Control(level(OFF_DB, "how loud the voice is"))
    space = Control(send(0.3))
    drive = Control(
        number(0.0, 1.0, 1.0, "how much of it goes through the overdrive; the rest stays clean")
    )
    mute = Control(switch(False, "silences this voice, whatever its level"))
    solo = Control(switch(False, "silences every voice that is not soloed"))


class PlayerControls(VoiceControls):
    """What can be turned on every voice that plays a recording."""

    recording = Control(recording_choice(("drone_principal",), "drone_principal"))


def gain_of(level_db: float) -> float:
    """Amplitude factor of a level; at or below -60 dB exactly 0."""
    return 0.0 if level_db <= OFF_DB else db_to_gain(level_db)


class Voice(Protocol):
    """A sounding part of the graph. Render thread only.

    `sound` is a pyo object with one stream for each channel of the graph, as loud as it is at 0 dB.
    Level, send, mute, sleep and the crossfade to another recording are not its business (`strip`).
    A voice is built from its graph, and from a recording if it plays one.
    """

    sound: Any

    def update(self, controls: Any) -> None:
        """Follow the controls (values in their units), once per block while it can be heard."""

    def hear(self, inner: Inner) -> None:
        """Take what is new of the network."""


class Player(Voice, Protocol):
    """A voice that plays a recording."""

    def load(self, recording: Recording) -> None:
        """Play another recording from now on. Only called while the voice is asleep."""
