"""What the show can be asked for over OSC: addresses, and the values that stand there, read off the bus.

Each readout listens to one topic. `listen` gives what changed since the last call, `standing` all of it.
"""

import math
from collections.abc import Iterable, Iterator, Sequence
from typing import Protocol

import numpy as np

from instrument.hands.coalesce import Arguments
from instrument.signals.bus import Bus
from instrument.signals.controls import Bank
from instrument.signals.frames import (
    CONTROLS,
    DECK,
    METRICS,
    NOTICES,
    SOUND,
    STANDING,
    ControlFrame,
    DeckFrame,
    MetricFrame,
    SoundFrame,
    StandingFrame,
)
from instrument.signals.notices import notice_of
from instrument.signals.reading import put_positions
from instrument.signals.spec import Kind, Spec
from instrument.signals.streams import StreamSpec, stream_numbers
from instrument.signals.texts import text_of
from instrument.units import gain_to_db, seconds_to_text

Change = tuple[str, Arguments]

STREAM = "/stream/"
STATE, STEP, NOTICE = "/state", "/step", "/notice"
SHOW_STANDS = "/show/standing/"
DECK_STANDS = "/deck/standing/"
METER = "/sound/meter/"
POSITION = "/position"

STANDING_FIELDS = (
    "scene", "scene_number", "morph", "morph_left_s", "cue", "cue_name", "cue_count", "cue_s",
    "next_cue", "next_name", "next_note", "waits", "pending", "beat", "bpm",
)  # fmt: skip
DECK_FIELDS = ("run", "at", "length", "position_s", "length_s", "speed", "loop", "punched")
METERS = ("peak", "lufs", "momentary", "integrated", "dropouts", "load")


class Readout(Protocol):
    """One topic, as OSC."""

    addresses: tuple[str, ...]
    period_s: float
    """How often it is worth listening."""
    stands: bool
    """Whether its values stand; what does not is told to those who listen at that moment, or to nobody."""

    def listen(self) -> Iterable[Change]:
        """What changed since the last call. Feedback thread."""
        ...

    def standing(self) -> dict[str, Arguments]:
        """All that is known by now."""
        ...


class _Kept:
    """Remembers what stands, and passes on what is new."""

    addresses: tuple[str, ...] = ()
    period_s = 0.0
    stands = True

    def __init__(self) -> None:
        self._standing: dict[str, Arguments] = {}

    def standing(self) -> dict[str, Arguments]:
        return self._standing

    def _changes(self, found: Iterable[Change]) -> Iterator[Change]:
        for address, arguments in found:
            if self._standing.get(address) != arguments:
                self._standing[address] = arguments
                yield address, arguments


def short(value: float) -> float:
    """A number with the six digits that a float32 is good for: 0.3, not 0.30000001192."""
    return float(f"{value:.6g}")


def spoken_value(spec: Spec, position: float) -> int | float | str:
    """A control's value as OSC says it: the word of a choice, a whole number (0 and 1 of a switch),
    or a number that is `short`."""
    value = spec.map(position)
    if spec.choices:
        return spec.text(value)
    return int(value) if spec.is_whole else short(value)


class ControlReadout(_Kept):
    """Every control that stands somewhere: ``/learning/heat`` in its unit, ``/learning/heat/position``."""

    def __init__(self, bus: Bus, bank: Bank) -> None:
        super().__init__()
        self._bus = bus.listener(CONTROLS)
        self._frame = ControlFrame()
        self._specs = bank.specs
        self._stands = np.array([spec.kind is not Kind.TRIGGER for spec in bank], bool)
        self._now = np.full(len(bank), -1.0, np.float32)
        stands = [spec.address for spec in bank if spec.kind is not Kind.TRIGGER]
        self.addresses = (*stands, *(address + POSITION for address in stands))

    def listen(self) -> Iterator[Change]:
        if self._bus.latest(self._frame) is None:
            return
        before = self._now.copy()
        put_positions(self._frame, self._now)
        for number in np.flatnonzero((before != self._now) & self._stands):
            spec, position = self._specs[number], float(self._now[number])
            value = spoken_value(spec, position)
            yield from self._changes(
                [(spec.address, (value,)), (spec.address + POSITION, (position,))]
            )


class StreamReadout(_Kept):
    """The training, some 15 times a second: every stream as it is, the state as a word, the step."""

    period_s = 1.0 / 15.0

    def __init__(self, bus: Bus, streams: Sequence[StreamSpec]) -> None:
        super().__init__()
        self._bus = bus.listener(METRICS)
        self._frame = MetricFrame()
        self._places = tuple((STREAM + name, n) for name, n in stream_numbers(streams).items())
        self._state = next((n for n, stream in enumerate(streams) if stream.name == "state"), -1)
        self._states = streams[self._state].choices if self._state >= 0 else ()
        self.addresses = (*(address for address, _ in self._places), STATE, STEP)

    def listen(self) -> Iterator[Change]:
        frame = self._bus.latest(self._frame)
        if frame is None:
            return
        values = frame.streams[: frame.count]
        found: list[Change] = [(STEP, (int(frame.step),))]
        for address, number in self._places:
            if number < len(values) and math.isfinite(values[number]):
                found.append((address, (values[number],)))
        if 0 <= self._state < len(values) and math.isfinite(values[self._state]):
            number = int(values[self._state])
            if 0 <= number < len(self._states):
                found.append((STATE, (self._states[number],)))
        yield from self._changes(found)


class StandingReadout(_Kept):
    """Where the show stands: scene, morph, cues, beat (`StandingFrame`)."""

    def __init__(self, bus: Bus) -> None:
        super().__init__()
        self._bus = bus.listener(STANDING)
        self._frame = StandingFrame()
        self.addresses = tuple(SHOW_STANDS + name for name in STANDING_FIELDS)

    def listen(self) -> Iterator[Change]:
        frame = self._bus.latest(self._frame)
        if frame is None:
            return
        for name in STANDING_FIELDS:
            value = getattr(frame, name)
            said = text_of(value) if isinstance(value, bytes) else value
            yield from self._changes([(SHOW_STANDS + name, (said,))])


class DeckReadout(_Kept):
    """Where the deck of a rehearsal stands: ``at``, ``length`` and ``loop`` in words, else in numbers."""

    def __init__(self, bus: Bus) -> None:
        super().__init__()
        self._bus = bus.listener(DECK)
        self._frame = DeckFrame()
        self.addresses = tuple(DECK_STANDS + name for name in DECK_FIELDS)

    def listen(self) -> Iterator[Change]:
        frame = self._bus.latest(self._frame)
        if frame is None:
            return
        values = (
            text_of(frame.run), seconds_to_text(frame.position_s),
            seconds_to_text(frame.length_s), frame.position_s, frame.length_s, short(frame.speed),
            loop_words(frame), int(frame.punched),
        )  # fmt: skip
        for name, value in zip(DECK_FIELDS, values, strict=True):
            yield from self._changes([(DECK_STANDS + name, (value,))])


def loop_words(frame: DeckFrame) -> str:
    """Where the loop is, ``0:20 to 1:05``; ``off`` where it does not go round."""
    if not frame.looping:
        return "off"
    begin = max(0.0, frame.loop_in_s)
    end = frame.loop_out_s if frame.loop_out_s >= 0.0 else frame.length_s
    begin, end = min(begin, end), max(begin, end)
    return f"{seconds_to_text(begin)} to {seconds_to_text(end)}"


class SoundReadout(_Kept):
    """The meters: peak in dBFS, loudness in LUFS (``lufs`` is that of 3 s), dropouts, load 0..1."""

    period_s = 1.0 / 15.0

    def __init__(self, bus: Bus) -> None:
        super().__init__()
        self._bus = bus.listener(SOUND)
        self._frame = SoundFrame()
        self.addresses = tuple(METER + name for name in METERS)

    def listen(self) -> Iterator[Change]:
        loudest, heard = 0.0, False
        while self._bus.take(self._frame) is not None:
            heard = True
            loudest = max(loudest, self._frame.peak)
        if not heard:
            return
        frame = self._frame
        values = (
            gain_to_db(loudest), frame.short_term, frame.momentary, frame.integrated,
            int(frame.dropouts), frame.load,
        )  # fmt: skip
        yield from self._changes(
            (METER + name, (value,))
            for name, value in zip(METERS, values, strict=True)
            if math.isfinite(value)
        )


class NoticeReadout:
    """Every sentence for the performer as it is said; none stands."""

    addresses: tuple[str, ...] = (NOTICE,)
    period_s = 0.0
    stands = False

    def __init__(self, bus: Bus) -> None:
        self._bus = bus.listener(NOTICES)

    def listen(self) -> Iterator[Change]:
        for frame in self._bus.drain():
            notice = notice_of(frame)
            yield NOTICE, (f"{notice.where}: {notice.text}",)

    def standing(self) -> dict[str, Arguments]:
        return {}
