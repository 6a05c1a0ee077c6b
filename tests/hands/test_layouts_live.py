"""Every touch that the shipped layouts know, sent by UDP to a real OSC hand of the real bank."""

import math
import socket
import time
from collections.abc import Iterator

import pytest
from layout_reading import (
    Message,
    document_root,
    document_touches,
    placed,
    session_root,
    session_touches,
    session_widgets,
)
from packets import built

from instrument.clock import HandClock
from instrument.hands.layouts.files import DOCUMENT, SESSION, files
from instrument.hands.osc import OscHand
from instrument.house import open_house
from instrument.signals.gesture import Gesture
from instrument.signals.spec import Kind

BANK = open_house().bank
FILES = files(BANK)
OF_ADDRESS = {spec.address: (spec, False) for spec in BANK} | {
    spec.address + "/position": (spec, True) for spec in BANK
}


def in_session() -> list[Message]:
    widgets = session_widgets(session_root(FILES[SESSION]))
    return [message for widget in widgets for message in session_touches(widget)]


def in_document() -> list[Message]:
    nodes = placed(document_root(FILES[DOCUMENT]))
    return [message for each in nodes for message in document_touches(each.node)]


class Show:
    """An open hand, and where the gestures land."""

    def __init__(self) -> None:
        self.posted: list[Gesture] = []
        self.said: list[str] = []
        self.clock = HandClock(100.0)
        self.hand = OscHand(
            BANK, self.posted.append, lambda text, grave: self.said.append(text), self.clock, port=0
        )
        self.hand.start()
        self.sender = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)

    def touch(self, message: Message) -> Gesture | None:
        """Send it; the gesture that came of it, None if none came within ten seconds."""
        before = len(self.posted)
        self.clock.advance(0.05)  # tokens come back as on a real clock
        address, arguments = message
        self.sender.sendto(built(address, *arguments), ("127.0.0.1", self.hand.port))
        give_up = time.monotonic() + 10.0
        while len(self.posted) == before and time.monotonic() < give_up:
            time.sleep(0.0002)
        return self.posted[-1] if len(self.posted) > before else None


@pytest.fixture
def show() -> Iterator[Show]:
    show = Show()
    yield show
    show.hand.stop()
    show.sender.close()


def expected(message: Message) -> tuple[str, float | None]:
    """Path and position that a touch asks for; None where it depends on what stands (the next choice)."""
    address, arguments = message
    spec, is_position = OF_ADDRESS[address]
    if not arguments:
        return spec.path, spec.unmap(spec.default) if spec.kind is Kind.TRIGGER else None
    (argument,) = arguments
    if is_position:
        return spec.path, float(argument)
    return spec.path, spec.unmap(spec.parse(argument))


@pytest.mark.parametrize("program", [in_session, in_document], ids=["session", "document"])
def test_every_touch_is_taken_and_means_what_is_written_on_it(show: Show, program) -> None:
    """Each widget's message is accepted, at the control and the position that it stands for."""
    messages = program()
    assert len(messages) > 1000
    for message in messages:
        gesture = show.touch(message)
        assert gesture is not None, (message, show.said)
        path, position = expected(message)
        assert gesture.path == path
        assert position is None or math.isclose(gesture.position, position, abs_tol=1e-6), message
    assert show.hand.refused == 0 and show.said == []
