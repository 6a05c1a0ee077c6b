"""`Acting`: an event at a slot becomes a gesture, by what the entry says it does."""

from collections.abc import Callable

from instrument.clock import Clock
from instrument.hands.asked import Asked, next_choice
from instrument.hands.midi.desk import Slot
from instrument.hands.midi.entry import Act
from instrument.hands.midi.relative import steps_of
from instrument.hands.midi.source import Event, SourceKind
from instrument.hands.takeover import SAME
from instrument.signals.gesture import Gesture

MIDDLE = 0.5


class Acting:
    """Posts what the hands at controllers ask for. Under the hand's lock."""

    def __init__(
        self, position: Callable[[str], float], post: Callable[[Gesture], None], clock: Clock
    ) -> None:
        self._asked = Asked(position, clock)
        self._post = post
        self._clock = clock

    def take(self, slot: Slot, event: Event, who: str) -> None:
        """One event at one slot."""
        slot.heard_s = self._clock()
        if slot.act is Act.FOLLOW:
            self._follow(slot, event, who)
        elif slot.act is Act.TURN:
            self._turn(slot, event, who)
        elif event.is_down != slot.down:
            slot.down = event.is_down
            self._press(slot, event, who)

    def let_go(self, slot: Slot, who: str) -> None:
        """What was held at a slot that is no more there is let go."""
        slot.down = False
        self._ask(slot, slot.entry.low, who)

    def standing(self, slot: Slot) -> float:
        """Where the control of a slot stands, as a share of its element's travel."""
        return slot.entry.share(self._asked.position(slot.spec.path))

    def _follow(self, slot: Slot, event: Event, who: str) -> None:
        share = slot.takeover.move(event.share, self.standing(slot))
        if share is not None:
            self._ask(slot, slot.entry.position(share), who)

    def _turn(self, slot: Slot, event: Event, who: str) -> None:
        entry, spec = slot.entry, slot.spec
        steps = steps_of(entry.encoding, event.raw)
        if steps == 0:
            return
        width = entry.step
        if spec.is_whole and spec.high > spec.low:
            width = max(width, 1.0 / (spec.high - spec.low))
        low, high = min(entry.low, entry.high), max(entry.low, entry.high)
        moved = self._asked.position(spec.path) + (-steps if entry.invert else steps) * width
        self._ask(slot, min(high, max(low, moved)), who)

    def _press(self, slot: Slot, event: Event, who: str) -> None:
        entry, spec = slot.entry, slot.spec
        if slot.act is Act.HOLD:
            self._ask(slot, entry.high if event.is_down else entry.low, who)
        elif not event.is_down:
            return
        elif slot.act is Act.TOGGLE:
            middle = (entry.low + entry.high) * MIDDLE
            is_high = (self._asked.position(spec.path) >= middle) == (entry.high >= entry.low)
            self._ask(slot, entry.low if is_high else entry.high, who)
        elif slot.act is Act.NEXT:
            self._ask(slot, next_choice(spec, self._asked.position(spec.path)), who)
        else:
            self._ask(slot, self._strength(slot, event), who)

    def _strength(self, slot: Slot, event: Event) -> float:
        """Position that `Act.SET` or `Act.FIRE` asks for."""
        entry, spec = slot.entry, slot.spec
        if entry.value is not None:
            return spec.unmap(entry.value)
        if slot.act is Act.SET:
            return entry.high
        is_struck = entry.velocity and event.source.kind is SourceKind.NOTE
        return entry.position(event.share) if is_struck else spec.unmap(spec.default)

    def _ask(self, slot: Slot, position: float, who: str) -> None:
        position = min(1.0, max(0.0, position))
        path = slot.spec.path
        self._asked.remember(path, position)
        self._post(Gesture(path, position, who, self._clock(), word=slot.entry.word))


def shows_on(slot: Slot, position: float, scene: int) -> bool:
    """Whether a slot's light is on while its control stands at `position`; `scene`: the number gone to."""
    entry, spec = slot.entry, slot.spec
    if slot.act is Act.FIRE:
        if spec.path == "show.scene" and entry.value is not None:
            return scene == int(entry.value)
        return slot.down
    if slot.act is Act.SET and entry.value is not None:
        return spec.map(position) == spec.map(spec.unmap(entry.value))
    if slot.act is Act.NEXT:
        return abs(position - spec.unmap(spec.default)) > SAME
    middle = (entry.low + entry.high) * MIDDLE
    return (position >= middle) == (entry.high >= entry.low)
