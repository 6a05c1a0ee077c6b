"""A whole show against a real-time JACK server without a sound card, and what it costs the training.

Three minutes of `python bench/show.py --seconds 180` print: dropouts by our count, client xruns in
JACK's log, pictures per second and their times, and steps per second against a bare loop of the same
nets that ran alone before and after on the same machine.
"""

import argparse
import json
import os
import subprocess
import sys
import tempfile
import time
from pathlib import Path

BIN = Path(sys.executable).parent


class JackServer:
    """jackd with the dummy driver; its log tells whose fault an xrun was."""

    def __init__(self, folder: Path, block: int, rate: int, real_time: bool = True) -> None:
        """`real_time`: scheduled as a server on stage is (needs the right to it)."""
        self.log_path = folder / "jack.log"
        self.name = "twos-and-sevens-show"
        environment = {**os.environ, "JACK_NO_AUDIO_RESERVATION": "1"}
        priority = "-R -P 10" if real_time else "-r"
        words = f"jackd -n {self.name} {priority} -m -d dummy -r {rate} -p {block}".split()
        self.process = subprocess.Popen(
            words, stdout=self.log_path.open("w"), stderr=subprocess.STDOUT, env=environment
        )
        time.sleep(1.5)
        if self.process.poll() is not None:
            sys.exit(f"jackd did not start:\n{self.log_path.read_text()}")

    def stop(self) -> str:
        self.process.terminate()
        self.process.wait(10)
        return self.log_path.read_text(errors="replace")


def bare_loop(net: str, seconds: float) -> float:
    """Steps per second of the same nets in a plain loop, alone on the machine."""
    script = Path(__file__).with_name("bare.py")
    words = [sys.executable, str(script), net, str(seconds)]
    return float(subprocess.run(words, capture_output=True, check=True, text=True).stdout)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seconds", type=float, default=300.0)
    parser.add_argument("--preset", default="glitch_organ")
    parser.add_argument("--net", default="pocket_mlp")
    parser.add_argument("--block", type=int, default=256)
    parser.add_argument("--rate", type=int, default=48_000)
    parser.add_argument("--ring-blocks", type=int, default=4)
    parser.add_argument("--size", default="1280x720")
    parser.add_argument("--jack-ordinary", action="store_true", help="JACK is no real-time server")
    parser.add_argument("--keep", type=Path, help="folder for run, capture, report and screenshots")
    words = parser.parse_args()

    with tempfile.TemporaryDirectory() as temporary:
        folder = words.keep or Path(temporary)
        folder.mkdir(parents=True, exist_ok=True)
        before = bare_loop(words.net, 10)
        jack = JackServer(folder, words.block, words.rate, not words.jack_ordinary)
        report_path = folder / "show.json"
        command = [
            str(BIN / "perform"), "--preset", words.preset, "--net", words.net, "--headless",
            "--size", words.size, "--seconds", str(words.seconds), "--sound-device", "JACK",
            "--block", str(words.block), "--sample-rate", str(words.rate),
            "--ring-blocks", str(words.ring_blocks), "--osc-port", "9917",
            "--record", str(folder / "show.mcap"), "--report", str(report_path),
            "--capture", str(folder / "show.wav"), "--screenshot-every", "5", str(folder / "shots"),
        ]  # fmt: skip
        environment = {**os.environ, "JACK_DEFAULT_SERVER": jack.name}
        ended = subprocess.run(command, env=environment, capture_output=True, text=True)
        log = jack.stop()
        after = bare_loop(words.net, 10)
        if ended.returncode != 0:
            sys.exit(f"perform left with {ended.returncode}:\n{ended.stderr}")
        report = json.loads(report_path.read_text())
        print(json.dumps(report, indent=2))
        run = folder / "show.mcap"
        print(f"run file                    {run.stat().st_size / 1e6:.1f} MB")
        print(f"dropouts by our count       {report['sound']['dropouts']}")
        print(f"client xruns in JACK's log  {log.count('JackEngine::XRun: client')}")
        print(f"machine xruns in JACK's log {log.count('JackTimedDriver::Process XRun')}")
        bare = (before + after) / 2
        ours = report["learning"]["steps_per_s"]
        print(f"bare loop alone, steps/s    {before:.1f} before, {after:.1f} after")
        print(f"in the show, steps/s        {ours:.1f}: {ours / bare:.2f} of the bare loop")


if __name__ == "__main__":
    main()
