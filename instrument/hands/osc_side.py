"""All of a show's OSC, wired: the server, its feedback, and OSC over TCP where it is asked for."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from instrument.clock import Clock
from instrument.hands.feedback import Feedback
from instrument.hands.osc import OscHand
from instrument.hands.osc_out import receiver_of
from instrument.hands.osc_port import is_here
from instrument.hands.osc_tcp import TcpDoor
from instrument.hands.readouts import (
    ControlReadout,
    DeckReadout,
    NoticeReadout,
    SoundReadout,
    StandingReadout,
    StreamReadout,
)
from instrument.signals.bus import Bus
from instrument.signals.controls import Bank
from instrument.signals.gesture import Gesture
from instrument.signals.mistake import Mistake
from instrument.signals.routes import RouteEdit
from instrument.signals.streams import StreamSpec


@dataclass(frozen=True)
class OscWishes:
    """What the performer asked for on the command line."""

    host: str = "127.0.0.1"
    port: int = 9000
    allow: tuple[str, ...] = ()
    """Senders that may play beside this machine."""
    token: str = ""
    """The word without which nobody plays; empty: nobody is asked."""
    out: tuple[str, ...] = ()
    """Receivers, HOST:PORT or HOST:PORT:PATTERN, told as long as the show lasts."""
    tcp_port: int | None = None
    """None: no OSC over TCP."""


class OscSide:
    """Started and ended as one. Raises `Mistake` for wishes that cannot be granted."""

    def __init__(
        self,
        wishes: OscWishes,
        bank: Bank,
        streams: Sequence[StreamSpec],
        bus: Bus,
        clock: Clock,
        *,
        post: Callable[[Gesture], None],
        say: Callable[[str, bool], None],
        position: Callable[[str], float],
        edit_route: Callable[[RouteEdit], None] | None = None,
        post_together: Callable[[Sequence[Gesture]], None] | None = None,
    ) -> None:
        """The callables are the conductor's, see `OscHand`."""
        self._say = say
        self._receivers = tuple(receiver_of(text) for text in wishes.out)
        for receiver in self._receivers:
            if receiver.port == wishes.port and is_here(receiver.host):
                raise Mistake(
                    f"--osc-out {receiver.text}: at port {receiver.port} this show hears OSC itself; "
                    "name the port of the program that is to be told"
                )
        readouts = (
            ControlReadout(bus, bank), StreamReadout(bus, streams), StandingReadout(bus),
            SoundReadout(bus), NoticeReadout(bus), DeckReadout(bus),
        )  # fmt: skip
        self.feedback = Feedback(bank, readouts, clock, say, self._receivers)
        self.hand = OscHand(
            bank, post, say, clock, wishes.host, wishes.port, wishes.allow,
            position=position, edit_route=edit_route, post_together=post_together,
            feedback=self.feedback, token=wishes.token,
        )  # fmt: skip
        self.tcp: TcpDoor | None = None
        if wishes.tcp_port is not None:
            self.tcp = TcpDoor(self.hand, clock, wishes.host, wishes.tcp_port)

    @property
    def port(self) -> int:
        """The UDP port, once it is open."""
        return self.hand.port

    @property
    def refused(self) -> int:
        """Packets and messages that were not taken."""
        return self.hand.refused

    def start(self) -> None:
        """Open the ports and begin. Raises `Mistake` if one of them cannot be had."""
        self.hand.start()
        if self.tcp is not None:
            try:
                self.tcp.start()
            except BaseException:
                self.hand.stop()
                raise
            self._say(f"OSC over TCP at {self.tcp.host}:{self.tcp.port}", False)
        for receiver in self._receivers:
            self._say(receiver.words, False)

    def stop(self) -> None:
        """Close the ports; returns when the threads have ended."""
        if self.tcp is not None:
            self.tcp.stop()
        self.hand.stop()

    def report(self) -> dict[str, Any]:
        """What happened, counted."""
        return {
            "accepted": self.hand.accepted,
            "refused": self.hand.refused,
            "flooded": self.hand.flooded,
            "lost": self.hand.lost,
            "feedback_dropped": self.feedback.dropped,
        }
