"""A second process on the bus, for the tests: `python talker.py SHOW MODE`; says ``ready``, then obeys.

MODE ``publish``: every line on stdin is a number of metric frames to send.
MODE ``listen``: every line on stdin is answered with ``received lost last_step``.
"""

import sys

from instrument.signals.bus import Bus
from instrument.signals.frames import CONTROLS, METRICS, TILES, MetricFrame


def main(show: str, mode: str) -> None:
    bus = Bus(show)
    others = [bus.publisher(TILES), bus.listener(CONTROLS)]
    if mode == "publish":
        publisher = bus.publisher(METRICS)
        print("ready", flush=True)
        step = 0
        for line in sys.stdin:
            for _ in range(int(line)):
                step += 1
                publisher.send(MetricFrame(step=step, count=1))
            print(publisher.published, publisher.failed, flush=True)
    else:
        listener = bus.listener(METRICS)
        print("ready", flush=True)
        last = 0
        for _ in sys.stdin:
            for frame in listener.drain():
                last = frame.step
            print(listener.received, listener.lost, last, flush=True)
    del others


if __name__ == "__main__":
    main(*sys.argv[1:3])
