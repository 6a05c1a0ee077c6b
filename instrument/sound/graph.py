"""The one place that imports pyo (its 64-bit build), and the server every block comes from.

pyo is imported at the first use of one of its names, so the tables of controls stay light.
Everything here belongs to one thread: the render thread.
"""

import contextlib
import ctypes
import importlib
import math
import os
from collections.abc import Callable, Collection, Iterator, Sequence
from types import ModuleType
from typing import Any

import numpy as np

from instrument.sound.hair_line import HairLine
from instrument.sound.recording import Recording

LIVE_CAPACITY = 1024
DEFAULT_LAG_S = 0.02
NOISE_SECONDS = 5.4
QUIET_ONLY_ERRORS = 1

_module: ModuleType | None = None
_held: list[Any] = []
"""Every pyo object of this process, in the order they were made."""


def _pyo() -> ModuleType:
    global _module
    if _module is None:
        os.environ["PYO_GUI_WX"] = "0"
        with open(os.devnull, "w") as nowhere, contextlib.redirect_stdout(nowhere):
            _module = importlib.import_module("pyo64")
        _hold_every_object()
    return _module


def _hold_every_object() -> None:
    """Make pyo keep each of its objects for as long as this process lives.

    pyo drops one reference too many when a nameless part of a formula (``a * b + c``) is forgotten
    in Python, and crashes some blocks later. Whatever was made stays; the big tables do not.
    """
    kind = importlib.import_module("pyo.lib._core").PyoObject
    begin = kind.__init__

    def begin_and_hold(self: Any, *arguments: Any, **named: Any) -> None:
        _held.append(self)
        begin(self, *arguments, **named)

    kind.__init__ = begin_and_hold


def __getattr__(name: str) -> Any:
    """Any name of pyo: ``graph.Sine``, ``graph.Biquad``."""
    if name.startswith("__"):
        raise AttributeError(name)
    return getattr(_pyo(), name)


class Live:
    """One number that a voice moves while it sounds; the graph hears it smoothed."""

    def __init__(self, values: np.ndarray, slot: int, signal: Any) -> None:
        """`signal` is the pyo object that follows this value."""
        self._values = values
        self._slot = slot
        self.signal = signal

    def set(self, value: float) -> None:
        """Where the signal goes from now on. A number that is not finite is passed over."""
        if math.isfinite(value):
            self._values[self._slot] = value


class Graph:
    """A pyo server in manual mode: nothing happens between two calls of `render`."""

    def __init__(
        self,
        sample_rate: int,
        block: int,
        seed: int,
        shelf: dict[str, Any] | None = None,
        channels: int = 2,
        hair_line: HairLine | None = None,
        parts: int = 0,
    ) -> None:
        """An empty graph; the seed makes every random number of it the same again.

        `shelf` keeps the tables of recordings from one graph to the next, `hair_line` (one of its own)
        the place of the scanner. `channels` are the loudspeakers, on a ring: 0 left, 1 right, and on
        round the audience. So many `parts` of the sound can be heard by themselves besides.
        """
        pyo = _pyo()
        self.channels = channels
        self.sample_rate = sample_rate
        self.block = block
        self.hair_line = hair_line or HairLine(sample_rate, block)
        server = pyo.Server(
            sr=sample_rate,
            nchnls=channels * (1 + parts),
            buffersize=block,
            duplex=0,
            audio="manual",
        )
        server.setVerbosity(QUIET_ONLY_ERRORS)
        server.deactivateMidi()
        server.boot()
        server.setGlobalSeed(1 + seed % 2_000_000_000)
        server.start()
        self._server = server
        kind = ctypes.c_float * (block * channels * (1 + parts))
        rendered = kind.from_address(int(server.getOutputAddr(), 16))
        whole = np.ctypeslib.as_array(rendered).reshape(block, 1 + parts, channels)
        self.rendered = whole[:, 0]
        """The block of sound, float32 (block, channels); overwritten by the next `render`."""
        self.parts = whole[:, 1:]
        """What `aside` was given, float32 (block, parts, channels); overwritten by the next `render`."""
        self._table = pyo.DataTable(size=LIVE_CAPACITY)
        self._values = np.asarray(self._table.getBuffer())
        self._used = 0
        self.random = np.random.default_rng(seed)
        self._keep: list[Any] = []
        self._shelf: dict[str, Any] = {} if shelf is None else shelf
        self._kinds: set[str] = set()
        length = int(NOISE_SECONDS * sample_rate)
        self._noise_table = self.shelved(
            f"noise {seed}", lambda: np.random.default_rng(seed).uniform(-1, 1, length)
        )

    def live(self, value: float, lag_s: float = DEFAULT_LAG_S) -> Live:
        """A smoothed number, starting at `value`; `lag_s` is the time constant of its way."""
        pyo = _pyo()
        slot = self._used
        if slot >= LIVE_CAPACITY:
            raise ValueError(f"more than {LIVE_CAPACITY} live numbers in one graph")
        self._used += 1
        self._values[slot] = value
        raw = pyo.TableIndex(self._table, pyo.Sig(slot))
        signal = pyo.Port(raw, lag_s, lag_s, init=value) if lag_s > 0 else raw
        return Live(self._values, slot, signal)

    def table(self, samples: np.ndarray) -> Any:
        """A pyo table holding one channel of samples, float (length,)."""
        table = _pyo().DataTable(size=len(samples))
        view = np.asarray(table.getBuffer())
        view[: len(samples)] = samples
        return table

    def shelved(self, name: str, samples: Callable[[], np.ndarray]) -> Any:
        """The table of that name from the shelf, filled when it is not there yet."""
        if name not in self._shelf:
            self._shelf[name] = self.table(samples())
        return self._shelf[name]

    def recording_table(self, recording: Recording, kind: str) -> Any:
        """The table of a recording that a voice reads from; `kind` is one of `recording.KINDS`.

        Opened at once when the recording was laid out for it (it is, when it comes in while the show
        plays), laid out here otherwise. A voice that plays another recording binds its readers to the
        new table while the old one is still held: pyo frees first and binds then, and crashes. The
        graph holds both until `keep_recordings` lets go of what no voice plays.
        """
        self._kinds.add(kind)
        name = f"{recording.name} {kind}"
        shelved = self._shelf.get(name)
        if shelved is not None and shelved[0] is recording:
            return shelved[1]
        recording.lay_out((kind,))
        ready = recording.tables.get(kind)
        if ready is None:
            table = self.table(recording.wave(kind))
        else:
            table = ready.table(lambda path, length: _pyo().SharedTable(path, False, length))
        self._shelf[name] = (recording, table)
        return table

    @contextlib.contextmanager
    def kinds_asked(self) -> Iterator[set[str]]:
        """Gives a set that holds, afterwards, the kinds of tables that were asked for inside."""
        self._kinds = set()
        yield self._kinds

    def keep_recordings(self, playing: Collection[Recording]) -> None:
        """Let go of the tables of all other recordings."""
        for name, entry in list(self._shelf.items()):
            if isinstance(entry, tuple) and not any(entry[0] is one for one in playing):
                del self._shelf[name]

    def noise(self, turns_per_s: float, low: float = -1.0, high: float = 1.0) -> Any:
        """White noise, looped and shared: the same bytes for the same seed, no call per sample.

        Different `turns_per_s` (about 0.1 to 0.5) make readers that do not run together.
        """
        phase = float(self.random.random())
        reader = _pyo().Osc(self._noise_table, turns_per_s, phase, interp=1)
        return self.keep(reader * (0.5 * (high - low)) + 0.5 * (high + low))

    @contextlib.contextmanager
    def gather(self) -> Iterator[list[Any]]:
        """Gives a list that holds, afterwards, every pyo object that was made inside."""
        first = len(_held)
        made: list[Any] = []
        yield made
        made += _held[first:]

    def mix(self, sounds: Sequence[Any]) -> Any:
        """The sum of sounds that all have one stream for each channel."""
        return self.keep(_pyo().Mix(list(sounds), self.channels))

    def aside(self, number: int, sound: Any) -> None:
        """Let part `number` be heard by itself; one stream for each channel."""
        self.keep(sound.out((1 + number) * self.channels))

    def pan(self, sound: Any, side: Any, width: float = 0.5) -> Any:
        """One stream placed among the loudspeakers; `side` 0..1, in stereo from left to right.

        With more than two it is the way round the ring, once; `width` 0..1 is how many share it.
        """
        if self.channels == 2:
            return _pyo().SPan(sound, 2, side)
        return _pyo().Pan(sound, self.channels, side, width)

    def keep(self, part: Any) -> Any:
        """Hold on to a pyo object that nobody else names; returns it."""
        self._keep.append(part)
        return part

    def resampling(self, factor: int) -> contextlib.AbstractContextManager[None]:
        """Parts built inside run at `factor` times the sample rate."""

        @contextlib.contextmanager
        def block() -> Any:
            self._server.beginResamplingBlock(factor)
            try:
                yield
            finally:
                self._server.endResamplingBlock()

        return block()

    def render(self) -> np.ndarray:
        """The next block, float32 (frames, channels); overwritten by the next call."""
        self._server.process()
        return self.rendered

    def close(self) -> None:
        """Give the server back. Nothing of the graph may be used afterwards."""
        self._keep.clear()
        self._server.stop()
        self._server.shutdown()
