"""The whole MIDI hand on a real JACK server, played by programs nobody here wrote."""

import shutil
import signal
import subprocess
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest
from midi_programs import (
    Sender,
    jack_environment,
    jack_ports,
    jack_server,
    program,
    until,
)
from stand import GROUPS, Stand

from instrument.clock import wall_clock
from instrument.hands.midi.controls import MIDI
from instrument.hands.midi.hand import MidiHand
from instrument.hands.midi.ports import MOST_AT_ONCE, Ports
from instrument.signals.bus import Bus, new_show_name
from instrument.signals.controls import Bank
from instrument.signals.frames import GESTURES, STANDING, GestureFrame, StandingFrame

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(shutil.which("jackd") is None, reason="needs jackd"),
]
NOTES = ("24000", "0", "60", "6000", "12000", "64", "6000")
"""For jack_midiseq: two notes, each an eighth of a second long, every half second."""


class Show(Stand):
    """A stand on the wall clock whose hand is the whole MIDI hand."""

    def __init__(self) -> None:
        super().__init__()
        self.bank = Bank.of((*GROUPS, MIDI))
        self.positions = {s.path: s.unmap(s.default) for s in self.bank}
        self.clock_heard: list[int] = []

    def hand(self, **keys: object) -> MidiHand:
        return MidiHand(
            self.bank, self.post, self.say, wall_clock, self.position,
            clock_heard=lambda status, _at, _data: self.clock_heard.append(status),
            system="jack", **keys,  # type: ignore[arg-type]
        )  # fmt: skip

    def has_said(self, words: str) -> bool:
        return any(words in text for text in self.said)


@pytest.fixture(autouse=True)
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    for key, value in jack_environment().items():
        monkeypatch.setenv(key, value)
    monkeypatch.setenv("TWOS_AND_SEVENS_HOME", str(tmp_path))
    return tmp_path


@pytest.fixture
def server() -> Iterator[subprocess.Popen[str]]:
    with jack_server() as running:
        yield running


@pytest.fixture
def show() -> Show:
    return Show()


@pytest.fixture
def hand(show: Show) -> Iterator[MidiHand]:
    playing = show.hand()
    playing.start()
    yield playing
    playing.stop()


def sent_until(true: Callable[[], object], sender: Sender, *messages: tuple[int, ...]) -> None:
    """Send some messages again and again until something is true: a new connection takes a while."""

    def again() -> object:
        for message in messages:
            sender.send(*message)
        return true()

    until(again, "what was sent was not heard")


def test_a_sequencer_nobody_here_wrote_is_learned_and_played(
    server: object, show: Show, hand: MidiHand
) -> None:
    """`jack_midiseq` appears, one of its notes is learned, and then it strikes."""
    hand.learn("learning.undo")
    until(lambda: show.has_said("learn: press"), "learning")
    with program("jack_midiseq", "seq", *NOTES):
        here = "seq is here (any keyboard); `,` in the window learns"
        until(lambda: show.has_said(here), "the sequencer")
        until(lambda: show.has_said("-> learning.undo"), "learned")
        until(lambda: len(show.posted) >= 2, "struck")
    assert {gesture.path for gesture in show.posted} == {"learning.undo"}
    assert show.posted[0].who == "midi seq"
    until(lambda: show.has_said("seq is gone"), "gone")


def test_a_device_that_comes_back_has_its_map_again(
    server: object, home: Path, show: Show, hand: MidiHand
) -> None:
    """By its name, whatever JACK's number of it is."""
    home.joinpath("midi.toml").write_text(
        '[[map]]\ndevice = "seq"\nkind = "note"\nchannel = 1\nnumber = 60\ncontrol = "learning.undo"\n'
    )
    until(lambda: show.has_said("midi.toml is read anew"), "the map")
    for _ in range(2):
        show.posted.clear()
        with program("jack_midiseq", "seq", *NOTES):
            until(lambda: len(show.posted) >= 1, "played")
        until(lambda: hand.devices == (), "unplugged")


def test_a_server_that_dies_is_told_and_one_that_comes_is_taken_up(
    show: Show, hand: MidiHand
) -> None:
    """No server, a server, a killed server, a new one: the hand goes on, in silence on the terminal."""
    until(lambda: show.has_said("no MIDI here"), "nothing there")
    for _ in range(2):
        show.said.clear()
        with jack_server() as server, program("jack_midiseq", "seq", *NOTES):
            until(lambda: hand.devices == ("seq",), "the sequencer")
            server.send_signal(signal.SIGKILL)
            until(lambda: hand.devices == (), "the end of the server")
        assert show.has_said("seq is gone")


def test_lights_reach_a_program_that_prints_them(server: object, home: Path, show: Show) -> None:
    """A profile whose device is `jack_midi_dump` and a sender: on, and dark at the end."""
    folder = home / "controllers"
    folder.mkdir()
    folder.joinpath("pads.toml").write_text(
        'match = ["pads", "midi-monitor"]\n[elements]\n'
        '"pad" = { kind = "note", channel = 1, number = 36, light = { on = 5 } }\n'
        '[[map]]\nelement = "pad"\ncontrol = "learning.helvetica"\n'
    )
    lit = show.hand()
    log = home / "heard.txt"
    with (
        open(log, "w") as file,
        program("stdbuf", "-oL", "jack_midi_dump", "-r", stdout=file),
        ExitStack() as stack,
    ):
        until(lambda: any(port.endswith("midi-monitor:input") for port in jack_ports()), "dump")
        pads = stack.enter_context(Sender("pads"))
        lit.start()
        stack.callback(lit.stop)
        until(lambda: "pads" in lit.devices, "the pads")
        sent_until(
            lambda: show.position("learning.helvetica") == 1.0, pads, (0x90, 36, 0), (0x90, 36, 9)
        )
        until(lambda: " 90 24 05" in _plain(log), "lit")
        lit.stop()
        until(lambda: _plain(log).rfind(" 90 24 00") > _plain(log).rfind(" 90 24 05"), "dark")


def _plain(log: Path) -> str:
    """What jack_midi_dump printed, in words divided by one blank."""
    return " ".join(log.read_text().split())


def test_clock_is_handed_on_and_of_one_device_at_a_time(
    server: object, show: Show, hand: MidiHand
) -> None:
    """Real-time bytes make no gestures; a second clock is not mixed in."""
    with Sender("first") as first, Sender("second") as second:
        until(lambda: set(hand.devices) == {"first", "second"}, "two devices")
        sent_until(lambda: show.clock_heard, first, (0xFA,))
        sent_until(lambda: show.posted, second, (0xFC,), (0xC0, 4))
        sent_until(lambda: 0xF8 in show.clock_heard, first, (0xF8,))
    assert set(show.clock_heard) == {0xFA, 0xF8}


def test_of_more_than_one_reading_takes_nothing_is_lost(server: object) -> None:
    """The hand slept, and a cable was busy: the rest comes with the next readings, in order."""
    heard: list[tuple[int, ...]] = []
    ports = Ports(
        lambda _device, message: heard.append(tuple(message)), lambda _text, _grave: None,
        system="jack",
    )  # fmt: skip
    wanted = [(0xB0, n >> 7, n & 127) for n in range(2 * MOST_AT_ONCE + 100)]

    def read() -> list[tuple[int, ...]]:
        ports.look()
        ports.read()
        return heard

    with Sender("pads") as pads:
        sent_until(read, pads, (0xC0, 4))
        for message in wanted:
            pads.send(*message)
        until(lambda: pads.is_done, "sent")
        until(lambda: wanted[-1] in read(), "the last")
        ports.close()
    assert [message for message in heard if message[0] == 0xB0] == wanted


def test_only_the_devices_asked_for_are_opened(server: object, show: Show) -> None:
    """`--midi pads` leaves the others alone."""
    playing = show.hand(only=("PADS",))
    with Sender("keys"), Sender("my pads"):
        playing.start()
        until(lambda: playing.devices == ("my pads",), "the pads")
        playing.stop()
    assert not show.has_said("keys")


def test_our_own_ports_are_not_looped_to_us(server: object, show: Show) -> None:
    """With our input for other programs and the output of our clock: neither is a device."""
    playing = show.hand(virtual=True)
    playing.start()
    until(lambda: "virtual" in playing.devices, "our input")
    playing.send_clock([0xF8])
    until(lambda: any(port.endswith(":clock") for port in jack_ports()), "our output")
    with Sender("seq") as seq:
        until(lambda: "seq" in playing.devices, "somebody else")
        assert playing.devices == ("seq", "virtual")
        ours = next(port for port in jack_ports() if port.endswith(":in"))
        assert show.has_said(f"other programs find us as the MIDI input {ours}")
        subprocess.run(["jack_connect", "seq:out", ours], check=True, capture_output=True)
        sent_until(lambda: len({gesture.who for gesture in show.posted}) == 2, seq, (0xC0, 4))
        assert {gesture.who for gesture in show.posted} == {"midi seq", "midi virtual"}
        playing.stop()


def test_a_clock_goes_out_by_our_own_port(server: object, home: Path, show: Show) -> None:
    """`jack_midi_dump` hears our ticks."""
    playing = show.hand()
    playing.start()
    log = home / "heard.txt"
    with open(log, "w") as file, program("stdbuf", "-oL", "jack_midi_dump", "-r", stdout=file):
        until(lambda: any(port.endswith("midi-monitor:input") for port in jack_ports()), "dump")

        def ticked() -> bool:
            playing.send_clock([0xF8])
            return " f8" in log.read_text()

        until(ticked, "a tick")
    playing.stop()


def test_the_control_moved_last_is_the_one_the_key_learns(server: object, show: Show) -> None:
    """It is heard on the bus; what MIDI itself moved does not count."""
    bus = Bus(new_show_name())
    acts, standing = bus.publisher(GESTURES), bus.publisher(STANDING)
    playing = show.hand(bus=bus)
    playing.start()
    for path, who in (("picture.feedback", b"key"), ("learning.fog", b"midi pads")):
        acts.send(GestureFrame(time_s=wall_clock(), control=show.bank.number[path], who=who))
    standing.send(StandingFrame(scene_number=2))
    playing.learn()
    until(lambda: playing.learning is not None, "learning")
    assert playing.learning == "picture.feedback"
    playing.stop()


def test_no_server_at_all_is_no_fault(show: Show, hand: MidiHand) -> None:
    """A sentence, and the show goes on: learning is asked for and ends, nothing raises."""
    until(lambda: show.has_said("no MIDI here"), "the sentence")
    hand.learn("learning.fog")
    until(lambda: hand.learning == "learning.fog", "learning")
    hand.end_learning()
    until(lambda: hand.learning is None, "the end of it")
    assert hand.report() == {"devices": [], "accepted": 0, "refused": 0}
