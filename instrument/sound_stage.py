"""The sound process: what the main process starts, feeds over the bus, and ends by closing stdin.

``python -m instrument.sound_stage`` reads its configuration as one JSON line on stdin, says
``{"ready": "..."}`` or ``{"error": "..."}`` as one JSON line on stdout, plays, and says its tallies
as a last line. One thread renders; another waits for the end of stdin.
"""

import contextlib
import gc
import json
import os
import signal
import sys
import threading
from collections.abc import Mapping
from pathlib import Path
from typing import Any, TextIO

import numpy as np

from instrument.clock import wall_clock
from instrument.mapping import Modulator, Route
from instrument.signals.bus import Bus
from instrument.signals.controls import Bank
from instrument.signals.frames import (
    CONTROLS,
    METRICS,
    NOTICES,
    SOUND,
    WEIGHTS,
    ControlFrame,
    MetricFrame,
    SoundFrame,
    WeightFrame,
)  # fmt: skip
from instrument.signals.mistake import Mistake
from instrument.signals.notices import Notice, notice_frame
from instrument.signals.show import END_FADE_S
from instrument.signals.spec import Spec
from instrument.signals.streams import StreamSpec
from instrument.sound.capture import Capture, next_part
from instrument.sound.engine import Engine
from instrument.sound.meter import Meter
from instrument.sound.recordings import load_recordings
from instrument.sound.sinks import DeviceLost, DeviceSink, NullSink, Sink

SAY_EVERY_S = 0.05
SOUND_FIRST = -15
"""Niceness of the sound process: sound before picture and training."""


class Ears:
    """What this process hears of the show: newest controls, streams and weights."""

    def __init__(self, bus: Bus, bank: Bank, positions: np.ndarray) -> None:
        """`positions` float32 (controls,) stand until the first control frame comes."""
        self._metrics = bus.listener(METRICS)
        self._controls = bus.listener(CONTROLS)
        self._weights = bus.listener(WEIGHTS)
        self._metric, self._control, self._weight = MetricFrame(), ControlFrame(), WeightFrame()
        self._count = len(bank)
        self.positions = positions
        self.streams = np.frombuffer(self._metric.streams, np.float32)
        """Float32 (capacity,), the streams of the newest metric frame."""
        self._frame_positions = np.frombuffer(self._control.positions, np.float32)
        self.trained = False
        """Whether a metric frame has come."""

    def listen(self) -> np.ndarray | None:
        """Take what came; returns new weights, float32 (count,), if there are any. Never waits."""
        if self._metrics.latest(self._metric) is not None:
            self.trained = True
        if self._controls.latest(self._control) is not None:
            heard = self._frame_positions[: min(self._control.count, self._count)]
            np.copyto(self.positions[: len(heard)], heard, where=np.isfinite(heard))
        if self._weights.latest(self._weight) is None:
            return None
        return np.frombuffer(self._weight.weights, np.float32)[: self._weight.count]

    @property
    def lost(self) -> int:
        """Metric frames that gave way."""
        return int(self._metrics.lost)


class SoundStage:
    """Engine, sink, capture and bus of one sound process."""

    def __init__(self, config: Mapping[str, Any]) -> None:
        """Builds everything; raises `Mistake`."""
        self.sample_rate = int(config["sample_rate"])
        self.block = int(config["block"])
        self.ring_blocks = int(config["ring_blocks"])
        self._device = config.get("device")
        self._wants_device = config["sink"] == "device"
        streams = [StreamSpec.from_dict(record) for record in config["streams"]]
        routes = [Route.from_dict(record) for record in config["routes"]]
        self.bank = Bank([Spec.from_dict(record) for record in config["controls"]])
        self.bus = Bus(config["show"])
        self._sound = self.bus.publisher(SOUND)
        self._notices = self.bus.publisher(NOTICES)
        self.ears = Ears(self.bus, self.bank, np.array(config["positions"], np.float32))
        recordings = load_recordings(config.get("recordings", {}), self.sample_rate)
        self.engine = Engine(
            self.bank,
            recordings,
            sample_rate=self.sample_rate,
            block=self.block,
            seed=int(config.get("seed", 0)),
        )
        self.modulator = Modulator(routes, streams, self.bank)
        self._values = np.zeros(len(self.bank))
        self.meter = Meter(self.sample_rate)
        self._frame = SoundFrame()
        self._dropouts_before = 0
        self.ending = threading.Event()
        self.sink: Sink = self._open_sink()
        self.capture = self._open_capture(config)

    def _open_sink(self) -> Sink:
        if self._wants_device:
            try:
                return DeviceSink(self._device, self.sample_rate, self.block, self.ring_blocks)
            except LookupError:
                self._wants_device = False
                sink = NullSink(self.sample_rate, self.block, self.ring_blocks)
                sink.description = f"no sound device here: {sink.description}"
                return sink
        return NullSink(self.sample_rate, self.block, self.ring_blocks)

    def _open_capture(self, config: Mapping[str, Any]) -> Capture | None:
        """The capture; a file sink is one too, beside the pace of the null sink."""
        named = config.get("capture") or (config.get("file") if config["sink"] == "file" else None)
        if not named:
            return None
        path = Path(named)
        if config.get("part", 0) and path.exists():
            path = next_part(path)
        capture = Capture(path, self.sample_rate)
        if config["sink"] == "file":
            self.sink.description = f"file {path}, at the pace of a device"
        return capture

    def run(self) -> None:
        """Play until `ending` is set and the fade is over."""
        clock, fader = wall_clock, self.engine.master.fader
        period_s = self.block / self.sample_rate
        next_word_s = 0.0
        worked_s = 0.0
        worked_blocks = 0
        while not (self.ending.is_set() and fader.silent):
            if self.ending.is_set():
                fader.end(END_FADE_S)
            self._wait()
            begun_s = clock()
            block = self._render(period_s)
            self.sink.write(block)
            if self.capture is not None:
                self.capture.write(block)
            self.meter.hear(block)
            now_s = clock()
            worked_s += now_s - begun_s
            worked_blocks += 1
            if now_s >= next_word_s:
                next_word_s = now_s + SAY_EVERY_S
                self._frame.load = worked_s / worked_blocks / period_s
                worked_s, worked_blocks = 0.0, 0
                self._say_how_it_stands(now_s)
        for _ in range(self.ring_blocks + 1):
            self._wait()
            self.sink.write(np.zeros((self.block, 2), np.float32))

    def _render(self, period_s: float) -> np.ndarray:
        """The next block of what the bus says now."""
        weights = self.ears.listen()
        if weights is not None:
            self.engine.hear_weights(weights.copy())
        ears = self.ears
        if ears.trained:
            values = self.modulator.values(ears.positions, ears.streams, period_s)
        else:
            values = self.bank.map(ears.positions, self._values)
        return self.engine.render(values)

    def _wait(self) -> None:
        """Until there is room for a block; on to the null sink when the device is gone."""
        try:
            self.sink.wait()
        except DeviceLost:
            self._dropouts_before += self.sink.dropouts + 1
            self.say("the sound device is gone; the show goes on without it", grave=True)
            self.sink.close()
            self.sink = NullSink(self.sample_rate, self.block, self.ring_blocks)

    def say(self, text: str, grave: bool = False) -> None:
        """One sentence for the performer."""
        self._notices.send(notice_frame(Notice("sound", text, grave), wall_clock()))

    @property
    def dropouts(self) -> int:
        return self._dropouts_before + self.sink.dropouts

    def _say_how_it_stands(self, now_s: float) -> None:
        frame = self._frame
        self.meter.fill(frame)
        frame.time_s = now_s
        frame.dropouts = self.dropouts
        frame.nonfinite_blocks = self.engine.master.nonfinite_blocks
        frame.metric_frames_lost = self.ears.lost
        self._sound.meet()
        self._sound.send(frame)

    def close(self) -> dict[str, Any]:
        """Close sink, capture and graph; returns the tallies."""
        self.sink.close()
        if self.capture is not None:
            self.capture.close()
            if self.capture.failed:
                self.say(self.capture.failed, grave=True)
        self.engine.close()
        return {
            "blocks": self.meter.blocks,
            "dropouts": self.dropouts,
            "nonfinite_blocks": self.engine.master.nonfinite_blocks,
            "metric_frames_lost": self.ears.lost,
            "peak": self.meter.peak_ever,
            "rms": self.meter.rms_ever,
            "capture_lost_blocks": 0 if self.capture is None else self.capture.lost_blocks,
        }


def own_channels() -> tuple[TextIO, TextIO]:
    """stdout as the line to the parent, and a stderr that only Python speaks on.

    What ALSA, JACK and pyo print from C goes nowhere: it would tear the performer's status line.
    """
    parent = os.fdopen(os.dup(1), "w", buffering=1)
    errors = os.fdopen(os.dup(2), "w", buffering=1)
    nowhere = os.open(os.devnull, os.O_WRONLY)
    os.dup2(nowhere, 1)
    os.dup2(nowhere, 2)
    os.close(nowhere)
    sys.stderr = errors
    return parent, errors


def main() -> int:
    """The life of the process. Returns its exit code."""
    for name in (signal.SIGINT, signal.SIGTERM):
        signal.signal(name, signal.SIG_IGN)
    # Before any thread of the sound device is made, so that they all have it; where the system
    # does not allow it, the sound plays as any other program.
    with contextlib.suppress(OSError, AttributeError):
        os.setpriority(os.PRIO_PROCESS, 0, SOUND_FIRST)
    parent, _ = own_channels()

    def tell(message: Mapping[str, Any]) -> None:
        # The parent may be gone; the sound still ends in order.
        try:
            parent.write(json.dumps(message) + "\n")
            parent.flush()
        except OSError:
            return

    try:
        stage = SoundStage(json.loads(sys.stdin.readline()))
    except Mistake as mistake:
        tell({"error": str(mistake)})
        return 2
    threading.Thread(target=_wait_for_end, args=(stage.ending,), daemon=True).start()
    gc.collect()
    gc.freeze()
    gc.disable()
    tell({"ready": stage.sink.description})
    stage.run()
    tell(stage.close())
    # pyo's objects are not taken apart one by one: the process is over.
    os._exit(0)


def _wait_for_end(ending: threading.Event) -> None:
    """The parent closes stdin to end the sound; when it dies, the system closes it."""
    try:
        while os.read(0, 4096):
            pass
    except OSError:
        pass
    ending.set()


if __name__ == "__main__":
    sys.exit(main())
