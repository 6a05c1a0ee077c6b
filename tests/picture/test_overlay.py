"""Text over the picture, read back from the window."""

from collections.abc import Callable

import numpy as np
import pytest
from picture_rig import HEALTHY, Rig

from instrument.picture.overlay import CAPITAL, Bar, Overlay, Panel, Place, columns_of, plain_lines
from instrument.signals.spoken import Tone, Word

pytestmark = pytest.mark.slow

Make = Callable[..., Rig]
LARGE = 0.1


def window_of(rig: Rig) -> np.ndarray:
    """What the window shows, uint8 (height, width, 3), top row first."""
    screen = rig.picture._window.screen()
    width, height = rig.picture.window_size
    pixels = np.frombuffer(screen.read(components=3, alignment=1), np.uint8)
    return pixels.reshape(height, width, 3)[::-1]


def drawn(rig: Rig, *panels: Panel) -> np.ndarray:
    """The window after one more picture with these panels, before it is flipped."""
    rig.picture.panels = panels
    rig.picture._draw(rig.clock())
    assert rig.picture.faults == 0
    return window_of(rig)


@pytest.fixture
def rig(make_rig: Make) -> Rig:
    """A black picture of 640x360."""
    rig = make_rig(size=(640, 360), lines=180)
    rig.put(picture__brightness=0.0)
    rig.play(HEALTHY, 1.0)
    assert window_of(rig).max() == 0
    return rig


def box_of(pixels: np.ndarray) -> tuple[int, int, int, int]:
    """First and last row, first and last column with light."""
    rows, columns = np.flatnonzero(pixels.max((1, 2)) > 60), np.flatnonzero(pixels.max((0, 2)) > 60)
    return rows[0], rows[-1], columns[0], columns[-1]


def test_text_is_in_the_window_but_not_in_the_picture(rig: Rig) -> None:
    """What screenshots, film, feedback and guard read stays without it."""
    seen = drawn(rig, Panel(plain_lines(["p  panic", "b  blackout"])))
    assert seen.max() > 200
    assert rig.rgb().max() == 0


def test_each_place_is_where_it_says(rig: Rig) -> None:
    """Low left, top left, and a page from the top left."""
    low = box_of(drawn(rig, Panel(plain_lines(["HHH"]))))
    top = box_of(drawn(rig, Panel(plain_lines(["HHH"]), Place.TOP_LEFT)))
    assert low[0] > 330 and top[1] < 30
    assert low[2:] == top[2:] and low[2] < 15


def test_a_grave_word_has_the_accent_and_a_quiet_one_less_light(rig: Rig) -> None:
    """One colour beside black and white."""
    rig.put(picture__accent="orange", picture__brightness=0.0)
    grave = drawn(rig, Panel(((Word("HHH", Tone.GRAVE),),), em=LARGE))
    reddest = grave.reshape(-1, 3)[grave[..., 0].argmax()]
    assert reddest[0] > 200 > reddest[1] > 100 > reddest[2]
    plain = drawn(rig, Panel(((Word("HHH"),),), em=LARGE)).max()
    quiet = drawn(rig, Panel(((Word("HHH", Tone.QUIET),),), em=LARGE)).max()
    assert plain == 255 and 130 < quiet < 170


def test_a_page_dims_the_whole_picture(make_rig: Make) -> None:
    """By as much as its ground says."""
    rig = make_rig(size=(640, 360), lines=180)
    rig.play(HEALTHY, 1.0)
    before = drawn(rig)[200:, 300:].astype(float)
    after = drawn(rig, Panel(plain_lines(["x"]), Place.PAGE, ground=0.75))[200:, 300:]
    assert before.mean() > 10
    assert after.mean() == pytest.approx(before.mean() * 0.25, rel=0.15)


def test_letters_are_as_tall_as_asked(rig: Rig) -> None:
    """A capital of 1/26 of the height is at least 14 pixels here."""
    panel = Panel(plain_lines(["HEH"]), Place.PAGE, em=1 / (26 * CAPITAL))
    first, last, _, _ = box_of(drawn(rig, panel))
    assert last - first + 1 >= 360 / 26


def test_many_lines_shrink_until_they_fit(rig: Rig) -> None:
    """Forty lines of the help map stay within a small window."""
    first, last, _, _ = box_of(drawn(rig, Panel(plain_lines(["HHH"] * 30))))
    assert first >= 8 and last < 352


def test_a_bar_fills_its_share_of_its_columns(rig: Rig) -> None:
    """From 25% to 75% of ten letters, in the second line, above the dimmed picture."""
    panel = Panel(plain_lines(["", ""]), Place.PAGE, bars=(Bar(1, 4, 10, 0.25, 0.75),))
    seen = drawn(rig, panel)
    top, bottom, left, right = box_of(seen)
    letter = 5
    assert abs(left - (8 + (4 + 2.5) * letter)) <= 2 and abs(right - (8 + (4 + 7.5) * letter)) <= 2
    assert 8 + 11 < (top + bottom) / 2 < 8 + 22


def test_letters_that_are_not_in_the_face_stop_nothing(rig: Rig) -> None:
    """Umlauts, other scripts, nulls and what lies beyond the first plane."""
    text = "\u00e4\u00df\u4e2d\0\U0001f600 H"
    assert drawn(rig, Panel(plain_lines([text]))).max() > 200


def test_a_line_of_the_columns_it_was_told_fits(rig: Rig) -> None:
    """So a page may be laid out in letters."""
    columns = columns_of(1 / 19, (640, 360))
    _, _, _, right = box_of(drawn(rig, Panel(plain_lines(["H" * columns]), Place.PAGE, em=1 / 19)))
    assert 640 - 8 - 2 * 12 < right < 640 - 8


def test_what_does_not_change_is_not_set_again(rig: Rig) -> None:
    """Sixty pictures of a help map cost one texture."""
    overlay: Overlay = rig.picture._overlay
    panel = Panel(plain_lines(["a", "b"]))
    drawn(rig, panel)
    texture = overlay._sheets[Place.LOW_LEFT].texture
    drawn(rig, Panel(plain_lines(["a", "b"])))
    assert overlay._sheets[Place.LOW_LEFT].texture is texture
