"""OSC with programs nobody here wrote: liblo's oscsend and oscdump, against all of a show's OSC."""

import shutil
import socket
import subprocess
import threading
import time
from collections.abc import Iterator

import pytest
from stand import Stand

from instrument.hands.osc_side import OscSide, OscWishes
from instrument.signals.bus import Bus, new_show_name
from instrument.signals.frames import CONTROLS, ControlFrame
from instrument.signals.gesture import Gesture
from instrument.signals.mistake import Mistake

liblo = pytest.mark.skipif(shutil.which("oscsend") is None, reason="needs liblo-tools")
SOON_S = 10.0


class Side:
    """All of the OSC of a small show, with every door open, and what it posts."""

    def __init__(self, stand: Stand, **wishes: object) -> None:
        self.stand = stand
        self.bus = Bus(new_show_name())
        self.arrived = threading.Semaphore(0)
        self.osc = OscSide(
            OscWishes(port=0, **wishes), stand.bank, (), self.bus, time.monotonic,  # type: ignore[arg-type]
            post=self._post, say=stand.say, position=stand.position,
        )  # fmt: skip
        self.controls = self.bus.publisher(CONTROLS)
        self._frame = ControlFrame(count=len(stand.bank))
        self.publish()

    def _post(self, gesture: Gesture) -> None:
        self.stand.post(gesture)
        self.publish()
        self.arrived.release()

    def publish(self) -> None:
        for number, spec in enumerate(self.stand.bank):
            self._frame.positions[number] = self.stand.positions[spec.path]
        self.controls.send(self._frame)
        self.controls.meet()


def free_port() -> int:
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@pytest.fixture
def side(stand: Stand) -> Iterator[Side]:
    side = Side(stand, tcp_port=0)
    side.osc.start()
    yield side
    side.osc.stop()


def oscsend(*words: object) -> None:
    subprocess.run(["oscsend", *map(str, words)], check=True, timeout=SOON_S)


@liblo
@pytest.mark.parametrize(
    ("words", "path", "value"),
    [
        (["/learning/heat", "f", 2.0], "learning.heat", 2.0),
        (["/learning/heat", "i", 2], "learning.heat", 2.0),
        (["/learning/heat", "h", 2], "learning.heat", 2.0),
        (["/learning/heat", "d", 2.0], "learning.heat", 2.0),
        (["/learning/heat/position", "f", 1.0], "learning.heat", 4.0),
        (["/picture/look", "s", "barcode"], "picture.look", 2.0),
        (["/picture/look", "S", "barcode"], "picture.look", 2.0),
        (["/learning/helvetica", "T"], "learning.helvetica", 1.0),
        (["/learning/quake"], "learning.quake", 0.1),
        (["/learning/quake", "I"], "learning.quake", 0.1),
        (["/show/scene", "s", "cathedral"], "show.scene", 1.0),
        (["//heat", "f", 2.0], "learning.heat", 2.0),
    ],
)
def test_oscsend_plays(side: Side, words: list[object], path: str, value: float) -> None:
    """Every type that liblo sends arrives as what it means."""
    oscsend("localhost", side.osc.port, *words)
    assert side.arrived.acquire(timeout=SOON_S)
    assert side.stand.posted[-1].path == path
    assert side.stand.value() == pytest.approx(value)


@liblo
def test_oscsend_plays_over_tcp(side: Side) -> None:
    """liblo's own framing is understood."""
    assert side.osc.tcp is not None
    oscsend(f"osc.tcp://localhost:{side.osc.tcp.port}", "/learning/heat", "f", 2.0)
    assert side.arrived.acquire(timeout=SOON_S)
    assert side.stand.value() == pytest.approx(2.0)


@liblo
@pytest.mark.parametrize("words", [["m", "90457f00"], ["c", "x"]])
def test_oscsend_with_what_is_no_value_moves_nothing(side: Side, words: list[object]) -> None:
    """A MIDI message is refused; a character is its number, as large as a heat cannot be."""
    oscsend("localhost", side.osc.port, "/learning/heat", *words)
    deadline_s = time.monotonic() + SOON_S
    while not (side.osc.refused or side.stand.posted):
        assert time.monotonic() < deadline_s
        time.sleep(0.01)
    assert [g.position for g in side.stand.posted] == ([1.0] if words[0] == "c" else [])


@liblo
def test_oscdump_is_told(side: Side) -> None:
    """A subscription sent by one program tells another, at the port that was named, and changes follow."""
    port = free_port()
    dump = subprocess.Popen(["oscdump", "-L", str(port)], stdout=subprocess.PIPE, text=True)
    try:
        assert dump.stdout is not None
        deadline_s = time.monotonic() + SOON_S
        lines: list[str] = []
        reader = threading.Thread(
            target=lambda: lines.extend(iter(dump.stdout.readline, "")), daemon=True
        )  # type: ignore[union-attr]
        reader.start()
        while not any("/learning/heat f 1.0" in line for line in lines):
            assert time.monotonic() < deadline_s
            oscsend("localhost", side.osc.port, "/subscribe", "si", "/learning/heat", port)
            time.sleep(0.1)
        oscsend("localhost", side.osc.port, "/learning/heat", "f", 2.0)
        while not any("/learning/heat f 2.0" in line for line in lines):
            assert time.monotonic() < deadline_s
            time.sleep(0.02)
    finally:
        dump.terminate()
        dump.wait()


def test_what_was_wished_is_said_at_the_start(stand: Stand) -> None:
    """Who is told, and where TCP is, stands in the terminal."""
    side = Side(stand, tcp_port=0, out=("127.0.0.1:9001:/learning/*",))
    side.osc.start()
    side.osc.stop()
    assert any("OSC over TCP at 127.0.0.1" in sentence for sentence in stand.said)
    assert "OSC goes to 127.0.0.1:9001 (/learning/*)" in stand.said
    assert side.osc.report() == {
        "accepted": 0, "refused": 0, "flooded": 0, "lost": 0, "feedback_dropped": 0,
    }  # fmt: skip


def test_a_tcp_port_in_use_leaves_nothing_open(stand: Stand, side: Side) -> None:
    """The show ends before it begins, and its UDP port is free again."""
    assert side.osc.tcp is not None
    port = free_port()
    second = Side(Stand(), tcp_port=side.osc.tcp.port)
    second.osc.hand.port = port
    with pytest.raises(Mistake, match="--osc-tcp-port"):
        second.osc.start()
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as free:
        free.bind(("127.0.0.1", port))
