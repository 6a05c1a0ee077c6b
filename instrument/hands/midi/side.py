"""`MidiSide`: all of MIDI for one show, the controllers and both ways of the clock."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from instrument.clock import Clock
from instrument.hands.midi.clock_in import ClockIn
from instrument.hands.midi.clock_out import ClockOut
from instrument.hands.midi.hand import MidiHand
from instrument.signals.beat import BeatHeard
from instrument.signals.bus import Bus
from instrument.signals.controls import Bank
from instrument.signals.gesture import Gesture


@dataclass(frozen=True)
class MidiWishes:
    """What was asked for: `only` these devices (parts of names), `system` auto, alsa or jack."""

    only: tuple[str, ...] = ()
    system: str = "auto"
    virtual: bool = False
    """An input of our own that other programs find."""


class MidiSide:
    """Starts and stops them together."""

    def __init__(
        self,
        wishes: MidiWishes,
        bank: Bank,
        bus: Bus,
        clock: Clock,
        *,
        post: Callable[[Gesture], None],
        say: Callable[[str, bool], None],
        position: Callable[[str], float],
        hear_beat: Callable[[BeatHeard], None],
    ) -> None:
        """`post`, `position` and `hear_beat` are the conductor's; `say` says a sentence, and its weight."""
        self.hand = MidiHand(
            bank, post, say, clock, position, bus, clock_heard=ClockIn(hear_beat).take,
            only=wishes.only, system=wishes.system, virtual=wishes.virtual,
        )  # fmt: skip
        self.clock_out = ClockOut(bank, bus, self.hand.send_clock, clock)

    def start(self) -> None:
        """Begin; nothing is waited for."""
        self.hand.start()
        self.clock_out.start()

    def stop(self) -> None:
        """The clock says stop, lights go off, ports are closed."""
        self.clock_out.stop()
        self.hand.stop()

    def report(self) -> dict[str, Any]:
        """What was counted."""
        return {**self.hand.report(), "clock_sent": self.clock_out.sent}
