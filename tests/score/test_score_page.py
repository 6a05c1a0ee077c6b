"""Scores as files: whole pages of real runs."""

import re
import xml.etree.ElementTree as ElementTree
import zlib
from collections.abc import Callable, Iterator
from io import BytesIO
from itertools import combinations
from pathlib import Path

import numpy as np
import pytest
import told_runs as told
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from PIL import Image

from instrument.score.choice import lanes
from instrument.score.material import listen
from instrument.score.page import draw
from instrument.score.paper import ACCENT, PAPERS, Paper, Weight, Written, width_mm
from instrument.score.plan import SLOTS
from instrument.score.writing import Wish, score
from instrument.signals import places
from instrument.signals.frames import Frame, GestureFrame, MetricFrame, SoundFrame, StandingFrame

pytestmark = pytest.mark.slow

SHIPPED = places.shipped("runs") / "noise_to_digits.mcap"


def noise_only() -> Iterator[Frame]:
    for step in range(1, 200):
        yield told.metric(step / 10, step, "noise", loss_g=float("nan"))


def collapse() -> Iterator[Frame]:
    yield told.controls(0.05)
    for step in range(1, 400):
        stuck = 150 < step < 250
        state = "collapse" if stuck else "healthy"
        yield told.metric(step / 10, step, state, loss_g=25.0 if stuck else 0.8)
        if step % 5 == 0:
            yield told.tiles(step / 10, step)
        if step in (150, 250):
            yield told.gesture(step / 10, "learning.collapse", 0.9 if stuck else 0.0)
            yield told.controls(step / 10, learning_collapse=0.9 if step == 150 else 0.0)
        yield told.sound(step / 10, -20.0 - 10 * (step % 3))


def three_seconds() -> Iterator[Frame]:
    return told.training(3.0)


def torn() -> Iterator[Frame]:
    for step in range(1, 200):
        yield told.metric(
            step / 10, step, "noise", loss_g=3e11 if step > 120 else 1.0, grad_norm_g=step**5
        )


def one_step() -> Iterator[Frame]:
    yield told.metric(1.0, 1)


def no_step() -> Iterator[Frame]:
    yield told.controls(0.5)


def four_hundred_gestures() -> list[Frame]:
    dice = np.random.default_rng(3)
    paths = [
        "learning.quake",
        "learning.undo",
        "learning.heal",
        "learning.amnesia",
        "learning.step",
    ]
    faders = ["learning.heat", "learning.tilt", "learning.fog", "sound.drone.level", "picture.glow",
              "learning.liar", "learning.gravel", "learning.starve", "show.panic_fade"]  # fmt: skip
    faders = [path for path in faders if path in told.BANK]
    at = sorted(dice.uniform(1.0, 59.0, 400))
    acts = [f for s in at[:200] for f in told.act(s, paths[int(s * 7) % len(paths)], int(s * 10))]
    moves = [told.gesture(s, faders[int(s * 11) % len(faders)], float(s % 1)) for s in at[200:]]
    cues = [
        told.standing(s, b"scene", n + 1, b"a cue with a long name", morph=0.5)
        for n, s in enumerate(at[::20])
    ]
    return told.in_order(told.training(60), acts, moves, cues)


KINDS: dict[str, Callable[[], object]] = {
    "noise only": noise_only, "collapse": collapse, "three seconds": three_seconds,
    "one step": one_step, "torn": torn, "no step": no_step, "400 gestures": four_hundred_gestures,
    "no gestures": lambda: told.training(40),
    "colour": lambda: [told.metric(0.5, 1), told.tiles(1.0, 2, colours=3), told.metric(1.5, 3)],
}  # fmt: skip


def page_of(
    run: Path, paper: str = "a4", title: str | None = None, streams: str | None = None
) -> Paper:
    material = listen(run, lambda known: lanes(streams, known), told.BANK, SLOTS)
    return draw(material, run, paper, told.BANK, title)


@pytest.mark.parametrize("paper", sorted(PAPERS))
@pytest.mark.parametrize("kind", sorted(KINDS))
def test_no_words_lie_over_others_whatever_the_run(tmp_path: Path, kind: str, paper: str) -> None:
    """Of every kind of run, on every paper: all words are on the page, and none over another."""
    frames = KINDS[kind]()
    page = page_of(told.record(tmp_path / "a_run.mcap", frames), paper)  # type: ignore[arg-type]
    size = PAPERS[paper]
    assert page.written, "there are words"
    for words in page.written:
        assert words.left >= 5.0 and words.right <= size.width_mm - 5.0, words
        assert words.bottom >= 5.0 and words.top <= size.height_mm - 5.0, words
    over = [(a.words, b.words) for a, b in combinations(page.written, 2) if touch(a, b)]
    assert not over


def touch(a: Written, b: Written) -> bool:
    return a.left < b.right and b.left < a.right and a.bottom < b.top and b.bottom < a.top


def test_words_are_as_wide_as_they_are_reckoned() -> None:
    """The widths that keep words apart are those that matplotlib draws, of all three weights."""
    page = Paper(PAPERS["a4"])
    for weight in Weight:
        page.text(20.0, 100.0, "similarity centred .,:", 10.0, weight)
    page.saved(".png", 100)
    renderer = page._figure._get_renderer()  # type: ignore[attr-defined]
    for text in page._axes.texts:
        drawn_mm = text.get_window_extent(renderer).width / 100 * 25.4
        less_mm = width_mm("similarity centred .,:", 10.0) - drawn_mm
        assert 0.0 <= less_mm < width_mm("m", 10.0), "but for the white around the outer letters"


@pytest.mark.parametrize("dpi", [60, 72, 100, 150, 300])
@pytest.mark.parametrize("points", [4.7, 5.4, 6.8])
def test_dots_make_no_word_wider_than_it_is_reckoned(dpi: int, points: float) -> None:
    """However coarse a PNG is: letters are not moved to whole dots, or a line would leave the page."""
    page = Paper(PAPERS["a4"])
    words = "A church organ between noise and handwriting: hiss, bits and clicks while"
    page.text(20.0, 100.0, words, points)
    dots = np.asarray(Image.open(BytesIO(page.saved(".png", dpi))).convert("L"))
    inked = np.flatnonzero(dots.min(axis=0) < 250) / dpi * 25.4
    assert inked[0] >= 20.0 - 25.4 / dpi
    less_mm = 20.0 + width_mm(words, points) - inked[-1]
    assert -25.4 / dpi <= less_mm < width_mm("m", points) + 25.4 / dpi


@pytest.mark.parametrize("ending", [".pdf", ".svg", ".png"])
def test_the_same_run_gives_the_same_bytes(tmp_path: Path, ending: str) -> None:
    """Drawn twice, a score is the same file: no date of now, no ids by chance."""
    run = told.record(tmp_path / "run.mcap", collapse())
    for name in ("a", "b"):
        score(Wish(run, tmp_path / f"{name}{ending}", dpi=60))
    assert (tmp_path / f"a{ending}").read_bytes() == (tmp_path / f"b{ending}").read_bytes()


def test_a_pdf_is_one_page_of_its_paper_with_its_fonts_in_it(tmp_path: Path) -> None:
    """A4 landscape is 842 by 595 points; the faces are embedded as TrueType, and there is no date."""
    score(Wish(SHIPPED, tmp_path / "a.pdf"))
    data = (tmp_path / "a.pdf").read_bytes()
    assert len(re.findall(rb"/Type /Page\b", data)) == 1
    (box,) = re.findall(rb"/MediaBox \[ 0 0 ([\d.]+) ([\d.]+) \]", data)
    assert [round(float(side)) for side in box] == [842, 595]
    assert data.count(b"/FontFile2") == 3
    assert b"JetBrainsMono" in data
    assert b"/CreationDate" not in data
    assert b"/Title (Glitch organ)" in data
    streams = re.findall(rb"stream\n(.*?)\nendstream", data, re.S)
    drawn = b"".join(_inflated(stream) for stream in streams)
    assert b" l\n" in drawn, "lines are lines and not pixels"


def _inflated(stream: bytes) -> bytes:
    try:
        return zlib.decompress(stream)
    except zlib.error:
        return b""


def test_an_svg_is_whole_xml_of_its_paper(tmp_path: Path) -> None:
    """It parses, has its size, and needs no font that a machine may lack."""
    score(Wish(SHIPPED, tmp_path / "a.svg"))
    root = ElementTree.parse(tmp_path / "a.svg").getroot()
    assert float(root.attrib["width"].removesuffix("pt")) == pytest.approx(841.9, abs=0.5)
    assert "font-family" not in (tmp_path / "a.svg").read_text()


def test_a3_is_the_same_page_enlarged(tmp_path: Path) -> None:
    """As many dots more as A3 has, and the same drawing."""
    for paper in ("a4", "a3"):
        score(Wish(SHIPPED, tmp_path / f"{paper}.png", paper=paper, dpi=100))
    small, large = (Image.open(tmp_path / f"{paper}.png").convert("L") for paper in ("a4", "a3"))
    assert small.size == (1169, 826)
    assert large.size == (1653, 1169)
    again = np.asarray(large.resize(small.size, Image.Resampling.BOX), float)
    once = np.asarray(small, float)
    assert np.abs(again - once).mean() < 6.0 < 12.0 < np.abs(again[:, ::-1] - once).mean()


def test_red_is_the_hand_and_only_the_hand(tmp_path: Path) -> None:
    """A run that nobody touched has no red dot; one with a collapse by hand has many."""
    untouched = told.record(tmp_path / "untouched.mcap", told.training(20))
    touched = told.record(tmp_path / "touched.mcap", collapse())
    for run in (untouched, touched):
        score(Wish(run, run.with_suffix(".png"), dpi=100))
    red = np.array([int(ACCENT[n : n + 2], 16) for n in (1, 3, 5)])
    counts = [
        int((np.abs(np.asarray(Image.open(run.with_suffix(".png")).convert("RGB")).astype(int) - red)
             .max(axis=2) < 8).sum())
        for run in (untouched, touched)
    ]  # fmt: skip
    assert counts[0] == 0
    assert counts[1] > 200


def test_the_title_is_the_presets_or_the_one_that_is_said(tmp_path: Path) -> None:
    """Title and what the preset says of itself stand at the head; --title takes the title's place."""
    run = told.record(tmp_path / "a_run.mcap", told.training(5))
    words = [written.words for written in page_of(run).written]
    assert words[0] == "A title"
    assert "What it is about." in words
    facts = next(text for text in words if text.startswith("a_run"))
    for fact in (
        "26 November 2026",
        "0:05 min",
        "pocket_mlp",
        "digits: bundled",
        "50 steps",
        "seed 7",
    ):
        assert fact in facts
    assert page_of(run, title="Evening in June").written[0].words == "Evening in June"


@pytest.mark.filterwarnings("error")
def test_words_that_the_face_does_not_know_are_question_marks(tmp_path: Path) -> None:
    """Greek and accents are printed, an emoji is a question mark, a dollar a dollar; nobody is warned."""
    run = told.record(tmp_path / "a_run.mcap", told.training(5))
    page = page_of(run, title="Été, \u03a9 \U0001f3b9 $x$")
    assert page.written[0].words == "Été, \u03a9 ? $x$"
    assert len(page.saved(".png", 50)) > 1000


def test_streams_that_are_named_are_those_that_are_drawn(tmp_path: Path) -> None:
    """Two lanes, the first with two lines; what each is called stands beside it."""
    run = told.record(tmp_path / "a.mcap", told.training(10))
    words = {written.words for written in page_of(run, streams="sigma_g_1+sigma_d_1,modes").written}
    assert {"sigma", "sigma g 1", "sigma d 1", "modes"} <= words
    assert "diversity" not in words


ANY = st.floats(width=32, allow_nan=True, allow_infinity=True)
WORDS = st.binary(max_size=40)
AT = st.floats(0.01, 30.0)
FRAMES = st.lists(
    st.one_of(
        st.builds(MetricFrame, time_s=AT, step=st.integers(0, 2**63), count=st.integers(0, 128)),
        st.builds(GestureFrame, time_s=AT, step=st.integers(-1, 2**62), position=ANY, who=WORDS,
                  control=st.integers(0, 2**32 - 1)),
        st.builds(GestureFrame, time_s=AT, step=st.integers(-1, 9), position=ANY, who=WORDS,
                  control=st.integers(0, len(told.BANK) - 1)),
        st.builds(StandingFrame, time_s=AT, morph=ANY, cue_s=ANY, cue=st.integers(0, 2**32 - 1),
                  scene=WORDS, cue_name=WORDS),
        st.builds(SoundFrame, time_s=AT, momentary=ANY),
        st.builds(told.tiles, AT, st.integers(0, 9)),
    ),
    min_size=1, max_size=60,
)  # fmt: skip


@pytest.mark.slow
@settings(max_examples=12, suppress_health_check=list(HealthCheck))
@given(frames=FRAMES, numbers=st.lists(ANY, min_size=3, max_size=3))
def test_whatever_a_run_says_it_can_be_drawn(
    tmp_path: Path, frames: list[Frame], numbers: list[float]
) -> None:
    """Numbers that are none, controls that are none, words in no alphabet: a page, its words apart."""
    for frame in frames:
        if isinstance(frame, MetricFrame):
            frame.streams[:128] = [numbers[n % 3] for n in range(128)]
    run = tmp_path / "run.mcap"
    run.unlink(missing_ok=True)
    page = page_of(told.record(run, told.in_order(frames)))
    assert not [(a, b) for a, b in combinations(page.written, 2) if touch(a, b)]
    page.saved(".svg", 50)


@pytest.mark.slow
def test_two_hours_are_a_page_like_any_other(tmp_path: Path) -> None:
    """A run of two hours fits in as many columns; its minutes are written to the end."""
    run = told.record(tmp_path / "long.mcap", told.training(7200.0, rate=4.0))
    words = {written.words for written in page_of(run).written}
    assert "120:00 min" in next(text for text in words if text.startswith("long"))
    assert {"0:00", "60:00"} <= words
