"""The palette: a few colours by name, as sRGB 0..1. No saturated red (the guard would pale it). No GL."""

Colour = tuple[float, float, float]

COLOURS: dict[str, Colour] = {
    "white": (1.0, 1.0, 1.0),
    "orange": (1.0, 0.585, 0.0),
    "cyan": (0.0, 0.75, 1.0),
    "blue": (0.25, 0.45, 1.0),
    "yellow": (1.0, 0.9, 0.0),
    "green": (0.1, 0.95, 0.45),
    "vermilion": (1.0, 0.42, 0.2),
    "pink": (1.0, 0.5, 0.75),
    "grey": (0.5, 0.5, 0.5),
}
"""For the accent: the one colour beside black and white."""

INKS: dict[str, Colour] = {
    "white": (1.0, 1.0, 1.0),
    "bone": (0.96, 0.93, 0.86),
    "phosphor": (0.62, 1.0, 0.72),
    "amber": (1.0, 0.78, 0.42),
    "ice": (0.8, 0.92, 1.0),
    "grey": (0.72, 0.72, 0.72),
}
"""What white becomes."""

GROUNDS: dict[str, Colour] = {
    "black": (0.0, 0.0, 0.0),
    "night": (0.02, 0.03, 0.09),
    "soot": (0.06, 0.06, 0.06),
    "pine": (0.0, 0.06, 0.05),
    "wine": (0.09, 0.02, 0.05),
}
"""What black becomes."""


def colour(table: dict[str, Colour], value: float) -> Colour:
    """The colour that a choice among the table's names stands for."""
    return tuple(table.values())[int(min(len(table) - 1, max(0.0, value)))]
