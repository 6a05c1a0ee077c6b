"""The whole way of a packet, without sockets, and what must hold whatever comes.

A real bank, OSC server, feedback, mapping, bus, framing of streams and tree of OSCQuery. Time is handed
in. `Broken` is raised where something came out that nobody may see.
"""

from collections.abc import Sequence

from packets import built

from instrument.clock import HandClock
from instrument.hands import crowd
from instrument.hands.feedback import Feedback
from instrument.hands.osc import OscHand
from instrument.hands.packet import Refusal
from instrument.hands.query.client import Client
from instrument.hands.query.tree import Tree
from instrument.hands.query.values import Values
from instrument.hands.readouts import ControlReadout, NoticeReadout, StandingReadout, StreamReadout
from instrument.hands.slip import framing_of
from instrument.house import open_house
from instrument.learning.streams import STREAMS
from instrument.mapping.desk import RouteDesk
from instrument.presets import load
from instrument.signals.bus import Bus, new_show_name
from instrument.signals.frames import CONTROLS, ControlFrame
from instrument.signals.gesture import Gesture
from instrument.signals.routes import RouteEdit

WORD = "seven sad twos"
TICK_EVERY = 16
PROBE = "/learning/fog/position"
UDP, TCP, WEB = ("127.0.0.1", 40000), ("127.0.0.1", 40001, "tcp"), ("127.0.0.1", 40002, "ws")
STRANGER, GUEST = ("127.0.0.1", 40003), ("127.0.0.1", 40004)
WITHOUT_LIMIT = {name: 1e12 for name in ("RATE_PER_S", "BURST", "HOST_RATE_PER_S", "HOST_BURST")}
"""For the turnstile: everything is read. A show never does that."""


class Broken(AssertionError):
    """A promise was not kept."""


class Target:
    """Takes packets, streams and commands. `close` it at the end."""

    def __init__(self, step_s: float = 0.001) -> None:
        """`step_s`: from one packet to the next; from 1 on every refusal is said.

        The turnstile of `crowd` has to be opened by whoever wants everything read.
        """
        self._step_s = step_s
        house = open_house()
        self.bank = house.bank
        self.clock = HandClock(100.0)
        self.bus = Bus(new_show_name())
        self.gestures = 0
        self.packets = 0
        self.sent = 0
        self.longest_sentence = 0
        self._may_play = True
        self._last: Gesture | None = None
        preset = load("cathedral", house.vocabulary(STREAMS))
        self._desk = RouteDesk(preset.routes, STREAMS, self.bank)
        self._controls = self.bus.publisher(CONTROLS)
        self._frame = ControlFrame(count=len(self.bank))
        self._frame.positions[: len(self.bank)] = self.bank.defaults.tolist()
        readouts = (
            ControlReadout(self.bus, self.bank), StreamReadout(self.bus, STREAMS),
            StandingReadout(self.bus), NoticeReadout(self.bus),
        )  # fmt: skip
        self.feedback = Feedback(self.bank, readouts, self.clock, self._say)
        self.feedback._send_to = self._send_to
        self.hand = self._hand(feedback=self.feedback, edit_route=self._edit)
        self.asking = self._hand(token=WORD)
        self.client = Client()
        self._tree = Tree(self.bank, STREAMS, {})
        self._values = Values(self.bank, STREAMS, self.bus)

    def _hand(self, **more: object) -> OscHand:
        return OscHand(
            self.bank, self._post, self._say, self.clock, port=0, position=self._position, utc=self.utc,
            **more,  # type: ignore[arg-type]
        )  # fmt: skip

    def utc(self) -> float:
        """Seconds since 1970, as the clock that is handed in has them."""
        return 1.8e9 + self.clock()

    def _position(self, path: str) -> float:
        return float(self._frame.positions[self.bank.number[path]])

    def _post(self, gesture: Gesture) -> None:
        number = self.bank.number.get(gesture.path)
        if number is None or not (0.0 <= gesture.position <= 1.0):
            raise Broken(f"a gesture that cannot be: {gesture}")
        if len(gesture.word) > 64 or not (gesture.word == "" or gesture.word.isprintable()):
            raise Broken(f"a word that cannot be: {gesture}")
        if not self._may_play:
            raise Broken(f"a stranger plays: {gesture}")
        self._frame.positions[number] = gesture.position
        self.gestures += 1
        self._last = gesture

    def _edit(self, edit: RouteEdit) -> None:
        self._desk.check(edit)
        self._desk.take(edit)

    def _say(self, text: str, grave: bool) -> None:
        self.longest_sentence = max(self.longest_sentence, len(text))
        text.encode("utf-8")  # as the terminal and the bus do
        if "could not be read" in text or "fails" in text:
            raise Broken(f"a fault of ours, caught at the last moment: {text}")

    def _send_to(self, host: str, port: int, packet: bytes) -> bool:
        if host != "127.0.0.1" or not 0 < port < 65536:
            raise Broken(f"feedback goes to {host}:{port}")
        return self._reply(packet)

    def _reply(self, packet: bytes) -> bool:
        self.sent += 1
        return self.sent % 3 != 0  # every third finds a receiver that is full

    def _step(self) -> None:
        self.packets += 1
        self.clock.advance(self._step_s)
        if self.packets % TICK_EVERY == 0:
            with self.hand._lock:
                self.hand._take_due()
            self._controls.send(self._frame)
            self.feedback.tick()
            self._values.look()
            self.client.tell(self._values.take_changed(), self._values.of, self.clock())
            self.client.due(self._values.of, self.clock(), 64)

    def take(self, packet: bytes) -> None:
        """One datagram."""
        self._step()
        self.hand.take(packet, UDP)

    def take_web(self, packet: bytes) -> None:
        """One binary frame of a WebSocket."""
        self._step()
        self.client.moves(packet, self.clock())
        self.hand.hand_in(packet, WEB, self._reply)

    def take_command(self, text: str) -> None:
        """One text frame of a WebSocket."""
        self._step()
        self.client.obey(text, self._tree, self._values.of, self.clock())

    def take_stream(self, pieces: Sequence[bytes]) -> None:
        """One TCP connection, from its first byte to its last."""
        try:
            framing = framing_of(pieces[0][0]) if pieces else None
            for piece in pieces:
                assert framing is not None
                for packet in framing.take(piece):
                    self._step()
                    self.hand.hand_in(packet, TCP, self._reply)
        except Refusal:
            self._step()
        self.hand.gone(TCP)

    def take_unasked(self, packet: bytes) -> None:
        """One datagram of somebody who has not said the word."""
        self._step()
        self._may_play = WORD.encode() in packet
        try:
            self.asking.take(packet, STRANGER)
            with self.asking._lock:
                self.asking._take_due()
        finally:
            self._may_play = True
            self.asking.doors.forget(STRANGER)

    def probe(self, position: float) -> None:
        """A good packet of another program is played, whatever came before. Raises `Broken`."""
        self._step()
        self._last = None
        self.hand.take(built(PROBE, position), GUEST)
        last = self._last
        if last is None or abs(last.position - position) > 1e-6 or last.path != "learning.fog":
            raise Broken(f"a good packet is not played: {last}")

    def close(self) -> None:
        self._controls.close()
        self.bus.close()


def open_turnstile() -> None:
    """Let everything in, in this process, from now on."""
    for name, value in WITHOUT_LIMIT.items():
        setattr(crowd, name, value)
