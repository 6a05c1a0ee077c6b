"""From a MIDI message at a JACK port to the control frame on the bus, while the GAN trains.

    python bench/midi.py [--messages 400] [--period 256] [--way poll callback]

Starts JACK on its dummy driver. A show's training, conductor and MIDI hand run in a process of their
own; this process sends CCs from another JACK client (another library) and hears the bus. Each message is
timed from the moment it is written into JACK's buffer to the `time_s` of the control frame that it moved.
``callback`` lets rtmidi call back in JACK's own thread, which the show does not do: it is here to tell why.
Prints one JSON line for each way: milliseconds, the share of a core that the MIDI thread takes, the
training's steps a second, and how often JACK had to go on without a client. Needs jackd and JACK-Client.
"""

import argparse
import contextlib
import json
import os
import queue
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

import numpy as np
from jack_server import SERVER, jack_server
from used import thread_s

from instrument.clock import wall_clock
from instrument.conductor import Conductor
from instrument.hands.midi.hand import MidiHand
from instrument.house import open_house
from instrument.signals.bus import Bus, new_show_name
from instrument.signals.frames import CONTROLS, ControlFrame

PATH = "sound.master.level"
MAP = f"""[[map]]
device = "sender"
kind = "cc"
channel = 1
number = 1
control = "{PATH}"
takeover = "jump"
"""
GAP_S = (0.02, 0.06)
LOST_S = 0.5
SHARES = (5, 50, 95, 99)


def play(show: str, way: str) -> None:
    """The show's side: until standard input closes; then one JSON line of what it cost."""
    from instrument.hands.midi import ports
    from instrument.learning.config import LearningConfig
    from instrument.learning.training import Training
    from instrument.stage import SWITCH_INTERVAL_S

    if way == "callback":
        ports.Ports.polled = property(lambda _self: False)  # type: ignore[assignment]
    sys.setswitchinterval(SWITCH_INTERVAL_S)
    bank, bus = open_house().bank, Bus(show)
    conductor = Conductor(bank, bank.defaults.copy(), bus, wall_clock)
    training = Training(LearningConfig(device="cpu"), bus, bank, wall_clock)
    midi = MidiHand(
        bank, conductor.post, lambda _text, _grave: None, wall_clock, conductor.position, bus,
        system="jack",
    )  # fmt: skip
    conductor.start()
    midi.start()
    training.start()
    print("ready", flush=True)
    sys.stdin.readline()
    before, steps, began_s = thread_s("midi"), training.report()["steps"], time.monotonic()
    sys.stdin.read()
    seconds = time.monotonic() - began_s
    told = {
        "midi_thread_core": round((thread_s("midi") - before) / seconds, 4),
        "steps_per_s": round((training.report()["steps"] - steps) / seconds, 1),
        "accepted": midi.accepted,
    }
    training.stop()
    midi.stop()
    conductor.stop()
    print(json.dumps(told), flush=True)


class Sender:
    """A JACK client that writes one message a period, and knows when it did."""

    def __init__(self) -> None:
        import jack

        self.client = jack.Client("sender", servername=SERVER, no_start_server=True)
        self.port = self.client.midi_outports.register("out")
        self.waiting: queue.SimpleQueue[int] = queue.SimpleQueue()
        self.written: queue.SimpleQueue[float] = queue.SimpleQueue()
        self.client.set_process_callback(self._process)
        self.client.activate()

    def _process(self, _frames: int) -> None:
        self.port.clear_buffer()
        with contextlib.suppress(queue.Empty):
            value = self.waiting.get_nowait()
            self.port.write_midi_event(0, (0xB0, 1, value))
            self.written.put(time.monotonic())


def measure(sender: Sender, bus: Bus, number: int, count: int) -> list[float | None]:
    """Seconds from message to frame for `count` messages, None for those that moved nothing."""
    heard, frame = bus.listener(CONTROLS), ControlFrame()
    random = np.random.default_rng(3)
    times: list[float | None] = []
    value = 0
    for _ in range(count):
        value = (value + int(random.integers(1, 127))) % 128
        sender.waiting.put(value)
        written_s = sender.written.get(timeout=5.0)
        times.append(None)
        while time.monotonic() - written_s < LOST_S:
            if heard.take(frame) is None:
                time.sleep(0.0005)
            elif abs(frame.positions[number] - value / 127) < 1e-6:
                times[-1] = frame.time_s - written_s
                break
        time.sleep(random.uniform(*GAP_S))
    heard.close()
    return times


def run(way: str, words: argparse.Namespace) -> dict[str, Any]:
    show = new_show_name()
    bus = Bus(show)
    with tempfile.TemporaryDirectory() as home:
        Path(home, "midi.toml").write_text(MAP)
        log = Path(home, "jackd.log")
        with jack_server(words.period, log):
            sender = Sender()
            playing = subprocess.Popen(
                [sys.executable, __file__, "--play", show, "--way", way], text=True,
                stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL,
                env={**os.environ, "TWOS_AND_SEVENS_HOME": home},
            )  # fmt: skip
            assert playing.stdin is not None and playing.stdout is not None
            playing.stdout.readline()
            time.sleep(6.0)
            print("go", file=playing.stdin, flush=True)
            number = open_house().bank.number[PATH]
            quiet = log.read_bytes().count(b"was not finished")
            times = measure(sender, bus, number, words.messages)
            unfinished = log.read_bytes().count(b"was not finished") - quiet
            rest = playing.communicate()[0]
            sender.client.close()
    seen_ms = [1000 * took for took in times if took is not None]
    result: dict[str, Any] = {
        "way": way,
        "period": words.period,
        "sent": len(times),
        "seen": len(seen_ms),
    }
    if seen_ms:
        spread = np.percentile(seen_ms, SHARES)
        result |= {f"p{s}_ms": round(float(v), 2) for s, v in zip(SHARES, spread, strict=True)}
        result["most_ms"] = round(max(seen_ms), 2)
    return {**result, **json.loads(rest), "unfinished_periods": unfinished}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--messages", type=int, default=400)
    parser.add_argument("--period", type=int, default=256)
    parser.add_argument("--way", nargs="+", choices=("poll", "callback"), default=["poll"])
    parser.add_argument("--play", metavar="SHOW", help=argparse.SUPPRESS)
    words = parser.parse_args()
    if words.play:
        play(words.play, words.way[0])
        return
    for way in words.way:
        print(json.dumps(run(way, words)), flush=True)


if __name__ == "__main__":
    main()
