"""The way out of the sound process: the sink that was asked for, and the null sink when it is gone."""

import math
from collections.abc import Callable, Mapping
from typing import Any

import numpy as np

from instrument.clock import Clock, wall_clock
from instrument.signals.mistake import Mistake
from instrument.sound.device_sink import DeviceSink
from instrument.sound.sinks import DeviceLost, NullSink, Sink

Lost = Callable[[str, float], None]


class Outlet:
    """One sink after another as one, with one count. Render thread only."""

    def __init__(
        self,
        config: Mapping[str, Any],
        say: Callable[[str, bool], None],
        lost: Lost,
        clock: Clock = wall_clock,
    ) -> None:
        """Opens the sink of a sound process (see `instrument.sound_stage`).

        `say` takes a sentence and whether it is grave; `lost` the name of a device that is gone and
        since when (seconds on the clock). Raises `Mistake` when the device cannot be had, but not
        in a show that plays already (`part` above 0): there it is lost.
        """
        self.sample_rate = int(config["sample_rate"])
        self.block = int(config["block"])
        self.ring_blocks = float(config["ring_blocks"])
        self.channels = int(config.get("channels", 2))
        self._say, self._tell_lost, self._clock = say, lost, clock
        self._dropouts_before = int(config.get("dropouts", 0))
        self._gap_before_s = 0.0
        self.device: str | None = None
        """Name of the device that plays, None for the null sink."""
        self.sink: Sink = self._open(config)

    def _open(self, config: Mapping[str, Any]) -> Sink:
        if config["sink"] != "device":
            return self._null()
        wanted = config.get("device")
        try:
            sink = DeviceSink(
                wanted, self.sample_rate, self.block, self.ring_blocks, self.channels, self._clock
            )
        except (Mistake, LookupError) as error:
            if config.get("part", 0) > 0:
                self._tell_lost(str(wanted or ""), self._clock())
                return self._null()
            if isinstance(error, Mistake):
                raise
            null = self._null()
            null.description = f"no sound device here: {null.description}"
            return null
        self.device = sink.name
        return sink

    def _null(self) -> NullSink:
        return NullSink(self.sample_rate, self.block, self.ring_blocks, self._clock)

    @property
    def description(self) -> str:
        """The sink in words."""
        return self.sink.description

    @property
    def dropouts(self) -> int:
        """Of the whole show, as far as this process knows of it."""
        return self._dropouts_before + self.sink.dropouts

    @property
    def longest_gap_s(self) -> float:
        """The longest time without sound in this process, seconds."""
        return max(self._gap_before_s, self.sink.longest_gap_s)

    @property
    def ahead(self) -> int:
        """See `Sink.ahead`."""
        return self.sink.ahead

    @property
    def latency_s(self) -> float:
        """See `Sink.latency_s`."""
        return self.sink.latency_s

    def lean(self, blocks: int) -> None:
        """See `Sink.lean`."""
        self.sink.lean(blocks)

    def wait(self) -> None:
        """Until there is room for a block; on to the null sink when the device is gone."""
        try:
            self.sink.wait()
        except DeviceLost:
            self._dropouts_before += self.sink.dropouts + 1
            self._gap_before_s = max(self._gap_before_s, self.sink.longest_gap_s)
            name, self.device = self.device or "", None
            self._say("the sound device is gone; the show goes on without it", True)
            self._tell_lost(name, self._clock())
            self.sink.close()
            self.sink = self._null()

    def write(self, block: np.ndarray) -> None:
        """Take a block, float32 (frames, channels)."""
        self.sink.write(block)

    def close(self) -> None:
        """Some silence after the last sound, then give the sink back."""
        for _ in range(math.ceil(self.ring_blocks) + 1):
            self.wait()
            self.write(np.zeros((self.block, self.channels), np.float32))
        self.sink.close()
