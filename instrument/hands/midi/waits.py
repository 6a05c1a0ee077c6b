"""`Waits`: tells the bus which faders wait, and what is learned, for whoever shows it."""

import ctypes

from instrument.hands.midi.desk import Slot
from instrument.hands.midi.entry import Act
from instrument.hands.midi.table import Table
from instrument.hands.takeover import SAME, Mode
from instrument.signals.bus import Bus
from instrument.signals.frames import HANDS, WAITING_FADERS, HandsFrame
from instrument.signals.texts import field_of

EVERY_S = 0.1
"""How often it is looked whether something changed."""
LETTERS = 127


class Waits:
    """Says a `HandsFrame` when one would differ from the last. MIDI thread, under the hand's lock."""

    def __init__(self, bus: Bus) -> None:
        self._publisher = bus.publisher(HANDS)
        self._told = b""

    def tell(self, table: Table, now_s: float) -> None:
        """Say how it stands, if that is new."""
        frame = hands_frame(table)
        said = ctypes.string_at(ctypes.byref(frame), ctypes.sizeof(frame))
        if said != self._told:
            self._told = said
            frame.time_s = now_s
            self._publisher.send(frame)

    def meet(self) -> None:
        """Hand those who came since what was said last."""
        self._publisher.meet()

    def close(self) -> None:
        """Leave the bus."""
        self._publisher.close()


def hands_frame(table: Table) -> HandsFrame:
    """How a table stands now; `time_s` is left 0."""
    bank = table.bank
    path, words = table.session.path, field_of(table.learning, LETTERS)
    learned = -1 if path is None else bank.number[path]
    waiting = waiting_slots(table)
    frame = HandsFrame(waiting=len(waiting), learned=learned, learning=words)
    for place, slot in enumerate(waiting[:WAITING_FADERS]):
        frame.controls[place] = bank.number[slot.spec.path]
        frame.hardware[place] = slot.takeover.hardware
        frame.stands[place] = table.acting.standing(slot)
    return frame


def waiting_slots(table: Table) -> list[Slot]:
    """The faders that wait to be moved over to their control; what moved last comes first."""
    found = [
        slot for desk in table.desks.values() for slot in desk.slots if _waits(table, slot)
    ]  # fmt: skip
    return sorted(found, key=lambda slot: slot.heard_s, reverse=True)


def _waits(table: Table, slot: Slot) -> bool:
    """Whether moving it a little does nothing. One that lies where its control is takes hold at once."""
    takeover = slot.takeover
    if slot.act is not Act.FOLLOW or takeover.mode is not Mode.PICKUP:
        return False
    standing = table.acting.standing(slot)
    takeover.look(standing)
    return takeover.waits and abs(takeover.hardware - standing) > SAME
