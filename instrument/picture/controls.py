"""What can be turned on the picture. No GL in here: the tables are read by rooms without a window."""

from collections.abc import Sequence

from instrument.picture.looks import Look
from instrument.signals.controls import Control, Controls, Group
from instrument.signals.mistake import Mistake
from instrument.signals.spec import choice, number, switch, whole

ACCENTS: dict[str, tuple[float, float, float]] = {
    "white": (1.0, 1.0, 1.0),
    "orange": (1.0, 0.585, 0.0),
    "cyan": (0.0, 0.75, 1.0),
    "blue": (0.25, 0.45, 1.0),
}
"""The one colour beside black and white, as sRGB 0..1; no saturated red (the guard would pale it)."""

DEFAULT_LOOK = "tile_wall"


class PictureControls(Controls):
    """The painter: which look, and what happens between two pictures."""

    look = Control(choice(("tile_wall",), "tile_wall", "which look is shown"))
    crossfade = Control(number(0.0, 8.0, 0.5, "how long one look takes into the next", unit="s"))
    brightness = Control(number(0.0, 1.0, 1.0, "how bright the picture is; 0 is black"))
    feedback = Control(
        number(0.0, 0.98, 0.0, "how much of the picture before stays, per sixtieth of a second")
    )
    zoom = Control(
        number(-1.0, 1.0, 0.0, "how fast what stays grows (or shrinks), in doublings", unit="1/s")
    )
    rotation = Control(number(-0.5, 0.5, 0.0, "how fast what stays turns", unit="turns/s"))
    tear = Control(number(0.0, 1.0, 0.0, "tears rows sideways by the bits of real weights"))
    mosaic = Control(whole(1, 32, 1, "how coarse the picture is", unit="pixels"))
    threshold = Control(
        number(0.0, 1.0, 0.0, "0 is grey; above, everything brighter is white and the rest black")
    )
    invert = Control(switch(False, "white field instead of black"))
    accent = Control(choice(tuple(ACCENTS), "orange", "the one colour beside black and white"))


def look_group(look: Look) -> Group:
    """The inputs of one look as controls under ``picture.<look>``."""
    fields = {i.name: Control(i.spec) for i in look.inputs}
    title = "".join(word.title() for word in look.name.split("_"))
    return Group(f"picture.{look.name}", type(f"{title}Controls", (Controls,), fields))


def picture_groups(looks: Sequence[Look]) -> tuple[Group, ...]:
    """``picture`` first, then one group per look, in the order of `looks`.

    The choices of ``picture.look`` are the names of `looks` in this order.
    """
    own = {field.name for field in PictureControls._fields}
    for look in looks:
        if look.name in own:
            raise Mistake(f"{look.path}: a look cannot be called '{look.name}', a control is")
    names = tuple(look.name for look in looks)
    first = DEFAULT_LOOK if DEFAULT_LOOK in names else names[0]
    help_text = PictureControls.look.help
    fields = {field.name: Control(field.spec) for field in PictureControls._fields}
    fields["look"] = Control(choice(names, first, help_text))
    painter = Group("picture", type("PictureControls", (PictureControls,), fields))
    return (painter, *(look_group(look) for look in looks))
