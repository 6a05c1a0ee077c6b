"""How fast OSC arrives while the GAN trains: ours and SuperCollider's, on the same machine, in one run.

    python bench/osc_rate.py [--trials 300] [--seconds 1.5]

A show without sound and picture trains in a process of its own all the time; sclang, where it is
installed, runs beside it. One packet at a time, 40 to 60 ms apart:

``frame``     packet sent -> the moved control stands in a frame on our bus, read by another process
``feedback``  packet sent -> another program that subscribes gets the new value as a packet
``sclang``    packet sent -> `OSCFunc` answers it with a packet, which arrives here

So ``feedback`` and ``sclang`` are both a way there and back, but ours goes through the conductor and waits
for the 60th of a second in which feedback is gathered; ``frame`` is what sound and picture wait for. Then
packets are sent ever faster, each rate for some seconds, until some are lost: ``taken`` is the highest rate
at which every one was acted on (ours with the turnstile lifted: a show lets one sender have 2,000 a second;
sclang counts in an `OSCFunc`). Prints one JSON line for each.
"""

import argparse
import json
import os
import random
import shutil
import socket
import struct
import subprocess
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

from osc_show import FOG, STEPS, Show, percentiles

from instrument.hands.written import written
from instrument.signals.bus import Bus
from instrument.signals.frames import CONTROLS, ControlFrame

RATES = (1000, 2000, 4000, 8000, 12000, 16000, 24000, 32000, 48000)
SCLANG_PORT = 57191
ECHO = """
var count = 0;
OSCFunc({ |message| NetAddr("127.0.0.1", message[1]).sendMsg('/pong', message[2]) }, '/ping');
OSCFunc({ count = count + 1 }, '/tick');
OSCFunc({ |message| NetAddr("127.0.0.1", message[1]).sendMsg('/count', count); count = 0 }, '/ask');
"""


def udp() -> socket.socket:
    opened = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    opened.bind(("127.0.0.1", 0))
    opened.settimeout(2.0)
    return opened


def pause() -> None:
    time.sleep(random.uniform(0.04, 0.06))


def fog(number: int) -> bytes:
    return FOG + struct.pack(">f", number / STEPS)


def time_frames(show: Show, trials: int) -> list[float]:
    """ms from a packet to the frame on the bus."""
    from instrument.house import open_house

    place = open_house(()).bank.number["learning.fog"]
    bus = Bus(show.name)
    listener, frame, times_ms = bus.listener(CONTROLS), ControlFrame(), []
    with udp() as sender:
        for number in range(1, trials + 1):
            pause()
            sent_s = time.monotonic()
            sender.sendto(fog(number), ("127.0.0.1", show.port))
            while time.monotonic() < sent_s + 2.0:
                if listener.take(frame) is None:
                    time.sleep(0.00005)
                elif frame.positions[place] == number / STEPS:
                    times_ms.append((time.monotonic() - sent_s) * 1e3)
                    break
    listener.close()
    bus.close()
    return times_ms


def time_feedback(show: Show, trials: int) -> list[float]:
    """ms from a packet of one program to the packet that tells another of it."""
    times_ms = []
    subscribe = written("/subscribe", ("/learning/fog/position",))
    with udp() as sender, udp() as receiver:
        for number in range(1, trials + 1):
            if number % 50 == 1:
                receiver.sendto(subscribe, ("127.0.0.1", show.port))
            pause()
            wanted = fog(number + 1000)
            sent_s = time.monotonic()
            sender.sendto(wanted, ("127.0.0.1", show.port))
            while receiver.recv(2048) != wanted:
                pass
            times_ms.append((time.monotonic() - sent_s) * 1e3)
    return times_ms


def time_sclang(trials: int) -> list[float]:
    """ms from a packet to the answer of an `OSCFunc`."""
    times_ms = []
    with udp() as sender:
        port = sender.getsockname()[1]
        for number in range(trials):
            pause()
            sent_s = time.monotonic()
            sender.sendto(written("/ping", (port, number)), ("127.0.0.1", SCLANG_PORT))
            while sender.recv(2048) != written("/pong", (number,)):
                pass
            times_ms.append((time.monotonic() - sent_s) * 1e3)
    return times_ms


def ramp(port: int, packet: bytes, seconds: float, taken: Callable[[], int]) -> dict[str, object]:
    """The highest rate at which nothing was lost, and how it was above it."""
    best, row = 0, []
    with udp() as sender:
        sender.connect(("127.0.0.1", port))
        for rate in RATES:
            before, began_s, sent = taken(), time.monotonic(), 0
            while (passed_s := time.monotonic() - began_s) < seconds:
                for _ in range(int(passed_s * rate) - sent):
                    sender.send(packet)
                    sent += 1
                time.sleep(0.0005)
            deadline_s, got = time.monotonic() + 3.0, 0
            while got < sent and time.monotonic() < deadline_s:
                time.sleep(0.2)
                got = taken() - before
            real_per_s = round(sent / passed_s)
            row.append({"per_s": real_per_s, "lost": sent - got})
            if got < sent:
                break
            best = real_per_s
    return {"taken_per_s": best, "rates": row}


def start_sclang(folder: Path) -> subprocess.Popen[bytes] | None:
    if shutil.which("sclang") is None:
        return None
    script = folder / "echo.scd"
    script.write_text(ECHO)
    environment = {**os.environ, "QT_QPA_PLATFORM": "offscreen", "QTWEBENGINE_DISABLE_SANDBOX": "1"}
    process = subprocess.Popen(
        ["sclang", "-D", "-u", str(SCLANG_PORT), str(script)], env=environment,
        stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
    )  # fmt: skip
    deadline_s = time.monotonic() + 60.0
    while time.monotonic() < deadline_s:
        try:
            time_sclang(1)
        except TimeoutError:
            continue
        return process
    process.kill()
    return None


def sclang_count() -> int:
    """What it has counted since it was asked last, on top of what it had then."""
    with udp() as asker:
        asker.sendto(written("/ask", (asker.getsockname()[1],)), ("127.0.0.1", SCLANG_PORT))
        answer = asker.recv(2048)
    sclang_count.total += int.from_bytes(answer[-4:], "big")  # type: ignore[attr-defined]
    return sclang_count.total  # type: ignore[attr-defined,no-any-return]


sclang_count.total = 0  # type: ignore[attr-defined]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--trials", type=int, default=300, help="packets that are timed, each way")
    parser.add_argument("--seconds", type=float, default=1.5, help="of each rate of the ramp")
    words = parser.parse_args()

    def say(what: str, told: dict[str, object]) -> None:
        print(json.dumps({"what": what, **told, "load": os.getloadavg()[0]}), flush=True)

    with tempfile.TemporaryDirectory() as folder:
        show, sclang = Show("open"), start_sclang(Path(folder))
        try:
            before = show.ask()
            say("frame", {"ms": percentiles(time_frames(show, words.trials))})
            say("feedback", {"ms": percentiles(time_feedback(show, words.trials))})
            if sclang is not None:
                say("sclang", {"ms": percentiles(time_sclang(words.trials))})
            after = show.ask()
            passed_s = after["at_s"] - before["at_s"]
            steps_per_s = round((after["steps"] - before["steps"]) / passed_s, 1)
            say("training beside these", {"steps_per_s": steps_per_s})
            packet = fog(1)
            say("ramp ours", ramp(show.port, packet, words.seconds, lambda: show.ask()["accepted"]))
            if sclang is not None:
                tick = written("/tick", (0.5,))
                say("ramp sclang", ramp(SCLANG_PORT, tick, words.seconds, sclang_count))
        finally:
            show.end()
            if sclang is not None:
                sclang.kill()


if __name__ == "__main__":
    main()
