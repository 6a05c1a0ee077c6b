"""From the command to the first picture, sound and training step: several starts, medians and worst.

`python bench/start.py --starts 7`. The moments are taken inside the show, from the start of its process.
"""

import argparse
import json
import subprocess
import sys
import tempfile
from pathlib import Path
from statistics import median

BIN = Path(sys.executable).parent
NAMES = ("first_picture_s", "first_sound_s", "first_step_s")


def start(report: Path, words: list[str]) -> dict[str, float]:
    command = [str(BIN / "perform"), "--headless", "--sound", "null", "--no-record"]
    command += ["--osc-port", "9918"]
    subprocess.run(
        [*command, "--seconds", "7", "--report", str(report), *words],
        check=True,
        capture_output=True,
    )
    moments: dict[str, float] = json.loads(report.read_text())["start"]
    return moments


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--starts", type=int, default=5)
    words = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        report = Path(folder) / "show.json"
        for label, more in (("live", []), ("rehearsal", ["--rehearse", "noise_to_digits"])):
            start(report, more)
            moments = [start(report, more) for _ in range(words.starts)]
            for name in NAMES:
                times = [moment[name] for moment in moments]
                print(
                    f"{label:<10}{name:<17} median {median(times):.2f}  worst {max(times):.2f}"
                    f"  ({words.starts} starts, warm disk)"
                )


if __name__ == "__main__":
    main()
