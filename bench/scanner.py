"""Whether the scanner is heard where it is seen: the place a picture would draw against the JACK port.

    python bench/scanner.py [--seconds 20] [--block 256] [--ring-blocks 1.25 4] [--rate 2]

Starts JACK on its dummy driver and a sound process on it. Every other sample is one white row, the rest are
black, so a tone begins at the left side of each second one. Where the hair-line is drawn when a
beginning comes out of JACK follows from the sound frame that was the newest then, by the formula of
`SoundFrame`; how far that is from the side of the image is the error, in milliseconds of sound
(positive: drawn too far to the right). Prints one JSON line for each ring. Needs jackd, jack_lsp and
the Python package JACK-Client.
"""

import argparse
import json
import re
import subprocess
import tempfile
import time
from pathlib import Path
from typing import Any

import numpy as np
from jack_server import RATE, SERVER, jack_server
from latency import Tap

from instrument.house import open_house
from instrument.signals.bus import Bus, new_show_name
from instrument.signals.frames import SOUND, TILES, TileFrame
from instrument.sound.supervisor import SoundProcess

SIDE = 28


def samples() -> TileFrame:
    """64 images, one with a white row and a black one by turns."""
    frame = TileFrame(count=64, height=SIDE, width=SIDE, channels=1)
    pixels = np.zeros((64, SIDE, SIDE), np.uint8)
    pixels[::2, SIDE // 2] = 255
    frame.tiles[: pixels.size] = pixels.ravel().tolist()
    return frame


def config(bus: Bus, block: int, ring_blocks: float, rate: float) -> dict[str, Any]:
    """Nothing but the scanner, hard at its edges."""
    house = open_house()
    bank = house.bank
    positions = bank.defaults.copy()
    values = {path: -60.0 for path in bank.number if path.endswith(".level")}
    values.update({"sound.scan.level": 0.0, "sound.master.level": 0.0, "sound.scan.rate": rate})
    values.update({"sound.scan.smooth": 0.0, "sound.scan.spread": 0.0, "sound.scan.space": 0.0})
    for path, value in values.items():
        positions[bank.number[path]] = bank.spec(path).unmap(value)
    return {
        "show": bus.show, "controls": [spec.to_dict() for spec in bank],
        "positions": positions.tolist(), "routes": [], "streams": [],
        "recordings": {name: str(path) for name, path in house.recordings.items()},
        "sink": "device", "device": "system", "file": None, "capture": None,
        "sample_rate": RATE, "block": block, "ring_blocks": ring_blocks, "seed": 7,
    }  # fmt: skip


def playback_latency_s() -> float:
    """What JACK says lies between the port of the show and the loudspeaker."""
    said = subprocess.run(
        ["jack_lsp", "-s", SERVER, "-l", "PortAudio"], capture_output=True, text=True, check=True
    ).stdout
    frames = re.findall(r"port playback latency = \[ \d+ (\d+) \]", said)
    return max(int(number) for number in frames) / RATE


def beginnings(tap: Tap, rate: float) -> np.ndarray:
    """When each tone began at the port, monotonic seconds: half of its loudness is there."""
    period = tap.frames // max(1, tap.periods)
    sound = np.abs(tap.heard[: tap.frames])
    window = round(0.008 * RATE)
    loud = np.convolve(sound, np.ones(window) / window, "same")
    up = loud > 0.5 * np.percentile(loud, 90)
    turns = np.flatnonzero(np.diff(up.astype(int)))
    at_s = tap.at_s[turns // period] + turns % period / RATE
    # Only what follows a whole black image, and where JACK passed no period over.
    late_s = np.diff(tap.at_s[: tap.periods], prepend=0.0)[turns // period]
    whole = np.abs(np.diff(at_s, prepend=0.0) - 1.0 / rate) < 0.1 / rate
    return np.asarray(at_s[~up[turns] & whole & (late_s < 1.5 * period / RATE)])


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--seconds", type=float, default=20.0)
    parser.add_argument("--block", type=int, default=256)
    parser.add_argument("--ring-blocks", type=float, nargs="+", default=[1.25, 4])
    parser.add_argument("--rate", type=float, default=2.0)
    words = parser.parse_args()
    for ring_blocks in words.ring_blocks:
        with jack_server(words.block, Path(tempfile.mkdtemp()) / "jackd.log", real_time=True):
            tap = Tap(words.seconds + 10.0)
            bus = Bus(new_show_name())
            sound = SoundProcess(config(bus, words.block, ring_blocks, words.rate), bus)
            tiles, frames = bus.publisher(TILES), bus.listener(SOUND)
            tiles.send(samples())
            sound.start()
            sound.wait_ready(20.0)
            tap.connect(20.0)
            said: list[tuple[float, float, float, float]] = []
            end_s = time.monotonic() + words.seconds
            while time.monotonic() < end_s:
                tiles.meet()
                sound.poll()
                said += [
                    (frame.time_s, frame.scan_place, frame.scan_rate, frame.latency_s)
                    for frame in frames.drain()
                ]
                time.sleep(0.01)
            device_s = playback_latency_s()
            tap.client.deactivate()
            tap.client.close()
            sound.stop()
            dropouts = sound.report()["dropouts"]
            bus.close()
        told = np.array(said)
        errors_ms = []
        for at_s in beginnings(tap, words.rate):
            newest = int(np.searchsorted(told[:, 0], at_s)) - 1
            if newest < 0:
                continue
            time_s, place, rate, latency_s = told[newest]
            heard = place + rate * (at_s + device_s - time_s - latency_s)
            errors_ms.append(1000.0 * ((heard + 1.0) % 2.0 - 1.0) / rate)
        result = {"block": words.block, "ring_blocks": ring_blocks, "images": len(errors_ms)}
        p5, p50, p95 = (round(float(ms), 2) for ms in np.percentile(errors_ms, (5, 50, 95)))
        latency_ms = round(1000.0 * float(np.median(told[:, 3])), 2)
        print(
            json.dumps(
                {
                    **result,
                    "error_ms": {"p5": p5, "p50": p50, "p95": p95},
                    "latency_ms": latency_ms,
                    "of_it_device_ms": round(1000.0 * device_s, 2),
                    "dropouts": dropouts,
                }
            ),
            flush=True,
        )


if __name__ == "__main__":
    main()
