"""All figures of the room of sound in one run, one after the other on an otherwise idle machine.

    python bench/sound.py            about an hour and a quarter; prints a JSON line for each figure
    python bench/sound.py --quick    the same parts, short: a few minutes, to see that all of them run
    python bench/sound.py --only offline grains

| part | what is measured | by |
| --- | --- | --- |
| offline | each preset over a recorded run: times real time, loudness and true peak by ffmpeg | here |
| storm | true peak when everything jumps to its ends | storm.py |
| blocks | time of a block at rest, with everything on, with everything asleep | blocks.py |
| swap | recordings swapped while they play: dropouts, worst block | swap.py |
| grains | grains a core renders: our cloud, SuperCollider's GrainBuf, SignalFlow | grains.py |
| crowd | grains at once while the GAN trains and the window draws | crowd.py |
| latency | OSC packet, and training step, to changed sound at the JACK port | latency.py |
| scanner | where the scanner is drawn against where it is heard | scanner.py |
| stalls | the sound process stopped for 20, 50, 200 ms | stalls.py |
| recovery | killed, hanging, without its device | recovery.py |
| show | half an hour under full load | show.py |
"""

import argparse
import json
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path

from foreign_meter import measured

from instrument import presets
from instrument.house import open_house
from instrument.offline import render_sound
from instrument.runs.tape import find_run

HERE = Path(__file__).resolve().parent
SHIPPED = HERE.parent / "presets"

LONG: dict[str, Sequence[Sequence[str]]] = {
    "storm": [["storm.py"]],
    "blocks": [["blocks.py"]],
    "swap": [["swap.py"]],
    "grains": [["grains.py", "--at-once", "1024", "2048"]],
    "crowd": [["crowd.py", "--at-once", "1024", "2048", "3072", "--seconds", "60"]],
    "latency": [
        ["latency.py", "--ring-blocks", "1.25", "--ways", "osc", "--trials", "700", "--jack-real-time"],
        ["latency.py", "--ring-blocks", "1.25", "--ways", "step", "--trials", "60", "--jack-real-time"],
        ["latency.py", "--ring-blocks", "4", "--trials", "40", "--jack-real-time"],
    ],
    "scanner": [["scanner.py"]],
    "stalls": [["stalls.py"]],
    "recovery": [["recovery.py", "--rounds", "4"]],
    "show": [["show.py", "--seconds", "1800"]],
}  # fmt: skip
QUICK: dict[str, Sequence[Sequence[str]]] = {
    "storm": [["storm.py", "--seconds", "10"]],
    "blocks": [["blocks.py"]],
    "swap": [["swap.py"]],
    "grains": [["grains.py", "--at-once", "512", "--seconds", "2", "--rounds", "1"]],
    "crowd": [["crowd.py", "--at-once", "1024", "--seconds", "12"]],
    "latency": [["latency.py", "--ring-blocks", "2", "--trials", "6"]],
    "scanner": [["scanner.py", "--seconds", "8", "--ring-blocks", "4"]],
    "stalls": [["stalls.py", "--times", "1", "--ring-blocks", "4"]],
    "recovery": [["recovery.py", "--rounds", "1"]],
    "show": [["show.py", "--seconds", "20"]],
}


def offline(run_name: str) -> None:
    """Every shipped preset over a recorded run, rendered as fast as it goes."""
    run = find_run(run_name)
    for name in sorted(path.stem for path in SHIPPED.glob("*.toml")):
        with tempfile.TemporaryDirectory() as folder:
            out = Path(folder) / "out.wav"
            house = open_house(clouds=presets.clouds_asked(name))
            begun_s = time.perf_counter()
            seconds = render_sound(run, name, out, house).seconds
            took_s = time.perf_counter() - begun_s
            loudness = measured(out)
        result = {
            "preset": name,
            "times_real_time": round(seconds / took_s, 2),
            "lufs": loudness.integrated,
            "dbtp": loudness.true_peak,
        }
        print(json.dumps(result), flush=True)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--quick", action="store_true")
    parser.add_argument("--only", nargs="+", choices=("offline", *LONG), default=("offline", *LONG))
    parser.add_argument("--run", default="noise_to_digits", help="the run of the part offline")
    words = parser.parse_args()
    failed = []
    for part in words.only:
        print(f"== {part}", flush=True)
        if part == "offline":
            offline(words.run)
            continue
        for script, *arguments in (QUICK if words.quick else LONG)[part]:
            done = subprocess.run([sys.executable, str(HERE / script), *arguments])
            if done.returncode:
                failed.append(part)
    if failed:
        sys.exit(f"did not run to the end: {', '.join(failed)}")


if __name__ == "__main__":
    main()
