"""What a stop of the sound process does to what is heard: SIGSTOP for 20, 50 and 200 ms on a JACK port.

    python bench/stalls.py [--times 5] [--ring-blocks 1 2 4]

A sound process plays through JACK's dummy driver, a tap hears its port. For each length: how long
the port was without new sound (JACK does not call what is behind a stopped client; a period that is
called is repeated to the sample, or silent), how many dropouts were counted, and the largest step from
sample to sample at the edges of the hole against the largest of the sound itself in the second before.
One JSON line each.
"""

import argparse
import json
import os
import signal
import tempfile
import time
from pathlib import Path
from typing import Any

import numpy as np
from jack_server import RATE, jack_server
from latency import Tap

from instrument import presets
from instrument.house import open_house
from instrument.learning.streams import STREAMS
from instrument.signals.bus import Bus, new_show_name
from instrument.sound.supervisor import SoundProcess

BLOCK = 256
LENGTHS_MS = (20, 50, 200)
SETTLE_S = 0.9


def config(show: str, ring_blocks: int) -> dict[str, Any]:
    house = open_house()
    preset = presets.load("glitch_organ", house.vocabulary(STREAMS))
    return {
        "show": show, "controls": [spec.to_dict() for spec in house.bank],
        "positions": preset.positions(house.bank).tolist(), "routes": [],
        "streams": [stream.to_dict() for stream in STREAMS],
        "recordings": {name: str(path) for name, path in house.recordings.items()},
        "sink": "device", "device": "system", "file": None, "capture": None,
        "sample_rate": RATE, "block": BLOCK, "ring_blocks": ring_blocks, "seed": 7,
    }  # fmt: skip


def holes(sound: np.ndarray, at_s: np.ndarray) -> tuple[float, float, float]:
    """Seconds without new sound, and the largest step at an edge and in the sound itself.

    `sound` float32 (periods, BLOCK) came at `at_s`, and begins with about a second of plain playing.
    """
    period_s = BLOCK / RATE
    late_s = np.append(0.0, np.diff(at_s) - period_s)
    late = late_s > 1.5 * period_s
    again = np.zeros(len(sound), bool)
    again[1:] = (sound[1:] == sound[:-1]).all(axis=1)
    empty = (sound == 0.0).all(axis=1)
    silent_s = float(late_s[late].sum()) + period_s * int((again | empty).sum())
    dead = np.flatnonzero(again | empty | late)
    steps = np.abs(np.diff(sound.reshape(-1)))
    plain = int((dead[0] if len(dead) else len(sound) - 1) * BLOCK) - 2
    own = float(steps[: max(1, plain)].max())
    if not len(dead):
        return 0.0, 0.0, own
    edges = {int(place * BLOCK + at) for place in dead for at in (0, BLOCK)}
    at_edges = [float(steps[edge - 1]) for edge in edges if 0 < edge <= len(steps)]
    return silent_s, max(at_edges, default=0.0), own


def measure(ring_blocks: int, times: int, log: Path) -> None:
    with jack_server(BLOCK, log):
        tap = Tap(60.0 + len(LENGTHS_MS) * times * 3.0)
        bus = Bus(new_show_name())
        sound = SoundProcess(config(bus.show, ring_blocks), bus, standby=False)
        sound.start()
        sound.wait_ready(20.0)
        tap.connect(20.0)

        def listen(seconds: float) -> None:
            end_s = time.monotonic() + seconds
            while time.monotonic() < end_s:
                sound.poll()
                time.sleep(0.01)

        listen(4.0)
        for length_ms in LENGTHS_MS:
            lost: list[float] = []
            edges: list[float] = []
            own: list[float] = []
            counted = []
            for _ in range(times):
                assert sound.pid is not None
                before, begun = sound.report()["dropouts"], tap.frames // BLOCK
                listen(SETTLE_S)
                os.kill(sound.pid, signal.SIGSTOP)
                time.sleep(length_ms / 1000)
                os.kill(sound.pid, signal.SIGCONT)
                listen(SETTLE_S)
                end = tap.frames // BLOCK
                heard = tap.heard[begun * BLOCK : end * BLOCK].reshape(-1, BLOCK)
                silent_s, edge, largest = holes(heard, tap.at_s[begun:end])
                lost.append(silent_s * 1000)
                edges.append(edge)
                own.append(largest)
                counted.append(sound.report()["dropouts"] - before)
            print(
                json.dumps(
                    {
                        "ring_blocks": ring_blocks,
                        "stopped_ms": length_ms,
                        "without_new_sound_ms": [round(ms, 1) for ms in lost],
                        "dropouts_counted": counted,
                        "largest_step_at_edges": round(max(edges), 4),
                        "largest_step_of_the_sound": round(max(own), 4),
                    }
                ),
                flush=True,
            )
        sound.stop()
        tap.client.deactivate()
        tap.client.close()


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--times", type=int, default=5)
    parser.add_argument("--ring-blocks", type=int, nargs="+", default=[2, 4])
    words = parser.parse_args()
    for ring_blocks in words.ring_blocks:
        with tempfile.TemporaryDirectory() as folder:
            measure(ring_blocks, words.times, Path(folder) / "jackd.log")


if __name__ == "__main__":
    main()
