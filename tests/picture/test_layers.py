"""Layers, filters, passes, includes, inputs and what is done to a picture, to the pixel."""

import itertools
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from picture_rig import HEALTHY, Rig, look_of

from instrument.picture.included import put_in
from instrument.picture.looks import Look, load_look
from instrument.picture.passes_plan import measure
from instrument.signals.mistake import Mistake

pytestmark = pytest.mark.slow

Make = Callable[..., Rig]
GREY = "void main() {{ gl_FragColor = vec4(vec3({}), 1.); }}"


def half_and_half(folder: Path) -> tuple[Look, Look]:
    """`a` is grey .25 everywhere; `b` is white on the left half."""
    return (
        look_of(folder, "a", GREY.format(".25")),
        look_of(folder, "b", "void main() { gl_FragColor = vec4(vec3(pixel().x < 8), 1.); }"),
    )


def settled(make_rig: Make, looks: tuple[Look, ...], size: tuple[int, int], **put: object) -> Rig:
    """A rig whose first look has faded in, with controls put, unguarded."""
    rig = make_rig(looks=looks, size=size, lines=120, flash_guard=False)
    rig.put(picture__look=looks[0].name, picture__crossfade=0, **put)
    rig.play(HEALTHY, 1.5)
    return rig


def left_and_right(rig: Rig) -> tuple[int, int]:
    rgb = rig.rgb()
    return int(rgb[4, 2, 0]), int(rgb[4, 12, 0])


@pytest.mark.slow
@pytest.mark.parametrize(
    ("blend", "level", "left", "right"),
    [
        ("normal", 1.0, 255, 0),
        ("normal", 0.5, 160, 32),
        ("add", 1.0, 255, 64),
        ("screen", 1.0, 255, 64),
        ("multiply", 1.0, 64, 0),
        ("lighten", 1.0, 255, 64),
        ("darken", 1.0, 64, 0),
        ("difference", 1.0, 191, 64),
        ("exclude", 1.0, 191, 64),
        ("mask", 1.0, 64, 0),
        ("screen", 0.0, 64, 64),
    ],
)
def test_a_layer_lies_over_the_look_as_its_blend_says(
    make_rig: Make, tmp_path: Path, blend: str, level: float, left: int, right: int
) -> None:
    """White over grey on the left, black over grey on the right."""
    rig = settled(
        make_rig, half_and_half(tmp_path), (16, 16),
        picture__layer_1__look="b", picture__layer_1__blend=blend, picture__layer_1__level=level,
    )  # fmt: skip
    assert np.abs(np.subtract(left_and_right(rig), (left, right))).max() <= 1


def test_two_layers_are_painted_from_the_bottom_up(make_rig: Make, tmp_path: Path) -> None:
    """The second one covers the first."""
    rig = settled(
        make_rig, half_and_half(tmp_path), (16, 16),
        picture__layer_1__look="b", picture__layer_1__blend="normal", picture__layer_1__level=1,
        picture__layer_2__look="a", picture__layer_2__blend="normal", picture__layer_2__level=1,
    )  # fmt: skip
    assert left_and_right(rig) == (64, 64)


def test_a_filter_works_on_what_lies_below(make_rig: Make, tmp_path: Path) -> None:
    """ISF's inputImage: here it is turned into its negative."""
    body = "void main() { gl_FragColor = vec4(1. - IMG_THIS_PIXEL(inputImage).rgb, 1.); }"
    header = '{"INPUTS": [{"NAME": "inputImage", "TYPE": "image"}], "UNDER": "b"}'
    looks = (*half_and_half(tmp_path), look_of(tmp_path, "negative", body, header))
    rig = settled(
        make_rig, looks, (16, 16), picture__layer_1__look="negative",
        picture__layer_1__blend="normal", picture__layer_1__level=1,
    )  # fmt: skip
    assert left_and_right(rig) == (191, 191)
    rig.put(picture__look="negative", picture__layer_1__level=0)
    rig.play(HEALTHY, 0.2)
    assert left_and_right(rig) == (0, 255)


def test_a_target_that_persists_is_read_one_picture_later(make_rig: Make, tmp_path: Path) -> None:
    """A counter: each picture adds 2/255 to what was there."""
    header = '{"PASSES": [{"TARGET": "kept", "PERSISTENT": true, "WIDTH": "4", "HEIGHT": "$HEIGHT/3"}, {}]}'
    body = (
        "void main() { if (PASSINDEX == 0) gl_FragColor = IMG_PIXEL(kept, vec2(.5)) + vec4(2. / 255.);"
        " else gl_FragColor = vec4(IMG_SIZE(kept) / 255., IMG_PIXEL(kept, vec2(.5)).r, 1.); }"
    )
    looks = (look_of(tmp_path, "count", body, header),)
    rig = settled(make_rig, looks, (16, 16))
    seen = []
    for _ in range(10):
        rig.picture.draw()
        seen.append(rig.rgb()[4, 4].tolist())
    steps = [b[2] - a[2] for a, b in itertools.pairwise(seen)]
    assert steps == [2] * 9 and seen[-1][:2] == [4, 5]


def test_a_missing_number_in_a_kept_picture_is_the_looks_own_business_but_never_shown(
    make_rig: Make, tmp_path: Path
) -> None:
    """What is shown is finite even when a look keeps something that is not."""
    header = '{"PASSES": [{"TARGET": "kept", "PERSISTENT": true, "FLOAT": true}, {}]}'
    body = (
        "void main() { gl_FragColor = PASSINDEX == 0 ? vec4(TIME < .5 ? 0. / 0. : .5)"
        " : vec4(IMG_THIS_PIXEL(kept).rgb, 1.); }"
    )
    rig = settled(make_rig, (look_of(tmp_path, "a", body, header),), (16, 16))
    assert np.abs(np.subtract(left_and_right(rig), (128, 128))).max() <= 1


def test_a_crossfade_mixes_two_looks(make_rig: Make, tmp_path: Path) -> None:
    """Half way the grey look and the white one are half each."""
    rig = settled(make_rig, half_and_half(tmp_path), (16, 16))
    rig.put(picture__look="b", picture__crossfade=1.0)
    rig.play(HEALTHY, 0.5)
    left, right = left_and_right(rig)
    assert 140 < left < 180 and 20 < right < 44
    rig.play(HEALTHY, 0.7)
    assert left_and_right(rig) == (255, 0)


def test_ink_and_ground_are_what_white_and_black_become(make_rig: Make, tmp_path: Path) -> None:
    """A grey lies between them; the accent keeps its colour."""
    body = "void main() { gl_FragColor = vec4(pixel().x < 8 ? vec3(1.) : vec3(0.), 1.); }"
    rig = settled(
        make_rig, (look_of(tmp_path, "a", body),), (16, 16),
        picture__ink="amber", picture__ground="night",
    )  # fmt: skip
    assert rig.rgb()[4, 2].tolist() == [255, 199, 107]
    assert rig.rgb()[4, 12].tolist() == [5, 8, 23]


def test_few_greys_are_mixed_by_dots(make_rig: Make, tmp_path: Path) -> None:
    """Two greys of a .25: a quarter of the pixels is white, the others black."""
    rig = settled(make_rig, half_and_half(tmp_path), (32, 16), picture__greys=2)
    values, counts = np.unique(rig.rgb()[..., 0], return_counts=True)
    assert values.tolist() == [0, 255] and counts[1] == 32 * 16 // 4


def test_lines_darken_every_second_row(make_rig: Make, tmp_path: Path) -> None:
    """Rows take turns."""
    rig = settled(make_rig, half_and_half(tmp_path), (16, 16), picture__lines=1.0)
    assert rig.rgb()[:, 3, 0].tolist() in ([0, 64] * 8, [64, 0] * 8)


def test_bloom_lights_the_dark_beside_the_bright(make_rig: Make, tmp_path: Path) -> None:
    """And not the far dark."""
    body = "void main() { gl_FragColor = vec4(vec3(pixel().x < 60), 1.); }"
    rig = settled(make_rig, (look_of(tmp_path, "a", body),), (160, 90), picture__bloom=1.0)
    row = rig.rgb()[45, :, 0].astype(int)
    assert row[63] > 20 and row[72] > 0 and row[110] == 0 and row[63] > row[70]


def test_what_stays_is_sorted_by_light(make_rig: Make, tmp_path: Path) -> None:
    """A bright bar that is gone sinks to the bottom, pass by pass, and none of its light is lost."""
    body = (
        "void main() { bool bar = TIME < 2. && pixel().y < 6; gl_FragColor = vec4(vec3(bar), 1.); }"
    )
    rig = settled(
        make_rig, (look_of(tmp_path, "a", body),), (16, 24),
        picture__feedback=0.98, picture__sort=1.0,
    )  # fmt: skip
    rig.random = np.random.default_rng(1)
    rig.play(HEALTHY, 1.6)
    column = rig.rgb()[:, 5, 0].astype(int)
    assert column[12:].mean() > 2 * column[:12].mean()


def test_an_event_happens_in_one_picture(make_rig: Make, tmp_path: Path) -> None:
    """ISF's event: true once after the hand."""
    header = '{"INPUTS": [{"NAME": "hit", "TYPE": "event"}]}'
    looks = (look_of(tmp_path, "a", "void main() { gl_FragColor = vec4(vec3(hit), 1.); }", header),)
    rig = settled(make_rig, looks, (16, 16))
    rig.act("picture.a.hit")
    seen = []
    for _ in range(3):
        rig.picture.draw()
        seen.append(left_and_right(rig)[0])
    assert seen == [255, 0, 0]


def test_colours_points_and_sound_reach_the_shader(make_rig: Make, tmp_path: Path) -> None:
    """ISF's color, point2D and audioFFT."""
    header = (
        '{"INPUTS": [{"NAME": "tint", "TYPE": "color", "DEFAULT": [0, 0.2, 0.4, 1]},'
        ' {"NAME": "spot", "TYPE": "point2D", "DEFAULT": [0.25, 0.5], "MIN": [0, 0], "MAX": [1, 1]},'
        ' {"NAME": "heard", "TYPE": "audioFFT"}]}'
    )
    body = (
        "void main() { gl_FragColor = pixel().x < 8 ? tint"
        " : vec4(spot.x, spot.y, IMG_NORM_PIXEL(heard, vec2(.5)).r, 1.); }"
    )
    rig = settled(make_rig, (look_of(tmp_path, "a", body, header),), (16, 16))
    assert rig.rgb()[4, 2].tolist() == [0, 51, 102]
    rig.put(picture__a__tint_red=0.6, picture__a__spot_x=1.0)
    rig.sound(band=0.5)
    rig.picture.draw()
    assert rig.rgb()[4, 2].tolist() == [153, 51, 102]
    assert np.abs(rig.rgb()[4, 12].astype(int) - [255, 128, 128]).max() <= 1


def test_common_code_is_included_once_and_faults_in_it_name_its_line(
    make_rig: Make, tmp_path: Path
) -> None:
    """The lines behind the include keep their numbers as well."""
    (tmp_path / "common.glsl").write_text("float quarter() { return .25; }\n")
    body = (
        '#include "common.glsl"\n#include "common.glsl"\n'
        "void main() { gl_FragColor = vec4(vec3(quarter()), 1.); }"
    )
    rig = settled(make_rig, (look_of(tmp_path, "a", body),), (16, 16))
    assert left_and_right(rig) == (64, 64)
    (tmp_path / "common.glsl").write_text("// fine\nfloat quarter() { return nothing; }\n")
    with pytest.raises(Mistake, match=r"common\.glsl:2: "):
        make_rig(looks=(load_look(tmp_path / "a.frag"),), size=(16, 16))
    (tmp_path / "common.glsl").write_text("float quarter() { return .25; }\n")
    look_of(tmp_path, "a", body.replace("vec3(quarter())", "nonsense"))
    with pytest.raises(Mistake, match=r"a\.frag:4: "):
        make_rig(looks=(load_look(tmp_path / "a.frag"),), size=(16, 16))


@pytest.mark.parametrize(
    ("line", "words"),
    [
        ('#include "../secret.glsl"', "plain name"),
        ('#include "/etc/passwd"', "plain name"),
        ("#include common.glsl", "plain name"),
        ('#include "nowhere.glsl"', "there is no nowhere.glsl"),
        ('#include "comon.glsl"', "did you mean 'common.glsl'"),
        ('#include "ring.glsl"', "ring.glsl includes itself"),
    ],
)
def test_an_include_that_cannot_be_is_a_sentence_with_its_line(
    tmp_path: Path, line: str, words: str
) -> None:
    """No paths, no circles."""
    (tmp_path / "common.glsl").write_text("\n")
    (tmp_path / "ring.glsl").write_text('#include "round.glsl"\n')
    (tmp_path / "round.glsl").write_text('#include "ring.glsl"\n')
    with pytest.raises(Mistake, match=words) as caught:
        put_in(tmp_path / "mine.frag", f"\n{line}\n")
    assert ".frag:2: " in str(caught.value) or "round.glsl:1: " in str(caught.value)


@given(st.text(max_size=60))
def test_any_include_line_is_taken_or_a_mistake(text: str) -> None:
    """Nothing but a sentence comes of a strange one."""
    try:
        put_in(Path("mine.frag"), f"#include {text}")
    except Mistake as mistake:
        assert str(mistake).startswith("mine.frag:")


@given(st.text(alphabet="$WIDTHEG+-*/(). 0123456789ab_", max_size=24) | st.text(max_size=12))
def test_any_size_is_a_number_of_pixels_or_a_value_error(text: str) -> None:
    """An expression is never run as code."""
    try:
        size = measure(text, (640, 360))
    except ValueError:
        return
    assert 1 <= size <= 4096


def test_sizes_are_sums_and_shares_of_the_picture() -> None:
    """As ISF writes them."""
    assert measure("$WIDTH/16", (640, 360)) == 40
    assert measure("($HEIGHT-40)*2", (640, 360)) == 640
    assert measure("1000000*$WIDTH", (640, 360)) == 4096 and measure("0", (1, 1)) == 1
