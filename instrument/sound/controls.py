"""What can be turned in the sound, and the table of voices. Does not import pyo."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from instrument.signals.controls import Bank, Control, Controls, Group
from instrument.signals.spec import number
from instrument.sound.voices.cloud import Cloud, CloudControls
from instrument.sound.voices.digits import Digits, DigitsControls
from instrument.sound.voices.drive import DriveControls
from instrument.sound.voices.drone import Drone, DroneControls
from instrument.sound.voices.glitch import Glitch, GlitchControls
from instrument.sound.voices.noise import Noise, NoiseControls
from instrument.sound.voices.numbers import Numbers, NumbersControls
from instrument.sound.voices.parts import recording_choice
from instrument.sound.voices.scan import Scan, ScanControls
from instrument.sound.voices.space import SpaceControls
from instrument.sound.voices.weights import Weights, WeightsControls


class MasterControls(Controls):
    """The way out."""

    level = Control(number(-60.0, 12.0, 0.0, "loudness of everything; -60 is off", unit="dB"))


@dataclass(frozen=True)
class VoiceEntry:
    """A voice in the show: its name, what can be turned on it, what builds it.

    `recording` is what it plays unless the preset names another; None for a voice that takes none.
    `recordings` are the names of all there are, filled in for a show.
    """

    name: str
    controls: type[Controls]
    build: Callable[..., Any]
    recording: str | None = None
    recordings: tuple[str, ...] = ()

    @property
    def group(self) -> Group:
        """Its controls under its path, ``sound.drone``."""
        return Group(f"sound.{self.name}", self.controls)

    def with_recordings(self, names: Sequence[str]) -> "VoiceEntry":
        """The voice in a show that has these recordings."""
        if self.recording is None:
            return self
        fields = {"recording": Control(recording_choice(names, self.recording))}
        controls = type(self.controls.__name__, (self.controls,), fields)
        return VoiceEntry(self.name, controls, self.build, self.recording, tuple(names))


CLOUD_RECORDINGS = ("improvisation_modal", "cluster_mixture", "drone_quints", "stops_pulled")
"""What the clouds play unless the preset says otherwise, in turn."""
CLOUDS, MOST_CLOUDS = 4, 12

VOICES: tuple[VoiceEntry, ...] = (
    VoiceEntry("drone", DroneControls, Drone, recording="drone_principal"),
    VoiceEntry("glitch", GlitchControls, Glitch, recording="chiff"),
    VoiceEntry("weights", WeightsControls, Weights),
    VoiceEntry("digits", DigitsControls, Digits),
    VoiceEntry("numbers", NumbersControls, Numbers),
    VoiceEntry("noise", NoiseControls, Noise),
    VoiceEntry("scan", ScanControls, Scan),
)

DRIVE = Group("sound.drive", DriveControls)
SPACE = Group("sound.space", SpaceControls)
SCAN = Group("sound.scan", ScanControls)
"""The voice that reads the samples: its line moves also while it is not heard."""
MASTER = Group("sound.master", MasterControls)


def cloud(number: int) -> VoiceEntry:
    """The n-th cloud, from 1."""
    recording = CLOUD_RECORDINGS[(number - 1) % len(CLOUD_RECORDINGS)]
    return VoiceEntry(f"cloud_{number}", CloudControls, Cloud, recording=recording)


def voices(recordings: Sequence[str], clouds: int = CLOUDS) -> tuple[VoiceEntry, ...]:
    """The voices of a show that has recordings of these names and so many clouds."""
    all_voices = (*(cloud(n + 1) for n in range(clouds)), *VOICES)
    return tuple(entry.with_recordings(recordings) for entry in all_voices)


def sound_groups(recordings: Sequence[str], clouds: int = CLOUDS) -> tuple[Group, ...]:
    """All that can be turned in the sound of such a show."""
    return (*(entry.group for entry in voices(recordings, clouds)), DRIVE, SPACE, MASTER)


def clouds_of(bank: Bank) -> int:
    """How many clouds there are in a show."""
    return sum(cloud(n + 1).group.path + ".level" in bank for n in range(MOST_CLOUDS))
