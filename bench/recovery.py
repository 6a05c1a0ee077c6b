"""How fast the sound comes back while a GAN trains and a window draws: deaths, hangs, a lost device.

    python bench/recovery.py [--rounds 4] [--no-standby] [--preset glitch_organ]

A whole show on a JACK dummy server of its own. First, 20 s: the pauses between the words of the
sound process (what a limit for silence must not trip on). Then by turns kill -9, SIGSTOP, and the
server killed and begun anew. Prints one JSON line; seconds from the deed (for the device: from the
moment its server is started again) to the first block of the next sound process.
"""

import argparse
import json
import os
import signal
import subprocess
import tempfile
import threading
import time
from pathlib import Path
from typing import Any

import numpy as np

from instrument.options import Options
from instrument.picture.picture import PictureConfig
from instrument.picture.window import WindowConfig
from instrument.signals.frames import SOUND
from instrument.stage import Show

NAME = "twos-and-sevens-recovery"
CALM_S = 20.0


def jack_server(folder: Path) -> "subprocess.Popen[bytes]":
    with open(folder / "jackd.log", "ab") as log:
        command = f"jackd -n {NAME} -r -d dummy -r 48000 -p 256".split()
        server = subprocess.Popen(command, stdout=log, stderr=log)
    words = ["jack_wait", "-s", NAME, "-w", "-t", "10"]
    subprocess.run(words, check=True, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    return server


class Hits:
    """What is done to the sound of a show, from a thread beside it, and how long it took."""

    def __init__(self, show: Show, folder: Path, rounds: int) -> None:
        self.show, self.folder, self.rounds = show, folder, rounds
        self.took: dict[str, list[float]] = {"kill": [], "stop": [], "device": []}
        self.gaps: list[float] = []
        self.memory: list[float] = []
        self.server = jack_server(folder)

    def _wait(self, condition: Any, seconds: float = 20.0) -> bool:
        end_s = time.monotonic() + seconds
        while time.monotonic() < end_s and not self.show.leaving:
            if condition():
                return True
            time.sleep(0.005)
        return False

    def _settle(self) -> None:
        sound = self.show.sound
        if self.show.options.standby:
            self._wait(lambda: sound.standby_ready, 60.0)
        time.sleep(2.0)

    def _after(self, name: str, begun_s: float, before: object) -> None:
        sound = self.show.sound

        def back() -> bool:
            child = sound._child
            return child is not None and child is not before and child.sounding_s is not None

        seen = self._wait(back)
        child = sound._child
        took = child.sounding_s - begun_s if seen and child and child.sounding_s else float("inf")
        self.took[name].append(round(took, 3))

    def run(self) -> None:
        listener = self.show.bus.listener(SOUND)
        sound = self.show.sound
        self._wait(lambda: sound._child is not None and sound._child.sounding_s is not None)
        times = []
        end_s = time.monotonic() + CALM_S
        while time.monotonic() < end_s:
            times += [frame.time_s for frame in listener.drain()]
            time.sleep(0.02)
        self.gaps = np.diff(times).tolist()
        for _ in range(self.rounds):
            for name, number in (("kill", signal.SIGKILL), ("stop", signal.SIGSTOP)):
                self._settle()
                before = sound._child
                assert sound.pid is not None
                begun_s = time.monotonic()
                os.kill(sound.pid, number)
                self._after(name, begun_s, before)
            self._settle()
            before = sound._child
            self.server.kill()
            self.server.wait()
            self._wait(lambda: sound.device_losses > len(self.took["device"]))
            time.sleep(2.0)
            begun_s = time.monotonic()
            self.server = jack_server(self.folder)
            self._after("device", begun_s, before)
        self.show.leave("all is done")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--rounds", type=int, default=4)
    parser.add_argument("--no-standby", action="store_true")
    parser.add_argument("--preset", default="glitch_organ")
    words = parser.parse_args()
    os.environ.update(
        JACK_DEFAULT_SERVER=NAME, JACK_NO_AUDIO_RESERVATION="1", JACK_NO_START_SERVER="1"
    )
    with tempfile.TemporaryDirectory() as folder:
        show = Show(
            Options(
                preset=words.preset,
                picture=PictureConfig(window=WindowConfig(1280, 720, headless=True)),
                sound_device="system",
                standby=not words.no_standby,
                automatic=False,
                osc_port=9918,
            )
        )
        hits = Hits(show, Path(folder), words.rounds)
        thread = threading.Thread(target=hits.run, daemon=True)
        thread.start()
        try:
            show.play()
        finally:
            hits.server.kill()
            hits.server.wait()
        report = show.report()
    percentiles = np.percentile(hits.gaps, (50, 99, 99.9, 100)) if hits.gaps else []
    result = {
        "standby": not words.no_standby,
        "words_apart_s_p50_p99_p999_max": [round(float(gap), 4) for gap in percentiles],
        **{f"{name}_s": took for name, took in hits.took.items()},
        "steps": report["learning"].get("steps"),
        **{key: report["sound"][key] for key in
           ("restarts", "hangs", "device_losses", "dropouts", "longest_gap_s")},
    }  # fmt: skip
    print(json.dumps(result))


if __name__ == "__main__":
    main()
