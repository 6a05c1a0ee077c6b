"""MIDI clock: how well one that shakes is followed, and how evenly ours is sent while the GAN trains.

    python bench/clock.py [in] [out] [jack] [--seconds 20] [--bpm 120]

``in``: ticks with jitter (uniform, +/- 3 ms), without and with lost and late ones, into `ClockIn` and the
`Beat` that follows it: errors of phase and tempo. Pure arithmetic, nothing is timed but its cost.
``out``: `ClockOut` on a real bus beside nothing, beside a training, and beside a thread of plain Python
that never rests; each tick is timed in `send` and compared with when it was due.
``jack``: the same beside a training, through an rtmidi port of a JACK server on its dummy driver, timed by
JACK's own frame times at an input port. Needs jackd, JACK-Client and rtmidi2.
Prints one JSON line for each.
"""

import argparse
import contextlib
import json
import random
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import numpy as np
from jack_server import RATE, jack_server

from instrument.clock import wall_clock
from instrument.hands.midi.clock_in import START, TICK, TICKS_PER_BEAT, ClockIn
from instrument.hands.midi.clock_out import LATE_TICKS, ClockOut, Message
from instrument.hands.midi.jack_ports import load_jack
from instrument.learning.config import LearningConfig
from instrument.learning.gestures import LEARNING
from instrument.learning.training import Training
from instrument.signals.beat import Beat, BeatHeard
from instrument.signals.bus import Bus, new_show_name
from instrument.signals.controls import Bank
from instrument.signals.frames import CONTROLS, STANDING, ControlFrame, StandingFrame
from instrument.signals.show import SHOW
from instrument.stage import SWITCH_INTERVAL_S

JITTER_S = 0.003
SHARES = (0.0, 0.01)
"""Of the ticks: so many lost, and as many late by half a tick to one and a half."""
SETTLED_S = 3.0
IN_SECONDS = 120.0
PERIOD = 256


def errors(
    values: Any, unit: str, percentiles: tuple[int, ...] = (50, 95, 99, 100)
) -> dict[str, float]:
    """Percentiles of absolute values under names such as ``p95_ms``."""
    at = np.percentile(np.abs(np.asarray(values)), percentiles)
    return {
        f"{'max' if share == 100 else f'p{share}'}_{unit}": round(float(value), 3)
        for share, value in zip(percentiles, at, strict=True)
    }


def arrivals(bpm: float, share: float) -> list[float]:
    """When ticks arrive, in seconds: number n is due at n periods."""
    chance = random.Random(7)
    period_s = 60.0 / bpm / TICKS_PER_BEAT
    came = []
    for number in range(int(IN_SECONDS / period_s)):
        late_s = chance.uniform(0.5, 1.5) * period_s if chance.random() < share else 0.0
        if chance.random() >= share:
            came.append(number * period_s + chance.uniform(-JITTER_S, JITTER_S) + late_s)
    return sorted(came)


def clock_in(bpm: float, share: float) -> dict[str, Any]:
    """Errors of what `ClockIn` says, and of the beat that follows it."""
    came = arrivals(bpm, share)
    heard: list[BeatHeard] = []
    clock = ClockIn(heard.append)
    clock.take(START, came[0] - 0.001)
    begin_s = time.perf_counter()
    for time_s in came:
        clock.take(TICK, time_s)
    cost_us = (time.perf_counter() - begin_s) / len(came) * 1e6
    beat = Beat()
    phase, tempo, followed = [], [], []
    for each in heard:
        beat.follow(each.beat, each.bpm, each.time_s)
        if each.time_s > SETTLED_S:
            beat_ms = 60000.0 / bpm
            true = each.time_s * bpm / 60.0
            phase.append((each.beat - true) * beat_ms)
            followed.append((beat.at(each.time_s) - true) * beat_ms)
            tempo.append((each.bpm / bpm - 1.0) * 100.0)
    return {
        "way": "in", "bpm": bpm, "jitter_ms": JITTER_S * 1000, "lost": share, "late": share,
        "phase": errors(phase, "ms"), "beat": errors(followed, "ms"),
        "tempo": errors(tempo, "percent"), "cost_us_a_tick": round(cost_us, 1),
    }  # fmt: skip


class Stage:
    """A bus, a beat that is said ten times a second as by the conductor, and the clock that is sent."""

    def __init__(self, bpm: float, send: Callable[[Message], None]) -> None:
        self.bank = Bank.of([SHOW, LEARNING])
        self.bus = Bus(new_show_name())
        self.bpm = bpm
        self._standing = self.bus.publisher(STANDING)
        self._controls = self.bus.publisher(CONTROLS)
        self._frame = ControlFrame(count=len(self.bank))
        self._frame.positions[: len(self.bank)] = self.bank.defaults.tolist()
        self._frame.positions[self.bank.number["show.clock_out"]] = 1.0
        self.out = ClockOut(self.bank, self.bus, send, wall_clock)
        self.began_s = wall_clock()

    def play(self, seconds: float) -> None:
        """Say where the beat is, as the conductor does, for so long."""
        self._controls.send(self._frame)
        self.out.start()
        end_s = wall_clock() + seconds
        while (now_s := wall_clock()) < end_s:
            beat = (now_s - self.began_s) * self.bpm / 60.0
            self._standing.meet()
            self._standing.send(StandingFrame(time_s=now_s, beat=beat, bpm=self.bpm))
            self._controls.meet()
            time.sleep(0.1)
        self.out.stop()

    def late_ms(self, times_s: list[float]) -> np.ndarray:
        """How long after they were due ticks came (before: below zero), in milliseconds.

        They are numbered one by one; after a stall of a dozen the clock begins again, and so do we.
        """
        period_s = 60.0 / self.bpm / TICKS_PER_BEAT
        late = np.zeros(len(times_s))
        number = None
        for place, at_s in enumerate(times_s):
            at = (at_s - self.began_s) / period_s
            number = round(at) if number is None or at - number > LATE_TICKS + 1 else number + 1
            late[place] = (at - number) * period_s * 1000.0
        return late


@contextlib.contextmanager
def busy(what: str, stage: Stage) -> Iterator[None]:
    """Something else in this process while the clock is sent."""
    if what == "training":
        training = Training(LearningConfig(device="cpu"), stage.bus, stage.bank, wall_clock)
        training.start()
        while not training.steps:
            time.sleep(0.05)
        yield
        training.stop()
        return
    ending = threading.Event()

    def spin() -> None:
        while not ending.is_set():
            sum(range(2000))

    thread = threading.Thread(target=spin, daemon=True)
    if what == "python":
        thread.start()
    yield
    ending.set()


def summary(way: str, what: str, stage: Stage, times_s: list[float]) -> dict[str, Any]:
    late_ms = stage.late_ms(times_s)
    gaps_ms = np.diff(times_s) * 1000.0 - 60000.0 / stage.bpm / TICKS_PER_BEAT
    return {
        "way": way, "beside": what, "bpm": stage.bpm, "ticks": len(times_s),
        "due": errors(late_ms, "ms"), "mean_ms": round(float(np.mean(late_ms)), 3),
        "from_tick_to_tick": errors(gaps_ms, "ms"),
    }  # fmt: skip


def clock_out(bpm: float, what: str, seconds: float) -> dict[str, Any]:
    """Ticks timed where they are handed to the port."""
    times_s: list[float] = []

    def send(message: Message) -> None:
        if message == [TICK]:
            times_s.append(wall_clock())

    stage = Stage(bpm, send)
    with busy(what, stage):
        stage.play(seconds)
    return summary("out", what, stage, times_s)


def tap() -> None:
    """A JACK client of its own process: notes when ticks come, until its input ends. For `through_jack`."""
    import jack  # type: ignore[import-untyped]

    client = jack.Client("clock-tap", no_start_server=True)
    port = client.midi_inports.register("in")
    times_s: list[float] = []

    @client.set_process_callback
    def process(_: int) -> None:
        for offset, data in port.incoming_midi_events():
            if bytes(data) == bytes([TICK]):
                ago = client.frame_time - client.last_frame_time - offset
                times_s.append(wall_clock() - ago / RATE)

    with client:
        print("ready", flush=True)
        sys.stdin.readline()
        client.connect(client.get_ports("clock-out", is_midi=True, is_output=True)[0], port)
        sys.stdin.readline()
    print(json.dumps(times_s))


def through_jack(bpm: float, seconds: float) -> dict[str, Any]:
    """Ticks timed where another JACK client gets them: the frame in its period."""
    load_jack()
    import rtmidi2

    log = Path(tempfile.mkdtemp()) / "jackd.log"
    with jack_server(PERIOD, log, real_time=True):
        pipe = subprocess.PIPE
        listening = subprocess.Popen([sys.executable, __file__, "tap"], stdin=pipe, stdout=pipe)
        assert listening.stdin is not None and listening.stdout is not None
        listening.stdout.readline()
        out = rtmidi2.MidiOut("clock-out", rtmidi2.API_UNIX_JACK)
        out.open_virtual_port("clock")
        listening.stdin.write(b"connect\n")
        listening.stdin.flush()
        sent_s: list[float] = []

        def send(message: Message) -> None:
            out.send_raw(*message)
            if message == [TICK]:
                sent_s.append(wall_clock())

        stage = Stage(bpm, send)
        with busy("training", stage):
            stage.play(seconds)
        times_s = json.loads(listening.communicate(b"end\n")[0])
        out.close_port()
    result = summary("jack", "training", stage, times_s)
    late_ms = stage.late_ms(times_s)
    result["xruns"] = log.read_bytes().count(b"XRun")
    result["about_the_mean"] = errors(late_ms - late_ms.mean(), "ms")
    result["sent"] = len(sent_s)
    result["due_where_sent"] = errors(stage.late_ms(sent_s), "ms")
    return result


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("ways", nargs="*", default=["in", "out"], help="in, out, jack")
    parser.add_argument("--seconds", type=float, default=20.0)
    parser.add_argument("--bpm", type=float, default=120.0)
    words = parser.parse_args()
    if words.ways == ["tap"]:
        tap()
        return
    sys.setswitchinterval(SWITCH_INTERVAL_S)
    if "in" in words.ways:
        for bpm in (30.0, 60.0, 120.0, 174.0, 300.0):
            for share in SHARES:
                print(json.dumps(clock_in(bpm, share)), flush=True)
    if "out" in words.ways:
        for what in ("nothing", "training", "python"):
            print(json.dumps(clock_out(words.bpm, what, words.seconds)), flush=True)
    if "jack" in words.ways:
        print(json.dumps(through_jack(words.bpm, words.seconds)), flush=True)


if __name__ == "__main__":
    main()
