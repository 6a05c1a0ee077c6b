"""Files of the performer's own, whatever bad luck put into their places."""

import os
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from instrument.signals import places
from instrument.signals.mistake import Mistake
from instrument.signals.own_files import NoToml, read_own, toml_of

HOSTILE = [
    "a = " + "[" * 3000 + "]" * 3000,
    "a = " + "{b = " * 2000 + "1" + "}" * 2000,
    "a = " + "9" * 5000,
    "a = 'x\0'",
    "a",
]


@pytest.mark.parametrize("text", HOSTILE)
def test_what_is_not_toml_is_a_sentence(text: str) -> None:
    """Also where tomllib gives up by other exceptions than its own."""
    with pytest.raises(NoToml, match=r"\w+ "):
        toml_of(text)


@given(st.text())
def test_no_text_does_anything_else_than_being_read_or_refused(text: str) -> None:
    """`Mistake`, and nothing else."""
    try:
        assert isinstance(toml_of(text), dict)
    except Mistake as mistake:
        assert str(mistake)


def test_a_text_is_read_whole_and_lines_end_alike(tmp_path: Path) -> None:
    """Editors of Windows end lines with two characters."""
    (tmp_path / "a.toml").write_bytes("title = 'Orgel für zwei'\r\nb = 1".encode())
    assert toml_of(read_own(tmp_path / "a.toml", 100)) == {"title": "Orgel für zwei", "b": 1}


def test_what_has_no_end_is_not_read(tmp_path: Path) -> None:
    """A pipe that nobody writes to, a device, a folder, what is too large, bytes that are no text."""
    os.mkfifo(tmp_path / "pipe")
    (tmp_path / "device").symlink_to("/dev/zero")
    (tmp_path / "large").write_text("x" * 101)
    (tmp_path / "bytes").write_bytes(b"\xff\xfe")
    for name in ("pipe", "device", "large", "bytes", "."):
        with pytest.raises((OSError, ValueError)):
            read_own(tmp_path / name, 100)


def test_a_link_in_circles_hides_nothing_else(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Nor does it stop a show: the others are found."""
    monkeypatch.setenv("TWOS_AND_SEVENS_HOME", str(tmp_path))
    (tmp_path / "presets").mkdir()
    (tmp_path / "presets" / "loop.toml").symlink_to("loop.toml")
    (tmp_path / "presets" / "mine.toml").write_text("")
    found = places.found("presets", (".toml",))
    assert "mine" in found and "loop" not in found
    with pytest.raises(Mistake):
        places.find("presets", "loop", (".toml",), "preset")
