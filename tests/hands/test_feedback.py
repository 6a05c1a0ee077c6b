"""Feedback: who is told what, when, and how much of it. With a hand-turned clock, and over sockets."""

import contextlib
import socket
import time
from collections.abc import Iterator

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from packets import built
from pythonosc.osc_packet import OscPacket
from stand import Stand

from instrument.hands.caller import Caller
from instrument.hands.feedback import Feedback
from instrument.hands.osc import OscHand
from instrument.hands.osc_out import Receiver, receiver_of
from instrument.hands.osc_side import OscSide, OscWishes
from instrument.hands.packet import Refusal
from instrument.hands.readouts import (
    ControlReadout,
    NoticeReadout,
    SoundReadout,
    StandingReadout,
    StreamReadout,
)
from instrument.hands.subscribers import MOST_PATTERNS, MOST_SUBSCRIBERS, NO_ECHO_S, RENEWED_S
from instrument.signals.bus import Bus, new_show_name
from instrument.signals.frames import (
    CONTROLS,
    METRICS,
    NOTICES,
    SOUND,
    STANDING,
    MetricFrame,
    SoundFrame,
    StandingFrame,
)
from instrument.signals.local_bus import LocalBus
from instrument.signals.mistake import Mistake
from instrument.signals.notices import Notice, notice_frame
from instrument.signals.spec import Kind
from instrument.signals.streams import StreamSpec

STREAMS = (
    StreamSpec("loss_g", 0.0, 5.0, "loss"),
    StreamSpec("state", 0.0, 2.0, "state", choices=("warming", "learning", "collapse")),
)
Told = list[tuple[str, list[object]]]


class House:
    """Feedback, and the other end of its bus and of its subscribers' connections."""

    def __init__(self, stand: Stand, bus: Bus) -> None:
        self.stand = stand
        readouts = (
            ControlReadout(bus, stand.bank), StreamReadout(bus, STREAMS), StandingReadout(bus),
            SoundReadout(bus), NoticeReadout(bus),
        )  # fmt: skip
        self.feedback = Feedback(stand.bank, readouts, stand.clock, stand.say)
        self.publishers = {
            t: bus.publisher(t) for t in (CONTROLS, METRICS, NOTICES, SOUND, STANDING)
        }
        self.packets: dict[str, list[bytes]] = {}
        self.takes = True

    def publish(self) -> None:
        self.publishers[CONTROLS].send(self.stand.control_frame())

    def move(self, path: str, value: float) -> None:
        self.stand.positions[path] = self.stand.bank.spec(path).unmap(value)
        self.publish()

    def ask(self, *words: object, name: str = "me", address: str = "/subscribe") -> None:
        def reply(packet: bytes) -> bool:
            if self.takes:
                self.packets.setdefault(name, []).append(packet)
            return self.takes

        self.feedback.ask(address, words, Caller(("127.0.0.1", 7, name), reply))

    def tick(self, passed_s: float = 0.05) -> None:
        self.stand.clock.advance(passed_s)
        self.feedback.tick()

    def told(self, name: str = "me") -> Told:
        """What came since this was asked last."""
        told = [m.message for p in self.packets.pop(name, []) for m in OscPacket(p).messages]
        return [(message.address, message.params) for message in told]


@pytest.fixture
def house(stand: Stand) -> House:
    house = House(stand, LocalBus())
    house.publish()
    return house


def test_subscribing_tells_how_everything_stands(house: House) -> None:
    """Every control that stands, in its unit, once; a choice as its word, a switch as 0 or 1."""
    house.ask()
    house.tick()
    told = dict(house.told())
    stands = {s.address for s in house.stand.bank if s.kind is not Kind.TRIGGER}
    assert told.keys() == stands
    assert told["/learning/heat"] == [1.0] and told["/picture/look"] == ["tile_wall"]
    assert told["/learning/helvetica"] == [0] and told["/picture/bars"] == [3]
    house.tick()
    assert house.told() == []


def test_a_change_is_told_to_those_who_want_it(house: House) -> None:
    """A pattern chooses: of one moved fader, one hears the value, one the position, one nothing."""
    house.ask(name="value")
    house.ask("/learning/*/position", name="position")
    house.ask("/picture/*", name="picture")
    house.tick()
    for name in ("value", "position", "picture"):
        house.told(name)
    house.move("learning.heat", 4.0)
    house.tick()
    assert house.told("value") == [("/learning/heat", [4.0])]
    assert house.told("position") == [("/learning/heat/position", [1.0])]
    assert house.told("picture") == []


def test_changes_are_told_at_most_thirty_times_a_second(house: House) -> None:
    """A fader that moves 200 times in a second is told 30 times at the most, and where it ends."""
    house.ask("/learning/fog")
    house.tick()
    house.told()
    told: Told = []
    for number in range(200):
        house.move("learning.fog", 1.5 * number / 199)
        house.tick(0.005)
        told += house.told()
    house.tick(0.05)
    told += house.told()
    assert 25 <= len(told) <= 31 and told[-1] == ("/learning/fog", [1.5])


def test_a_hand_does_not_hear_its_own_echo(house: House) -> None:
    """Nothing comes back for 300 ms while a hand moves a fader; then, once, what stands."""
    sender = ("127.0.0.1", 7, "me")
    house.ask("/learning/heat", name="me")
    house.ask("/learning/heat", name="you")
    house.tick()
    house.told("me"), house.told("you")
    house.feedback.moved(sender, "learning.heat")
    house.move("learning.heat", 2.0)
    house.tick()
    assert house.told("me") == [] and len(house.told("you")) == 1
    house.tick(NO_ECHO_S)
    assert house.told("me") == [("/learning/heat", [2.0])]
    house.tick(NO_ECHO_S)
    assert house.told("me") == []


def test_a_subscription_ends_after_ten_seconds_unless_renewed(house: House) -> None:
    """Whoever goes away without a word is told nothing more; a renewal repeats nothing."""
    house.ask("/learning/heat")
    house.tick()
    house.told()
    house.tick(RENEWED_S - 1.0)
    house.ask("/learning/heat")
    house.tick()
    house.tick(RENEWED_S - 1.0)
    assert house.told() == [] and house.feedback.subscribers == 1
    house.move("learning.heat", 2.0)
    house.tick(2.0)
    assert house.told() == [] and house.feedback.subscribers == 0


def test_unsubscribe_ends_all_or_one_pattern(house: House) -> None:
    """One pattern can be left, the others go on; without a pattern everything ends."""
    house.ask("/learning/heat")
    house.ask("/learning/fog")
    house.tick()
    house.told()
    house.ask("/learning/heat", address="/unsubscribe")
    house.move("learning.heat", 2.0)
    house.move("learning.fog", 1.0)
    house.tick()
    assert house.told() == [("/learning/fog", [1.0])]
    house.ask(address="/unsubscribe")
    house.tick()
    assert house.feedback.subscribers == 0


def test_resync_tells_everything_again(house: House) -> None:
    """After a lost packet, all of it comes once more."""
    house.ask()
    house.tick()
    first = sorted(house.told())
    house.ask(address="/resync")
    house.tick()
    assert sorted(house.told()) == first


def test_the_training_is_told_as_streams_state_and_step(house: House) -> None:
    """Streams as numbers, the state as its word, the step; what is no number is left out."""
    house.ask("/stream/*")
    house.ask("/{state,step}")
    house.tick()
    frame = MetricFrame(step=7, count=2)
    frame.streams[0], frame.streams[1] = 0.5, 2.0
    house.publishers[METRICS].send(frame)
    house.tick(0.1)
    assert dict(house.told()) == {
        "/stream/loss_g": [0.5], "/stream/state": [2.0], "/state": ["collapse"], "/step": [7],
    }  # fmt: skip
    frame.streams[0] = float("nan")
    house.publishers[METRICS].send(frame)
    house.tick(0.1)
    assert house.told() == []


def test_streams_are_told_some_fifteen_times_a_second(house: House) -> None:
    """However many steps a training makes, a tablet gets what it can show."""
    house.ask("/step")
    house.tick()
    told: Told = []
    for step in range(500):
        house.publishers[METRICS].send(MetricFrame(step=step, count=2))
        house.tick(0.002)
        told += house.told()
    assert 10 <= len(told) <= 20


def test_scene_cue_and_beat_are_told(house: House) -> None:
    """What the next cue waits for stands on the tablet."""
    house.ask("/show/standing/*")
    house.tick()
    house.publishers[STANDING].send(
        StandingFrame(scene=b"cathedral", cue=2, next_cue=3, waits=b"GO", bpm=120.0)
    )
    house.tick()
    told = dict(house.told())
    assert told["/show/standing/scene"] == ["cathedral"] and told["/show/standing/waits"] == ["GO"]
    assert told["/show/standing/next_cue"] == [3] and told["/show/standing/bpm"] == [120.0]


def test_meters_tell_the_loudest_peak(house: House) -> None:
    """Between two messages the loudest peak counts; a silent room is -120 dBFS."""
    house.ask("/sound/meter/*")
    house.tick()
    for peak in (0.1, 1.0, 0.01):
        house.publishers[SOUND].send(SoundFrame(peak=peak, short_term=-14.0, dropouts=3))
    house.tick(0.1)
    told = dict(house.told())
    assert told["/sound/meter/peak"] == [0.0] and told["/sound/meter/lufs"] == [-14.0]
    assert told["/sound/meter/dropouts"] == [3]


def test_every_notice_is_told(house: House) -> None:
    """Sentences are not values: two at once are two, and those of before are over."""
    house.publishers[NOTICES].send(notice_frame(Notice("show", "long ago"), 0.0))
    house.tick()
    house.ask("/notice")
    house.tick()
    for text in ("one", "two"):
        house.publishers[NOTICES].send(notice_frame(Notice("sound", text), 0.0))
    house.tick()
    assert house.told() == [("/notice", ["sound: one"]), ("/notice", ["sound: two"])]


def test_packets_fit_into_one_piece_of_every_network(house: House) -> None:
    """No packet is longer than 1,400 bytes, whatever is told."""
    house.ask()
    house.ask("//position")
    house.ask("/stream/*")
    house.tick()
    assert len(house.packets["me"]) > 1
    assert max(len(packet) for packet in house.packets["me"]) <= 1400


def test_a_receiver_that_takes_nothing_costs_its_messages_only(house: House) -> None:
    """What cannot be sent is dropped and counted; when it takes again, it is told what stands by then."""
    house.takes = False
    house.ask("/learning/heat")
    house.tick()
    assert house.feedback.dropped == 1
    house.takes = True
    house.move("learning.heat", 2.0)
    house.tick()
    assert house.told() == [("/learning/heat", [2.0])]


@pytest.mark.parametrize(
    ("words", "reason"),
    [
        (("/nowhere",), "finds nothing"),
        (("learning/heat",), "begins with '/'"),
        (("/learning/[",), "'\\[' without"),
        ((9001,), "no port on a connection"),
        ((0,), "from 1 to 65535"),
        ((70000.0,), "from 1 to 65535"),
        ((True,), "a pattern"),
        ((b"blob",), "a pattern"),
        (("/a", "/b"), "a pattern"),
        (("/" + "a" * 300,), "255"),
    ],
)
def test_a_subscription_that_cannot_be_is_refused(
    house: House, words: tuple[object, ...], reason: str
) -> None:
    """What is wrong with it is said in a few words, and nobody is subscribed."""
    with pytest.raises(Refusal, match=reason):
        house.ask(*words)
    house.tick()
    assert house.feedback.subscribers == 0


def test_there_are_sixteen_subscribers_at_the_most(house: House) -> None:
    """The seventeenth is refused, and takes nothing from the others."""
    for number in range(MOST_SUBSCRIBERS):
        house.ask("/step", name=f"n{number}")
    house.tick()
    with pytest.raises(Refusal, match="told already"):
        house.ask("/step", name="one more")
    assert house.feedback.subscribers == MOST_SUBSCRIBERS


def test_patterns_of_one_subscriber_are_bounded(house: House) -> None:
    """Beyond sixteen patterns nothing more is taken on, and nothing grows."""
    stands = [spec.address for spec in house.stand.bank if spec.kind is not Kind.TRIGGER]
    assert len(stands) > MOST_PATTERNS
    for address in stands:
        house.ask(address)
    house.tick()
    assert sorted(address for address, _ in house.told()) == sorted(stands[:MOST_PATTERNS])


@pytest.mark.parametrize(
    ("text", "receiver"),
    [
        ("127.0.0.1:9001", ("127.0.0.1", 9001, "")),
        ("10.0.0.7:8000:/stream/*", ("10.0.0.7", 8000, "/stream/*")),
        ("[::1]:9001", ("::1", 9001, "")),
        ("localhost:9001:/step", ("127.0.0.1", 9001, "/step")),
    ],
)
def test_a_named_receiver_is_read(text: str, receiver: tuple[str, int, str]) -> None:
    """Host, port and pattern; a name is looked up before the show."""
    found = receiver_of(text)
    assert (found.host.replace("::1", "127.0.0.1") if text[0] == "l" else found.host) == receiver[0]
    assert (found.port, found.pattern) == receiver[1:]


@pytest.mark.parametrize(
    "text", ["", "127.0.0.1", ":9001", "127.0.0.1:port", "127.0.0.1:0", "127.0.0.1:70000",
             "127.0.0.1:9001:step", "no.such.host.invalid:9001", "127.0.0.1:9001²", "10.0..1:9001"],
)  # fmt: skip
def test_a_named_receiver_that_cannot_be_is_a_mistake(text: str) -> None:
    """Before the show, in a sentence that shows how it is said."""
    with pytest.raises(Mistake, match="--osc-out"):
        receiver_of(text)


def test_a_pattern_of_a_named_receiver_that_finds_nothing_is_a_mistake(stand: Stand) -> None:
    """A slip in a pattern would be silence for a whole show."""
    readouts = (ControlReadout(LocalBus(), stand.bank),)
    with pytest.raises(Mistake, match="did you mean '/learning/heat'"):
        Feedback(
            stand.bank, readouts, stand.clock, stand.say,
            [Receiver("127.0.0.1", 9001, "/learning/heta", "127.0.0.1:9001:/learning/heta")],
        )  # fmt: skip


class Live:
    """A server with feedback on real sockets and a real bus, and a program beside it."""

    def __init__(self, stand: Stand, receiver: socket.socket) -> None:
        self.stand = stand
        bus = Bus(new_show_name())
        self.controls = bus.publisher(CONTROLS)
        port = receiver.getsockname()[1]
        self.named = receiver
        text = f"127.0.0.1:{port}:/learning/heat"
        feedback = Feedback(
            stand.bank, [ControlReadout(bus, stand.bank)], time.monotonic, stand.say,
            [receiver_of(text)],
        )  # fmt: skip
        self.hand = OscHand(
            stand.bank, stand.post, stand.say, time.monotonic, port=0, feedback=feedback
        )
        self.publish()
        self.hand.start()

    def publish(self) -> None:
        self.controls.send(self.stand.control_frame())
        self.controls.meet()


def heard(receiver: socket.socket, wanted: tuple[str, list[object]]) -> tuple[str, int]:
    """Wait until this comes; from where it came."""
    while True:
        packet, sender = receiver.recvfrom(65536)
        for each in OscPacket(packet).messages:
            if (each.message.address, each.message.params) == wanted:
                return sender


@pytest.fixture
def sockets() -> Iterator[list[socket.socket]]:
    opened = [socket.socket(socket.AF_INET, socket.SOCK_DGRAM) for _ in range(3)]
    for each in opened:
        each.bind(("127.0.0.1", 0))
        each.settimeout(10.0)
    yield opened
    for each in opened:
        each.close()


@pytest.fixture
def live(stand: Stand, sockets: list[socket.socket]) -> Iterator[Live]:
    live = Live(stand, sockets[2])
    yield live
    live.hand.stop()


def test_values_come_back_from_the_port_that_was_asked(
    live: Live, sockets: list[socket.socket]
) -> None:
    """The answer comes from the server's own port, to the one that asked, and a change follows."""
    me, you, _ = sockets
    me.sendto(built("/subscribe"), ("127.0.0.1", live.hand.port))
    assert heard(me, ("/learning/heat", [1.0])) == ("127.0.0.1", live.hand.port)
    you.sendto(built("/learning/heat", 4.0), ("127.0.0.1", live.hand.port))
    while not live.stand.posted:
        time.sleep(0.01)
    live.publish()
    heard(me, ("/learning/heat", [4.0]))


def test_a_subscriber_may_name_another_port_of_its_own(
    live: Live, sockets: list[socket.socket]
) -> None:
    """TouchOSC sends from one port and listens at another."""
    me, other, _ = sockets
    port = other.getsockname()[1]
    me.sendto(built("/subscribe", "/learning/heat", port), ("127.0.0.1", live.hand.port))
    heard(other, ("/learning/heat", [1.0]))


def test_a_named_receiver_is_told_without_asking(live: Live) -> None:
    """What --osc-out names gets its values from the start."""
    heard(live.named, ("/learning/heat", [1.0]))


def test_the_show_is_not_told_to_itself(live: Live) -> None:
    """Its own values would come back as a hand on every control, and stop every morph."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as asking:
        asking.sendto(built("/subscribe", live.hand.port), ("127.0.0.1", live.hand.port))
        deadline_s = time.monotonic() + 10.0
        while not live.stand.said and time.monotonic() < deadline_s:
            time.sleep(0.01)
    assert "the one of this show" in live.stand.said[0]
    assert live.hand.feedback is not None and live.hand.feedback.subscribers == 1


def test_a_show_that_is_named_its_own_port_does_not_begin(stand: Stand) -> None:
    """A slip on the command line."""
    with pytest.raises(Mistake, match="hears OSC itself"):
        OscSide(
            OscWishes(port=9000, out=("localhost:9000",)), stand.bank, (), LocalBus(),
            stand.clock, post=stand.post, say=stand.say, position=stand.position,
        )  # fmt: skip


anything = st.one_of(
    st.text(max_size=40), st.sampled_from(["/learning/*", "/step", "//position", "/{a,b"]),
    st.integers(-(2**40), 2**40), st.floats(), st.booleans(), st.binary(max_size=8), st.none(),
    st.lists(st.integers(), max_size=2),
)  # fmt: skip


@settings(max_examples=150, deadline=None)
@given(
    st.lists(
        st.tuples(
            st.sampled_from(["/subscribe", "/unsubscribe", "/resync"]),
            st.lists(anything, max_size=3), st.sampled_from("abc"),
        ),
        max_size=12,
    )
)  # fmt: skip
def test_whatever_is_asked_is_granted_or_refused(
    asked: list[tuple[str, list[object], str]],
) -> None:
    """Any row of requests with any arguments: nothing but refusals, and the next tick goes well."""
    house = House(Stand(), LocalBus())
    house.publish()
    for address, words, name in asked:
        with contextlib.suppress(Refusal):
            house.ask(*words, name=name, address=address)
        house.tick(0.01)
    assert house.feedback.subscribers <= 3
    for packets in house.packets.values():
        assert all(list(OscPacket(packet).messages) for packet in packets)
