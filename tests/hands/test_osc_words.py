"""OSC: words for acts, types that mean nothing, bundles that belong together, and who may say what."""

import socket
import struct
import threading
import time

import pytest
from packets import built, bundled
from stand import Stand

from instrument.hands import osc
from instrument.hands.osc import OscHand
from instrument.hands.waiting import NTP_TO_UNIX_S
from instrument.signals.gesture import Gesture
from instrument.signals.mistake import Mistake

SENDER = ("127.0.0.1", 5511)
UTC_S = 1e9
TOKEN = "correct horse"


class Heard:
    """A server on a hand-turned clock, and what it posted, one by one and together."""

    def __init__(self, stand: Stand, token: str = "") -> None:
        self.stand = stand
        self.together: list[list[Gesture]] = []
        self.hand = OscHand(
            stand.bank, stand.post, stand.say, stand.clock, position=stand.position, utc=lambda: UTC_S,
            post_together=lambda gestures: self.together.append(list(gestures)), token=token,
        )  # fmt: skip

    def take(self, packet: bytes) -> None:
        self.hand.take(packet, SENDER)

    @property
    def paths(self) -> list[str]:
        return [gesture.path for gesture in self.stand.posted]


@pytest.fixture
def heard(stand: Stand) -> Heard:
    return Heard(stand)


def tag(ahead_s: float) -> int:
    return int((UTC_S + NTP_TO_UNIX_S + ahead_s) * 2**32)


@pytest.mark.parametrize("path", ["show.scene", "show.snapshot", "show.goto"])
def test_an_act_that_takes_names_takes_a_word(heard: Heard, path: str) -> None:
    """``/show/scene "cathedral"`` is the scene of that name."""
    heard.take(built("/" + path.replace(".", "/"), "cathedral"))
    (gesture,) = heard.stand.posted
    assert (gesture.path, gesture.word) == (path, "cathedral")


def test_an_act_that_takes_names_takes_its_number(heard: Heard) -> None:
    """``/show/scene 3`` is the third, and no word."""
    heard.take(built("/show/scene", 3))
    assert heard.stand.value() == 3.0 and heard.stand.posted[0].word == ""


@pytest.mark.parametrize("word", ["", "a" * 65, "two\nlines", "\x1b[2J"])
def test_a_word_that_can_name_nothing_is_refused(heard: Heard, word: str) -> None:
    """What is empty, endless or unprintable goes no further."""
    heard.take(built("/show/scene", word))
    assert heard.stand.posted == [] and "1 to 64" in heard.stand.said[0]


@pytest.mark.parametrize("address", ["/learning/undo", "/show/go", "/show/scene/position"])
def test_a_word_for_what_takes_none_is_refused(heard: Heard, address: str) -> None:
    """An act without names, and a position, take numbers."""
    heard.take(built(address, "cathedral"))
    assert heard.stand.posted == [] and heard.hand.refused == 1


@pytest.mark.parametrize(
    ("tags", "body", "value"),
    [
        (b",i", struct.pack(">i", 2), 2.0),
        (b",f", struct.pack(">f", 2.0), 2.0),
        (b",h", struct.pack(">q", 2), 2.0),
        (b",d", struct.pack(">d", 2.0), 2.0),
        (b",T", b"", 4.0),
        (b",F", b"", 0.25),
    ],
)
def test_every_number_of_osc_is_taken(heard: Heard, tags: bytes, body: bytes, value: float) -> None:
    """32 and 64 bits, whole and real, true and false."""
    heard.take(b"/learning/heat\0\0" + tags + b"\0\0" + body)
    assert heard.stand.value() == pytest.approx(value)


@pytest.mark.parametrize(
    ("address", "tags"),
    [("/learning/undo", b",N"), ("/learning/undo", b",I"), ("/show/blackout", b",I")],
)
def test_nil_and_impulse_are_bangs(heard: Heard, address: str, tags: bytes) -> None:
    """N and I have no value; they fire an act, and turn a switch on."""
    padded = address.encode() + bytes(4 - len(address) % 4)
    heard.take(padded + tags + b"\0\0")
    assert heard.paths == [address[1:].replace("/", ".")]


def test_a_symbol_is_a_word(heard: Heard) -> None:
    """S is as good as s."""
    heard.take(b"/picture/look\0\0\0,S\0\0barcode\0")
    assert heard.stand.value() == 2.0


@pytest.mark.parametrize(
    ("tags", "body", "name"),
    [
        (b",b\0\0", struct.pack(">i", 4) + bytes(4), "a blob"),
        (b",[i]\0\0\0\0", struct.pack(">i", 2), "an array"),
        (b",t\0\0", struct.pack(">Q", 1 << 40), "a time tag"),
        (b",m\0\0", bytes(4), "a MIDI message"),
        (b",r\0\0", bytes(4), "a colour"),
    ],
)
@pytest.mark.parametrize(
    "address", [b"/learning/heat\0\0", b"/learning/undo\0\0", b"/show/scene\0"]
)
def test_what_is_no_value_is_refused_by_its_name(
    heard: Heard, address: bytes, tags: bytes, body: bytes, name: str
) -> None:
    """Blobs, arrays, time tags, colours and MIDI messages move nothing; the sentence says what came."""
    heard.take(address + tags + body)
    assert heard.stand.posted == [] and name in heard.stand.said[0]


def test_gestures_of_a_bundle_are_posted_together(heard: Heard) -> None:
    """Nobody else's gesture can come between them; a message alone goes alone."""
    heard.take(bundled(built("/learning/heat", 2.0), built("/learning/fog", 1.0)))
    heard.take(built("/learning/tilt", 1.0))
    assert [[g.path for g in row] for row in heard.together] == [["learning.heat", "learning.fog"]]
    assert heard.paths == ["learning.tilt"]


def test_a_bundle_that_waits_is_played_as_one(heard: Heard) -> None:
    """What came between does not part it; bundles of one time keep the order they came in."""
    heard.take(bundled(built("/learning/heat", 2.0), built("/learning/fog", 1.0), tag=tag(0.5)))
    heard.take(bundled(built("/learning/tilt", 1.0), built("/learning/tempo", 9.0), tag=tag(0.5)))
    heard.take(built("/picture/feedback", 0.5))
    heard.stand.clock.advance(0.6)
    heard.hand._take_due()
    assert heard.paths == ["picture.feedback"]
    assert [[g.path for g in row] for row in heard.together] == [
        ["learning.heat", "learning.fog"], ["learning.tilt", "learning.tempo"],
    ]  # fmt: skip


def test_a_bundle_in_a_bundle_has_its_own_time(heard: Heard) -> None:
    """The outer one acts now, the inner one when it says."""
    inner = bundled(built("/learning/fog", 1.0), tag=tag(1.0))
    heard.take(bundled(built("/learning/heat", 2.0), inner))
    assert heard.paths == ["learning.heat"]
    heard.stand.clock.advance(1.1)
    heard.hand._take_due()
    assert heard.paths == ["learning.heat", "learning.fog"]


def test_one_wrong_message_in_a_bundle_does_not_stop_the_others(heard: Heard) -> None:
    """It is refused and told; the rest is played together."""
    heard.take(
        bundled(built("/learning/heat", 2.0), built("/nowhere", 1.0), built("/learning/fog", 1.0))
    )
    assert [g.path for g in heard.together[0]] == ["learning.heat", "learning.fog"]
    assert heard.hand.refused == 1


def test_double_slash_reaches_every_level(heard: Heard) -> None:
    """``//heat`` is heat wherever it is (OSC 1.1)."""
    heard.take(built("//heat", 2.0))
    assert heard.paths == ["learning.heat"]


def test_patterns_that_were_never_asked_for_cost_tokens(heard: Heard) -> None:
    """A flood of new patterns, each of which looks through all addresses, is soon over."""
    for number in range(1000):
        heard.take(built(f"/learning/*{number}", 1.0))
    assert heard.hand._acting.searched < 200


@pytest.mark.parametrize("packet", [built("/learning/heat", 2.0), built("/show/panic")])
def test_without_the_token_nothing_is_taken(stand: Stand, packet: bytes) -> None:
    """Not even panic: to silence a show is the first thing a stranger would try."""
    heard = Heard(stand, TOKEN)
    heard.take(packet)
    assert stand.posted == [] and "/token" in stand.said[0]
    heard.take(built("/token", TOKEN))
    heard.take(packet)
    assert len(stand.posted) == 1


def test_the_token_may_come_first_in_a_bundle(stand: Stand) -> None:
    """A program that can only send one bundle is let in by it."""
    heard = Heard(stand, TOKEN)
    heard.take(bundled(built("/token", TOKEN), built("/learning/heat", 2.0)))
    assert heard.paths == ["learning.heat"]


def test_a_bundle_cannot_wait_its_way_past_the_token(stand: Stand) -> None:
    """What comes before the token is refused when it comes, not kept."""
    heard = Heard(stand, TOKEN)
    heard.take(bundled(built("/learning/heat", 2.0), tag=tag(0.5)))
    heard.take(built("/token", TOKEN))
    stand.clock.advance(1.0)
    heard.hand._take_due()
    assert stand.posted == []


def test_the_token_is_never_said(stand: Stand) -> None:
    """No sentence shows it, nor what was said in its place."""
    heard = Heard(stand, TOKEN)
    for word in (TOKEN + "x", TOKEN):
        stand.clock.advance(2.0)
        heard.take(built("/token", word))
    stand.clock.advance(2.0)
    heard.take(built("/token/wrong", TOKEN))
    assert not any(TOKEN in sentence for sentence in stand.said)


def test_a_short_token_is_a_mistake(stand: Stand) -> None:
    """Before the show."""
    with pytest.raises(Mistake, match="at least 8"):
        Heard(stand, "1234")


def test_packets_handed_in_are_taken_by_the_same_rules(stand: Stand) -> None:
    """What comes by WebSocket is checked, refused and counted as what comes by UDP."""
    heard = Heard(stand)
    sender = ("127.0.0.1", 4000, "ws")
    heard.hand.hand_in(built("/learning/heat", 2.0), sender, lambda packet: True)
    heard.hand.hand_in(b"\xff\xff\xff\xff", sender, lambda packet: True)
    heard.hand.hand_in(built("/learning/fog", 2.0), ("10.0.0.9", 1, "ws"), lambda packet: True)
    assert heard.paths == ["learning.heat"] and heard.hand.refused == 2
    assert stand.posted[0].who == "osc 127.0.0.1:4000"


def test_many_threads_hand_in_at_once(stand: Stand) -> None:
    """Nothing is lost or mixed up; each thread's gestures keep their order."""
    heard = Heard(stand)

    def play(port: int) -> None:
        for number in range(200):
            packet = built("/learning/heat/position", number / 256)
            heard.hand.hand_in(packet, ("127.0.0.1", port, "ws"), lambda packet: True)

    threads = [threading.Thread(target=play, args=(port,)) for port in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    for port in range(6):
        mine = [g.position for g in stand.posted if g.who == f"osc 127.0.0.1:{port}"]
        assert mine == [number / 256 for number in range(200)]


def test_a_bundle_handed_in_wakes_the_server_at_its_time(
    stand: Stand, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The thread that waits for UDP, here for minutes, learns of what another thread brought."""
    monkeypatch.setattr(osc, "IDLE_S", 300.0)
    arrived = threading.Event()
    hand = OscHand(stand.bank, lambda gesture: arrived.set(), stand.say, time.monotonic, port=0)
    hand.start()
    due_s = time.time() + 0.1
    packet = bundled(built("/learning/heat", 2.0), tag=int((due_s + NTP_TO_UNIX_S) * 2**32))
    hand.hand_in(packet, ("127.0.0.1", 1, "ws"), lambda packet: True)
    assert not arrived.is_set()
    assert arrived.wait(5.0) and time.time() >= due_s - 0.001
    hand.stop()
    assert hand.refused == 0


def test_nothing_can_be_sent_before_the_port_is_open(stand: Stand) -> None:
    """It says so, and does not raise; nor does a receiver that cannot be."""
    hand = OscHand(stand.bank, stand.post, stand.say, time.monotonic, port=0)
    assert not hand.send("127.0.0.1", 9, b"/a\0\0")
    hand.start()
    assert not hand.send("127.0.0.1", 70000, b"/a\0\0")
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as receiver:
        receiver.bind(("127.0.0.1", 0))
        assert hand.send("127.0.0.1", receiver.getsockname()[1], b"/a\0\0")
        assert receiver.recv(10) == b"/a\0\0"
    hand.stop()
