"""The painter: feedback, blackout, guard, dialects; nothing sticks, nothing strobes."""

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from picture_rig import HEALTHY, Rig, look_of

from instrument.signals.frames import NOTICES
from instrument.signals.mistake import Mistake
from instrument.signals.notices import notice_of

pytestmark = pytest.mark.slow

Make = Callable[..., Rig]

WHITE = "void main() { gl_FragColor = vec4(1.); }"
BLACK = "void main() { gl_FragColor = vec4(0., 0., 0., 1.); }"


def transitions(luminance: list[float]) -> int:
    """Changes of direction by at least 10% of full, with the darker state below 80%."""
    count, extreme, direction = 0, luminance[0], 0
    for now in luminance:
        change = now - extreme
        if direction != 0 and np.sign(change) == direction:
            extreme = now
        elif abs(change) >= 0.1 and min(now, extreme) < 0.8:
            count, extreme, direction = count + 1, now, int(np.sign(change))
    return count


def linear_mean(rig: Rig) -> float:
    c = rig.rgb() / 255.0
    linear = np.where(c <= 0.04045, c / 12.92, ((c + 0.055) / 1.055) ** 2.4)
    return float((linear @ np.array([0.2126, 0.7152, 0.0722])).mean())


def test_blackout_is_black_in_a_third_of_a_second_and_comes_back(make_rig: Make) -> None:
    """Blackout wins over everything, feedback included, and lets the picture return."""
    rig = make_rig()
    rig.put(picture__feedback=0.9)
    rig.play(HEALTHY, 2.0)
    assert rig.rgb().max() > 100
    rig.put(picture__feedback=0.9, show__blackout=True)
    rig.play(HEALTHY, 0.4)
    assert rig.rgb().max() == 0
    rig.put(show__blackout=False)
    rig.play(HEALTHY, 1.5)
    assert rig.rgb().max() > 100


def test_fade_out_ends_in_black(make_rig: Make) -> None:
    """The end of the show is black and stays so."""
    rig = make_rig()
    rig.play(HEALTHY, 1.5)
    rig.picture.fade_out(0.4)
    rig.play(HEALTHY, 0.6)
    assert rig.rgb().max() == 0


def test_not_a_number_never_stays(make_rig: Make, tmp_path: Path) -> None:
    """A look that paints NaN and infinity under full feedback leaves nothing behind."""
    mad = look_of(
        tmp_path,
        "mad",
        "void main() { gl_FragColor = vec4(sqrt(-1. - TIME), 1. / (TIME - TIME), 0., 1.); }",
    )
    black = look_of(tmp_path, "still", BLACK)
    rig = make_rig(looks=[mad, black])
    rig.put(picture__look="mad", picture__feedback=0.98, picture__crossfade=0)
    rig.play(HEALTHY, 1.5)
    rig.put(picture__look="still", picture__feedback=0.98)
    rig.play(HEALTHY, 6.0)
    assert rig.rgb().max() == 0
    assert rig.picture.faults == 0


def test_not_a_number_in_the_data_is_counted_and_stopped(make_rig: Make) -> None:
    """NaN in streams, scores, weights and gradients: the last good value stands, the show goes on."""
    rig = make_rig()
    rig.play(HEALTHY, 1.0)
    before = rig.picture.data.streams.copy()
    bad = np.full(4096, np.nan, np.float32)
    for _ in range(20):
        rig.metrics({name: float("nan") for name in HEALTHY})
        rig.tiles(rig.samples(HEALTHY), np.full(64, np.inf))
        rig.weights = bad.copy()
        rig.move_weights(bad)
        rig.picture.draw()
    data = rig.picture.data
    assert data.refused > 0
    assert before[0] > 0 and (data.streams == before).all()
    for array in (data.history, data.shown, data.calm, data.weights, data.scores, data.band_end):
        assert np.isfinite(array).all()
    assert data.bits[0] == np.float32(np.nan).view(np.uint32)
    assert rig.picture.faults == 0


def test_a_modulation_that_is_not_finite_keeps_the_last_value(make_rig: Make) -> None:
    """What pushes a control to NaN moves nothing."""
    rig = make_rig()
    rig.play(HEALTHY, 1.5)
    rig.picture._modulate = lambda p, s, e: np.full(len(rig.bank), np.nan)
    rig.play(HEALTHY, 0.5)
    assert rig.picture.faults == 0
    assert rig.luma().mean() > 0.01


def test_feedback_fades_alike_at_any_rate(make_rig: Make, tmp_path: Path) -> None:
    """After a third of a second as much is left whether 60 or 20 pictures were painted per second."""
    left = []
    for rate in (60, 20):
        (tmp_path / str(rate)).mkdir()
        looks = [
            look_of(tmp_path / str(rate), "dark", BLACK),
            look_of(tmp_path / str(rate), "light", WHITE),
        ]
        rig = make_rig(looks=looks, flash_guard=False)
        rig.put(picture__look="light", picture__crossfade=0)
        rig.play(HEALTHY, 1.5)
        rig.put(picture__look="dark", picture__feedback=0.95)
        start_s = rig.clock()
        for number in range(rate // 3 + 1):
            rig.picture._draw(start_s + number / rate)
        left.append(rig.luma().mean())
    assert 0.2 < left[0] < 0.5
    assert abs(left[0] - left[1]) < 0.06


@pytest.mark.parametrize(
    ("name", "body"),
    [
        ("isf", "void main() { gl_FragColor = vec4(vec3(isf_FragNormCoord.x), 1.); }"),
        ("shadertoy", "void mainImage(out vec4 c, in vec2 p) { c = vec4(vec3(p.x / iResolution.x), 1.); }"),
        (
            "viewer",
            "#version 330 core\nuniform vec2 u_resolution;\nout vec4 color;\n"
            "void main() { color = vec4(vec3(gl_FragCoord.x / u_resolution.x), 1.); }",
        ),
    ],
)  # fmt: skip
def test_three_dialects_paint_the_same(
    make_rig: Make, tmp_path: Path, name: str, body: str
) -> None:
    """ISF, Shadertoy and glslViewer names are filled where a look uses them."""
    rig = make_rig(looks=[look_of(tmp_path, name, body)])
    rig.play(HEALTHY, 1.5)
    ramp = rig.luma().mean(axis=0)
    assert ramp[0] < 0.02 and ramp[-1] > 0.95 and (np.diff(ramp) >= 0).all()


def test_an_error_in_glsl_names_file_and_line(make_rig: Make, tmp_path: Path) -> None:
    """Before the curtain a shader that does not compile is a mistake with file and line."""
    look = look_of(tmp_path, "broken", "void main() {\n  gl_FragColor = vec4(missing);\n}")
    with pytest.raises(Mistake, match=r"broken\.frag:3: .*missing"):
        make_rig(looks=[look])


def test_after_the_curtain_the_last_good_look_stays(make_rig: Make, tmp_path: Path) -> None:
    """A saved file that does not compile is said, and the picture goes on as it was."""
    look = look_of(tmp_path, "mine", WHITE)
    rig = make_rig(looks=[look])
    news = rig.bus.listener(NOTICES)
    rig.play(HEALTHY, 1.5)
    look.path.write_text("/*{}*/\nvoid main() { gl_FragColor = oops; }")
    rig.picture.reload("mine")
    rig.play(HEALTHY, 0.2)
    assert rig.luma().min() > 0.95
    assert any("mine.frag:2" in notice_of(frame).text for frame in news.drain())
    look.path.write_text("/*{}*/\n" + BLACK)
    rig.picture.reload("mine")
    rig.play(HEALTHY, 1.0)
    assert rig.rgb().max() == 0


STROBE = "void main() { gl_FragColor = vec4(vec3(mod(floor(TIME * 20.), 2.)), 1.); }"


@pytest.mark.parametrize(("guard", "low", "high"), [(False, 36, 40), (True, 1, 14)])
def test_the_guard_takes_a_strobe_down(
    make_rig: Make, tmp_path: Path, guard: bool, low: int, high: int
) -> None:
    """Twenty changes a second become at most six, over two seconds after the store is empty."""
    rig = make_rig(looks=[look_of(tmp_path, "strobe", STROBE)], flash_guard=guard)
    rig.play(HEALTHY, 2.0)
    seen = []
    for _ in range(60):
        rig.play(HEALTHY, 1 / 30)
        seen.append(linear_mean(rig))
    assert low <= transitions(seen) <= high


def test_the_guard_leaves_a_slow_fade_and_snow_alone(make_rig: Make, tmp_path: Path) -> None:
    """What does not flash is shown as it is."""
    (tmp_path / "a").mkdir()
    (tmp_path / "b").mkdir()
    slow = "void main() { gl_FragColor = vec4(vec3(.5 + .5 * sin(TIME * 3.)), 1.); }"
    snow = """void main() {
        float light = noise(uvec2(gl_FragCoord.xy) + uint(FRAMEINDEX) * 977u);
        gl_FragColor = vec4(vec3(step(.5, light)), 1.);
    }"""
    for folder, body in ((tmp_path / "a", slow), (tmp_path / "b", snow)):
        looks = [look_of(folder, "quiet", body)]
        shown = []
        for guard in (False, True):
            rig = make_rig(looks=looks, flash_guard=guard)
            rig.play(HEALTHY, 2.0)
            shown.append(rig.luma())
        assert np.abs(shown[0] - shown[1]).mean() < 0.01


def test_no_saturated_red_leaves(make_rig: Make, tmp_path: Path) -> None:
    """R / (R + G + B) in linear light stays below .8."""
    rig = make_rig(
        looks=[look_of(tmp_path, "red", "void main() { gl_FragColor = vec4(1., 0., 0., 1.); }")]
    )
    rig.play(HEALTHY, 1.5)
    c = rig.rgb()[0, 0] / 255.0
    linear = np.where(c <= 0.04045, c / 12.92, ((c + 0.055) / 1.055) ** 2.4)
    assert linear[0] / linear.sum() < 0.8


def test_post_and_zoom_paint_without_fault(make_rig: Make) -> None:
    """Every control of the painter at both ends of its range: the picture goes on."""
    rig = make_rig()
    rig.play(HEALTHY, 1.0)
    for spec in rig.bank:
        if spec.path.count(".") == 1 and spec.path.startswith("picture.") and spec.name != "look":
            before = rig.positions.copy()
            for position in (0.0, 1.0):
                rig.positions[rig.bank.number[spec.path]] = position
                rig.put()
                rig.play(HEALTHY, 0.15)
            rig.positions[:] = before
    assert rig.picture.faults == 0


def test_a_slow_zoom_moves_what_stays_at_any_rate(make_rig: Make) -> None:
    """At 120 pictures a second the way from one to the next is far less than half a pixel."""
    reached = []
    for rate in (15.0, 120.0):
        rig = make_rig(rate=rate, size=(320, 180), lines=180)
        rig.put(picture__look="tile_wall", picture__feedback=0.0, picture__crossfade=0.0)
        rig.play(HEALTHY, 1.0)
        rig.put(picture__brightness=0.0, picture__feedback=0.98, picture__zoom=-0.4)
        rig.play(HEALTHY, 1.0)
        luma = rig.luma()
        rows = luma.sum(axis=1)
        reached.append(float((rows * np.abs(np.arange(180) - 89.5)).sum() / rows.sum()))
    assert reached[0] == pytest.approx(reached[1], rel=0.1)
