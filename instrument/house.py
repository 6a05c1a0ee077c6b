"""The house: all rooms' declarations in one place, before anything heavy is imported."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from instrument.hands.midi.controls import MIDI
from instrument.learning.config import NETS
from instrument.learning.gestures import LEARNING
from instrument.picture.controls import LAYERS, NONE, picture_groups, playable
from instrument.picture.looks import Look, load_looks
from instrument.presets import Vocabulary
from instrument.signals import places
from instrument.signals.controls import Bank, Group
from instrument.signals.deck import DECK
from instrument.signals.frames import CONTROL_CAPACITY
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
    left_out: tuple[str, ...] = ()
    """Sentences about looks that cannot be played, and are not there."""

    def vocabulary(self, streams: Sequence[StreamSpec]) -> Vocabulary:
        """What a preset may speak of when these streams flow."""
        return Vocabulary(self.bank, streams, tuple(NETS), self.left_out)

    def looks_at(self, positions: np.ndarray) -> tuple[str, ...]:
        """Names of the looks that controls at these positions choose, float32 (controls,); bottom first."""
        chosen = []
        for path in ("picture.look", *(f"picture.layer_{n}.look" for n in range(1, LAYERS + 1))):
            spec = self.bank.spec(path)
            chosen.append(spec.choices[int(spec.map(float(positions[self.bank.number[path]])))])
        return tuple(name for name in chosen if name != NONE)

    def check_looks(
        self, who: str, positions: np.ndarray, faults: Mapping[str, str]
    ) -> tuple[str, ...]:
        """What is to be said of looks that are left out; `faults` by the names of looks.

        Raises `Mistake` where `who`, as "the preset mine", chooses one of them by these positions.
        """
        for name in self.looks_at(positions):
            if name in faults:
                raise Mistake(f"{faults[name]} ({who} shows it)")
        told = (*self.left_out, *faults.values())
        return tuple(f"{sentence}; this look is left out" for sentence in told)


def open_house(samples: Sequence[Path] = (), clouds: int = CLOUDS, wished: int = 0) -> House:
    """Read the looks, find the recordings, number all controls. Imports no torch, pyo or GL.

    `samples` are folders of recordings besides the usual ones, `clouds` how many the preset asks for,
    `wished` how many there are to be as long as no look has to give way for them (other scenes ask so).
    A look that cannot be played is left out and told in `left_out`. Raises `Mistake`.
    """
    for folder in samples:
        if not folder.is_dir():
            raise Mistake(f"--samples {folder}: there is no such folder")
    left_out: list[str] = []
    recordings = places.found("samples", ENDINGS, samples)
    found = load_looks(places.folders("shaders"), left_out.append)
    before, looks, faults = _fitting(found, tuple(recordings), clouds)
    for more in range(max(wished, clouds), clouds, -1):
        fuller = _fitting(found, tuple(recordings), more)
        if len(fuller[1]) == len(looks):
            before, looks, faults = fuller
            break
    groups = (*before, *picture_groups(looks))
    return House(looks, groups, Bank.of(groups), recordings, (*left_out, *faults))


def _fitting(
    found: Sequence[Look], recordings: Sequence[str], clouds: int
) -> tuple[tuple[Group, ...], tuple[Look, ...], list[str]]:
    """The groups before the picture with so many clouds, the looks that fit, sentences on the others."""
    before = (SHOW, DECK, MIDI, LEARNING, *sound_groups(recordings, clouds))
    room = CONTROL_CAPACITY - sum(len(group.specs) for group in before)
    faults: list[str] = []
    return before, playable(found, room, faults.append), faults
