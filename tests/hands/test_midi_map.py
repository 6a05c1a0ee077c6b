"""The performer's MIDI map: read item by item, written whole, never written over while it is broken."""

import os
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from midi_stand import item

from instrument.hands.midi.entry import Act, Bend, Entry, entry_of, record_of
from instrument.hands.midi.map_file import MapFile, read_map
from instrument.hands.midi.relative import Encoding
from instrument.hands.midi.source import Source, SourceKind
from instrument.hands.takeover import Mode

FADER = Entry("box", Source(SourceKind.CC, 1, 10), "learning.heat")
GOOD = item("learning.heat")


class Heard:
    """What was said."""

    def __init__(self) -> None:
        self.said: list[str] = []

    def __call__(self, text: str, grave: bool) -> None:
        self.said.append(text)


@pytest.fixture
def heard() -> Heard:
    return Heard()


def opened(path: Path, heard: Heard) -> MapFile:
    file = MapFile(path, heard)
    file.read()
    return file


def test_a_map_that_is_not_there_is_empty(tmp_path: Path, heard: Heard) -> None:
    """And nothing is said of it."""
    assert opened(tmp_path / "midi.toml", heard).entries == () and heard.said == []


def test_what_is_put_is_there_after_a_restart(tmp_path: Path, heard: Heard) -> None:
    """Saved at once, folder and all."""
    path = tmp_path / "new" / "midi.toml"
    opened(path, heard).put(FADER)
    assert opened(path, heard).entries == (FADER,)
    assert [each.name for each in path.parent.iterdir()] == ["midi.toml"]


def test_what_is_written_is_an_item_each_so_that_a_slip_in_one_leaves_the_others(
    tmp_path: Path, heard: Heard
) -> None:
    """Short items too: as one list in line, a slip in one would have cost them all."""
    path = tmp_path / "midi.toml"
    file = opened(path, heard)
    knob = Entry("box", Source(SourceKind.CC, 1, 11), "learning.fog")
    for entry in (FADER, knob):
        file.put(entry)
    text = path.read_text(encoding="utf-8")
    assert text.count("[[map]]\n") == 2
    path.write_text(text.replace("number = 10", "number = ten"), encoding="utf-8")
    assert opened(path, heard).entries == (knob,)


def test_an_element_has_one_entry_in_a_bank(tmp_path: Path, heard: Heard) -> None:
    """Learned anew it moves the new control; another bank keeps its own."""
    file = opened(tmp_path / "midi.toml", heard)
    fog = Entry("box", FADER.source, "learning.fog")
    other_bank = Entry("box", FADER.source, "learning.tilt", bank=2)
    for entry in (FADER, other_bank):
        file.put(entry)
    file.put(Entry("box", FADER.source, "learning.gravel", bank=2))
    assert [entry.control for entry in file.entries] == ["learning.heat", "learning.gravel"]
    file.put(fog)
    assert file.entries == (fog,)


@pytest.mark.parametrize("fault, words", [
    (item("learning.fog", kind="slider"), "kind is one of note, cc, cc14"),
    (item("learning.fog", channel=17), "channel is a whole number from 1 to 16, not 17"),
    (item("learning.fog", chanel=1), "did you mean 'channel'?"),
    (item("learning.fog", low=2), "low is a number from 0 to 1, not 2"),
    (item("learning.fog", takeover="pick"), "did you mean 'pickup'?"),
    (item("learning.fog", invert=1), "invert is true or false"),
    ("[[map]]\ndevice = \"box\"\nkind = \"cc\"\nchannel = 1\ncontrol = \"x\"\n", "it is missing"),
    ("[[map]]\nthis is no toml\n", "line 8"),
])  # fmt: skip
def test_a_fault_is_told_with_its_line_and_the_rest_is_used(fault: str, words: str) -> None:
    """One item before it, one after it."""
    reading = read_map(GOOD + fault + item("learning.tilt", number=11), "midi.toml")
    assert [entry.control for entry in reading.entries] == ["learning.heat", "learning.tilt"]
    assert len(reading.faults) == 1
    assert words in reading.faults[0]
    assert reading.faults[0].startswith(("midi.toml, line 7", "midi.toml, line 8"))


def test_a_broken_map_is_set_aside_before_it_is_written(tmp_path: Path, heard: Heard) -> None:
    """What the performer wrote is not lost, and what was in order goes on."""
    path = tmp_path / "midi.toml"
    broken = GOOD + "[[map]]\noops\n"
    path.write_text(broken)
    file = opened(path, heard)
    file.put(Entry("box", Source(SourceKind.CC, 1, 11), "learning.fog"))
    assert (tmp_path / "midi.set-aside-1.toml").read_text() == broken
    assert [e.control for e in opened(path, heard).entries] == ["learning.heat", "learning.fog"]
    assert "midi.toml as it was is kept as midi.set-aside-1.toml" in heard.said


def test_a_map_that_somebody_else_wrote_meanwhile_is_not_lost(tmp_path: Path, heard: Heard) -> None:
    """An editor saved it after it was read."""
    path = tmp_path / "midi.toml"
    file = opened(path, heard)
    path.write_text(GOOD)
    assert file.changed()
    file.put(Entry("box", Source(SourceKind.CC, 1, 11), "learning.fog"))
    assert (tmp_path / "midi.set-aside-1.toml").read_text() == GOOD
    assert not file.changed()


def test_a_map_that_cannot_be_written_holds_until_the_end(tmp_path: Path, heard: Heard) -> None:
    """A file stands where its folder should be."""
    (tmp_path / "in the way").touch()
    file = opened(tmp_path / "in the way" / "midi.toml", heard)
    file.put(FADER)
    assert file.entries == (FADER,)
    assert "cannot be written" in heard.said[-1]


@pytest.mark.parametrize(
    "data", [b"\xff\xfe\x00", b"[[map]]\n" * 3, b"map = 3\n", b"[map]\nx = 1\n", b"a = 1\n"]
)
def test_no_file_raises(tmp_path: Path, heard: Heard, data: bytes) -> None:
    """It is told, and the map is empty."""
    path = tmp_path / "midi.toml"
    path.write_bytes(data)
    assert opened(path, heard).entries == ()
    assert heard.said


@given(st.text(max_size=200))
def test_no_text_raises(text: str) -> None:
    """Read or told, line by line."""
    read_map(text, "midi.toml")
    read_map(GOOD + text, "midi.toml")


LETTERS = st.characters(codec="utf-8", exclude_categories=("Cs", "Cc"))
WORDS = st.text(LETTERS, min_size=1, max_size=20)
KINDS = st.sampled_from([SourceKind.NOTE, SourceKind.CC])
ENTRIES = st.builds(
    Entry,
    device=WORDS,
    source=st.builds(Source, KINDS, st.integers(1, 16), st.integers(0, 127)),
    control=WORDS,
    act=st.none() | st.sampled_from(Act),
    low=st.floats(0, 1), high=st.floats(0, 1), invert=st.booleans(), curve=st.sampled_from(Bend),
    takeover=st.sampled_from(Mode), encoding=st.sampled_from(Encoding),
    step=st.floats(0.0001, 1), value=st.none() | st.floats(-1e9, 1e9), word=WORDS,
    velocity=st.booleans(), press=st.booleans(), bank=st.integers(0, 8),
)  # fmt: skip


@given(ENTRIES)
def test_an_entry_is_written_as_it_is_read(entry: Entry) -> None:
    """And the other way round."""
    assert entry_of(record_of(entry)) == entry


@given(st.floats(0, 1), st.floats(0, 1), st.booleans(), st.sampled_from(Bend), st.floats(0, 1))
def test_travel_and_position_are_each_others_inverse(
    low: float, high: float, invert: bool, curve: Bend, share: float
) -> None:
    """For every range and curve that has a width."""
    entry = Entry("box", FADER.source, "x", low=low, high=high, invert=invert, curve=curve)
    if abs(high - low) > 0.01:
        again = entry.position(entry.share(entry.position(share)))
        assert again == pytest.approx(entry.position(share), abs=1e-6)
    assert 0.0 <= entry.position(share) <= 1.0


@pytest.mark.parametrize("value", ["9" * 5000, "[" * 3000, "{a=" * 2000])
def test_an_item_that_tomllib_gives_up_on_leaves_the_others(value: str) -> None:
    """Numbers of thousands of digits, brackets a thousand deep."""
    reading = read_map(f"{GOOD}\n[[map]]\nnumber = {value}\n{GOOD}", "midi.toml")
    assert len(reading.entries) == 2
    assert len(reading.faults) == 1


def test_a_disk_that_is_full_leaves_a_broken_map_where_it_is(
    tmp_path: Path, heard: Heard, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Nothing is set aside for a map that cannot be written."""
    path = tmp_path / "midi.toml"
    path.write_text(GOOD + "[[map]]\nnumber = \n")
    file = opened(path, heard)
    before = path.read_text()

    def full(descriptor: int) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "fsync", full)
    file.put(FADER)
    assert path.read_text() == before
    assert [each.name for each in tmp_path.iterdir()] == ["midi.toml"]
    assert "the map holds until the end" in heard.said[-1]


def test_a_map_that_cannot_be_read_any_more_stays_as_it_was(tmp_path: Path, heard: Heard) -> None:
    """A folder or a pipe in its place, a disk that is gone: faders go on moving what they moved."""
    path = tmp_path / "midi.toml"
    file = opened(path, heard)
    file.put(FADER)
    path.unlink()
    path.mkdir()
    file.read()
    assert file.entries == (FADER,)
    assert "cannot be read" in heard.said[-1] and "stays as it was" in heard.said[-1]
    assert opened(path, heard).entries == () and "the map is empty" in heard.said[-1]
