"""Where blocks go: a sound device, nowhere (paced), or a file. One engine, three sinks.

A sink's `wait` returns when there is room for a block, so it paces the render thread; a block is
rendered only then, out of the newest that is known. A sink counts what it sent (`blocks`) and how
often there was nothing to send in time (`dropouts`).
"""

import atexit
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any, Protocol

import numpy as np

from instrument.clock import Clock, wall_clock
from instrument.signals.mistake import Mistake, did_you_mean
from instrument.signals.quiet import quiet
from instrument.sound.capture import open_file

CHANNELS = 2
FRAME_BYTES = CHANNELS * 4
POLL_S = 0.0005
DEAD_AFTER_S = 1.0


class Sink(Protocol):
    """Where blocks go. Render thread only."""

    description: str
    blocks: int
    dropouts: int

    def wait(self) -> None:
        """Return when there is room for a block."""

    def write(self, block: np.ndarray) -> None:
        """Take a block, float32 (frames, 2). Never waits after `wait`."""

    def close(self) -> None:
        """Let what was written sound to its end, then give the sink back."""


class DeviceLost(Exception):
    """The device stopped taking sound: unplugged, or its server is gone."""


class NullSink:
    """No sound device: blocks are taken at the pace a device would take them.

    Paced by an absolute schedule; a block that comes after it was due is a dropout.
    """

    def __init__(
        self,
        sample_rate: int,
        block: int,
        ring_blocks: int = 2,
        clock: Clock = wall_clock,
        sleep: Callable[[float], None] = time.sleep,
    ) -> None:
        self.description = f"null, paced and silent, {sample_rate} Hz, {block} frames"
        self.blocks = 0
        self.dropouts = 0
        self._period_s = block / sample_rate
        self._ahead = ring_blocks
        self._clock = clock
        self._sleep = sleep
        self._start_s: float | None = None
        self._scheduled = 0

    def wait(self) -> None:
        """Sleep until a device with a ring of this depth would have room."""
        if self._start_s is not None:
            due_s = self._start_s + self._scheduled * self._period_s
            now_s = self._clock()
            if now_s < due_s:
                self._sleep(due_s - now_s)

    def write(self, block: np.ndarray) -> None:
        """Take a block, and notice when it came too late."""
        now_s = self._clock()
        if self._start_s is None:
            self._start_s = now_s
        # The ring's depth is the slack: a block is late once all blocks before it have sounded.
        if now_s > self._start_s + (self._scheduled + self._ahead) * self._period_s:
            self.dropouts += 1
            self._start_s, self._scheduled = now_s, 0
        self._scheduled += 1
        self.blocks += 1

    def close(self) -> None:
        """Nothing to give back."""


class FileSink:
    """A sound file, as fast as the blocks come. 24 bit WAV or FLAC by the name's ending."""

    def __init__(self, path: Path, sample_rate: int) -> None:
        self.description = f"file {path}"
        self.blocks = 0
        self.dropouts = 0
        self._file = open_file(path, sample_rate)

    def wait(self) -> None:
        """A file has always room."""

    def write(self, block: np.ndarray) -> None:
        """Append a block."""
        self._file.write(block)
        self.blocks += 1

    def close(self) -> None:
        """Finish the file."""
        self._file.close()


class DeviceSink:
    """A sound device, fed by rtmixer's callback in C through a lock-free ring.

    rtmixer lets go of the ring the first time it runs dry and does not count it: here it is counted
    as a dropout and the ring is handed over again as soon as it is full.
    """

    def __init__(
        self, device: str | int | None, sample_rate: int, block: int, ring_blocks: int = 2
    ) -> None:
        """`device` is a number, a part of a name, or None for the system's own choice."""
        import rtmixer
        import sounddevice

        number = find_device(device)
        info = sounddevice.query_devices(number)
        self.blocks = 0
        self.dropouts = 0
        self._block = block
        self._sounddevice = sounddevice
        size = 1
        while size < ring_blocks * block:
            size *= 2
        self._ring = rtmixer.RingBuffer(FRAME_BYTES, size)
        self._limit = ring_blocks * block
        try:
            self._stream = rtmixer.Mixer(
                device=number,
                channels=CHANNELS,
                samplerate=sample_rate,
                blocksize=block,
                latency="low",
            )
            self._stream.start()
        except Exception as error:
            raise Mistake(
                f"the sound device '{info['name']}' does not open at {sample_rate} Hz with "
                f"{block} frames a block ({str(error).splitlines()[0]})"
            ) from error
        host = sounddevice.query_hostapis(info["hostapi"])["name"]
        self.description = (
            f"{info['name']} ({host}), {sample_rate} Hz, {block} frames, {ring_blocks} blocks ahead"
        )
        self._action: Any = None
        self._closing = False
        self._lost = False

    def wait(self) -> None:
        """Return when the ring has room for a block. Raises `DeviceLost`."""
        waited_s = 0.0
        while self._ring.read_available + self._block > self._limit:
            self._watch()
            if waited_s > DEAD_AFTER_S or not self._stream.active:
                self._lost = True
                raise DeviceLost(self.description)
            time.sleep(POLL_S)
            waited_s += POLL_S

    def write(self, block: np.ndarray) -> None:
        """Hand a block to the ring."""
        self._ring.write(np.ascontiguousarray(block, np.float32))
        self.blocks += 1
        self._watch()

    def _watch(self) -> None:
        """Notice that the ring ran dry; hand it over (again) once it is full."""
        if self._action is not None and self._action not in self._stream.actions:
            self._action = None
            if not self._closing:
                self.dropouts += 1
        full = self._ring.read_available + self._block > self._limit
        if self._action is None and full and not self._closing:
            self._action = self._stream.play_ringbuffer(self._ring)

    def close(self) -> None:
        """Let the ring sound out, then stop the stream."""
        self._closing = True
        if self._lost:
            # PortAudio waits for ever for a server that is gone; the stream is left behind.
            atexit.unregister(self._sounddevice._exit_handler)
            return
        deadline = wall_clock() + 0.25
        while self._stream.active and self._ring.read_available and wall_clock() < deadline:
            time.sleep(POLL_S)
        try:
            self._stream.stop(ignore_errors=True)
            self._stream.close(ignore_errors=True)
            # Leave JACK in order: a client that just ends shows there as a broken one.
            self._sounddevice._terminate()
        except Exception:
            self._action = None


def output_devices() -> list[tuple[int, str]]:
    """Number of every device that has at least two outputs, and its name with its driver behind it."""
    import sounddevice

    if not sounddevice._initialized:
        sounddevice._initialize()
    drivers = [driver["name"] for driver in sounddevice.query_hostapis()]
    return [
        (number, f"{device['name']} ({drivers[device['hostapi']]})")
        for number, device in enumerate(sounddevice.query_devices())
        if device["max_output_channels"] >= CHANNELS
    ]


def find_device(wanted: str | int | None) -> int:
    """The number of a device. Raises `Mistake` that lists what there is, `LookupError` for None
    when there is no device at all."""
    import sounddevice

    devices = output_devices()
    if wanted is None or wanted == "":
        default = sounddevice.default.device[1]
        numbers = [number for number, _ in devices]
        if default in numbers:
            return int(default)
        if numbers:
            return numbers[0]
        raise LookupError("no sound device")
    text = str(wanted).strip()
    for number, _ in devices:
        if text == str(number):
            return number
    exact = [
        number
        for number, name in devices
        if text.lower() in (name.lower(), name.rpartition(" (")[0].lower())
    ]
    near = exact or [number for number, name in devices if text.lower() in name.lower()]
    if near:
        return near[0]
    if not devices:
        raise Mistake(
            f"no sound device is called '{text}': this machine has none with two outputs "
            "(leave the name away and the instrument plays to nothing, paced)"
        )
    known = ", ".join(f"{number} {name}" for number, name in devices)
    near_word = did_you_mean(text, [name for _, name in devices])
    raise Mistake(f"no sound device is called '{text}'{near_word} (there are: {known})")


def device_lines() -> list[str]:
    """One line for each device that can be played to: its number and name."""
    with quiet():
        return [f"{number} {name}" for number, name in output_devices()]
