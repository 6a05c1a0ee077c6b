"""OSCQuery: how long a tree takes, how soon a listener hears, what it costs at rest.

`python bench/query.py` (a minute). A real show (training, picture off-screen, sound to nobody) runs in a
process of its own; this process is the client:

- a full tree, and one value, by GET: each on a connection of its own, as all clients do it
- from an OSC packet by UDP to the new value on a WebSocket that listens (through conductor and bus)

What the query thread costs is taken from its own processor clock, in this process, with a conductor's
and a trainer's frames coming at 100 a second: nobody there, one who listens to one control, one who
listens to every control and every stream.
"""

import argparse
import http.client
import json
import random
import socket
import subprocess
import sys
import threading
import time
from pathlib import Path
from statistics import median

from pythonosc.osc_message import OscMessage
from used import thread_s
from websockets.sync.client import connect

from instrument.hands.written import written

BIN = Path(sys.executable).parent
OSC_PORT, QUERY_PORT = 9920, 9921
HOST = "127.0.0.1"


def share(times: list[float], part: float) -> float:
    return sorted(times)[min(len(times) - 1, int(part * len(times)))]


def told(name: str, times_s: list[float], more: str = "") -> None:
    times = [1000 * each for each in times_s]
    print(
        f"{name:<42} p50 {median(times):6.2f}  p95 {share(times, 0.95):6.2f}  "
        f"most {max(times):6.2f} ms  ({len(times)} times){more}"
    )


def get(target: str) -> bytes:
    connection = http.client.HTTPConnection(HOST, QUERY_PORT, timeout=10)
    connection.request("GET", target)
    body = connection.getresponse().read()
    connection.close()
    return body


def timed_gets(target: str, count: int) -> tuple[list[float], int]:
    times, size = [], 0
    for _ in range(count):
        began_s = time.perf_counter()
        size = len(get(target))
        times.append(time.perf_counter() - began_s)
        time.sleep(0.02)
    return times, size


def heard_after(count: int) -> list[float]:
    """Seconds from a packet to the value it asks for, at moments that keep no beat."""
    times = []
    sender = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    with connect(f"ws://{HOST}:{QUERY_PORT}/") as client:
        client.send(json.dumps({"COMMAND": "LISTEN", "DATA": "/learning/fog/position"}))
        client.recv(timeout=10)
        for number in range(count):
            wanted = round((number % 97 + 1) / 100, 2)
            began_s = time.perf_counter()
            sender.sendto(written("/learning/fog/position", (wanted,)), (HOST, OSC_PORT))
            while True:
                said = client.recv(timeout=10)
                if isinstance(said, bytes) and abs(OscMessage(said).params[0] - wanted) < 1e-4:
                    break
            times.append(time.perf_counter() - began_s)
            time.sleep(0.05 + 0.03 * random.random())
    return times


def of_a_show(seconds: float) -> None:
    command = [
        str(BIN / "perform"), "--headless", "--sound", "null", "--osc-port", str(OSC_PORT),
        "--query-port", str(QUERY_PORT), "--no-announce", "--no-record", "--seconds", str(seconds),
    ]  # fmt: skip
    show = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    try:
        deadline_s = time.monotonic() + 20
        while time.monotonic() < deadline_s:
            try:
                if json.loads(get("/step?VALUE") or b"{}").get("VALUE", [0])[0] > 50:
                    break
            except OSError:
                pass
            time.sleep(0.2)
        times, size = timed_gets("/", 60)
        told("GET / (a whole tree)", times, f"  {size / 1000:.0f} kB")
        times, _ = timed_gets("/learning/heat?VALUE", 60)
        told("GET /learning/heat?VALUE", times)
        told("OSC packet -> listener on a WebSocket", heard_after(120))
    finally:
        show.terminate()
        show.wait(timeout=20)


def of_the_thread(seconds: float) -> None:
    from instrument.hands.query.server import QueryServer
    from instrument.house import open_house
    from instrument.learning.streams import STREAMS
    from instrument.signals.bus import Bus, new_show_name
    from instrument.signals.frames import CONTROLS, METRICS, ControlFrame, MetricFrame
    from instrument.signals.spec import Kind

    bank, bus = open_house().bank, Bus(new_show_name())
    server = QueryServer(
        bank,
        STREAMS,
        bus,
        lambda text, grave: print(text),
        time.monotonic,
        lambda: OSC_PORT,
        port=0,
    )
    server.start()
    ending = threading.Event()

    def play() -> None:
        controls, metrics = bus.publisher(CONTROLS), bus.publisher(METRICS)
        moved, said = ControlFrame(count=len(bank)), MetricFrame(count=len(STREAMS))
        moved.positions[: len(bank)] = bank.defaults.tolist()
        while not ending.wait(0.01):
            moved.positions[bank.number["learning.fog"]] = random.random()
            said.step += 1
            said.streams[: len(STREAMS)] = [random.random() for _ in STREAMS]
            controls.send(moved)
            metrics.send(said)

    player = threading.Thread(target=play)
    player.start()

    def cost(name: str, paths: list[str]) -> None:
        listening = [
            "import json, sys", "from websockets.sync.client import connect",
            f"with connect('ws://{HOST}:{server.port}/') as client:",
            "    for path in json.load(sys.stdin):",
            "        client.send(json.dumps({'COMMAND': 'LISTEN', 'DATA': path}))",
            "    for said in client: pass",
        ]  # fmt: skip
        client = None
        if paths:
            client = subprocess.Popen(
                [sys.executable, "-c", "\n".join(listening)], stdin=subprocess.PIPE,
                stderr=subprocess.DEVNULL, text=True,
            )  # fmt: skip
            assert client.stdin is not None
            client.stdin.write(json.dumps(paths))
            client.stdin.close()
            time.sleep(1.5)
        before_s, began_s = thread_s("query"), time.monotonic()
        time.sleep(seconds)
        used = (thread_s("query") - before_s) / (time.monotonic() - began_s)
        print(f"{name:<42} {100 * used:6.3f} % of a core")
        if client is not None:
            client.kill()
            client.wait()

    cost("query thread, nobody there", [])
    cost("one who listens to one control", ["/learning/fog"])
    everything = [spec.address for spec in bank if spec.kind is not Kind.TRIGGER] + [
        f"/stream/{each.name}" for each in STREAMS
    ]
    cost("one who listens to everything", everything)
    ending.set()
    player.join()
    server.stop()


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seconds", type=float, default=5.0, help="for each cost of the thread")
    words = parser.parse_args()
    of_a_show(90.0)
    of_the_thread(words.seconds)


if __name__ == "__main__":
    main()
