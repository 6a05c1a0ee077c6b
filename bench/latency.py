"""From an OSC packet to changed sound at the JACK port, through the whole show.

    python bench/latency.py [--trials 60] [--block 256] [--ring-blocks 2] [--preset glitch_organ]

Starts JACK on its dummy driver and `perform` on it, taps the sound at the ports, sends
``/sound/master/level`` off and on by turns, and times each `on` to its first sound at the port.
Prints one JSON line. Needs jackd and the Python package JACK-Client.
"""

import argparse
import contextlib
import json
import os
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

import numpy as np
from pythonosc.osc_message_builder import OscMessageBuilder

RATE = 48000
SERVER = "latency-bench"
QUIET_DB, LOUD_DB = -60.0, 6.0
SETTLE_S = (0.35, 0.5)
UP_SHARE = 0.02


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


@contextlib.contextmanager
def jack_server(block: int, log: Path) -> Iterator[None]:
    os.environ.update(
        JACK_DEFAULT_SERVER=SERVER, JACK_NO_AUDIO_RESERVATION="1", JACK_NO_START_SERVER="1"
    )
    with open(log, "wb") as file:
        command = ["jackd", "-n", SERVER, "-r", "-d", "dummy", "-r", str(RATE), "-p", str(block)]
        server = subprocess.Popen(command, stdout=file, stderr=file)
    try:
        subprocess.run(
            ["jack_wait", "-s", SERVER, "-w", "-t", "10"], check=True, stdout=subprocess.DEVNULL
        )
        yield
    finally:
        server.send_signal(signal.SIGTERM)
        server.wait()


def packet(level_db: float) -> bytes:
    builder = OscMessageBuilder("/sound/master/level")
    builder.add_arg(level_db, "f")
    return bytes(builder.build().dgram)


def free_port() -> int:
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--trials", type=int, default=60)
    parser.add_argument("--block", type=int, default=256)
    parser.add_argument("--ring-blocks", type=int, default=2)
    parser.add_argument("--preset", default="glitch_organ")
    options = parser.parse_args()
    seconds = 8.0 + options.trials * sum(SETTLE_S) + 3.0
    port = free_port()
    folder = Path(tempfile.mkdtemp())
    report = folder / "show.json"
    with jack_server(options.block, folder / "jackd.log"):
        tap = Tap(seconds + 10)
        command = [
            sys.executable, "-c", "from instrument.cli import perform; raise SystemExit(perform())",
            "--preset", options.preset, "--headless", "--sound-device", "system",
            "--block", str(options.block), "--ring-blocks", str(options.ring_blocks),
            "--osc-port", str(port), "--seconds", str(seconds), "--report", str(report),
        ]  # fmt: skip
        show = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        tap.connect(20.0)
        time.sleep(6.0)
        out = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        random = np.random.default_rng(1)
        sent: list[tuple[float, float]] = []
        for _ in range(options.trials):
            for level_db in (QUIET_DB, LOUD_DB):
                begun_s = time.monotonic()
                out.sendto(packet(level_db), ("127.0.0.1", port))
                time.sleep(random.uniform(*SETTLE_S))
            sent.append((begun_s, time.monotonic()))
        show.wait()
        tap.client.deactivate()
        tap.client.close()
        xruns = (folder / "jackd.log").read_bytes().count(b"XRun: client = PortAudio")
    times = [tap.seconds_to_sound(*moment) for moment in sent]
    seen_ms = [1000.0 * took for took in times if took is not None]
    result: dict[str, object] = {"block": options.block, "ring_blocks": options.ring_blocks}
    result.update(packets=len(sent), seen=len(seen_ms))
    if seen_ms:
        named = zip(("p5_ms", "p50_ms", "p95_ms"), np.percentile(seen_ms, (5, 50, 95)), strict=True)
        result.update({name: round(float(value), 2) for name, value in named})
    result["client_xruns"] = xruns
    if report.exists():
        result["dropouts"] = json.loads(report.read_text())["sound"]["dropouts"]
    print(json.dumps(result))


if __name__ == "__main__":
    main()
