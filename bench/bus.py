"""The bus against `multiprocessing.Queue`, process to process, in one run.

`python bench/bus.py`: a metric frame is sent about 500 times a second through both, turn by turn, to
one other process. On the bus the other process looks again and again, as the sound does every block
(a listener never sleeps on the bus); at the queue it waits in `get`, which is all a queue offers, and
then it looks again and again as well (`get_nowait`), so that the two are compared alike too.
Times run from before the send to after the frame is a copy in the reader's hands.
"""

import argparse
import multiprocessing
import queue
import sys
import time
from collections.abc import Callable
from multiprocessing.connection import Connection
from pathlib import Path
from typing import Any

import numpy as np

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from instrument.signals.bus import Bus, new_show_name
from instrument.signals.frames import METRICS, MetricFrame

END = 2**62
"""Step of the last frame of a turn."""


def read_bus(show: str, answer: Connection) -> None:
    """Look until a turn is over, then answer with its times in us; for ever."""
    bus = Bus(show)
    listener = bus.listener(METRICS)
    frame = MetricFrame()
    answer.send("ready")
    times: list[float] = []
    while True:
        if listener.take(frame) is None:
            if not times:
                time.sleep(0.0005)  # between turns the core belongs to the other reader
            continue
        times.append((time.monotonic() - frame.time_s) * 1e6)
        if frame.step == END:
            answer.send((times[1:-1], listener.lost))
            times = []


def read_queue(frames: Any, answer: Connection, looking: bool) -> None:
    """The same from a queue; `looking` polls, else it waits in `get`."""
    answer.send("ready")
    times: list[float] = []
    while True:
        try:
            frame = frames.get(block=not (looking and times))
        except queue.Empty:
            continue
        times.append((time.monotonic() - frame.time_s) * 1e6)
        if frame.step == END:
            answer.send((times[1:-1], 0))
            times = []


def turn(send: Any, answer: Connection, seconds: float, rate: float) -> tuple[list[float], int]:
    """Send frames at `rate` per second; returns their times in us and how many were lost."""
    count = int(seconds * rate)
    frame = MetricFrame(count=40)
    began_s = time.monotonic() + 0.05
    send(MetricFrame(time_s=time.monotonic()))  # wakes the reader; not counted
    for step in range(count + 1):
        time.sleep(max(0.0, began_s + step / rate - time.monotonic()))
        frame.step = END if step == count else step
        frame.time_s = time.monotonic()
        send(frame)
    times, lost = answer.recv()
    return times, lost


def line(name: str, times: list[float]) -> str:
    values = np.array(times)
    marks = [*np.percentile(values, [50, 99, 99.9]), values.max()]
    columns = "".join(f"{mark:12.1f}" for mark in marks)
    return f"{name:<26}{columns}{len(values):>10}"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seconds", type=float, default=10.0, help="for each of the three")
    parser.add_argument("--rate", type=float, default=500.0, help="frames per second")
    words = parser.parse_args()
    spawn = multiprocessing.get_context("spawn")
    show = new_show_name()
    bus = Bus(show)
    publisher = bus.publisher(METRICS)
    waited, looked = spawn.Queue(), spawn.Queue()
    senders = {"bus": publisher.send, "Queue, get": waited.put, "Queue, get_nowait": looked.put}
    readers: dict[str, tuple[Callable[..., None], tuple[Any, ...], tuple[Any, ...]]] = {
        "bus": (read_bus, (show,), ()),
        "Queue, get": (read_queue, (waited,), (False,)),
        "Queue, get_nowait": (read_queue, (looked,), (True,)),
    }
    answers: dict[str, Connection] = {}
    for name, (reader, before, after) in readers.items():
        answers[name], theirs = spawn.Pipe(duplex=False)
        spawn.Process(target=reader, args=(*before, theirs, *after), daemon=True).start()
        assert answers[name].recv() == "ready"
    times: dict[str, list[float]] = {name: [] for name in senders}
    lost = 0
    turns = 5
    for _ in range(turns):
        for name, send in senders.items():
            more, gone = turn(send, answers[name], words.seconds / turns, words.rate)
            times[name] += more
            lost = max(lost, gone)
    print(
        f"{'us, process to process':<26}{'median':>12}{'p99':>12}{'p99.9':>12}{'max':>12}{'frames':>10}"
    )
    for name in senders:
        print(line(name, times[name]))
    for name in list(senders)[1:]:
        ratios = np.percentile(times[name], [50, 99.9]) / np.percentile(times["bus"], [50, 99.9])
        print(
            f"bus is {ratios[0]:.1f} times as fast as {name} at the median, {ratios[1]:.1f} at p99.9"
        )
    print(f"frames lost on the bus: {lost}; aim: median <= 5 us, p99.9 <= 50 us")


if __name__ == "__main__":
    main()
