"""liblo's programs, and all of a small show's OSC for them: real sockets, a real bus, every door open."""

import contextlib
import shutil
import subprocess
import threading
import time
from collections.abc import Iterator, Sequence
from pathlib import Path

import pytest
from free_port import free_port
from stand import Stand

from instrument.hands.osc_side import OscSide, OscWishes
from instrument.signals.bus import Bus, new_show_name
from instrument.signals.frames import CONTROLS
from instrument.signals.gesture import Gesture

SOON_S = 20.0


def needs(program: str) -> None:
    """Skip a test where one of liblo's programs is absent, and say so."""
    if shutil.which(program) is None:
        pytest.skip(f"{program} is not here; Debian and Ubuntu have it in liblo-tools")


class LibloSide:
    """The OSC of a small show, which stands where it was moved to, as a conductor would have it."""

    def __init__(self, **wishes: object) -> None:
        self.stand = Stand()
        self.bus = Bus(new_show_name())
        self.osc = OscSide(
            OscWishes(port=0, tcp_port=0, **wishes),  # type: ignore[arg-type]
            self.stand.bank, (), self.bus, time.monotonic,
            post=self._post, say=self.stand.say, position=self.stand.position,
        )  # fmt: skip
        self._controls = self.bus.publisher(CONTROLS)

    def _post(self, gesture: Gesture) -> None:
        self.stand.post(gesture)
        self.publish()

    def publish(self) -> None:
        """Say on the bus where everything stands."""
        self._controls.send(self.stand.control_frame())

    def send(self, *words: object) -> None:
        """Let oscsend send by UDP."""
        send("localhost", self.osc.port, *words)

    def moved(self) -> list[tuple[str, float | str]]:
        """What was posted so far: path, and the value in its unit or the word."""
        bank = self.stand.bank
        return [
            (g.path, g.word or round(bank.spec(g.path).map(g.position), 5))
            for g in list(self.stand.posted)
        ]

    def close(self) -> None:
        """End everything that was begun."""
        self.osc.stop()
        self._controls.close()
        self.bus.close()


@contextlib.contextmanager
def playing(**wishes: object) -> Iterator[LibloSide]:
    """The side of a show for as long as the block lasts."""
    side = LibloSide(**wishes)
    try:
        side.osc.start()
        side.publish()
        yield side
    finally:
        side.close()


def send(*words: object) -> None:
    """Run oscsend."""
    subprocess.run(["oscsend", *map(str, words)], check=True, timeout=SOON_S)


def send_file(port: int, path: Path, lines: Sequence[str]) -> None:
    """Run oscsendfile: lines with one time tag become a bundle, sent ahead of its time."""
    path.write_text("".join(line + "\n" for line in lines))
    subprocess.run(["oscsendfile", "localhost", str(port), str(path)], check=True, timeout=SOON_S)


class Dump:
    """oscdump at a port; `lines` are what it has printed, without their time tags."""

    def __init__(self, port: int) -> None:
        self.lines: list[str] = []
        self._process = subprocess.Popen(
            ["oscdump", "-L", str(port)], stdout=subprocess.PIPE, text=True
        )
        self._thread = threading.Thread(target=self._read, daemon=True)
        self._thread.start()

    def _read(self) -> None:
        assert self._process.stdout is not None
        for line in self._process.stdout:
            self.lines.append(line.rstrip("\n").partition(" ")[2])

    def hear(self, port: int) -> None:
        """Wait until it listens: it says so by printing what it is sent."""
        deadline_s = time.monotonic() + SOON_S
        while "/are/you/there" not in "".join(self.lines):
            assert time.monotonic() < deadline_s, "oscdump never listened"
            send("localhost", port, "/are/you/there")
            time.sleep(0.05)

    def close(self) -> None:
        """End it."""
        self._process.terminate()
        self._process.wait()
        self._thread.join(SOON_S)


@contextlib.contextmanager
def dumping() -> Iterator[tuple[Dump, int]]:
    """oscdump that listens, and its port, for as long as the block lasts."""
    port = free_port()
    dump = Dump(port)
    try:
        dump.hear(port)
        yield dump, port
    finally:
        dump.close()
