"""The layouts' own subscriptions, sent to a real OSC side: every widget that hears something is told."""

import json
import re
import socket
import time
from collections.abc import Iterator
from typing import Any

import numpy as np
import pytest
from layout_reading import (
    document_hears,
    document_root,
    placed,
    property_of,
    session_root,
    session_widgets,
)
from packets import built
from pythonosc.osc_packet import OscPacket

from instrument.clock import wall_clock
from instrument.hands.layouts.files import DOCUMENT, SESSION, files
from instrument.hands.layouts.pages import NOTICE
from instrument.hands.osc_side import OscSide, OscWishes
from instrument.house import open_house
from instrument.learning.streams import STREAMS
from instrument.signals.bus import Bus, new_show_name
from instrument.signals.frames import (
    CONTROLS,
    DECK,
    METRICS,
    NOTICES,
    STANDING,
    ControlFrame,
    DeckFrame,
    MetricFrame,
    StandingFrame,
)
from instrument.signals.notices import Notice, notice_frame

BANK = open_house().bank
PATIENCE_S = 20.0


class Tablet:
    """Two sockets, as a program has them: one that sends, one that listens (it may be the same)."""

    def __init__(self, one_socket: bool) -> None:
        self.sender = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self.sender.bind(("127.0.0.1", 0))
        self.listener = self.sender
        if not one_socket:
            self.listener = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
            self.listener.bind(("127.0.0.1", 0))
        self.listener.settimeout(0.1)
        self.port = self.listener.getsockname()[1]
        self.heard: dict[str, Any] = {}

    def listen(self, until: set[str]) -> set[str]:
        """Hear until something came for each of these addresses; those that stayed silent."""
        give_up = time.monotonic() + PATIENCE_S
        while until - self.heard.keys() and time.monotonic() < give_up:
            try:
                packet = self.listener.recv(65536)
            except TimeoutError:
                continue
            for timed in OscPacket(packet).messages:
                self.heard[timed.message.address] = timed.message.params[0]
        return until - self.heard.keys()

    def close(self) -> None:
        self.sender.close()
        self.listener.close()


class Show:
    """The OSC side of a show whose controls, training and cues stand somewhere."""

    def __init__(self) -> None:
        bus = Bus(new_show_name())
        self.said: list[str] = []
        self.side = OscSide(
            OscWishes(port=0), BANK, STREAMS, bus, wall_clock, post=lambda gesture: None,
            say=lambda text, grave: self.said.append(text), position=lambda path: 0.0,
        )  # fmt: skip
        self.side.start()
        self._publishers = {
            t: bus.publisher(t) for t in (CONTROLS, METRICS, STANDING, NOTICES, DECK)
        }

    def stand(self, positions: np.ndarray) -> None:
        """Publish where everything stands."""
        frame = ControlFrame(count=len(BANK))
        frame.positions[: len(BANK)] = positions.tolist()
        self._publishers[CONTROLS].send(frame)
        metrics = MetricFrame(step=7, count=len(STREAMS))
        self._publishers[METRICS].send(metrics)
        standing = StandingFrame(
            scene=b"cathedral", cue_name=b"first strokes", next_name=b"collapse",
            next_note=b"hold it", waits=b"GO",
        )  # fmt: skip
        self._publishers[STANDING].send(standing)
        self._publishers[DECK].send(DeckFrame(position_s=93.0, length_s=180.0, speed=1.0))

    def say(self, text: str) -> None:
        """A sentence for the performer. None stands, so only those who subscribe already hear it."""
        self._publishers[NOTICES].send(notice_frame(Notice("show", text), 0.0))


@pytest.fixture
def show() -> Iterator[Show]:
    show = Show()
    yield show
    show.side.stop()


@pytest.fixture(params=[True, False], ids=["one socket", "a port of its own"])
def tablet(request: pytest.FixtureRequest) -> Iterator[Tablet]:
    tablet = Tablet(request.param)
    yield tablet
    tablet.close()


def subscribe_as_the_session(tablet: Tablet, port: int, script: str) -> None:
    for words in re.findall(r"send\((.*?)\)$", script, re.MULTILINE):
        _, address, pattern = json.loads(f"[{words}]")
        tablet.sender.sendto(built(address, pattern), ("127.0.0.1", port))


def subscribe_as_the_document(tablet: Tablet, port: int, script: str) -> None:
    asks = re.findall(
        r"sendOSC\(\{\"(.*?)\", \{\{tag = 's', value = \"(.*?)\"\}, \{tag = 'i', value = (\d+)\}\}\}\)",
        script,
    )
    for address, pattern, reply_port in asks:
        tablet.sender.sendto(built(address, pattern, int(reply_port)), ("127.0.0.1", port))


def hears(widget: dict[str, Any]) -> bool:
    if widget["type"] == "button":
        return widget["mode"] in ("toggle", "push")
    fixed = widget.get("address", "").startswith("/caption/")
    return widget["type"] in ("fader", "switch", "dropdown", "text") and not fixed


def test_every_widget_of_the_session_is_told_what_it_can_show(show: Show) -> None:
    """A fader a position, a choice one of its values, a text anything: at once on subscribing."""
    tablet = Tablet(one_socket=True)
    root = session_root(files(BANK, port=show.side.port)[SESSION])
    hearing = [w for w in session_widgets(root) if hears(w)]
    show.stand(BANK.defaults)
    subscribe_as_the_session(tablet, show.side.port, root["onCreate"])
    assert tablet.listen({w["address"] for w in hearing} - {NOTICE}) == set()
    show.say("a fader waits")
    assert tablet.listen({NOTICE}) == set()
    for widget in hearing:
        told = tablet.heard[widget["address"]]
        if widget["type"] == "fader":
            assert isinstance(told, float) and 0.0 <= told <= 1.0
        elif widget["type"] in ("switch", "dropdown"):
            assert told in widget["values"].values()
        elif widget["type"] == "button":
            assert told in (0.0, 1.0)
    assert show.said == []
    tablet.close()


def test_every_node_of_the_document_is_told(show: Show, tablet: Tablet) -> None:
    """Also where the tablet listens at another port than the one it sends from."""
    root = document_root(files(BANK, reply_port=tablet.port)[DOCUMENT])
    script = property_of(root, "script")
    assert script is not None and script.text is not None
    show.stand(BANK.defaults)
    subscribe_as_the_document(tablet, show.side.port, script.text)
    wanted = {address for each in placed(root) for address in document_hears(each.node)}
    assert tablet.listen(wanted - {NOTICE}) == set()
    show.say("a fader waits")
    assert tablet.listen({NOTICE}) == set()
    assert tablet.heard[NOTICE] == "show: a fader waits"
    assert tablet.heard["/show/standing/next_name"] == "collapse"
    assert show.said == []


def test_faders_follow_another_hand(show: Show, tablet: Tablet) -> None:
    """When everything moves, every fader is told its new position."""
    root = document_root(files(BANK, reply_port=tablet.port)[DOCUMENT])
    script = property_of(root, "script")
    assert script is not None and script.text is not None
    show.stand(np.full(len(BANK), 1.0, np.float32))
    subscribe_as_the_document(tablet, show.side.port, script.text)
    wanted = {
        a for each in placed(root) for a in document_hears(each.node) if a.endswith("/position")
    }
    wanted -= {spec.address for spec in BANK}
    assert tablet.listen(wanted) == set()
    assert {tablet.heard[address] for address in wanted} == {1.0}
    show.stand(np.full(len(BANK), 0.25, np.float32))
    give_up = time.monotonic() + PATIENCE_S
    while {tablet.heard.get(a) for a in wanted} != {0.25} and time.monotonic() < give_up:
        for address in wanted:
            if tablet.heard.get(address) == 1.0:
                del tablet.heard[address]
        tablet.listen(wanted)
    assert {tablet.heard[address] for address in wanted} == {0.25}
