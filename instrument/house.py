"""The house: all rooms' declarations in one place, before anything heavy is imported."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from instrument.learning.config import NETS
from instrument.learning.gestures import LEARNING
from instrument.picture.controls import picture_groups
from instrument.picture.looks import Look, load_looks
from instrument.presets import Vocabulary
from instrument.signals import places
from instrument.signals.controls import Bank, Group
from instrument.signals.mistake import Mistake
from instrument.signals.show import SHOW
from instrument.signals.streams import StreamSpec
from instrument.sound.controls import CLOUDS, sound_groups
from instrument.sound.recording import ENDINGS


@dataclass(frozen=True)
class House:
    """What can be turned, seen and heard in a show."""

    looks: tuple[Look, ...]
    groups: tuple[Group, ...]
    bank: Bank
    recordings: Mapping[str, Path]
    """File of every recording by its name, in the order in which the controls choose them."""

    def vocabulary(self, streams: Sequence[StreamSpec]) -> Vocabulary:
        """What a preset may speak of when these streams flow."""
        return Vocabulary(self.bank, streams, tuple(NETS))


def open_house(samples: Sequence[Path] = (), clouds: int = CLOUDS) -> House:
    """Read the looks, find the recordings, number all controls. Imports no torch, pyo or GL.

    `samples` are folders of recordings besides the usual ones, `clouds` how many the preset asks for.
    Raises `Mistake`.
    """
    for folder in samples:
        if not folder.is_dir():
            raise Mistake(f"--samples {folder}: there is no such folder")
    looks = load_looks(places.folders("shaders"))
    recordings = places.found("samples", ENDINGS, samples)
    groups = (SHOW, LEARNING, *sound_groups(tuple(recordings), clouds), *picture_groups(looks))
    return House(looks, groups, Bank.of(groups), recordings)
