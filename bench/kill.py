"""kill -9 at any moment of a real show: how much of the run is missing, and what a pulled plug would take.

    python bench/kill.py --kills 20
    python bench/kill.py --plug 30      asks strace (apt install strace) when each fdatasync returned

A round of ``--kills`` begins ``perform --headless --sound null --record``, waits until the training is in
the file, then a random while, kills every process of the show, and reads the file as it is: ``lost`` is
from the last frame in the file to the kill. ``--plug`` plays a show of so many seconds under strace:
for every chunk of the file, how long its oldest frame lay in memory until a fdatasync of it returned.
"""

import argparse
import os
import random
import re
import signal
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from statistics import median

from mcap.reader import make_reader
from quiet import PERFORM, QUIET

from instrument.runs.tape import Tape
from instrument.signals.mistake import Mistake

PORT = "9485"
WAIT_S = 180.0
CALL = re.compile(r"^\d+ +(\d+\.\d+) (pwrite64|fdatasync)\((\d+).*\) += (\d+) <(\d+\.\d+)>$")


@contextmanager
def show(folder: Path, *before: str, seconds: float = 600.0) -> Iterator[subprocess.Popen[bytes]]:
    """A show that records into run.mcap; every process of it is gone at the end."""
    words = [*before, PERFORM, *QUIET, "--osc-port", PORT, "--size", "320x180"]
    words += ["--seconds", f"{seconds:g}", "--record", folder / "run.mcap"]
    playing = subprocess.Popen(
        words, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, start_new_session=True,
        env={**os.environ, "TWOS_AND_SEVENS_HOME": str(folder)},
    )  # fmt: skip
    try:
        yield playing
    finally:
        if playing.poll() is None:
            os.killpg(playing.pid, signal.SIGKILL)
        playing.wait()


def in_file(path: Path) -> tuple[int, float]:
    """Metric frames in a file, and when the last frame of any topic was said (seconds of the machine)."""
    try:
        told = [(recorded.topic, recorded.frame.time_s) for recorded in Tape(path).frames()]
    except Mistake:
        return 0, 0.0
    return sum(topic == "metrics" for topic, _ in told), max(
        (at_s for _, at_s in told), default=0.0
    )


def kill_once(dice: random.Random) -> tuple[int, float, int] | None:
    """Metric frames kept, seconds lost, parts of the file that cannot be read; None: it did not begin."""
    with tempfile.TemporaryDirectory() as temporary:
        path = Path(temporary) / "run.mcap"
        with show(Path(temporary)) as playing:
            deadline_s = time.monotonic() + WAIT_S
            while in_file(path)[0] < 20:
                if playing.poll() is not None or time.monotonic() > deadline_s:
                    return None
                time.sleep(0.3)
            time.sleep(dice.uniform(0.5, 4.0))
            killed_s = time.monotonic()
            os.killpg(playing.pid, signal.SIGKILL)
            playing.wait()
        count, last_s = in_file(path)
        tape = Tape(path)
        for _ in tape.frames():
            pass
        return count, killed_s - last_s, tape.damaged


def kills(count: int) -> None:
    dice = random.Random()
    lost: list[float] = []
    begun = 0
    while len(lost) < count and begun < 2 * count:
        begun, found = begun + 1, kill_once(dice)
        if found is None:
            print("a show that left by itself, or did not train in time; another", flush=True)
            continue
        kept, seconds, damaged = found
        lost.append(seconds)
        print(f"{kept} metric frames, {seconds:.3f} s lost, {damaged} parts damaged", flush=True)
    print(f"{len(lost)} kills: median {median(lost):.3f} s, longest {max(lost):.3f} s")


def syncs(log: Path) -> tuple[list[tuple[float, int]], float]:
    """When each fdatasync of the run's file returned (time of day, s) and the bytes that it covers.

    And the longest that one of them took.
    """
    calls = [CALL.match(line) for line in log.read_text().splitlines()]
    found, written = [], 0
    covered: list[tuple[float, int]] = []
    numbers = [call[3] for call in calls if call and call[2] == "fdatasync"]
    run = max(set(numbers), key=numbers.count)
    for call in calls:
        if call is None or call[3] != run:
            continue
        begun_s, returned_s = float(call[1]), float(call[1]) + float(call[5])
        if call[2] == "pwrite64":
            written += int(call[4])
            covered.append((returned_s, written))
        else:
            before = [size for at_s, size in covered if at_s <= begun_s]
            found.append((returned_s, before[-1] if before else 0))
    return found, max(float(call[5]) for call in calls if call and call[2] == "fdatasync")


def plug(seconds: float) -> None:
    with tempfile.TemporaryDirectory() as temporary:
        folder = Path(temporary)
        log = folder / "strace.log"
        before = ["strace", "-f", "--seccomp-bpf", "-ttt", "-T", "-s", "0", "-o", str(log)]
        with show(folder, *before, "-e", "trace=pwrite64,fdatasync", seconds=seconds) as playing:
            playing.wait(timeout=seconds + WAIT_S)
        with open(folder / "run.mcap", "rb") as file:
            summary = make_reader(file).get_summary()
        assert summary is not None
        done, slowest_s = syncs(log)
        ages = []
        for chunk in summary.chunk_indexes:
            end = chunk.chunk_start_offset + chunk.chunk_length
            synced_s = next(at_s for at_s, size in done if size >= end)
            ages.append(synced_s - chunk.message_start_time / 1e9)
        late = sum(age_s > 2.0 for age_s in ages)
        print(
            f"{len(ages)} chunks, {len(done)} syncs, the longest {slowest_s:.3f} s: a frame is on the disk "
            f"after at most {max(ages):.3f} s, median {median(ages):.3f} s; {late} chunks after over 2 s"
        )


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--kills", type=int, default=0)
    parser.add_argument("--plug", type=float, default=0.0, metavar="SECONDS")
    words = parser.parse_args()
    if words.kills:
        kills(words.kills)
    if words.plug:
        plug(words.plug)


if __name__ == "__main__":
    main()
