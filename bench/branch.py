"""How a rehearsal becomes live: ``python bench/branch.py RUN [times]``; RUN has saved moments. Real shows.

line     | what it says
---------|---------------------------------------------------------------------------------
asked    | seconds from /deck/branch to the first step of the training (torch is loaded in them)
sound    | dropouts in the ten seconds before, and from asking to ten seconds after the first step
picture  | pictures a second before, while it loads, and after
"""

import signal
import socket
import subprocess
import sys
import time
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from pythonosc.udp_client import SimpleUDPClient

from instrument.runs.reel import Reel
from instrument.runs.tape import Recorded, Tape

PERFORM = [sys.executable, "-c", "from instrument.cli import perform; perform()"]
QUIET = ("--headless", "--sound", "null", "--size", "320x180", "--no-midi", "--no-query",
         "--no-announce", "--device", "cpu")  # fmt: skip
AROUND_S = 10.0


def played(run: Path, out: Path) -> float:
    """Rehearse, branch, go on; when the branch was asked for, on the clock of the machine."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe:
        probe.bind(("127.0.0.1", 0))
        port = int(probe.getsockname()[1])
    words = [*QUIET, "--rehearse", run, "--record", out, "--osc-port", port]
    show = subprocess.Popen([*PERFORM, *map(str, words)], stderr=subprocess.PIPE, text=True)
    assert show.stderr is not None
    hand = SimpleUDPClient("127.0.0.1", port)
    next(line for line in show.stderr if line.startswith("sound:"))
    hand.send_message("/deck/at_end", "hold")
    time.sleep(AROUND_S + 2.0)
    asked_s = time.monotonic()
    hand.send_message("/deck/branch", 1.0)
    said = next(line for line in show.stderr if "branched from" in line or "no branch" in line)
    print(f"  {said.strip()}")
    time.sleep(AROUND_S + 2.0)
    show.send_signal(signal.SIGINT)
    show.wait()
    return asked_s


def between(frames: list[Recorded], field: str, begin_s: float, end_s: float) -> float:
    """How much a count has grown."""
    counts = [getattr(r.frame, field) for r in frames if begin_s <= r.frame.time_s <= end_s]
    return float(counts[-1] - counts[0]) if counts else 0.0


def main(run: str, times: str = "1") -> None:
    """Print what was measured."""
    with TemporaryDirectory() as folder:
        for number in range(int(times)):
            out = Path(folder) / f"{number}.mcap"
            told(out, played(Path(run), out))


def told(out: Path, asked_s: float) -> None:
    """One show."""
    by_topic: dict[str, list[Any]] = {}
    for recorded in Tape(out).frames():
        by_topic.setdefault(recorded.topic, []).append(recorded)
    birth_s = by_topic["deeds"][0].frame.time_s
    first_s = next(r.frame.time_s for r in by_topic["metrics"] if r.frame.time_s > birth_s)
    sound, health = by_topic["sound"], by_topic["health"]
    before = between(sound, "dropouts", asked_s - AROUND_S, asked_s)
    around = between(sound, "dropouts", asked_s, first_s + AROUND_S)
    print(f"  asked    {first_s - asked_s:.1f} s; {Reel(out).length_s:.0f} s in all")
    print(f"  sound    dropouts: {before:.0f} before, {around:.0f} from asking on")
    rates = [
        between(health, "pictures", begin, end) / (end - begin)
        for begin, end in (
            (asked_s - AROUND_S, asked_s),
            (asked_s, first_s),
            (first_s, first_s + AROUND_S),
        )
    ]
    print(
        f"  picture  {rates[0]:.0f} a second before, {rates[1]:.0f} while it loads, {rates[2]:.0f} after"
    )


if __name__ == "__main__":
    main(*sys.argv[1:])
