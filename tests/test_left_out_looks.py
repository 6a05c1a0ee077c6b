"""A performer's own look that cannot be played: the show goes without, unless the preset shows it."""

from pathlib import Path

import pytest

from instrument import presets
from instrument.house import House, open_house
from instrument.learning.streams import STREAMS
from instrument.signals.mistake import Mistake

pytestmark = pytest.mark.slow


@pytest.fixture
def house(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> House:
    """Two looks of one's own, one of them without a header; and a preset."""
    folder = tmp_path / "shaders"
    folder.mkdir()
    (folder / "mine.frag").write_text("/*{}*/ void main() { gl_FragColor = vec4(1.); }")
    (folder / "torn.frag").write_text("void main() {}")
    (tmp_path / "presets").mkdir()
    monkeypatch.setenv("TWOS_AND_SEVENS_HOME", str(tmp_path))
    return open_house()


def test_a_broken_look_is_told_and_not_a_choice(house: House) -> None:
    """And nothing else is missing."""
    choices = house.bank.spec("picture.look").choices
    assert "mine" in choices and "torn" not in choices and "tile_wall" in choices
    assert [sentence for sentence in house.left_out if "torn.frag:1: " in sentence]
    said = house.check_looks("glitch_organ", house.bank.defaults, {})
    assert len(said) == 1 and said[0].endswith("this look is left out")


@pytest.mark.parametrize("place", ["picture", "picture.layer_1", "picture.layer_2"])
def test_a_preset_that_shows_a_broken_look_is_a_mistake(
    house: House, tmp_path: Path, place: str
) -> None:
    """One that does not compile stops the show only where it is to be seen."""
    path = tmp_path / "presets" / "own.toml"
    path.write_text(f'[{place}]\nlook = "mine"\n')
    positions = presets.load_file(path, house.vocabulary(STREAMS)).positions(house.bank)
    with pytest.raises(Mistake, match=r"mine is broken \(the preset own shows it\)"):
        house.check_looks("the preset own", positions, {"mine": "mine is broken"})
    assert len(house.check_looks("own", house.bank.defaults, {"mine": "mine is broken"})) == 2


def test_a_preset_that_names_a_look_left_out_is_told_why(house: House, tmp_path: Path) -> None:
    """Both the line of the preset and that of the look."""
    path = tmp_path / "presets" / "own.toml"
    path.write_text('[picture]\nlook = "torn"\n')
    with pytest.raises(Mistake, match=r"(?s)own\.toml:2: .*torn\.frag:1: "):
        presets.load_file(path, house.vocabulary(STREAMS))
