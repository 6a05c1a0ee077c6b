"""The macro page: the few controls that a small controller is for. Learning walks through them."""

from instrument.signals.controls import Bank

MACRO = (
    "learning.heat", "learning.fog", "learning.collapse", "sound.cloud_1.density",
    "sound.drone.level", "sound.glitch.level", "picture.brightness", "picture.feedback",
    "sound.master.level",
)  # fmt: skip


def macro_page(bank: Bank) -> tuple[str, ...]:
    """Those of them that the show has, in their order."""
    return tuple(path for path in MACRO if path in bank)
