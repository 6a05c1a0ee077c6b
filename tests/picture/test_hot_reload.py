"""A look that is saved while the show goes on: it is played, or its fault is said and the old one stays."""

import os
from collections.abc import Callable
from pathlib import Path

import pytest
from picture_rig import HEALTHY, Rig, look_of

from instrument.picture.looks import load_look
from instrument.picture.shader_watch import ShaderWatch
from instrument.signals.frames import NOTICES
from instrument.signals.notices import Notice, notice_of

Make = Callable[..., Rig]
WHITE = "void main() { gl_FragColor = vec4(1.); }"


def save(path: Path, text: str, number: int) -> None:
    """Write a file whose stamp surely differs from before."""
    path.write_text(text)
    os.utime(path, (number, number))


def seen(rig: Rig) -> int:
    """The watching thread looks twice, then three pictures are drawn; the light of a pixel."""
    assert rig.picture._watch is not None
    rig.picture._watch.look()
    rig.picture._watch.look()
    for _ in range(3):
        rig.picture.draw()
    return int(rig.rgb()[8, 8, 0])


@pytest.fixture
def playing(make_rig: Make, tmp_path: Path) -> tuple[Rig, Path, Callable[[], list[Notice]]]:
    """A show of one grey look that includes a file, its folder, and what has been said since."""
    (tmp_path / "grey.glsl").write_text("const float GREY = .4;\n")
    look = look_of(
        tmp_path, "a", '#include "grey.glsl"\nvoid main() { gl_FragColor = vec4(GREY); }'
    )
    rig = make_rig(looks=(look,), size=(16, 16), flash_guard=False)
    ear = rig.bus.listener(NOTICES)
    rig.play(HEALTHY, 1.5)
    return rig, tmp_path, lambda: [notice_of(frame) for frame in ear.drain()]


def test_a_saved_look_is_played(playing: tuple[Rig, Path, Callable[[], list[Notice]]]) -> None:
    """And nothing is compiled when nothing was saved."""
    rig, folder, said = playing
    assert seen(rig) == 102 and said() == []
    save(folder / "a.frag", f"/*{{}}*/\n{WHITE}", 1)
    assert seen(rig) == 255
    assert [n.text for n in said()] == ["a, as saved"]


def test_a_saved_include_is_played(playing: tuple[Rig, Path, Callable[[], list[Notice]]]) -> None:
    """Every look that is made of it is compiled anew."""
    rig, folder, _ = playing
    save(folder / "grey.glsl", "const float GREY = .6;\n", 1)
    assert seen(rig) == 153


def test_a_fault_names_file_and_line_and_the_last_good_one_stays(
    playing: tuple[Rig, Path, Callable[[], list[Notice]]],
) -> None:
    """A fault in GLSL, in the header, and of an include that is not there; then all is well again."""
    rig, folder, said = playing
    for number, (text, where) in enumerate(
        (
            ("/*{}*/\nvoid main() {\n  gl_FragColor = vec4(oops);\n}", "a.frag:3: "),
            ("/*{\n  'x': 1}*/\n" + WHITE, "a.frag:2: "),
            ('/*{}*/\n#include "gone.glsl"\n' + WHITE, "a.frag:2: there is no gone.glsl"),
        ),
        1,
    ):
        save(folder / "a.frag", text, number)
        assert seen(rig) == 102
        notices = said()
        assert [n.grave for n in notices] == [True]
        assert where in notices[0].text and "last good one" in notices[0].text
        assert where in rig.picture.look_faults["a"]
    save(folder / "a.frag", f"/*{{}}*/\n{WHITE}", 9)
    assert seen(rig) == 255
    assert rig.picture.faults == 0 and rig.picture.look_faults == {}


def test_a_new_input_stands_at_its_default_until_the_next_start(
    playing: tuple[Rig, Path, Callable[[], list[Notice]]],
) -> None:
    """Controls are numbered once per show; the look is played all the same."""
    rig, folder, said = playing
    header = '{"INPUTS": [{"NAME": "light", "TYPE": "float", "DEFAULT": 0.2}]}'
    save(folder / "a.frag", f"/*{header}*/\nvoid main() {{ gl_FragColor = vec4(light); }}", 1)
    assert seen(rig) == 51
    assert "light: at the default until the next start" in said()[0].text


def test_a_file_that_is_still_being_written_is_left_alone(tmp_path: Path) -> None:
    """Two looks at the file must agree before it is taken; one that vanishes is waited for."""
    looks = {"a": look_of(tmp_path, "a", WHITE)}
    watch = ShaderWatch(lambda: looks)
    path = tmp_path / "a.frag"
    for number in (1, 2, 3):
        save(path, f"/*{{}}*/ // {number}\n{WHITE}", number)
        watch.look()
        assert not watch.changed
    text = path.read_text()
    path.unlink()
    watch.look()
    watch.look()
    assert not watch.changed
    save(path, text, 4)
    watch.look()
    watch.look()
    assert list(watch.changed) == ["a"]
    watch.look()
    assert len(watch.changed) == 1
    assert load_look(path).name == "a"
