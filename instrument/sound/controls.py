"""What can be turned in the sound, and the table of voices. Does not import pyo."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from instrument.signals.controls import Control, Controls, Group
from instrument.signals.spec import number
from instrument.sound.voices.cloud import Cloud, CloudControls
from instrument.sound.voices.drive import DriveControls
from instrument.sound.voices.drone import Drone, DroneControls
from instrument.sound.voices.glitch import Glitch, GlitchControls
from instrument.sound.voices.noise import Noise, NoiseControls
from instrument.sound.voices.space import SpaceControls


class MasterControls(Controls):
    """The way out."""

    level = Control(number(-60.0, 12.0, 0.0, "loudness of everything; -60 is off", unit="dB"))


@dataclass(frozen=True)
class VoiceEntry:
    """A voice in the show: its name, what can be turned on it, what builds it.

    `recording` is what it plays unless the preset names another; None for a voice that takes none.
    """

    name: str
    controls: type[Controls]
    build: Callable[..., Any]
    recording: str | None = None

    @property
    def group(self) -> Group:
        return Group(f"sound.{self.name}", self.controls)


VOICES: tuple[VoiceEntry, ...] = (
    VoiceEntry("drone", DroneControls, Drone, recording="drone_principal"),
    VoiceEntry("cloud_1", CloudControls, Cloud, recording="improvisation_modal"),
    VoiceEntry("cloud_2", CloudControls, Cloud, recording="cluster_mixture"),
    VoiceEntry("glitch", GlitchControls, Glitch, recording="chiff"),
    VoiceEntry("noise", NoiseControls, Noise),
)

DRIVE = Group("sound.drive", DriveControls)
SPACE = Group("sound.space", SpaceControls)
MASTER = Group("sound.master", MasterControls)

SOUND_GROUPS: tuple[Group, ...] = (*(v.group for v in VOICES), DRIVE, SPACE, MASTER)

RECORDINGS: dict[str, str] = {v.group.path: v.recording for v in VOICES if v.recording is not None}
"""Paths of the voices that play a recording, and the one each plays by default."""

PLAYERS: tuple[str, ...] = tuple(RECORDINGS)
"""Paths of the voices that play a recording, ``sound.drone``."""
