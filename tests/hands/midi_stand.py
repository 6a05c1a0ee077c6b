"""A table with MIDI devices on it, without ports: whole messages go in, gestures come out."""

from pathlib import Path

from stand import GROUPS, Stand

from instrument.hands.midi.controls import MIDI
from instrument.hands.midi.table import Table
from instrument.signals.controls import Bank

KNOBS = "nanoKONTROL2"


class MidiStand(Stand):
    """The small show with the MIDI controls, and a table; `device` is spoken for by `cc` and `note`."""

    def __init__(self, folder: Path, device: str = "box") -> None:
        super().__init__()
        self.bank = Bank.of((*GROUPS, MIDI))
        self.positions = {s.path: s.unmap(s.default) for s in self.bank}
        self.path = folder / "midi.toml"
        self.device = device
        self.table = self.new_table()

    def new_table(self) -> Table:
        return Table(self.bank, self.post, self.say, self.clock, self.position, self.path)

    def map(self, text: str) -> None:
        """Write the map as the performer would, and read it."""
        self.path.write_text(text, encoding="utf-8")
        self.table.read_map()

    def send(self, *message: int) -> None:
        self.table.take(self.device, message)

    def cc(self, number: int, *values: int, channel: int = 1) -> None:
        for value in values:
            self.send(0xB0 | channel - 1, number, value)

    def note(self, number: int, velocity: int = 127, channel: int = 1) -> None:
        self.send(0x90 | channel - 1, number, velocity)

    def at(self, path: str) -> float:
        return round(self.positions[path], 3)

    def paths(self) -> list[str]:
        return [gesture.path for gesture in self.posted]


def item(control: str, **keys: object) -> str:
    """One [[map]] item for the device ``box``."""
    record = {"device": "box", "kind": "cc", "channel": 1, "number": 10, "control": control, **keys}
    lines = []
    for key, value in record.items():
        word = f'"{value}"' if isinstance(value, str) else str(value).lower()
        lines.append(f"{key} = {word}")
    return "\n".join(["[[map]]", *lines, ""])
