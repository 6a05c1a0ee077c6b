"""What a controller shows: what is on, where a fader waits, where a motor stands; only changes."""

from pathlib import Path

import pytest
from midi_stand import MidiStand

from instrument.hands.midi.lights import BLINK_S, HAND_S, MOST_AT_ONCE, Lights, Scenery, messages_of
from instrument.hands.midi.source import Source, SourceKind

RING = """match = ["ring"]
[elements]
"ring" = { kind = "cc14", channel = 2, number = 3, follows = true }
[[map]]
element = "ring"
control = "learning.fog"
"""


class Lit(MidiStand):
    """A device whose lights are kept as they were told; `show` at the stand's time."""

    def __init__(self, folder: Path, device: str) -> None:
        super().__init__(folder, device)
        self.sent: list[list[int]] = []
        self.scene = 0
        self.plug_in()

    def plug_in(self) -> None:
        self.lights = Lights(self.table.desk(self.device), self.table.acting, self.hear)

    def hear(self, message: object) -> bool:
        self.sent.append(list(message))  # type: ignore[call-overload]
        return True

    def show(self, passes: int = 4) -> list[list[int]]:
        """What is sent now, in as many passes as everything takes."""
        self.sent = []
        for _ in range(passes):
            self.lights.show(Scenery(self.scene, self.position), self.clock())
        return self.sent


@pytest.fixture(autouse=True)
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("TWOS_AND_SEVENS_HOME", str(tmp_path))
    return tmp_path


@pytest.fixture
def nano(tmp_path: Path) -> Lit:
    return Lit(tmp_path, "nanoKONTROL2")


def test_a_light_is_on_while_its_control_is(nano: Lit) -> None:
    """Helvetica under S 1: sent when it changes, and then no more."""
    nano.show()
    nano.positions["learning.helvetica"] = 1.0
    assert nano.show() == [[0xB0, 32, 127]]
    assert nano.show() == []
    nano.positions["learning.helvetica"] = 0.0
    assert nano.show() == [[0xB0, 32, 0]]


def test_everything_is_sent_again_when_plugged_in_anew(nano: Lit) -> None:
    """Every light once: nobody knows what the device shows."""
    lights = sum(1 for e in nano.table.desks["nanoKONTROL2"].profile.elements.values() if e.light)  # type: ignore[union-attr]
    assert len(nano.show()) == lights
    nano.plug_in()
    assert len(nano.show()) == lights


def test_a_slow_cable_is_not_flooded(nano: Lit) -> None:
    """The rest comes with the next pass."""
    assert len(nano.show(passes=1)) == MOST_AT_ONCE


def test_the_scene_gone_to_is_lit(nano: Lit) -> None:
    """M 3 for scene 3."""
    nano.show()
    nano.scene = 3
    assert nano.show() == [[0xB0, 50, 127]]
    nano.scene = 4
    assert sorted(nano.show()) == [[0xB0, 50, 0], [0xB0, 51, 127]]


def test_a_fader_that_waits_blinks(nano: Lit) -> None:
    """R 2 for fader 2, until it has crossed."""
    nano.cc(1, 0, 64)
    nano.clock.advance(1.0)
    nano.show()
    nano.positions["learning.fog"] = 0.9
    told = set()
    for _ in range(4):
        told |= {tuple(message) for message in nano.show()}
        nano.clock.advance(BLINK_S)
    assert told == {(0xB0, 65, 127), (0xB0, 65, 0)}
    nano.cc(1, 127)
    nano.show()
    nano.clock.advance(BLINK_S)
    assert nano.show() == []


def test_the_colours_of_a_launch_control_are_its_own(tmp_path: Path) -> None:
    """Green 60, off 12, by note on channel 9."""
    launch = Lit(tmp_path, "Launch Control XL")
    assert [0x98, 41, 12] in launch.show()
    launch.positions["learning.helvetica"] = 1.0
    assert launch.show() == [[0x98, 41, 60]]


def test_the_end_of_the_show_is_dark(nano: Lit) -> None:
    """What was on goes off."""
    nano.positions["learning.helvetica"] = 1.0
    nano.show()
    nano.sent = []
    nano.lights.dark()
    assert nano.sent == [[0xB0, 32, 0]]


def test_a_motor_goes_where_the_control_is_and_not_against_the_hand(home: Path) -> None:
    """Fourteen bits; nothing for 300 ms after the hand moved it, then where it stands; and it holds."""
    (home / "controllers").mkdir()
    (home / "controllers" / "ring.toml").write_text(RING)
    ring = Lit(home, "ring")
    ring.positions["learning.fog"] = 1.0
    assert ring.show() == [[0xB1, 3, 127], [0xB1, 35, 127]]
    ring.cc(3, 120, channel=2)
    ring.cc(35, 0, channel=2)
    assert ring.at("learning.fog") == round((120 << 7) / 16383, 3)
    ring.positions["learning.fog"] = 0.0
    assert ring.show() == []
    ring.clock.advance(HAND_S + 0.1)
    assert ring.show() == [[0xB1, 3, 0], [0xB1, 35, 0]]


@pytest.mark.parametrize("source, value, messages", [
    (Source(SourceKind.NOTE, 1, 5), 3, [[0x90, 5, 3]]),
    (Source(SourceKind.CC14, 2, 3), 130, [[0xB1, 3, 1], [0xB1, 35, 2]]),
    (Source(SourceKind.BEND, 1), 8192, [[0xE0, 0, 64]]),
    (Source(SourceKind.NRPN, 1, 130), 129, [[0xB0, 99, 1], [0xB0, 98, 2], [0xB0, 6, 1], [0xB0, 38, 1]]),
    (Source(SourceKind.PRESSURE, 1), 9, [[0xD0, 9]]),
    (Source(SourceKind.TOUCH, 1, 2), 9, [[0xA0, 2, 9]]),
])  # fmt: skip
def test_a_value_is_said_in_the_words_of_its_kind(
    source: Source, value: int, messages: list[list[int]]
) -> None:
    """What `Incoming` would read."""
    assert messages_of(source, value) == messages
