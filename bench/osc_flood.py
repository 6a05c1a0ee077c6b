"""A flood of OSC beside a polite sender, while the GAN trains: how late that one is, and what is lost.

    python bench/osc_flood.py [--seconds 20] [--rate 50000] [--ports 1] [--ways quiet turnstile sieve]

For each way a show without sound and picture is started in a process of its own: training, conductor, OSC
server. A polite sender moves a fader 100 times a second, while another process floods the port with
valid messages from `--ports` ports (on one core only, so that it does not simply take the machine).
``quiet``: no flood. ``turnstile``: every packet of the flood is received and refused by Python, as on
systems without socket filters. ``sieve``: the kernel throws the flood away (Linux). Times run from before
the packet is sent until the conductor has moved the control and published it. Prints one JSON line a way.
"""

import argparse
import json
import os
import socket
import struct
import subprocess
import sys
import threading
import time
from typing import Any

from osc_show import FOG, STEPS, Show, percentiles

POLITE_PER_S = 100.0
FLOOD = b"/learning/heat/position\0,f\0\0" + struct.pack(">f", 0.5)


def flood(port: int, rate: float, ports: int, seconds: float) -> None:
    """Send as evenly as can be; says how many."""
    os.sched_setaffinity(0, {max(os.sched_getaffinity(0))})
    senders = [socket.socket(socket.AF_INET, socket.SOCK_DGRAM) for _ in range(ports)]
    for sender in senders:
        sender.connect(("127.0.0.1", port))
    began_s, sent = time.monotonic(), 0
    while (passed_s := time.monotonic() - began_s) < seconds:
        for _ in range(int(passed_s * rate) - sent):
            senders[sent % ports].send(FLOOD)
            sent += 1
        time.sleep(0.0005)
    print(sent)


def play(way: str, seconds: float, rate: float, ports: int) -> dict[str, Any]:
    """One way; what was measured."""
    show = Show("sieve" if way == "quiet" else way)
    sent_s: list[float] = []
    ending = threading.Event()

    def be_polite() -> None:
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as hand:
            hand.connect(("127.0.0.1", show.port))
            begin_s = time.monotonic()
            while not ending.is_set() and len(sent_s) < STEPS:
                time.sleep(max(0.0, begin_s + len(sent_s) / POLITE_PER_S - time.monotonic()))
                packet = FOG + struct.pack(">f", len(sent_s) / STEPS)
                sent_s.append(time.monotonic())
                hand.send(packet)

    polite = threading.Thread(target=be_polite)
    polite.start()
    time.sleep(2.0)
    first, before = len(sent_s), show.ask()
    flooded = 0
    if way == "quiet":
        time.sleep(seconds)
    else:
        words = [sys.executable, __file__, "--flood", str(show.port), "--rate", str(rate),
                 "--ports", str(ports), "--seconds", str(seconds)]  # fmt: skip
        flooded = int(subprocess.run(words, stdout=subprocess.PIPE, text=True, check=True).stdout)
    last, after = len(sent_s), show.ask()
    ending.set()
    polite.join()
    time.sleep(2.0)
    end = show.ask("taken")
    show.end()
    taken = dict(end["taken"])
    counted = range(first, last)
    times_ms = [(taken[number] - sent_s[number]) * 1e3 for number in counted if number in taken]
    passed_s = after["at_s"] - before["at_s"]
    return {
        "way": way,
        "ports": ports if flooded else 0,
        "flood_packets": flooded,
        "flood_per_s": round(flooded / seconds),
        "polite_sent": len(counted),
        "polite_lost": len(counted) - len(times_ms),
        "polite_ms": percentiles(times_ms),
        "steps_per_s": round((after["steps"] - before["steps"]) / passed_s, 1),
        "show_cpu_share": round((after["cpu_s"] - before["cpu_s"]) / passed_s, 2),
        "refused_or_sieved": end["flooded"],
        "lost_by_kernel": end["lost"],
        "load_average": os.getloadavg()[0],
        "rss_mb_before_after": [round(told["rss_kb"] / 1024, 1) for told in (before, after)],
    }


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--seconds", type=float, default=20.0, help="of flood, for each way")
    parser.add_argument("--rate", type=float, default=50_000.0, help="packets per second")
    parser.add_argument("--ports", type=int, default=1, help="source ports of the flood")
    parser.add_argument("--ways", nargs="+", default=["quiet", "turnstile", "sieve"])
    parser.add_argument("--flood", type=int, help=argparse.SUPPRESS)
    words = parser.parse_args()
    if words.flood:
        flood(words.flood, words.rate, words.ports, words.seconds)
    else:
        for way in words.ways:
            print(json.dumps(play(way, words.seconds, words.rate, words.ports)), flush=True)


if __name__ == "__main__":
    main()
