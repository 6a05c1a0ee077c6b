"""Tracks of a MIDI file: streams as controller curves, and messages at milliseconds."""

from array import array
from collections.abc import Iterator, Sequence
from typing import Any

import mido
import numpy as np

from instrument.signals.spoken import stream_words
from instrument.signals.streams import StreamSpec

CHANNELS = 15
"""The sixteenth is that of the states."""
FIRST_CONTROLLER = 14
"""Of 14 to 31 few have another meaning; the low seven bits go to the controller 32 higher."""


class Curves:
    """A curve for each stream, in whole numbers of `bits`; told together, put where they change."""

    def __init__(self, streams: Sequence[StreamSpec], bits: int) -> None:
        self.tracks = [Curve(stream, number, bits) for number, stream in enumerate(streams)]
        self._low = np.array([stream.low for stream in streams], np.float64)
        self._span = np.array([stream.high - stream.low for stream in streams], np.float64)
        self._top = 2**bits - 1
        self._last = np.full(len(streams), -1.0)

    def hear(self, tick: int, values: np.ndarray) -> None:
        """All streams at a millisecond; the span low..high of each becomes all of its controller's."""
        said = np.isfinite(values) & (self._span > 0)
        shares = np.divide(values - self._low, self._span, out=np.zeros(len(said)), where=said)
        whole = np.where(said, np.rint(np.clip(shares, 0.0, 1.0) * self._top), self._last)
        for number in np.flatnonzero(whole != self._last):
            self.tracks[number].put(tick, int(whole[number]))
        self._last = whole


class Curve:
    """The track of one stream, kept in a few bytes a point."""

    def __init__(self, stream: StreamSpec, number: int, bits: int) -> None:
        self.stream = stream
        self.channel, self.controller = number % CHANNELS, FIRST_CONTROLLER + number // CHANNELS
        self._bits, self._top = bits, 2**bits - 1
        self._ticks, self._values = array("L"), array("H")

    def put(self, tick: int, whole: int) -> None:
        """Its value from a millisecond on."""
        self._ticks.append(tick)
        self._values.append(whole)

    @property
    def about(self) -> str:
        """What the curve means, for the head of its track."""
        s, low_bits = self.stream, f" and {self.controller + 32}" if self._bits == 14 else ""
        return (
            f"{s.name}: {s.help}; controller {self.controller}{low_bits}, 0..{self._top} is "
            f"{s.low:g}..{s.high:g} {s.unit}"
        ).strip()

    def __iter__(self) -> Iterator[Any]:
        """The track, one message after the other: mido writes it without a list of all."""
        yield mido.MetaMessage("track_name", name=plain(stream_words(self.stream.name)))
        yield mido.MetaMessage("text", text=plain(self.about))
        before = 0
        for tick, value in zip(self._ticks, self._values, strict=True):
            high = value >> 7 if self._bits == 14 else value
            yield self._change(self.controller, high, tick - before)
            if self._bits == 14:
                yield self._change(self.controller + 32, value & 127, 0)
            before = tick

    def _change(self, controller: int, value: int, time: int) -> Any:
        return mido.Message(
            "control_change", channel=self.channel, control=controller, value=value, time=time
        )


class Track:
    """Messages at ticks, in the order in which they come."""

    def __init__(self, name: str) -> None:
        self._name = name
        self._messages: list[tuple[int, Any]] = []

    def put(self, tick: int, message: Any) -> None:
        """One message at a millisecond, none before the last."""
        self._messages.append((tick, message))

    def __iter__(self) -> Iterator[Any]:
        yield mido.MetaMessage("track_name", name=plain(self._name))
        before = 0
        for tick, message in self._messages:
            yield message.copy(time=tick - before)
            before = tick


def plain(words: str) -> str:
    """As MIDI files hold texts: Latin letters, what is none of them a question mark."""
    return words.encode("latin-1", "replace").decode("latin-1")
