"""All OSC of a show started together: what is said of it, and what is left open where it cannot be."""

import socket
import threading
import time
from collections.abc import Iterator

import pytest
from free_port import free_port
from stand import Stand

from instrument.hands.osc_side import OscSide, OscWishes
from instrument.signals.bus import Bus, new_show_name
from instrument.signals.frames import CONTROLS
from instrument.signals.gesture import Gesture
from instrument.signals.mistake import Mistake


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
        self.publish()

    def _post(self, gesture: Gesture) -> None:
        self.stand.post(gesture)
        self.publish()
        self.arrived.release()

    def publish(self) -> None:
        self.controls.send(self.stand.control_frame())
        self.controls.meet()


@pytest.fixture
def side(stand: Stand) -> Iterator[Side]:
    side = Side(stand, tcp_port=0)
    side.osc.start()
    yield side
    side.osc.stop()


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
