"""A real show, driven by programs that nobody here wrote; what each sent, what it saw.

    python bench/foreign.py                        # two minutes, everything that is installed
    python bench/foreign.py --only sclang liblo

Starts JACK on its dummy driver and ``perform --headless --sound null`` with OSC by UDP and TCP, OSCQuery
and MIDI, in folders of their own; then one program after the other plays. What a program is told back by
the show it says itself; that the show did move is asked by HTTP besides. npm packages are installed into
--npm (a folder, kept for the next time). A program that is not there is said to be absent, and is not
counted. Ends with 1 if one of those that are there failed.
"""

import argparse
import contextlib
import json
import os
import re
import shutil
import signal
import subprocess
import sys
import tempfile
import time
import urllib.request
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from importlib.metadata import version
from pathlib import Path
from typing import Any

from jack_server import jack_server

BIN = Path(sys.executable).parent
HOST = "127.0.0.1"
OSC, TCP, QUERY, DUMP = 9930, 9931, 9932, 9933
NPM = ("osc@2.4.5", "node-osc@11.7.1", "oscquery@1.1.1")
SOON_S = 60.0
MIDI_MAP = """[[map]]
device = "seq"
kind = "note"
channel = 1
number = 60
control = "learning.helvetica"
act = "toggle"
"""
SCLANG = """
var show = NetAddr("127.0.0.1", %d), heat = -1, fog = -1, began = false;
OSCFunc({ |message| heat = message[1]; ("HEARD heat " ++ heat).postln }, '/learning/heat');
OSCFunc({ |message| fog = message[1]; ("HEARD fog " ++ fog).postln }, '/learning/fog');
fork {
    show.sendMsg('/subscribe', '/learning/*');
    1.wait;
    show.sendMsg('/learning/heat', 3.0);
    show.sendBundle(0.2, ['/learning/fog', 0.6], ['/learning/quake']);
    2.wait;
    show.sendMsg('/learning/heat', 1);
    1.5.wait;
    "DONE".postln;
    0.exit;
};
"""


class Absent(Exception):
    """The program is not here; the text says how it comes."""


@dataclass(frozen=True)
class Told:
    """What one program did."""

    program: str
    version: str
    sent: str
    seen: str
    ok: bool


def needs(program: str, cure: str) -> None:
    if shutil.which(program) is None:
        raise Absent(f"{program} is not installed ({cure})")


def debian(package: str) -> str:
    """The version that dpkg knows."""
    words = ["dpkg-query", "-W", "-f=${Version}", package]
    with contextlib.suppress(OSError, subprocess.SubprocessError):
        return subprocess.run(words, capture_output=True, text=True, check=True).stdout
    return "version unknown"


def value(path: str) -> Any:
    """What stands at an address of the show, asked by HTTP."""
    with urllib.request.urlopen(f"http://{HOST}:{QUERY}{path}?VALUE", timeout=10) as answer:
        return json.loads(answer.read() or b'{"VALUE": [null]}')["VALUE"][0]


def until(find: Callable[[], Any], what: str) -> Any:
    """Ask again until something is there."""
    deadline_s = time.monotonic() + SOON_S
    while True:
        with contextlib.suppress(OSError):
            if found := find():
                return found
        if time.monotonic() > deadline_s:
            raise TimeoutError(f"never: {what}")
        time.sleep(0.02)


def stands(path: str, wanted: object) -> str:
    """Wait until the show stands there; how it does, in words."""

    def there() -> bool:
        found = value(path)
        if isinstance(wanted, float) and isinstance(found, (int, float)):
            return abs(found - wanted) < 1e-4
        return bool(found == wanted)

    until(there, f"{path} at {wanted}")
    return f"{path} {wanted}"


@contextlib.contextmanager
def program(*words: str, **keys: Any) -> Iterator[subprocess.Popen[str]]:
    """A program for as long as the block lasts."""
    keys = {"stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL} | keys
    process = subprocess.Popen(words, text=True, **keys)
    try:
        yield process
    finally:
        process.send_signal(signal.SIGTERM)
        with contextlib.suppress(subprocess.TimeoutExpired):
            process.wait(timeout=20)
        process.kill()
        process.wait()


@contextlib.contextmanager
def jack(folder: Path) -> Iterator[bool]:
    """JACK on its dummy driver; whether it is there."""
    if shutil.which("jackd") is None:
        yield False
        return
    with jack_server(256, folder / "jack.log"):
        yield True


@contextlib.contextmanager
def show(folder: Path, with_jack: bool) -> Iterator[Path]:
    """A show that trains and plays; its log."""
    (folder / "midi.toml").write_text(MIDI_MAP)
    words = [
        "--headless", "--sound", "null", "--no-announce", "--osc-port", str(OSC), "--osc-tcp-port",
        str(TCP), "--query-port", str(QUERY), "--osc-out", f"{HOST}:{DUMP}:/learning/*", "--seconds", "400",
        *(["--midi-system", "jack"] if with_jack else ["--no-midi"]),
    ]  # fmt: skip
    log = folder / "show.log"
    environment = {**os.environ, "TWOS_AND_SEVENS_HOME": str(folder), "SDL_VIDEODRIVER": "dummy"}
    with open(log, "w") as file:
        playing = program(str(BIN / "perform"), *words, stdout=file, stderr=file, env=environment)
        with playing:
            try:
                until(lambda: (value("/step") or 0) > 1, "a show that trains")
            except TimeoutError as error:
                raise SystemExit(f"{error}\n{log.read_text()[-1000:]}") from None
            yield log


def liblo(folder: Path) -> Iterator[Told]:
    """oscsend, oscsendfile and oscdump."""
    needs("oscsend", "apt install liblo-tools")
    began = debian("liblo-tools")
    dumped = folder / "oscdump.txt"
    with open(dumped, "w") as file, program("oscdump", "-L", str(DUMP), stdout=file):
        sent = [
            ("/learning/heat", "f", "2.5"), ("/learning/fog", "d", "0.4"),
            ("/picture/look", "s", "barcode"), ("/learning/helvetica", "T"), ("/learning/quake",),
        ]  # fmt: skip
        for words in sent:
            subprocess.run(["oscsend", "localhost", str(OSC), *words], check=True)
        seen = [stands("/learning/heat", 2.5), stands("/learning/fog", 0.4)]
        seen += [stands("/picture/look", "barcode"), stands("/learning/helvetica", True)]
        said = ", ".join(" ".join(words) for words in sent)
        yield Told("oscsend by UDP", began, said, ", ".join(seen), True)

        subprocess.run(
            ["oscsend", f"osc.tcp://localhost:{TCP}", "/learning/heat", "i", "4"], check=True
        )
        yield Told(
            "oscsend by TCP", began, "/learning/heat i 4", stands("/learning/heat", 4.0), True
        )

        score = folder / "score.osc"
        score.write_text(
            "00000000.00000001 /learning/heat f 1.25\n00000000.00000001 /learning/helvetica F\n"
            "00000000.40000001 /learning/fog f 0.1\n"
        )
        subprocess.run(["oscsendfile", "localhost", str(OSC), str(score)], check=True)
        seen = [stands("/learning/heat", 1.25), stands("/learning/helvetica", False)]
        seen.append(stands("/learning/fog", 0.1))
        yield Told("oscsendfile", began, "two bundles with time tags", ", ".join(seen), True)

        wanted = (
            "/learning/heat f 1.250000",
            "/learning/fog f 0.100000",
            "/learning/helvetica i 0",
        )
        until(lambda: all(line in dumped.read_text() for line in wanted), "lines of oscdump")
    count = len(dumped.read_text().splitlines())
    yield Told(
        "oscdump", began, "(--osc-out)", f"{count} lines, among them {'; '.join(wanted)}", True
    )


def node(npm: Path) -> Iterator[Told]:
    """osc.js, node-osc and oscquery."""
    needs("node", "apt install nodejs")
    needs("npm", "apt install npm")
    if not all((npm / "node_modules" / name.split("@")[0]).is_dir() for name in NPM):
        words = [
            "npm",
            "install",
            "--no-audit",
            "--no-fund",
            "--ignore-scripts",
            "--prefix",
            str(npm),
            *NPM,
        ]
        done = subprocess.run(words, capture_output=True, text=True)
        if done.returncode:
            raise Absent(f"npm cannot install {', '.join(NPM)}: {done.stderr.strip()[-200:]}")
    script = str(Path(__file__).with_name("foreign_node.cjs"))
    done = subprocess.run(
        ["node", script, str(OSC), str(TCP), str(QUERY)], capture_output=True, text=True, timeout=200,
        env={**os.environ, "NODE_PATH": str(npm / "node_modules")},
    )  # fmt: skip
    for line in done.stdout.splitlines():
        if line.startswith("{"):
            yield Told(**json.loads(line))
    if done.returncode:
        yield Told("node", "", "", done.stderr.strip()[-300:], False)


def sclang(folder: Path) -> Iterator[Told]:
    """SuperCollider's language: NetAddr and OSCFunc."""
    needs("sclang", "apt install supercollider-language")
    score = folder / "foreign.scd"
    score.write_text(SCLANG % OSC)
    # Its help browser refuses to begin as root with its sandbox; no page is ever opened here.
    environment = {
        **os.environ, "QT_QPA_PLATFORM": "offscreen", "QTWEBENGINE_DISABLE_SANDBOX": "1",
        "HOME": str(folder), "XDG_RUNTIME_DIR": str(folder),
    }  # fmt: skip
    before = value("/learning/heat")
    done = subprocess.run(
        ["sclang", str(score)], capture_output=True, text=True, timeout=120, env=environment,
        stdin=subprocess.DEVNULL,
    )  # fmt: skip
    if "DONE" not in done.stdout:
        raise RuntimeError(f"sclang did not come to its end: {(done.stdout + done.stderr)[-300:]}")
    heard = re.findall(r"HEARD (\w+ [-\d.e]+)", done.stdout)
    stood = [stands("/learning/heat", 1.0), stands("/learning/fog", 0.6)]
    ok = {"heat 3.0", "heat 1.0"} <= set(heard) and any(h.startswith("fog 0.6") for h in heard)
    said = f"subscribe, heat 3.0, bundle in .2 s of fog .6 and quake, heat 1 (was {before})"
    number = re.search(r"sclang ([\d.]+)", subprocess.run(
        ["sclang", "-v"], capture_output=True, text=True, env=environment).stdout)  # fmt: skip
    yield Told("sclang", number.group(1) if number else "?", said,
               f"heard {', '.join(heard[:8])}; {', '.join(stood)}", ok)  # fmt: skip


def python_oscquery() -> Iterator[Told]:
    """python-oscquery's client, and python-osc beside it."""
    try:
        from pythonoscquery.osc_query_client import OSCQueryClient
        from zeroconf import ServiceInfo
    except ImportError as error:
        raise Absent(f"python-oscquery is not installed ({error})") from None
    kind = "_oscjson._tcp.local."
    client = OSCQueryClient(
        ServiceInfo(kind, f"x.{kind}", port=QUERY, parsed_addresses=[HOST], server="x.local.")
    )
    info = client.get_host_info()
    nodes = {node.full_path: node for node in client.query_node("/")}
    heat = nodes["/learning/heat"]
    ok = info.osc_port == OSC and len(nodes) > 300 and heat.value == [value("/learning/heat")]
    seen = f"{info.name}, OSC at {info.osc_port}, {len(nodes)} nodes, heat {heat.value}"
    yield Told("python-oscquery", version("python-oscquery"), "HOST_INFO, the tree", seen, ok)

    from pythonosc.udp_client import SimpleUDPClient

    SimpleUDPClient(HOST, OSC).send_message("/learning/fog/position", 0.25)
    told = stands("/learning/fog/position", 0.25)
    yield Told("python-osc", version("python-osc"), "/learning/fog/position 0.25", told, True)


def jack_tools(folder: Path, log: Path) -> Iterator[Told]:
    """jack_midiseq plays notes, jack_midi_dump hears our clock."""
    needs("jackd", "apt install jackd2")
    needs("jack_midiseq", "apt install jackd2, or jack-example-tools")
    began = debian("jackd2")
    before = log.read_text().count("seq is here")
    with program("jack_midiseq", "seq", "48000", "0", "60", "6000"):
        until(lambda: log.read_text().count("seq is here") > before, "seq is here")
        seen = [stands("/learning/helvetica", each) for each in (True, False, True, False)]
    yield Told("jack_midiseq", began, "note 60 once a second, which toggles", ", ".join(seen), True)

    dumped = folder / "midi.txt"
    with open(dumped, "w") as file, program("stdbuf", "-oL", "jack_midi_dump", "-r", stdout=file):
        subprocess.run(["oscsend", "localhost", str(OSC), "/show/clock_out", "T"], check=True)
        ports = until(lambda: re.findall(r"\S*clock\S*", jack_ports()), "our clock port")
        until(lambda: "midi-monitor:input" in jack_ports(), "the monitor")
        subprocess.run(["jack_connect", ports[0], "midi-monitor:input"], capture_output=True)
        until(lambda: dumped.read_text().lower().count(" f8") > 100, "a hundred ticks")
        subprocess.run(["oscsend", "localhost", str(OSC), "/show/clock_out", "F"], check=True)
    ticks = dumped.read_text().lower().count(" f8")
    yield Told(
        "jack_midi_dump", began, "(MIDI clock out)", f"{ticks} clock ticks from {ports[0]}", True
    )


def jack_ports() -> str:
    return subprocess.run(["jack_lsp"], capture_output=True, text=True).stdout


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    names = ("liblo", "node", "sclang", "python", "jack")
    parser.add_argument("--only", nargs="+", choices=names, default=names)
    parser.add_argument("--npm", type=Path, default=Path(tempfile.gettempdir()) / "foreign_npm")
    words = parser.parse_args()
    failed = 0
    with tempfile.TemporaryDirectory() as place, jack(Path(place)) as with_jack:
        folder = Path(place)
        with show(folder, with_jack) as log:
            ways: dict[str, Callable[[], Iterator[Told]]] = {
                "liblo": lambda: liblo(folder), "node": lambda: node(words.npm),
                "sclang": lambda: sclang(folder), "python": python_oscquery,
                "jack": lambda: jack_tools(folder, log),
            }  # fmt: skip
            for name in words.only:
                try:
                    for told in ways[name]():
                        failed += not told.ok
                        print(f"{'ok ' if told.ok else 'NOT'} {told.program} {told.version}\n"
                              f"      sent {told.sent}\n      seen {told.seen}", flush=True)  # fmt: skip
                except Absent as absent:
                    print(f"--  {name}: {absent}", flush=True)
                except Exception as error:
                    failed += 1
                    print(f"NOT {name}: {type(error).__name__}: {error}", flush=True)
            print(f"the show went on: step {value('/step')}")
            if failed:
                print(log.read_text()[-2000:])
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
