"""A run in which one stream jumps, a look that shows it as white and a route that makes it noise."""

import time
from collections.abc import Iterable
from pathlib import Path

from instrument.clock import HandClock
from instrument.runs.header import RunHeader
from instrument.runs.recorder import Recorder
from instrument.signals.bus import Bus, new_show_name
from instrument.signals.frames import METRICS, MetricFrame
from instrument.signals.streams import StreamSpec

LOOK = """/*{"STREAMS": ["jump"]}*/
void main() { gl_FragColor = vec4(vec3(stream(S_jump)), 1.); }
"""
PRESET = """
[picture]
look = "jump"
crossfade = 0
[sound.noise]
level = -50
colour = 1
drive = 0
solo = true
[sound.master]
level = -6
[[route]]
stream = "jump"
control = "sound.noise.level"
depth = 0.7
lag_up = 0.0
lag_down = 0.0
"""
AHEAD = 100
"""Frames that may be said before the recorder has taken them."""


def furnish(home: Path) -> None:
    """Put the look and the preset, both named jump, into a performer's folder."""
    for kind, name, text in (("shaders", "jump.frag", LOOK), ("presets", "jump.toml", PRESET)):
        (home / kind).mkdir(parents=True, exist_ok=True)
        (home / kind / name).write_text(text)


def record(path: Path, told: Iterable[tuple[float, float]]) -> None:
    """Record the stream as (second, value) one after the other, as fast as the recorder takes it."""
    bus, clock = Bus(new_show_name()), HandClock()
    header = RunHeader("jump", PRESET, {}, [StreamSpec("jump", 0, 1, "jumps")], [])
    recorder = Recorder(path, bus, header, clock=clock)
    recorder.start()
    clock.now_s = 1e6
    publisher = bus.publisher(METRICS)
    for step, (at_s, value) in enumerate(told):
        frame = MetricFrame(step=step, time_s=at_s, count=1)
        frame.streams[0] = value
        publisher.send(frame)
        while recorder.frames < step - AHEAD:
            time.sleep(0.001)
    recorder.stop()
    publisher.close()
    bus.close()
