"""The house of a show with a preset, scenes and all.

A rendering stands in the same one, or it sounds otherwise: how many clouds there are decides on the dice of
all voices.
"""

from collections.abc import Sequence
from pathlib import Path

from instrument import presets, set_list
from instrument.house import House, open_house


def house_of_show(preset: str, samples: Sequence[Path] = ()) -> House:
    """`preset` is the one to begin with, `samples` are folders of recordings. Raises `Mistake`."""
    wished = set_list.clouds_asked(set_list.read().names)
    return open_house(samples, presets.clouds_asked(preset), wished)
