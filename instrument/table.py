"""`Table`: every hand of a show by its name, and what it is given. Main process.

| hand     | where it hears                              | unless                       |
|----------|---------------------------------------------|------------------------------|
| keyboard | keys of the window and the performer's view |                              |
| osc      | UDP, TCP where asked; tells its subscribers |                              |
| query    | HTTP and WebSocket (OSCQuery)               | `--no-query`                 |
| midi     | MIDI devices, and MIDI clock both ways      | `--no-midi`                  |
| link     | Ableton Link                                | it is not asked for (--link) |

All of them post to the conductor; none changes anything itself.
"""

from collections.abc import Callable, Sequence
from contextlib import ExitStack
from typing import Any

from instrument.clock import Clock
from instrument.conductor import Conductor
from instrument.hands.keyboard import Keyboard
from instrument.hands.keys import Command
from instrument.hands.link import LinkHand
from instrument.hands.midi.controls import FORGET, LEARN
from instrument.hands.midi.side import MidiSide, MidiWishes
from instrument.hands.osc_side import OscSide, OscWishes
from instrument.hands.query.server import QueryServer
from instrument.hands.query.telling import Names
from instrument.options import Options
from instrument.signals.bus import Bus
from instrument.signals.routes import RouteEdit
from instrument.signals.streams import StreamSpec


class Table:
    """All hands, started and stopped together. Raises `Mistake` for what was asked wrongly."""

    def __init__(
        self,
        options: Options,
        streams: Sequence[StreamSpec],
        bus: Bus,
        clock: Clock,
        conductor: Conductor,
        *,
        edit_route: Callable[[RouteEdit], None],
        names: Names,
    ) -> None:
        """`edit_route` turns a key of a route; `names` gives what scenes and cues are called by now."""
        self._options, self._streams = options, streams
        self._bus, self._clock, self._conductor = bus, clock, conductor
        self._bank = conductor.bank
        self.keyboard = Keyboard(self._bank, conductor.position, conductor.post, clock)
        self.osc = self._osc_side(edit_route)
        self.query = self._query_server(names) if options.query else None
        self.midi = self._midi_side() if options.midi else None
        self.link = self._link_hand() if options.link else None

    def _say(self, where: str) -> Callable[[str, bool], None]:
        return lambda text, grave: self._conductor.say(text, grave, where=where)

    def _osc_side(self, edit_route: Callable[[RouteEdit], None]) -> OscSide:
        options, conductor = self._options, self._conductor
        wishes = OscWishes(
            options.osc_host, options.osc_port, options.osc_allow, options.osc_token,
            options.osc_out, options.osc_tcp_port,
        )  # fmt: skip
        return OscSide(
            wishes, self._bank, self._streams, self._bus, self._clock,
            post=conductor.post, post_together=conductor.post_together, say=self._say("hands"),
            position=conductor.position, edit_route=edit_route,
        )  # fmt: skip

    def _query_server(self, names: Names) -> QueryServer:
        options, hand = self._options, self.osc.hand
        return QueryServer(
            self._bank, self._streams, self._bus, self._say("query"), self._clock,
            lambda: self.osc.port, host=options.osc_host, port=options.query_port,
            allow=options.osc_allow, token=options.osc_token, hand_in=hand.hand_in,
            gone=hand.gone, names=names, announce=options.announce,
        )  # fmt: skip

    def _midi_side(self) -> MidiSide:
        options, conductor = self._options, self._conductor
        side = MidiSide(
            MidiWishes(options.midi_only, options.midi_system, options.midi_virtual),
            self._bank, self._bus, self._clock, post=conductor.post, say=self._say("midi"),
            position=conductor.position, hear_beat=conductor.hear_beat,
        )  # fmt: skip
        conductor.obey(LEARN, side.hand.obey_learn)
        conductor.obey(FORGET, side.hand.obey_forget)
        return side

    def _link_hand(self) -> LinkHand:
        conductor = self._conductor
        return LinkHand(self._bank, self._bus, conductor.hear_beat, self._say("link"), self._clock)

    def start(self, stack: ExitStack) -> None:
        """Begin to listen; `stack` ends it. Raises `Mistake` for a port that is not to be had."""
        for hand in (self.osc, self.query, self.midi, self.link):
            if hand is not None:
                hand.start()
                stack.callback(hand.stop)

    def press(self, key: str) -> Command | None:
        """A key went down; what it asks of the wiring, if that is not for a hand. Main thread."""
        midi = self.midi
        if key == "escape" and midi is not None and midi.hand.learning:
            midi.hand.end_learning()
            return None
        command = self.keyboard.press(key)
        if command is Command.LEARN:
            if midi is not None:
                midi.hand.learn()
            return None
        return command

    @property
    def refused(self) -> int:
        """Packets and messages that were not taken. Any thread."""
        return self.osc.refused + (self.midi.hand.refused if self.midi else 0)

    def report(self) -> dict[str, Any]:
        """What was counted, by the words of a show's report."""
        return {
            "hands": {"gestures": self._conductor.gestures, "refused": self.osc.refused},
            "osc": self.osc.report(),
            "midi": self.midi.report() if self.midi else None,
        }
