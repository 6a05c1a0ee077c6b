"""What can be turned on the picture. No GL in here: the tables are read by rooms without a window."""

from collections.abc import Callable, Sequence

from instrument.picture.composing import BLENDS
from instrument.picture.looks import Look
from instrument.picture.palette import COLOURS, GROUNDS, INKS
from instrument.signals.controls import Control, Controls, Group
from instrument.signals.frames import CONTROL_CAPACITY
from instrument.signals.mistake import Mistake
from instrument.signals.spec import choice, number, switch, whole

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
    sort = Control(
        number(0.0, 1.0, 0.0, "sorts what stays by light, column by column: bright pixels sink")
    )
    tear = Control(number(0.0, 1.0, 0.0, "tears rows sideways by the bits of real weights"))
    mosaic = Control(whole(1, 32, 1, "how coarse the picture is", unit="pixels"))
    bloom = Control(number(0.0, 2.0, 0.0, "how far bright places glow into the dark"))
    threshold = Control(
        number(0.0, 1.0, 0.0, "0 is grey; above, everything brighter is white and the rest black")
    )
    greys = Control(
        whole(0, 16, 0, "how many greys are left, mixed by dots; 0 and 1 leave all of them")
    )
    lines = Control(number(0.0, 1.0, 0.0, "how dark every second line is"))
    invert = Control(switch(False, "white field instead of black"))
    accent = Control(choice(tuple(COLOURS), "orange", "the one colour beside black and white"))
    ink = Control(choice(tuple(INKS), "white", "what white is"))
    ground = Control(choice(tuple(GROUNDS), "black", "what black is"))


NONE = "none"
LAYERS = 2


class LayerControls(Controls):
    """A second and a third look over the first one."""

    look = Control(choice((NONE,), NONE, "which look lies over what is below"))
    level = Control(number(0.0, 1.0, 0.0, "how much of it is seen"))
    blend = Control(choice(BLENDS, "screen", "how it comes over what is below"))


def layer_group(number_of: int, names: Sequence[str]) -> Group:
    """``picture.layer_1``: the choices of its look are the `names`, and none."""
    fields = {field.name: Control(field.spec) for field in LayerControls._fields}
    fields["look"] = Control(choice((NONE, *names), NONE, LayerControls.look.help))
    return Group(
        f"picture.layer_{number_of}",
        type(f"Layer{number_of}Controls", (LayerControls,), fields),
    )


def look_group(look: Look) -> Group:
    """The inputs of one look as controls under ``picture.<look>``."""
    fields = {name: Control(spec) for i in look.inputs for name, spec in i.controls}
    title = "".join(word.title() for word in look.name.split("_"))
    return Group(f"picture.{look.name}", type(f"{title}Controls", (Controls,), fields))


def own_names() -> frozenset[str]:
    """Names that no look can have, for controls of the painter have them."""
    layers = (f"layer_{number_of}" for number_of in range(1, LAYERS + 1))
    return frozenset((*(field.name for field in PictureControls._fields), *layers))


def _no_name(look: Look) -> str:
    return f"{look.path}: a look cannot be called '{look.name}', a control is; rename the file"


def playable(
    looks: Sequence[Look], room: int, leave_out: Callable[[str], None]
) -> tuple[Look, ...]:
    """The looks whose names are free, and whose controls fit into `room`; `leave_out` gets the others'
    sentences. Those with the most controls are left out first.
    """
    free = [look for look in looks if look.name not in own_names()]
    for look in looks:
        if look.name in own_names():
            leave_out(_no_name(look))
    while free and sum(len(spec.specs) for spec in picture_groups(free)) > room:
        largest = max(free, key=lambda look: len(look_group(look).specs))
        free.remove(largest)
        leave_out(
            f"{largest.path}: its {len(look_group(largest).specs)} controls are too many; a show has "
            f"room for {CONTROL_CAPACITY} in all, so give it fewer INPUTS"
        )
    return tuple(free)


def picture_groups(looks: Sequence[Look]) -> tuple[Group, ...]:
    """``picture`` first, then its layers, then one group per look, in the order of `looks`.

    The choices of ``picture.look`` are the names of `looks` in this order.
    """
    for look in looks:
        if look.name in own_names():
            raise Mistake(_no_name(look))
    names = tuple(look.name for look in looks)
    first = DEFAULT_LOOK if DEFAULT_LOOK in names else names[0]
    help_text = PictureControls.look.help
    fields = {field.name: Control(field.spec) for field in PictureControls._fields}
    fields["look"] = Control(choice(names, first, help_text))
    painter = Group("picture", type("PictureControls", (PictureControls,), fields))
    over = (layer_group(number_of, names) for number_of in range(1, LAYERS + 1))
    return (painter, *over, *(look_group(look) for look in looks))
