"""The room as the wiring sees it: keys, screenshots, report, size, text."""

import struct
from collections.abc import Callable
from pathlib import Path

import pygame
import pytest
from picture_rig import HEALTHY, Rig, look_of

from instrument.picture.events import KeyEvent
from instrument.picture.picture import PictureConfig
from instrument.picture.window import WindowConfig
from instrument.signals.frames import METRICS
from instrument.signals.mistake import Mistake

Make = Callable[..., Rig]


def png_size(path: Path) -> tuple[int, int]:
    data = path.read_bytes()
    assert data[:8] == b"\x89PNG\r\n\x1a\n"
    return struct.unpack(">II", data[16:24])


def test_every_key_event_surfaces_in_order(make_rig: Make) -> None:
    """Each key pressed and let go is an event with pygame's name."""
    rig = make_rig()
    keys = [pygame.K_a, pygame.K_1, pygame.K_ESCAPE, pygame.K_SPACE, pygame.K_LSHIFT, pygame.K_F5]
    rig.picture.draw()
    rig.picture.events.clear()
    for key in keys:
        pygame.event.post(pygame.event.Event(pygame.KEYDOWN, key=key))
        pygame.event.post(pygame.event.Event(pygame.KEYUP, key=key))
    rig.picture.draw()
    names = ["a", "1", "escape", "space", "left shift", "f5"]
    expected = [KeyEvent(name, pressed) for name in names for pressed in (True, False)]
    assert list(rig.picture.events) == expected


def test_a_held_key_is_let_go_when_the_window_loses_the_focus(make_rig: Make) -> None:
    """No gate stays open because the hand went to another window."""
    rig = make_rig()
    rig.picture.draw()
    rig.picture.events.clear()
    pygame.event.post(pygame.event.Event(pygame.KEYDOWN, key=pygame.K_c))
    pygame.event.post(pygame.event.Event(pygame.WINDOWFOCUSLOST))
    rig.picture.draw()
    assert list(rig.picture.events) == [KeyEvent("c", True), KeyEvent("c", False)]


def test_closing_the_window_is_noted(make_rig: Make) -> None:
    """The wiring learns that the window was closed; nothing ends by itself."""
    rig = make_rig()
    pygame.event.post(pygame.event.Event(pygame.QUIT))
    rig.picture.draw()
    assert rig.picture.closed


def test_a_screenshot_is_as_large_as_the_window(make_rig: Make, tmp_path: Path) -> None:
    """PNG of the whole window, with the pixels of the picture enlarged and black around."""
    rig = make_rig(size=(643, 361), lines=180)
    rig.play(HEALTHY, 0.5)
    rig.picture.screenshot(tmp_path / "deep" / "shot.png")
    rig.picture.draw()
    rig.picture.close()
    assert png_size(tmp_path / "deep" / "shot.png") == (643, 361)


def test_screenshots_come_by_themselves(make_rig: Make, tmp_path: Path) -> None:
    """Every so many seconds one, named by time and step."""
    rig = make_rig(screenshot_every_s=0.5, screenshot_folder=tmp_path)
    rig.play(HEALTHY, 2.2)
    rig.picture.close()
    names = sorted(path.name for path in tmp_path.iterdir())
    assert 4 <= len(names) + rig.picture._writer.dropped <= 5
    assert names[0].startswith("00000.0s_step") and names[0].endswith(".png")


def test_a_screenshot_that_cannot_be_written_stops_nothing(make_rig: Make, tmp_path: Path) -> None:
    """A full or forbidden disk is said, the show goes on."""
    (tmp_path / "file").write_text("")
    rig = make_rig()
    rig.picture.screenshot(tmp_path / "file" / "shot.png")
    rig.play(HEALTHY, 0.2)
    assert rig.picture.faults == 0


def test_the_report_counts(make_rig: Make) -> None:
    """Size, pictures, rate and late ones."""
    rig = make_rig()
    rig.play(HEALTHY, 1.0)
    report = rig.picture.report()
    assert (report["width"], report["height"]) == (320, 180)
    assert report["frames"] == 30
    assert abs(report["fps"] - 30) < 1
    assert report["late_frames"] == 0
    assert 33 <= report["frame_ms_p50"] <= 34
    assert rig.picture.lost == 0


def test_lost_metric_frames_are_counted(make_rig: Make) -> None:
    """More steps between two pictures than the bus holds: the rest is counted."""
    rig = make_rig()
    rig.metrics(HEALTHY)
    rig.picture.draw()
    for _ in range(METRICS.depth + 44):
        rig.metrics(HEALTHY)
    rig.picture.draw()
    assert rig.picture.lost == 44
    assert rig.picture.data.step == METRICS.depth + 45


def test_an_empty_show_has_a_size_and_words(make_rig: Make) -> None:
    """The window says in words what it is."""
    rig = make_rig(size=(640, 360), lines=180)
    assert "640x360" in rig.words and "off-screen" in rig.words
    assert rig.picture.inner_size == (320, 180)


@pytest.mark.parametrize("size", [(0, 720), (1280, -1), (1280, 100_000)])
def test_an_impossible_size_is_a_mistake(make_rig: Make, size: tuple[int, int]) -> None:
    """One sentence with the size that came and what is allowed."""
    with pytest.raises(Mistake, match=f"{size[0]}x{size[1]}.*16 to 16384"):
        make_rig(size=size)


def test_screenshots_need_a_folder_and_a_pace() -> None:
    """Checked before anything opens."""
    with pytest.raises(Mistake, match="folder"):
        PictureConfig(WindowConfig(), screenshot_every_s=1.0)
    with pytest.raises(Mistake, match=r"0\.1 s"):
        PictureConfig(WindowConfig(), screenshot_every_s=float("nan"), screenshot_folder=Path())


def test_a_fault_in_a_picture_is_counted_and_the_next_one_comes(
    make_rig: Make, tmp_path: Path
) -> None:
    """After the curtain nothing raises."""
    rig = make_rig(looks=[look_of(tmp_path, "plain", "void main() { gl_FragColor = vec4(1.); }")])
    rig.play(HEALTHY, 0.5)
    good = rig.picture._modulate
    rig.picture._modulate = lambda *_: 1 / 0
    rig.play(HEALTHY, 0.2)
    assert rig.picture.faults == 6
    rig.picture._modulate = good
    rig.play(HEALTHY, 1.0)
    assert rig.picture.faults == 6 and rig.luma().mean() > 0.9
