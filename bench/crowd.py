"""How many grains sound at once without a dropout while the GAN trains and the window draws.

    python bench/crowd.py [--at-once 1024 2048 3072] [--seconds 60] [--ring-blocks 4]

Plays `perform` off-screen at 1280x720 on a JACK dummy server, with a preset of clouds alone that hold so
many grains of 256 ms between them (density x size, steady, 512 in a cloud at the most), without a filter on
each unless `--filtered`. Prints a JSON line
for each number: dropouts, xruns in JACK's log, block times, what the training and the picture had left.
"""

import argparse
import json
import os
import subprocess
import sys
import tempfile
from pathlib import Path

from show import JackServer

GRAIN_MS = 256.0
MOST_IN_A_CLOUD = 512
BIN = Path(sys.executable).parent


def preset_text(at_once: int, filtered: bool = True) -> str:
    """Clouds that hold so many grains at once, quiet enough to leave the limiter alone."""
    clouds = max(1, -(-at_once // MOST_IN_A_CLOUD))
    lines = ['title = "Crowd"', "[sound]", f"clouds = {clouds}"]
    for number in range(1, clouds + 1):
        lines += [
            f"[sound.cloud_{number}]",
            "level = -12",
            f"overlap = {at_once / clouds}",
            f"size_ms = {GRAIN_MS}",
            "jitter = 0.8",
            "pitch_jitter = 2",
            "disorder = 0.3",
            "space = 0.1",
            *(() if filtered else ("brightness = 18000", "filter_jitter = 0")),
        ]
    for voice in ("drone", "glitch", "noise"):
        lines += [f"[sound.{voice}]", "level = -60"]
    return "\n".join(lines) + "\n"


def play(at_once: int, seconds: float, ring_blocks: int, filtered: bool) -> dict[str, object]:
    """One show; what was counted."""
    with tempfile.TemporaryDirectory() as temporary:
        folder = Path(temporary)
        (folder / "presets").mkdir()
        (folder / "presets" / "crowd.toml").write_text(preset_text(at_once, filtered))
        jack = JackServer(folder, 256, 48_000)
        report = folder / "report.json"
        words = [
            str(BIN / "perform"), "--preset", "crowd", "--headless", "--size", "1280x720",
            "--seconds", str(seconds), "--sound-device", "JACK", "--ring-blocks", str(ring_blocks),
            "--osc-port", "9921", "--report", str(report),
        ]  # fmt: skip
        environment = {
            **os.environ, "JACK_DEFAULT_SERVER": jack.name, "TWOS_AND_SEVENS_HOME": temporary,
        }  # fmt: skip
        ended = subprocess.run(words, env=environment, capture_output=True, text=True)
        log = jack.stop()
        if ended.returncode:
            sys.exit(f"perform left with {ended.returncode}:\n{ended.stderr}")
        told = json.loads(report.read_text())
    return {
        "grains_at_once": at_once,
        "filter_on_each": filtered,
        "ring_blocks": ring_blocks,
        "client_xruns": log.count("JackEngine::XRun: client"),
        "machine_xruns": log.count("JackTimedDriver::Process XRun"),
        "sound": told["sound"],
        "steps_per_s": told["learning"]["steps_per_s"],
        "pictures": told["picture"],
    }


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--at-once", type=int, nargs="+", default=[1024, 2048, 3072])
    parser.add_argument("--seconds", type=float, default=60.0)
    parser.add_argument("--ring-blocks", type=int, default=4)
    parser.add_argument("--filtered", action="store_true", help="a low-pass on every grain")
    words = parser.parse_args()
    for at_once in words.at_once:
        print(
            json.dumps(play(at_once, words.seconds, words.ring_blocks, words.filtered)), flush=True
        )


if __name__ == "__main__":
    main()
