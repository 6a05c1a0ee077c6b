"""The sound process: what the main process starts, feeds over the bus, and ends by closing stdin.

``python -m instrument.sound_stage`` reads its configuration as one JSON line on stdin, says
``{"ready": "..."}`` or ``{"error": "..."}`` as one JSON line on stdout, plays, and says its tallies
as a last line. One thread renders; another waits for the end of stdin.

With ``"standby": true`` it builds everything, says ``{"built": true}`` and sleeps until a second line
says what is different by then (positions, part, sink). While it plays it also says ``sounding`` (when
its first block went), ``lost`` (the device is gone), ``gap_s`` (the longest time without sound) and
``captured`` (when samples of the capture are heard: `sound.capture_clock`).
Configuration besides the show's own: ``channels`` (2), ``real_time`` (true), ``part`` (which sound
process of the show this is, from 0), ``dropouts`` (of those before it), ``scan`` (where the hair-line
was in the one before: ``place``, ``rate`` and ``time_s`` of its last sound frame), ``dated`` (false).

``dated``: a deck says what is heard, each frame for a block of this sound. Then silence is played until it
says that it is there, and only then the first block is rendered; recordings are read beforehand; and it is
said where a frame came after its block.
"""

import gc
import json
import os
import signal
import sys
import threading
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any, TextIO

import numpy as np

from instrument.clock import wall_clock
from instrument.mapping import Route
from instrument.next_block import NextBlock, SoundSetup
from instrument.signals.bus import Bus, Publisher
from instrument.signals.controls import Bank
from instrument.signals.frames import DECK, NOTICES, SOUND, NoticeFrame, SoundFrame
from instrument.signals.mistake import Mistake
from instrument.signals.notices import Notice, notice_frame
from instrument.signals.show import END_FADE_S
from instrument.signals.spec import Spec
from instrument.signals.streams import StreamSpec
from instrument.sound.block_times import BlockTimes
from instrument.sound.capture import Capture, next_part
from instrument.sound.capture_clock import CaptureClock
from instrument.sound.denormals import flush_denormals
from instrument.sound.meter import Meter
from instrument.sound.outlet import Outlet
from instrument.sound.urgency import (
    LaterThread,
    before_all_threads,
    device_in_real_time,
    render_in_real_time,
    threads,
)

SAY_EVERY_S = 0.05
HELD_MOST_S = 30.0
"""Where no deck comes it sounds without one."""
WARM_BLOCKS = 24
SWITCH_INTERVAL_S = 0.0005

Tell = Callable[[Mapping[str, Any]], None]


def setup_of(config: Mapping[str, Any]) -> SoundSetup:
    """What a configuration says of the sound itself."""
    return SoundSetup(
        Bank([Spec.from_dict(record) for record in config["controls"]]),
        [StreamSpec.from_dict(record) for record in config["streams"]],
        [Route.from_dict(record) for record in config["routes"]],
        {name: Path(path) for name, path in config["recordings"].items()},
        np.array(config["positions"], np.float32),
        int(config["sample_rate"]),
        int(config["block"]),
        int(config.get("channels", 2)),
        int(config.get("seed", 0)),
    )


class SoundStage:
    """Engine, sink, capture and bus of one sound process."""

    def __init__(self, config: Mapping[str, Any]) -> None:
        """Builds everything; raises `Mistake`."""
        setup = setup_of(config)
        self._sample_rate = setup.sample_rate
        self.period_s = setup.period_s
        self._notices: Publisher[NoticeFrame] | None = None
        self._dated = bool(config.get("dated"))
        self.next = NextBlock(setup, self.say, prompt=self._dated)
        self.engine = self.next.engine
        self.times = BlockTimes()
        self.meter = Meter(setup.sample_rate, setup.block, setup.channels)
        self._frame = SoundFrame()
        self._told_gap_s = 0.0
        self._told_late = False
        self._next_word_s = 0.0
        self._sounding = False
        self.ending = threading.Event()

    def warm(self) -> None:
        """Render a little of what nobody hears, so that the first block is as quick as the others."""
        self.next.warm(WARM_BLOCKS)

    def open(self, config: Mapping[str, Any], tell: Tell = lambda message: None) -> None:
        """Join the show and open the sink; raises `Mistake`. `tell` says a line to the parent."""
        self._tell = tell
        part = int(config.get("part", 0))
        self.bus = Bus(config["show"])
        self._sound = self.bus.publisher(SOUND)
        self._notices = self.bus.publisher(NOTICES)
        self.next.join(self.bus, np.array(config["positions"], np.float32))
        self._deck = self.bus.listener(DECK)
        self._held = self._dated and not part
        self._frame.part = part
        self._frame.period_s = self.period_s
        before = threads()
        self.outlet = Outlet(config, self.say, self._lost)
        if config.get("real_time", True) and self.outlet.device is not None:
            device_in_real_time(before)
        self.capture = self._open_capture(config)
        self.capture_clock = CaptureClock(
            self._sample_rate, lambda at: self._tell({"captured": at})
        )
        self._scan = config.get("scan")
        if part:
            self.engine.master.begin_in_the_middle()

    def _lost(self, device: str, at_s: float) -> None:
        self._tell({"lost": device, "at_s": at_s})

    def _open_capture(self, config: Mapping[str, Any]) -> Capture | None:
        """The capture; a file sink is one too, beside the pace of the null sink."""
        named = config.get("capture") or (config.get("file") if config["sink"] == "file" else None)
        if not named:
            return None
        path = Path(named)
        if config.get("part", 0) and path.exists():
            path = next_part(path)
        try:
            capture = Capture(path, self._sample_rate, self.next.setup.channels)
        except Mistake as mistake:
            if not config.get("part", 0):
                raise
            self.say(f"{mistake}; the sound goes on", grave=True)
            return None
        if config["sink"] == "file":
            self.outlet.sink.description = f"file {path}, at the pace of a device"
        return capture

    def run(self) -> None:
        """Play until `ending` is set and the fade is over."""
        clock, fader = wall_clock, self.engine.master.fader
        self._wait_for_deck()
        worked_s = 0.0
        worked_blocks = 0
        if self._scan is not None:
            since_s = clock() - self._scan["time_s"]
            self.engine.hair_line.go_on(self._scan["place"] + self._scan["rate"] * since_s)
        while not (self.ending.is_set() and fader.silent):
            if self.ending.is_set():
                fader.end(END_FADE_S)
            self.outlet.wait()
            begun_s = clock()
            block = self.next.render()
            self._send(block)
            if self.capture is not None and self.capture.write(block):
                heard_s = clock() + self.outlet.latency_s - self.period_s
                holes = self.outlet.dropouts + self.capture.lost_blocks
                self.capture_clock.wrote(len(block), heard_s, holes)
            self.meter.hear(block)
            now_s = clock()
            self.times.add(now_s - begun_s)
            worked_s += now_s - begun_s
            worked_blocks += 1
            if now_s >= self._next_word_s:
                self._frame.load = worked_s / worked_blocks / self.period_s
                worked_s, worked_blocks = 0.0, 0
                self._say_how_it_stands(now_s)

    def _wait_for_deck(self) -> None:
        """Silence, which is nobody's block, until the deck is there, where there is to be one."""
        setup, deadline_s = self.next.setup, wall_clock() + HELD_MOST_S
        silence = np.zeros((setup.block, setup.channels), np.float32)
        while self._held and not self.ending.is_set() and wall_clock() < deadline_s:
            if self._deck.latest() is not None:
                break
            self.outlet.wait()
            self._send(silence)
            if wall_clock() >= self._next_word_s:
                self._say_how_it_stands(wall_clock())
        self.next.begin()

    def _send(self, block: np.ndarray) -> None:
        self.outlet.write(block)
        if not self._sounding:
            self._sounding = True
            self._tell({"sounding": wall_clock()})

    def say(self, text: str, grave: bool = False) -> None:
        """One sentence for the performer."""
        if self._notices is not None:
            self._notices.send(notice_frame(Notice("sound", text, grave), wall_clock()))

    def _say_how_it_stands(self, now_s: float) -> None:
        frame = self._frame
        self._next_word_s = now_s + SAY_EVERY_S
        self.meter.fill(frame)
        frame.time_s = now_s
        frame.dropouts = self.outlet.dropouts
        frame.nonfinite_blocks = self.engine.master.nonfinite_blocks
        frame.metric_frames_lost = self.next.ears.lost
        frame.scan_place = self.engine.hair_line.place
        frame.scan_rate = self.engine.hair_line.rate
        frame.latency_s = self.engine.delay_s + self.outlet.latency_s
        self._sound.meet()
        self._sound.send(frame)
        if self._dated and self.next.late and not self._told_late:
            self._told_late = True
            self.say(
                "the recorded run came late: from here on it is not block for block as rendered"
            )
        if self.outlet.longest_gap_s > self._told_gap_s:
            self._told_gap_s = self.outlet.longest_gap_s
            self._tell({"gap_s": self._told_gap_s})

    def close(self) -> dict[str, Any]:
        """Close sink, capture and graph; returns the tallies."""
        self.outlet.close()
        self.capture_clock.settle()
        if self.capture is not None:
            self.capture.close()
            if self.capture.failed:
                self.say(self.capture.failed, grave=True)
        self.next.close()
        return {
            "blocks": self.next.blocks,
            "dropouts": self.outlet.dropouts,
            "longest_gap_s": self.outlet.longest_gap_s,
            "nonfinite_blocks": self.engine.master.nonfinite_blocks,
            "metric_frames_lost": self.next.ears.lost,
            "peak": self.meter.peak_ever,
            "rms": self.meter.rms_ever,
            "true_peak": self.meter.true_peak_ever,
            "loudness": self.meter.loudness.integrated_lufs,
            "block_ms": self.times.summary_ms(),
            "late_frames": self.next.late,
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
    first = before_all_threads()
    flush_denormals()
    parent, _ = own_channels()

    def tell(message: Mapping[str, Any]) -> None:
        # The parent may be gone; the sound still ends in order.
        try:
            parent.write(json.dumps(message) + "\n")
            parent.flush()
        except OSError:
            return

    try:
        config = json.loads(sys.stdin.readline())
        stage = _on_standby(config, first, tell) if config.get("standby") else SoundStage(config)
        if stage is None:
            os._exit(0)
        stage.open(config, tell)
    except Mistake as mistake:
        tell({"error": str(mistake)})
        return 2
    threading.Thread(target=_wait_for_end, args=(stage.ending,), daemon=True).start()
    _rest_of_memory()
    words = stage.outlet.description
    if config.get("real_time", True) and stage.outlet.device is not None:
        words += ", " + render_in_real_time(
            lambda: stage.say("the sound is too much for this machine", grave=True)
        )
    capture = None if stage.capture is None else str(stage.capture.path)
    tell({"ready": words, "device": stage.outlet.device, "capture": capture})
    stage.run()
    tell(stage.close())
    # pyo's objects are not taken apart one by one: the process is over.
    os._exit(0)


def _rest_of_memory() -> None:
    """Nothing that was built is looked through again, nothing is collected while it plays.

    Threads that load recordings give way to the one that renders within half a millisecond.
    """
    sys.setswitchinterval(SWITCH_INTERVAL_S)
    gc.collect()
    gc.freeze()
    gc.disable()


def _on_standby(config: dict[str, Any], first: bool, tell: Tell) -> SoundStage | None:
    """Build while others play, giving way to all; sleep until told to go. None when nobody asks.

    `config` is changed to what it says then. Raises `Mistake`.
    """
    made: list[SoundStage] = []

    def build() -> None:
        stage = SoundStage(config)
        stage.warm()
        if config["sink"] == "device":
            _read_in_device_libraries()
        _rest_of_memory()
        made.append(stage)
        tell({"built": True})

    later = LaterThread(build, first)
    line = sys.stdin.readline()
    if not line:
        return None
    later.hurry()
    later.finish()
    config.update(json.loads(line))
    return made[0]


def _read_in_device_libraries() -> None:
    """Read them in, and leave PortAudio as if nobody had asked: a server may go until it is wanted."""
    import rtmixer  # noqa: F401
    import sounddevice

    sounddevice._terminate()


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
