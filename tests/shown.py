"""Where controls stand, as the conductor says it, for tests of those who hear it."""

from instrument.signals.controls import Bank
from instrument.signals.frames import ControlFrame


def shown(bank: Bank, **values: float) -> ControlFrame:
    """These values, in their units, in the group ``show``; all else as it begins."""
    positions = bank.defaults.copy()
    for name, value in values.items():
        path = f"show.{name}"
        positions[bank.number[path]] = bank.spec(path).unmap(value)
    frame = ControlFrame(count=len(bank))
    frame.positions[: len(bank)] = positions.tolist()
    return frame
