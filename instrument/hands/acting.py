"""What one OSC message asks for: gestures, the turn of a route, feedback, or to be let in."""

import difflib
from collections.abc import Callable, Sequence

from pythonosc.osc_message import OscMessage

from instrument.clock import Clock
from instrument.hands.asked import Asked
from instrument.hands.caller import Caller
from instrument.hands.effort import ASKED_PER_TOKEN, LED, SLOW_TOKENS
from instrument.hands.feedback import Feedback, asks_for_feedback
from instrument.hands.meaning import numbered, plain_position, position_of, word_of
from instrument.hands.packet import Refusal
from instrument.hands.pattern import AddressBook
from instrument.hands.readouts import POSITION
from instrument.hands.turned import ROUTE, edit_of
from instrument.signals.controls import Bank
from instrument.signals.gesture import Gesture
from instrument.signals.mistake import Mistake, did_you_mean
from instrument.signals.routes import RouteEdit
from instrument.signals.spec import Spec


class Unknown(Exception):
    """No control has this address. Its sentence is made only if it is said: it takes long."""


class Acting:
    """Reads messages that were checked. One thread at a time."""

    def __init__(
        self,
        bank: Bank,
        clock: Clock,
        position: Callable[[str], float],
        edit_route: Callable[[RouteEdit], None] | None,
        feedback: Feedback | None,
    ) -> None:
        self._clock = clock
        self._specs = tuple(bank)
        self._asked = Asked(position, clock)
        self._edit_route = edit_route
        self._feedback = feedback
        self._controls = {spec.address: (spec, False) for spec in bank}
        self._controls |= {spec.address + POSITION: (spec, True) for spec in bank}
        self._book = AddressBook(self._controls)
        self._more = 0.0

    @property
    def effort(self) -> float:
        """What all messages so far cost beside one token each, in messages to one control."""
        return SLOW_TOKENS * self.searched + self._more

    @property
    def searched(self) -> int:
        """How often all addresses were looked through for a pattern: that is slow."""
        return self._book.searched + (self._feedback.searched if self._feedback else 0)

    def asked(self, message: OscMessage, caller: Caller) -> list[Gesture]:
        """The gestures in a message; what is not a gesture is done. Raises `Refusal` or `Unknown`."""
        address, arguments = message.address, message.params
        if address.startswith(ROUTE) and self._edit_route is not None:
            self._more += SLOW_TOKENS if address.endswith(LED) else 0.0
            try:
                self._edit_route(edit_of(address, arguments, caller.who))
            except Mistake as mistake:
                raise Refusal(f"is refused: {mistake}") from None
            return []
        if self._feedback is not None and asks_for_feedback(address):
            self._feedback.ask(address, arguments, caller)
            return []
        return self._gestures(address, arguments, caller)

    def _gestures(self, address: str, arguments: Sequence[object], caller: Caller) -> list[Gesture]:
        found = self._book.find(address)
        if not found:
            raise Unknown
        if len(found) > 1:
            self._more += len(found) / ASKED_PER_TOKEN
        refusal: Refusal | None = None
        gestures: list[Gesture] = []
        taken = False
        for each in found:
            try:
                gesture = self._gesture(*self._controls[each], arguments, caller)
            except Refusal as error:
                refusal = error
                continue
            taken = True
            if gesture is not None:
                gestures.append(gesture)
        if refusal is not None and not taken:
            raise refusal
        return gestures

    def _gesture(
        self, spec: Spec, is_position: bool, arguments: Sequence[object], caller: Caller
    ) -> Gesture | None:
        arguments = numbered(spec, arguments)
        word = "" if is_position else word_of(spec, arguments)
        if is_position:
            position: float | None = plain_position(arguments)
        elif word:
            position = spec.unmap(spec.default)
        else:
            position = position_of(spec, arguments, lambda: self._asked.position(spec.path))
        if position is None:
            return None
        self._asked.remember(spec.path, position)
        if self._feedback is not None:
            self._feedback.moved(caller.sender, spec.path)
        return Gesture(spec.path, position, caller.who, self._clock(), word=word)

    def unknown(self, address: str) -> str:
        """The sentence about an address that nothing has."""
        near = did_you_mean(address[:80], self._controls) or self._by_last_part(address)
        return f"OSC: no control is called '{address[:80]}'{near}"

    def _by_last_part(self, address: str) -> str:
        """The nearest control where only the first parts are wrong, or were left out: ``/heat``."""
        of_last = {spec.path.rpartition(".")[2]: spec.address for spec in reversed(self._specs)}
        last = address.rstrip("/").rpartition("/")[2][:80]
        found = difflib.get_close_matches(last, of_last, n=1, cutoff=0.75)
        return f"; did you mean '{of_last[found[0]]}'?" if found else ""
