"""What a preset may choose of a training besides its controls: keys under ``[learning]``, checked."""

from collections.abc import Collection, Mapping
from dataclasses import replace
from typing import Any

from instrument.learning.config import LearningConfig
from instrument.signals.mistake import Mistake

FIELDS: Mapping[str, str] = {
    "net": "net",
    "image_size": "size",
    "colour": "channels",
    "memory_mb": "memory_mb",
}
"""Key in a preset (and flag on the command line) to the field of `LearningConfig` that it sets."""


def field_of(key: str, value: Any) -> dict[str, Any]:
    """The field and its value that a key means."""
    return {FIELDS[key]: (3 if value else 1) if key == "colour" else value}


def check_choice(key: str, value: Any) -> None:
    """Raise `Mistake`, with the end of a sentence that begins with the key, where it cannot be meant."""
    if key == "colour":
        if not isinstance(value, bool):
            raise Mistake(f"takes true or false, not {value!r}")
    elif key == "net":
        if not isinstance(value, str):
            raise Mistake(f"takes the name of a net in quotes, not {value!r}")
    elif not isinstance(value, int) or isinstance(value, bool):
        raise Mistake(f"takes a whole number, not {value!r}")
    try:
        LearningConfig(**field_of(key, value))
    except Mistake as mistake:
        raise Mistake(f"cannot be: {mistake}") from None


def folded(
    config: LearningConfig, chosen: Mapping[str, Any], asked: Collection[str]
) -> LearningConfig:
    """`config` with what a preset chose; what was asked for on the command line stands."""
    fields: dict[str, Any] = {}
    for key, value in chosen.items():
        if key not in asked:
            fields |= field_of(key, value)
    return replace(config, **fields)
