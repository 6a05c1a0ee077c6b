"""The house: all rooms' declarations in one place, before anything heavy is imported."""

from collections.abc import Sequence
from dataclasses import dataclass

from instrument.learning.config import NETS
from instrument.learning.gestures import LEARNING
from instrument.picture.controls import picture_groups
from instrument.picture.looks import Look, load_looks
from instrument.presets import Vocabulary
from instrument.signals import places
from instrument.signals.controls import Bank, Group
from instrument.signals.show import SHOW
from instrument.signals.streams import StreamSpec
from instrument.sound.controls import PLAYERS, SOUND_GROUPS

RECORDING_ENDINGS = (".flac", ".wav", ".aiff", ".aif", ".ogg", ".mp3")


@dataclass(frozen=True)
class House:
    """What can be turned, seen and heard in a show."""

    looks: tuple[Look, ...]
    groups: tuple[Group, ...]
    bank: Bank

    def vocabulary(self, streams: Sequence[StreamSpec]) -> Vocabulary:
        """What a preset may speak of when these streams flow."""
        recordings = places.names("samples", RECORDING_ENDINGS)
        return Vocabulary(self.bank, streams, tuple(NETS), recordings, PLAYERS)


def open_house() -> House:
    """Read the looks and number all controls. Imports no torch, pyo or GL. Raises `Mistake`."""
    looks = load_looks(places.folders("shaders"))
    groups = (SHOW, LEARNING, *SOUND_GROUPS, *picture_groups(looks))
    return House(looks, groups, Bank.of(groups))
