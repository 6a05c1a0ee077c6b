"""What colour and shape a widget has, by what its control does. No colour says it alone."""

from enum import Enum

from instrument.signals.spec import Spec

Colour = tuple[float, float, float]


class Tone(Enum):
    """The manner of a widget."""

    SCAR = "scar"
    """Changes the training for good: orange, with corners, filled."""
    VEIL = "veil"
    """Changes only what is shown: cyan, round, outlined."""
    MEMORY = "memory"
    """A way back."""
    TEMPO = "tempo"
    SOUND = "sound"
    PICTURE = "picture"
    PLAIN = "plain"
    PANIC = "panic"
    """Red, and the largest key there is."""


COLOURS: dict[Tone, Colour] = {
    Tone.SCAR: (1.0, 0.585, 0.0),
    Tone.VEIL: (0.0, 0.75, 1.0),
    Tone.MEMORY: (0.1, 0.95, 0.45),
    Tone.TEMPO: (1.0, 0.9, 0.0),
    Tone.SOUND: (0.96, 0.93, 0.86),
    Tone.PICTURE: (1.0, 0.5, 0.75),
    Tone.PLAIN: (0.72, 0.72, 0.72),
    Tone.PANIC: (1.0, 0.1, 0.1),
}
"""sRGB 0..1; those of the picture's palette, and one red for panic."""

GROUND: Colour = (0.0, 0.0, 0.0)
TEXT: Colour = (0.96, 0.93, 0.86)


def tone_of(spec: Spec) -> Tone:
    """The tone of a control: its kind of gesture, else its room."""
    if spec.path == "show.panic":
        return Tone.PANIC
    if spec.group in {tone.value for tone in Tone}:
        return Tone(spec.group)
    room = spec.path.partition(".")[0]
    return {"sound": Tone.SOUND, "picture": Tone.PICTURE}.get(room, Tone.PLAIN)


def as_hex(colour: Colour) -> str:
    """``#ff9500``."""
    return "#" + "".join(f"{round(part * 255):02x}" for part in colour)
