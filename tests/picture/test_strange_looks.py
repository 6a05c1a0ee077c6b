"""Looks as performers have them: from other hosts, half written, meant to harm. The show goes on."""

import json
import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from picture_rig import HEALTHY, SHADERS, Rig, look_of

from instrument.picture.controls import playable
from instrument.picture.endless import endless_loop
from instrument.picture.language import glsl_mistake
from instrument.picture.looks import load_look, load_looks, parse_look
from instrument.signals.mistake import Mistake

pytestmark = pytest.mark.slow

Make = Callable[..., Rig]
GREY = "void main() { gl_FragColor = vec4(.4, .4, .4, 1.); }"


def header(**fields: Any) -> str:
    return json.dumps(fields)


def number(name: str, **fields: Any) -> dict[str, Any]:
    return {"NAME": name, "TYPE": "float", **fields}


def test_a_look_that_cannot_be_played_is_left_out_and_told(tmp_path: Path) -> None:
    """The others are played; without anybody to tell, the first fault is raised."""
    look_of(tmp_path, "good", GREY)
    (tmp_path / "bad.frag").write_text("/*{oops}*/")
    (tmp_path / "My Look.frag").write_text("/*{}*/" + GREY)
    (tmp_path / "other.fs").write_text("/*{}*/" + GREY)
    look_of(tmp_path, "filter", GREY, header(UNDER="nothing"))
    told: list[str] = []
    assert [look.name for look in load_looks([tmp_path], told.append)] == ["good"]
    assert len(told) == 4
    for words in ("bad.frag:1: ", "'My Look' is no name", "call it other.frag", "UNDER names"):
        assert any(words in sentence for sentence in told)
    with pytest.raises(Mistake, match="My Look"):
        load_looks([tmp_path])


def test_the_shipped_look_stands_in_for_one_that_cannot_be_read(tmp_path: Path) -> None:
    """Of two with one name the first that can be played is."""
    (tmp_path / "barcode.frag").write_text("nothing\n")
    looks = {look.name: look for look in load_looks([tmp_path, SHADERS], lambda _: None)}
    assert looks["barcode"].path.parent == SHADERS


def test_only_files_are_read(tmp_path: Path) -> None:
    """A folder, a pipe that nobody writes into, a device without end: a sentence, at once."""
    (tmp_path / "folder.frag").mkdir()
    os.mkfifo(tmp_path / "pipe.frag")
    (tmp_path / "zero.frag").symlink_to("/dev/zero")
    for name in ("folder", "pipe", "zero"):
        with pytest.raises(Mistake, match="is no file"):
            load_look(tmp_path / f"{name}.frag")


@pytest.mark.parametrize(
    "text",
    [
        b"\xef\xbb\xbf/*{}*/\n" + GREY.encode(),
        b'/*{"CREDIT": "Andr\xe9"}*/\n' + GREY.encode(),
        b"/*{\r\n}*/\r\n" + GREY.encode() + b"\r\n",
        b"// a licence {}\n/* more of it */\n\n\t/*\t{}\t*/ " + GREY.encode(),
    ],
)
def test_texts_of_other_editors_are_read(tmp_path: Path, text: bytes) -> None:
    """A mark of the order of bytes, Latin-1, ends of lines of Windows, a licence before the header."""
    path = tmp_path / "a.frag"
    path.write_bytes(text)
    assert load_look(path).name == "a"


def test_what_is_no_text_is_a_sentence(tmp_path: Path) -> None:
    """UTF-16 has zeros between its letters."""
    path = tmp_path / "a.frag"
    path.write_bytes(("/*{}*/" + GREY).encode("utf-16"))
    with pytest.raises(Mistake, match="save it as UTF-8"):
        load_look(path)


@pytest.mark.parametrize(
    "name", ["stream", "noise", "tiles", "letter", "accent", "TIME", "iTime", "sample", "a__b"]
)
@pytest.mark.parametrize("where", ["INPUTS", "PASSES"])
def test_a_name_that_is_taken_is_a_sentence(name: str, where: str) -> None:
    """Of an input or a target; the driver would complain about a line that is not in the file."""
    fields = {"INPUTS": [number(name)], "PASSES": [{"TARGET": name}, {}]}
    with pytest.raises(Mistake, match=rf"mine\.frag:1: .*'{name}'"):
        parse_look(Path("mine.frag"), f"/*{header(**{where: fields[where]})}*/\n{GREY}")


@pytest.mark.parametrize(
    "fields",
    [
        {"INPUTS": [number("a")], "PASSES": [{"TARGET": "a"}, {}]},
        {"PASSES": [{"TARGET": "inputImage"}, {}]},
        {"INPUTS": [number("S_loss_g")], "STREAMS": ["loss_g"]},
    ],
)
def test_one_name_for_two_things_is_a_sentence(fields: dict[str, Any]) -> None:
    """Inputs, targets, the picture below, rows of streams."""
    with pytest.raises(Mistake, match="is there twice"):
        parse_look(Path("mine.frag"), f"/*{header(**fields)}*/\n{GREY}")


@pytest.mark.parametrize("name", ["max", "mix", "texture", "scale", "corner", "look"])
def test_an_input_may_hide_a_function_of_glsl(make_rig: Make, tmp_path: Path, name: str) -> None:
    """What stands before the look has no need of it any more."""
    body = f"void main() {{ gl_FragColor = vec4({name}); }}"
    streams = ["similarity_centred", "reject"]
    given = header(INPUTS=[number(name, DEFAULT=0.6)], STREAMS=streams)
    rig = make_rig(looks=(look_of(tmp_path, "a", body, given),), size=(16, 16))
    rig.play(HEALTHY, 1.5)
    assert rig.rgb()[8, 8].tolist() == [153] * 3


def test_bounds_reach_to_the_default_where_they_are_not_said(tmp_path: Path) -> None:
    """As old ISF files have it; keys of other hosts are passed over."""
    given = header(INPUTS=[number("a", DEFAULT=4), number("b", DEFAULT=-2, HINT="x")])
    a, b = look_of(tmp_path, "a", GREY, given).inputs
    assert (a.spec.low, a.spec.high, b.spec.low, b.spec.high) == (0, 4, -2, 1)


def test_a_whole_number_below_nought_is_what_it_is(tmp_path: Path) -> None:
    """-3 is -3, not the nearest towards nought."""
    given = header(INPUTS=[{"NAME": "n", "TYPE": "long", "MIN": -5, "MAX": 5, "DEFAULT": -3}])
    (n,) = look_of(tmp_path, "a", GREY, given).inputs
    assert n.default == -3
    assert [n.uniform(value) for value in (-5.0, -0.9, 0.2, 4.0)] == [-5, -1, 0, 4]


@pytest.mark.parametrize(
    ("loop", "ends"),
    [
        ("for (;;) { x += 1.; }", False),
        ("while(true) x += 1.;", False),
        ("for (int i = 0;; ++i) { /* break; */ }", False),
        ("while (1) { if (x > 1.) { x = 0.; } }", False),
        ("for (;;) { if (x > 1.) break; }", True),
        ("for (int i = 0; i < 3; ++i) { }", True),
        ("while (true) { return; }", True),
        ("// for (;;) {}", True),
    ],
)
def test_a_loop_without_an_end_is_found(loop: str, ends: bool) -> None:
    """Its place, or nothing."""
    source = f"float x;\nvoid main() {{ {loop} }}"
    assert endless_loop(source) == (None if ends else source.index(loop))


@given(st.text(alphabet="for(;){}while1true /*break*/\n", max_size=60))
def test_any_text_is_searched_for_loops(text: str) -> None:
    """Nothing but a place or None comes of it."""
    place = endless_loop(text)
    assert place is None or 0 <= place < len(text)


def test_a_loop_without_an_end_names_its_line(tmp_path: Path) -> None:
    """Also in what is included."""
    (tmp_path / "common.glsl").write_text("\nvoid f() { while (true) {} }\n")
    (tmp_path / "a.frag").write_text(f'/*{{}}*/\n#include "common.glsl"\n{GREY}')
    with pytest.raises(Mistake, match=r"common\.glsl:2: this loop never ends"):
        load_look(tmp_path / "a.frag")


SLOW = """
void main() {
  float x = 0.;
  for (int i = 0; i < 60000; ++i) { x = sin(x + TIME + float(i)); if (x > 2.) break; }
  gl_FragColor = vec4(x);
}
"""


def test_a_look_that_would_hold_the_show_up_is_not_shown(make_rig: Make, tmp_path: Path) -> None:
    """It is tried on a small picture; saved with fewer turns of its loop, it is played."""
    grey, slow = look_of(tmp_path, "grey", GREY), look_of(tmp_path, "slow", SLOW)
    rig = make_rig(looks=(grey, slow), size=(16, 16), flash_guard=False)
    assert list(rig.picture.left_out) == ["slow"]
    assert "32x18" in rig.picture.left_out["slow"]
    rig.play(HEALTHY, 1.5)
    rig.put(picture__look="slow")
    rig.play(HEALTHY, 1.0)
    assert rig.picture.look == "grey" and rig.rgb()[8, 8, 0] == 102
    assert rig.picture.look_faults == {}, "nobody edits it: no words over the picture"
    (tmp_path / "slow.frag").write_text("/*{}*/ void main() { gl_FragColor = vec4(.6); }")
    rig.picture.reload("slow")
    rig.play(HEALTHY, 1.0)
    assert rig.picture.left_out == {} and rig.rgb()[8, 8, 0] == 153


@pytest.mark.parametrize("place", ["look", "layer_1__look", "layer_2__look"])
def test_a_look_that_does_not_compile_is_not_there(
    make_rig: Make, tmp_path: Path, place: str
) -> None:
    """Whether it is chosen as look or as layer: what lies below, or was seen before, stays."""
    grey = look_of(tmp_path, "grey", GREY)
    bad = look_of(tmp_path, "bad", "void main() { gl_FragColor = oops; }")
    over = look_of(
        tmp_path, "over", "void main() { gl_FragColor = IMG_THIS_PIXEL(inputImage); }",
        header(UNDER="bad", INPUTS=[{"NAME": "inputImage", "TYPE": "image"}]),
    )  # fmt: skip
    rig = make_rig(looks=(grey, bad, over), size=(16, 16), flash_guard=False)
    assert "bad.frag:2: " in rig.picture.left_out["bad"]
    rig.play(HEALTHY, 1.5)
    rig.put(
        **{f"picture__{place}": "bad", "picture__layer_1__level": 1, "picture__layer_2__level": 1}
    )
    rig.play(HEALTHY, 0.5)
    assert rig.rgb()[8, 8, 0] == 102
    rig.put(picture__look="over")
    rig.play(HEALTHY, 0.5)
    assert rig.picture.faults == 0


def test_every_shipped_look_compiles(make_rig: Make) -> None:
    """And none is so slow that it would be left out."""
    assert make_rig().picture.left_out == {}


def test_no_number_does_not_stay_in_a_picture_that_remembers(
    make_rig: Make, tmp_path: Path
) -> None:
    """0 / 0 and 1 / 0 are written into a float target as nothing."""
    body = """
void main() {
  float z = RENDERSIZE.x * 0.;
  vec4 kept = IMG_THIS_PIXEL(keep);
  gl_FragColor = PASSINDEX == 0 ? (FRAMEINDEX < 30 ? vec4(z / z, 1. / z, -1. / z, 1.) : kept + .1) : kept;
}"""
    passes = header(PASSES=[{"TARGET": "keep", "FLOAT": True, "PERSISTENT": True}, {}])
    rig = make_rig(looks=(look_of(tmp_path, "a", body, passes),), size=(16, 16), flash_guard=False)
    rig.play(HEALTHY, 2.0)
    assert rig.rgb()[8, 8].tolist() == [255] * 3


def test_files_of_other_hosts_are_played(make_rig: Make, tmp_path: Path) -> None:
    """Version, extension and uniforms that stand here already are passed over."""
    body = (
        "#version 120\n#extension GL_OES_standard_derivatives : enable\n"
        "uniform float TIME;\nuniform vec2 u_resolution;\n" + GREY
    )
    rig = make_rig(looks=(look_of(tmp_path, "a", body),), size=(16, 16))
    rig.play(HEALTHY, 1.5)
    assert rig.rgb()[8, 8, 0] == 102


def test_words_of_other_hosts_come_with_a_cure(tmp_path: Path) -> None:
    """What Shadertoy gives and the stage does not."""
    look = look_of(tmp_path, "a", GREY)
    said = str(glsl_mistake(look, ValueError("1:2(9): error: `iChannel0' undeclared")))
    assert "a.frag:2: " in said and "inputImage" in said


def test_a_warning_is_not_taken_for_the_error(tmp_path: Path) -> None:
    """Mesa says them in one breath."""
    look = look_of(tmp_path, "a", GREY)
    log = "1:2(1): warning: extension `x' unsupported\n1:7(3): error: `y' undeclared"
    assert "a.frag:7: " in str(glsl_mistake(look, ValueError(log)))


def test_looks_whose_controls_do_not_fit_are_left_out(tmp_path: Path) -> None:
    """The largest first; and those whose name a control has."""
    small = look_of(tmp_path, "small", GREY, header(INPUTS=[number("a")]))
    many = look_of(tmp_path, "many", GREY, header(INPUTS=[number(f"a{n}") for n in range(600)]))
    layer = look_of(tmp_path, "layer_1", GREY)
    told: list[str] = []
    assert playable((small, many, layer), 100, told.append) == (small,)
    assert "layer_1.frag" in told[0] and "600 controls" in told[1]


def test_a_target_is_never_larger_than_memory(tmp_path: Path) -> None:
    """However large it was asked for."""
    passes = header(PASSES=[{"TARGET": "a", "WIDTH": "100000", "HEIGHT": "$HEIGHT * 99"}, {}])
    width, height = look_of(tmp_path, "a", GREY, passes).passes[0].size((1920, 1080))
    assert (width, height) == (4096, 2048)
