"""`instrument midi` as a performer runs it."""

from pathlib import Path

import pytest

from instrument import midi_tables
from instrument.signals.mistake import Mistake


@pytest.fixture(autouse=True)
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("TWOS_AND_SEVENS_HOME", str(tmp_path))
    monkeypatch.setenv("JACK_DEFAULT_SERVER", "nobody")
    monkeypatch.setenv("JACK_NO_START_SERVER", "1")
    return tmp_path


def test_without_midi_it_lists_profiles_and_says_what_is_missing(
    capfd: pytest.CaptureFixture[str],
) -> None:
    """Nothing but our own words on the terminal."""
    midi_tables.show(None, "jack")
    out, err = capfd.readouterr()
    assert "no JACK server" in out and "nanokontrol2" in out and "nothing is mapped yet" in out
    assert err == ""


def test_the_map_is_shown_with_its_faults_and_what_sleeps(
    home: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """By the names that a profile has for the elements."""
    item = (
        '[[map]]\ndevice = "nanoKONTROL2"\nkind = "cc"\nchannel = 1\nnumber = {}\ncontrol = "{}"\n'
    )
    text = item.format(0, "learning.fog") + item.format(1, "picture.gone") + item.format(999, "x")
    home.joinpath("midi.toml").write_text(text)
    midi_tables.show(None, "jack")
    words = " ".join(capsys.readouterr().out.split())
    assert "nanoKONTROL2 fader 1 learning.fog follow, pickup" in words
    assert "nanoKONTROL2 fader 2 picture.gone sleeps: this show has no such control" in words
    assert "line 13: number is a whole number from 0 to 127, not 999" in words


def test_a_profile_is_shown_element_by_element(capsys: pytest.CaptureFixture[str]) -> None:
    """What it sends, how it is lit, what it moves."""
    midi_tables.show("apc_mini", "jack")
    words = " ".join(capsys.readouterr().out.split())
    assert "master cc 56 on channel 1 sound.master.level follow, pickup" in words
    assert "pad 3 note 2 on channel 1 5 on show.scene fire, 3" in words


def test_a_profile_that_is_not_there_is_told_with_the_likely_one() -> None:
    """A mistake, not a traceback."""
    with pytest.raises(Mistake, match="did you mean 'nanokontrol2'"):
        midi_tables.show("nanokontrol", "jack")
