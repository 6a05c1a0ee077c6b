"""A sound device, fed by rtmixer's callback in C through a lock-free ring."""

import atexit
import contextlib
import math
import time
from typing import Any

import numpy as np

from instrument.clock import Clock, wall_clock
from instrument.signals.mistake import Mistake
from instrument.sound.devices import find_device, full_name
from instrument.sound.sinks import MOST_AHEAD, DeviceLost, Leaning

POLL_S = 0.00025
SHY_S = 0.001
"""So long before the device should take the next block the looking begins."""
DEAD_AFTER_S = 1.0
STOPPED_PERIODS = 2.5
"""A thread that was away for longer asks whether the device went on meanwhile."""
SOFT_S = 0.005
BEAT_FOLLOWS = 0.02
"""Share of its lateness by which the beat of a device is moved; more than clocks drift apart."""


class DeviceSink:
    """A sound device. Render thread only.

    rtmixer lets go of the ring the first time it runs dry and does not count it: here it is counted
    as a dropout, the ring is handed over again as soon as it is full, and begins with a short
    fade-in. A stop of the whole process leaves the ring as it was: it shows as time that passed
    while neither this thread looked nor the device took anything, and counts as a dropout too.
    """

    def __init__(
        self,
        device: str | int | None,
        sample_rate: int,
        block: int,
        ring_blocks: float = 2,
        channels: int = 2,
        clock: Clock = wall_clock,
    ) -> None:
        """`device` is a number, a part of a name, or None for the system's own choice. `ring_blocks`
        may have a fraction: with 1.25 the second block is rendered when a quarter of a period is left
        until the device takes the first, out of what is known by then.

        Raises `Mistake` when it is not there, has too few outputs or does not open; `LookupError`
        when None was asked for and there is no device at all.
        """
        import rtmixer
        import sounddevice

        try:
            number = find_device(device, channels)
        except (Mistake, LookupError):
            # Not one more client of a server that nothing will be played to.
            sounddevice._terminate()
            raise
        info = sounddevice.query_devices(number)
        hosts = [host["name"] for host in sounddevice.query_hostapis()]
        self.name = full_name(info, hosts)
        self.blocks = 0
        self.dropouts = 0
        self.longest_gap_s = 0.0
        self._block = block
        self._period_s = block / sample_rate
        self._clock = clock
        self._sounddevice = sounddevice
        size = 1
        whole = math.ceil(ring_blocks)
        while size < max(whole, MOST_AHEAD) * block:
            size *= 2
        self._ring = rtmixer.RingBuffer(channels * 4, size)
        self._leaning = Leaning(whole, clock)
        self._last_share = 1.0 - (whole - ring_blocks)
        """Of a period: when so much is left of it, the block that fills the ring may be rendered."""
        fade = np.arange(1, min(block, round(SOFT_S * sample_rate)) + 1)
        self._soft = (0.5 - 0.5 * np.cos(np.pi * fade / len(fade))).astype(np.float32)[:, None]
        self._zero_start = True
        try:
            self._stream = rtmixer.Mixer(
                device=number,
                channels=channels,
                samplerate=sample_rate,
                blocksize=block,
                latency="low",
            )
            self._stream.start()
        except Exception as error:
            sounddevice._terminate()
            raise Mistake(
                f"the sound device '{info['name']}' does not open at {sample_rate} Hz with "
                f"{block} frames a block and {channels} channels ({str(error).splitlines()[0]})"
            ) from error
        self._device_s = float(self._stream.latency)
        if hosts[info["hostapi"]].startswith("JACK"):
            # PortAudio leaves one period out of what JACK says.
            self._device_s += self._period_s
        many = "" if channels == 2 else f", {channels} channels"
        ahead = "1 block" if ring_blocks == 1 else f"{ring_blocks:g} blocks"
        self.description = f"{self.name}, {sample_rate} Hz{many}, {block} frames, {ahead} ahead"
        self._action: Any = None
        self._closing = False
        self._lost = False
        self._looked_s = clock()
        self._fill = 0
        self._dry_s: float | None = None
        self._due_s = self._looked_s

    @property
    def ahead(self) -> int:
        """Blocks in the ring."""
        return int(self._ring.read_available) // self._block

    @property
    def latency_s(self) -> float:
        """From now until the end of what was written is heard: the rest of the period, the blocks in the
        ring, and what the device says of itself, seconds."""
        rest_s = min(max(0.0, self._due_s - self._clock()), self._period_s)
        return rest_s + self.ahead * self._period_s + self._device_s

    def wait(self) -> None:
        """Return when the ring has room for a block. Raises `DeviceLost`."""
        waited_s = 0.0
        while True:
            fill = self._look()
            if self._leaning.room(fill / self._block):
                rest_s = self._hold_back_s(fill)
                if rest_s <= 0.0:
                    return
                time.sleep(rest_s)
                waited_s += rest_s
                continue
            if waited_s > DEAD_AFTER_S or not self._stream.active:
                self._lost = True
                raise DeviceLost(self.description)
            rest_s = max(POLL_S, min(self._due_s - self._looked_s, self._period_s) - SHY_S)
            time.sleep(rest_s)
            waited_s += rest_s

    def _hold_back_s(self, fill: int) -> float:
        """How long the block that would fill the ring still waits, seconds."""
        last = fill + self._block >= self._leaning.depth * self._block
        if not last or self._last_share >= 1.0 or self._action is None:
            return 0.0
        return self._due_s - self._last_share * self._period_s - self._looked_s

    def write(self, block: np.ndarray) -> None:
        """Hand a block to the ring."""
        self._look()
        block = np.ascontiguousarray(block, np.float32)
        if self._zero_start:
            block = self._softened(block)
        self._ring.write(block)
        self._fill += self._block
        self.blocks += 1
        self._look()

    def lean(self, blocks: int) -> None:
        """See `Sink.lean`."""
        self._leaning.begin(blocks)

    def _softened(self, block: np.ndarray) -> np.ndarray:
        """The first block after a silence, faded in."""
        self._zero_start = False
        block = block.copy()
        block[: len(self._soft)] *= self._soft
        return block

    def _look(self) -> int:
        """Frames in the ring; what happened since the last look is counted.

        Notices that the ring ran dry, and hands it over (again) once it is full.
        """
        now_s = self._clock()
        if self._action is not None and self._action not in self._stream.actions:
            self._action = None
            if not self._closing:
                self.dropouts += 1
                self._dry_s = min(now_s, self._looked_s + self._fill / self._block * self._period_s)
                self._zero_start = True
                if (late := self._ring.read_available) and not self._closing:
                    # Written between running dry and this look; nobody reads it now.
                    self._soften_late(late)
        elif self._action is not None:
            self._mind_stop(now_s)
        fill = int(self._ring.read_available)
        if fill < self._fill:
            self._expect_next(now_s)
        self._looked_s, self._fill = now_s, fill
        if self._action is None and fill >= self._leaning.normal * self._block:
            self._arm(now_s)
        return fill

    def _expect_next(self, now_s: float) -> None:
        """The device took a block just before now; when it will take the next.

        A device that was late keeps to its beat afterwards, so a late one moves the beat by a little
        only; an early one moves it at once.
        """
        late_s = now_s - self._due_s
        if 0.0 <= late_s < self._period_s:
            now_s = self._due_s + BEAT_FOLLOWS * late_s
        self._due_s = now_s + self._period_s

    def _soften_late(self, frames: int) -> None:
        sound = np.frombuffer(self._ring.read(frames), np.float32)
        self._ring.write(self._softened(sound.reshape(frames, -1)))

    def _arm(self, now_s: float) -> None:
        """Give the full ring to the callback."""
        if self._closing:
            return
        self._action = self._stream.play_ringbuffer(self._ring)
        if self._dry_s is not None:
            self.longest_gap_s = max(self.longest_gap_s, self._period_s, now_s - self._dry_s)
            self._dry_s = None

    def _mind_stop(self, now_s: float) -> None:
        """Whether all of this process stood still since the last look."""
        away_s = now_s - self._looked_s
        if away_s < STOPPED_PERIODS * self._period_s:
            return
        taken = (self._fill - self._ring.read_available) / self._block
        silent_s = away_s - (taken + 1.0) * self._period_s
        if silent_s > self._period_s:
            self.dropouts += 1
            self.longest_gap_s = max(self.longest_gap_s, silent_s)

    def close(self) -> None:
        """Let the ring sound out, then stop the stream."""
        self._closing = True
        if self._lost:
            # PortAudio waits for ever for a server that is gone; the stream is left behind.
            atexit.unregister(self._sounddevice._exit_handler)
            return
        deadline = self._clock() + 0.25 + self.ahead * self._period_s
        while self._stream.active and self._ring.read_available and self._clock() < deadline:
            time.sleep(POLL_S)
        with contextlib.suppress(Exception):
            self._stream.stop(ignore_errors=True)
            self._stream.close(ignore_errors=True)
            # Leave JACK in order: a client that just ends shows there as a broken one.
            self._sounddevice._terminate()
