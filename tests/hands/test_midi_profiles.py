"""Names of devices, and the profiles that are found by them."""

import re
from pathlib import Path
from textwrap import dedent

import pytest
from hypothesis import given
from hypothesis import strategies as st

from instrument.hands.midi.entry import Act
from instrument.hands.midi.map_file import read_map
from instrument.hands.midi.names import Names, System, device_name, is_ours, is_through
from instrument.hands.midi.profile import load_profiles, profile_files, profile_for, read_profile
from instrument.hands.midi.source import Source, SourceKind
from instrument.house import House, open_house
from instrument.signals import places
from instrument.signals.mistake import Mistake

HEAD = 'match = ["x"]\n[elements]\n'
SHIPPED = sorted((places.shipped("presets") / "controllers").glob("*.toml"))


@pytest.fixture(scope="module")
def house() -> House:
    return open_house()


@pytest.fixture(autouse=True)
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("TWOS_AND_SEVENS_HOME", str(tmp_path))
    return tmp_path


@pytest.mark.parametrize("port, system, device", [
    ("nanoKONTROL2:nanoKONTROL2 MIDI 1 28:0", System.ALSA, "nanoKONTROL2"),
    ("Launch Control XL:Launch Control XL MIDI 1 32:0", System.ALSA, "Launch Control XL"),
    ("seq:out", System.JACK, "seq"),
    ("a2j:nanoKONTROL2 [20] (capture): nanoKONTROL2 MIDI 1", System.JACK, "nanoKONTROL2"),
    ("Midi-Bridge:nanoKONTROL2:(capture_0) nanoKONTROL2 MIDI 1", System.JACK, "nanoKONTROL2"),
    ("system:midi_capture_1", System.JACK, "midi_capture_1"),
    ("nanoKONTROL2 1", System.WINDOWS, "nanoKONTROL2"),
    ("nanoKONTROL2 SLIDER/KNOB", System.MACOS, "nanoKONTROL2 SLIDER/KNOB"),
])  # fmt: skip
def test_a_device_is_named_without_its_place(port: str, system: System, device: str) -> None:
    """No client, port or index number, no name of a bridge."""
    assert device_name(port, system) == device


@given(st.text(min_size=1, max_size=60), st.sampled_from(System))
def test_every_port_has_a_name(port: str, system: System) -> None:
    """Never an empty one, unless the port is blank itself."""
    assert device_name(port, system) or not port.strip()


def test_two_of_the_same_name_are_told_apart_while_they_stay() -> None:
    """The second is #2, also when the first leaves; the next to come is the first again."""
    names = Names(System.ALSA)
    names.update(["pads:pads 1 20:0", "pads:pads 1 24:0"])
    assert list(names.of.values()) == ["pads", "pads #2"]
    names.update(["pads:pads 1 24:0"])
    assert list(names.of.values()) == ["pads #2"]
    names.update(["pads:pads 1 24:0", "pads:pads 1 28:0"])
    assert names.of["pads:pads 1 28:0"] == "pads"


def test_our_own_ports_and_those_that_give_back_are_known() -> None:
    """Listening to them would be an endless loop."""
    assert is_ours("twos-and-sevens-01:out") and not is_ours("pads:out")
    assert is_through("Midi Through:Midi Through Port-0 14:0") and not is_through("pads:out")


@pytest.mark.parametrize("path", SHIPPED, ids=[path.stem for path in SHIPPED])
def test_every_shipped_profile_speaks_of_controls_that_are_there(path: Path, house: House) -> None:
    """And each of its elements sends something of its own."""
    profile = read_profile(path.stem, path.read_text(encoding="utf-8"))
    assert [entry.control for entry in profile.entries if entry.control not in house.bank] == []
    sources = [element.source for element in profile.elements.values()]
    assert len(set(sources)) == len(sources)
    for entry in profile.entries:
        spec = house.bank.spec(entry.control)
        assert entry.value is None or spec.low <= entry.value <= spec.high
        entry.act_on(spec)


@pytest.mark.parametrize("device, profile", [
    ("nanoKONTROL2", "nanokontrol2"), ("nanoKONTROL2 SLIDER/KNOB", "nanokontrol2"),
    ("Launch Control XL", "launch_control_xl"), ("APC MINI", "apc_mini"),
    ("Faderfox EC4", "faderfox_ec4"), ("something else", "any_keyboard"),
])  # fmt: skip
def test_a_profile_is_found_by_the_name_of_the_port(device: str, profile: str) -> None:
    """The one for any device comes last."""
    found = profile_for(device, load_profiles(lambda _text, _grave: None))
    assert found is not None and found.name == profile


def test_elements_have_the_numbers_of_their_makers(house: House) -> None:
    """One of each row, as the manuals say."""
    profiles = {profile.name: profile.elements for profile in load_profiles(lambda _t, _g: None)}
    nano, launch, apc = (profiles[n] for n in ("nanokontrol2", "launch_control_xl", "apc_mini"))
    assert nano["fader 8"].source == Source(SourceKind.CC, 1, 7)
    assert nano["knob 8"].source == Source(SourceKind.CC, 1, 23)
    assert nano["record 8"].source == Source(SourceKind.CC, 1, 71)
    assert nano["cycle"].source == Source(SourceKind.CC, 1, 46)
    assert launch["pan 8"].source == Source(SourceKind.CC, 9, 56)
    assert launch["fader 8"].source == Source(SourceKind.CC, 9, 84)
    assert launch["focus 8"].source == Source(SourceKind.NOTE, 9, 60)
    assert launch["control 5"].source == Source(SourceKind.NOTE, 9, 89)
    assert apc["master"].source == Source(SourceKind.CC, 1, 56)
    assert [apc[f"pad {number}"].source.number for number in (1, 25, 64)] == [0, 24, 63]


def test_a_profile_of_ones_own_comes_first(home: Path) -> None:
    """A file of the same name stands for the shipped one; a broken one is told and left out."""
    folder = home / "controllers"
    folder.mkdir()
    own = 'match = ["nanoKONTROL2"]\n[elements]\n"knob" = { kind = "bend", channel = 3 }\n'
    (folder / "nanokontrol2.toml").write_text(own)
    (folder / "broken.toml").write_text("match = 3\n")
    said: list[str] = []
    profiles = load_profiles(lambda text, _grave: said.append(text))
    found = profile_for("nanoKONTROL2", profiles)
    assert found is not None and list(found.elements) == ["knob"]
    assert len(said) == 1 and "broken.toml: match is a list" in said[0]


def test_a_profile_is_no_way_out_of_its_folder(home: Path, tmp_path: Path) -> None:
    """A link to a file elsewhere is not read."""
    outside = tmp_path.parent / "outside.toml"
    outside.write_text('match = ["x"]\n')
    (home / "controllers").mkdir()
    (home / "controllers" / "linked.toml").symlink_to(outside)
    assert "linked" not in profile_files()


@pytest.mark.parametrize("text, words", [
    ("match = []", "match is a list"),
    ('match = ["x"]\nelemnts = {}', "did you mean 'elements'?"),
    (HEAD + '"a" = { kind = "cc", channel = 0, number = 1 }', "a: channel is"),
    (HEAD + '"a" = { kind = "cc", channel = 1, number = 1, waits = "b" }', "waits names no"),
    (HEAD + '"a" = { kind = "cc", channel = 1, number = 1, light = { on = 300 } }', "0 to 127"),
    ('match = ["x"]\n[[map]]\nelement = "a"\ncontrol = "x"', "no element is called 'a'"),
    ('match = 3 = 4', "line 1"),
])  # fmt: skip
def test_what_is_wrong_in_a_profile_is_told(text: str, words: str) -> None:
    """What, where, what is allowed."""
    with pytest.raises(Mistake) as caught:
        read_profile("mine", text)
    assert words in str(caught.value)


def test_a_range_of_elements_is_numbered_upwards() -> None:
    """Names, numbers, lights and waiting lights together."""
    text = """match = ["x"]
[elements]
"knob 1..3" = { kind = "cc", channel = 1, number = 20, waits = "pad 1..3", encoding = "offset" }
"pad 1..3" = { kind = "note", channel = 1, number = 40, light = { kind = "cc", number = 60 } }
[[map]]
element = "knob 3"
control = "learning.fog"
"""
    profile = read_profile("mine", text)
    knob = profile.elements["knob 3"]
    assert (knob.source.number, knob.waits) == (22, "pad 3")
    light = profile.elements["pad 3"].light
    assert light is not None and light.source == Source(SourceKind.CC, 1, 62)
    assert profile.entries[0].act is Act.TURN


def test_what_the_page_shows_can_be_read(house: House) -> None:
    """The map and the profile in docs/midi.md, letter by letter."""
    page = (Path(__file__).parents[2] / "docs" / "midi.md").read_text(encoding="utf-8")
    blocks = [dedent(text) for text in re.findall(r"(?:^    .*\n|^\n)+", page, re.MULTILINE)]
    maps = [text for text in blocks if text.lstrip().startswith("[[map]]")]
    profiles = [text for text in blocks if text.lstrip().startswith("title")]
    reading = read_map(maps[0], "docs/midi.md")
    assert (len(reading.entries), reading.faults) == (1, ())
    assert reading.entries[0].control in house.bank
    profile = read_profile("mine", profiles[0])
    assert len(profile.elements) == 17 and profile.entries[0].control in house.bank


@pytest.mark.parametrize("text", [
    'match = ["x"]\nmap = [3]\n',
    'match = ["x"]\nmap = [{ element = [1], control = "x" }]\n',
    HEAD + '"f 1..8" = { kind = "cc", channel = 1, number = 0, waits = "p 1..2" }\n',
    HEAD + '"f 1..' + "9" * 5000 + '" = { kind = "cc", channel = 1, number = 0, waits = "p" }\n',
    "match = " + "[" * 3000,
    "match = " + "9" * 5000,
])  # fmt: skip
def test_a_profile_that_cannot_be_meant_is_left_out(home: Path, text: str) -> None:
    """With a sentence, and the others are there."""
    (home / "controllers").mkdir()
    (home / "controllers" / "mine.toml").write_text(text)
    (home / "controllers" / "loop.toml").symlink_to("loop.toml")
    said: list[str] = []
    names = [profile.name for profile in load_profiles(lambda text, grave: said.append(text))]
    assert names and "mine" not in names
    assert len(said) == 1 and "mine.toml" in said[0] and "left out" in said[0]


def test_a_name_that_no_file_can_hold_is_made_one() -> None:
    """Names of ports come from other programs, and stand in the map and on the terminal."""
    names = Names(System.JACK)
    names.update(["a\x1b[2J:out", "b\udcff:out"])
    assert list(names.of.values()) == ["a?[2J", "b?"]
