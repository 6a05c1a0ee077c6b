"""From an OSC packet, and from a training step, to changed sound at the JACK port.

    python bench/latency.py [--trials 60] [--block 256] [--ring-blocks 1 2 4] [--ways osc step]

Starts JACK on its dummy driver and taps the sound at the ports. ``osc``: `perform` plays on it, gets
``/sound/master/level`` off and on by turns, and each `on` is timed to its first sound at the port.
``step``: a sound process plays on it whose level follows a stream of the training (a route without
lags); each metric frame that turns it on is timed in the same way. Prints one JSON line for each
ring and way. Needs jackd and the Python package JACK-Client.
"""

import argparse
import json
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
from jack_server import RATE, SERVER, jack_server
from pythonosc.osc_message_builder import OscMessageBuilder

from instrument import presets
from instrument.house import open_house
from instrument.learning.streams import STREAMS
from instrument.mapping import Route
from instrument.signals.bus import Bus, new_show_name
from instrument.signals.frames import METRICS, MetricFrame
from instrument.signals.streams import StreamSpec
from instrument.sound.supervisor import SoundProcess

QUIET_DB, LOUD_DB = -60.0, 6.0
SETTLE_S = (0.35, 0.5)
UP_SHARE = 0.005
"""Of the level that comes: what is above it is the changed sound. Before it there is silence."""


class Tap:
    """Hears what the show plays at the JACK ports, and knows when each sample came.

    `heard` float32 (frames,), `at_s` the monotonic time at which each period was handed over.
    """

    def __init__(self, seconds: float) -> None:
        import jack  # type: ignore[import-untyped]

        self.client = jack.Client("tap", servername=SERVER, no_start_server=True)
        self.port = self.client.inports.register("in")
        self.heard = np.zeros(int(seconds * RATE), np.float32)
        self.at_s = np.zeros(len(self.heard) // 16)
        self.frames = 0
        self.periods = 0
        self.xruns = 0
        self.client.set_process_callback(self._process)

    def _process(self, frames: int) -> None:
        end = self.frames + frames
        if end <= len(self.heard):
            self.heard[self.frames : end] = self.port.get_array()
            self.at_s[self.periods] = time.monotonic()
            self.frames = end
            self.periods += 1

    def connect(self, timeout_s: float) -> None:
        """Find the output of the show and listen to its left side."""
        self.client.activate()
        end_s = time.monotonic() + timeout_s
        while time.monotonic() < end_s:
            for port in self.client.get_ports(is_audio=True, is_output=True):
                if not port.name.startswith(("system", "tap")):
                    self.client.connect(port, self.port)
                    return
            time.sleep(0.02)
        sys.exit("the show did not appear at JACK")

    def seconds_to_sound(self, sent_s: float, until_s: float) -> float | None:
        """Seconds from `sent_s` to the first sound at the port, None for none."""
        period = self.frames // max(1, self.periods)
        times = self.at_s[: self.periods]
        first = int(np.searchsorted(times, sent_s - 0.15))
        sent = int(np.searchsorted(times, sent_s))
        last = int(np.searchsorted(times, until_s))
        sound = np.abs(self.heard[first * period : last * period]).astype(np.float64)
        before = float(np.median(sound[: (sent - first) * period]))
        after = float(np.percentile(sound[-period * 10 :], 90))
        if after < 1e-4:
            return None
        changed = sound > max(before * 4.0, UP_SHARE * after)
        changed[: (sent - first) * period] = False
        place = int(np.argmax(changed))
        if not changed[place]:
            return None
        at = times[first + place // period] + (place % period) / RATE
        return float(at - sent_s)


def packet(level_db: float) -> bytes:
    builder = OscMessageBuilder("/sound/master/level")
    builder.add_arg(level_db, "f")
    return bytes(builder.build().dgram)


def free_port() -> int:
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def by_osc(tap: Tap, words: argparse.Namespace, ring_blocks: float, folder: Path) -> dict[str, Any]:
    """Level off and on by OSC packets to a whole show."""
    port = free_port()
    report = folder / f"show{ring_blocks}.json"
    seconds = 8.0 + words.trials * sum(SETTLE_S) + 3.0
    command = [
        sys.executable, "-c", "from instrument.cli import perform; raise SystemExit(perform())",
        "--preset", words.preset, "--headless", "--sound-device", "system",
        "--block", str(words.block), "--ring-blocks", str(ring_blocks),
        "--osc-port", str(port), "--seconds", str(seconds), "--report", str(report),
        "--record", str(folder / f"show{ring_blocks}.mcap"),
    ]  # fmt: skip
    show = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    tap.connect(20.0)
    time.sleep(6.0)
    out = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    random = np.random.default_rng(1)
    sent: list[tuple[float, float]] = []
    for _ in range(words.trials):
        for level_db in (QUIET_DB, LOUD_DB):
            begun_s = time.monotonic()
            out.sendto(packet(level_db), ("127.0.0.1", port))
            time.sleep(random.uniform(*SETTLE_S))
        sent.append((begun_s, time.monotonic()))
    show.wait()
    times = [tap.seconds_to_sound(*moment) for moment in sent]
    result = summary("osc", words, ring_blocks, times)
    if report.exists():
        result["dropouts"] = json.loads(report.read_text())["sound"]["dropouts"]
    return result


def by_step(
    tap: Tap, words: argparse.Namespace, ring_blocks: float, folder: Path
) -> dict[str, Any]:
    """Level off and on by a stream of the training: metric frames on the bus of a sound process.

    A training of the same nets runs beside it; the frames come 60 times a second, and the one that
    counts at any time in between.
    """
    house = open_house()
    base = presets.load(words.preset, house.vocabulary(STREAMS))
    bank = house.bank
    positions = base.positions(bank)
    positions[bank.number["sound.master.level"]] = 0.0
    route = Route("gate", "sound.master.level", 0.9, lag_up=0.0, lag_down=0.0)
    bus = Bus(new_show_name())
    config = {
        "show": bus.show, "controls": [spec.to_dict() for spec in bank],
        "positions": positions.tolist(), "routes": [route.to_dict()],
        "streams": [StreamSpec("gate", 0.0, 1.0, "off or on").to_dict()],
        "recordings": {name: str(path) for name, path in house.recordings.items()},
        "sink": "device", "device": "system", "file": None, "capture": None,
        "sample_rate": RATE, "block": words.block, "ring_blocks": ring_blocks, "seed": 7,
    }  # fmt: skip
    sound = SoundProcess(config, bus, positions=positions.tolist)
    metrics = bus.publisher(METRICS)
    sound.start()
    sound.wait_ready(20.0)
    seconds = 4.0 + words.trials * sum(SETTLE_S)
    bare = [sys.executable, str(Path(__file__).with_name("bare.py")), "pocket_mlp", str(seconds)]
    training = subprocess.Popen(bare, stdout=subprocess.DEVNULL)
    tap.connect(20.0)
    frame = MetricFrame(count=1)

    def say(gate: float) -> float:
        frame.time_s = time.monotonic()
        frame.step += 1
        frame.streams[0] = gate
        metrics.meet()
        metrics.send(frame)
        return float(frame.time_s)

    def go_on(gate: float, for_s: float) -> None:
        end_s = time.monotonic() + for_s
        while (left_s := end_s - time.monotonic()) > 0:
            time.sleep(min(left_s, 1 / 60))
            say(gate)
            sound.poll()

    go_on(0.0, 4.0)
    random = np.random.default_rng(2)
    sent: list[tuple[float, float]] = []
    for _ in range(words.trials):
        for gate in (0.0, 1.0):
            begun_s = say(gate)
            go_on(gate, random.uniform(*SETTLE_S))
        sent.append((begun_s, time.monotonic()))
    sound.stop()
    training.kill()
    training.wait()
    result = summary("step", words, ring_blocks, [tap.seconds_to_sound(*moment) for moment in sent])
    result["dropouts"] = sound.report()["dropouts"]
    return result


def summary(
    way: str, words: argparse.Namespace, ring_blocks: float, times: Sequence[float | None]
) -> dict[str, Any]:
    seen_ms = [1000.0 * took for took in times if took is not None]
    result: dict[str, Any] = {"way": way, "block": words.block, "ring_blocks": ring_blocks}
    result.update(sent=len(times), seen=len(seen_ms))
    if seen_ms:
        named = zip(("p5_ms", "p50_ms", "p95_ms"), np.percentile(seen_ms, (5, 50, 95)), strict=True)
        result.update({name: round(float(value), 2) for name, value in named})
    return result


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--trials", type=int, default=60)
    parser.add_argument("--block", type=int, default=256)
    parser.add_argument("--ring-blocks", type=float, nargs="+", default=[1.25, 2, 4])
    parser.add_argument("--ways", nargs="+", choices=("osc", "step"), default=["osc", "step"])
    parser.add_argument("--jack-real-time", action="store_true", help="as a server on stage runs")
    parser.add_argument("--preset", default="glitch_organ")
    words = parser.parse_args()
    seconds = 30.0 + words.trials * sum(SETTLE_S)
    for ring_blocks in words.ring_blocks:
        for way in words.ways:
            folder = Path(tempfile.mkdtemp())
            log = folder / "jackd.log"
            with jack_server(words.block, log, words.jack_real_time):
                tap = Tap(seconds)
                run = by_osc if way == "osc" else by_step
                result = run(tap, words, ring_blocks, folder)
                tap.client.deactivate()
                tap.client.close()
                said = log.read_bytes()
            result["client_xruns"] = said.count(b"XRun: client = PortAudio")
            result["machine_xruns"] = said.count(b"JackTimedDriver::Process XRun")
            print(json.dumps(result), flush=True)


if __name__ == "__main__":
    main()
