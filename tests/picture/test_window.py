"""The window on a real screen (Xvfb) and where there is none, each in a process of its own."""

import os
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager

import pytest
from picture_rig import ROOT

ENVIRONMENT = {
    key: value
    for key, value in os.environ.items()
    if key not in ("DISPLAY", "WAYLAND_DISPLAY", "SDL_VIDEODRIVER")
}
ENVIRONMENT["PYTHONPATH"] = str(ROOT)


def run(script: str, **environment: str) -> str:
    done = subprocess.run(
        [sys.executable, "-c", script], env={**ENVIRONMENT, **environment}, cwd=ROOT, timeout=60,
        capture_output=True, text=True,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    return done.stdout


@pytest.fixture(scope="module")
def screen(real_screen: Callable[..., AbstractContextManager[str]]) -> Iterator[str]:
    """A real X screen of 1024x768."""
    with real_screen("1024x768", "+extension", "GLX") as display:
        yield display


def test_without_a_screen_it_goes_on_off_screen_and_says_so() -> None:
    """No display: an off-screen window, one line, no greeting."""
    out = run(
        "from instrument.picture.window import *\n"
        "w = Window(WindowConfig(320, 180))\nprint(w.offscreen, w.size, w.words)\n"
    )
    assert out.startswith("True (320, 180) off-screen 320x180")
    assert "no screen here" in out and len(out.splitlines()) == 1


RESIZE = """
import numpy as np, pygame, sys
sys.path.insert(0, "tests/picture")
import picture_rig
from dataclasses import replace
rig = picture_rig.Rig(size=(640, 360), lines=180)
rig.picture.config = replace(rig.picture.config, window=replace(rig.picture.config.window, headless=False))
print(rig.picture.open())
rig.play(picture_rig.HEALTHY, 1.0)
print(rig.picture.inner_size, pygame.mouse.get_visible())
from pygame._sdl2.video import Window
window = Window.from_display_module()  # held: events point to it
window.size = (800, 600)
for _ in range(30):
    rig.play(picture_rig.HEALTHY, 1 / 30)
print(rig.picture.report()["width"], rig.picture.report()["height"], rig.picture.inner_size)
rig.picture.toggle_fullscreen()
rig.play(picture_rig.HEALTHY, 0.5)
rig.picture.toggle_fullscreen()
rig.play(picture_rig.HEALTHY, 0.5)
print("lit", rig.rgb().max() > 100, rig.picture.faults)
pygame.event.post(pygame.event.Event(pygame.QUIT))
rig.picture.draw()
print(rig.picture.closed)
rig.picture.close()
"""


def test_a_window_is_resized_and_closed(screen: str) -> None:
    """A resize changes the inner picture too, the cursor is hidden, full screen and back keeps painting."""
    lines = run(RESIZE, DISPLAY=screen).splitlines()
    assert lines[0].startswith("window 640x360")
    assert lines[1] == "(320, 180) False"
    assert lines[2] == "800 600 (266, 200)"
    assert lines[3] == "lit True 0"
    assert lines[4] == "True"


def test_a_display_that_is_not_there_is_a_mistake_that_lists_them(screen: str) -> None:
    """What came, and what there is."""
    out = run(
        "from instrument.picture.window import *\nfrom instrument.signals.mistake import Mistake\n"
        "try: Window(WindowConfig(320, 180, display=7))\nexcept Mistake as m: print(m)\n",
        DISPLAY=screen,
    )
    assert out.strip() == "display 7 is not there; there are: 0 (1024x768)"


def test_full_screen_takes_the_whole_screen(screen: str) -> None:
    """Whatever size was asked for."""
    out = run(
        "from instrument.picture.window import *\n"
        "w = Window(WindowConfig(320, 180, fullscreen=True))\nprint(w.size)\n",
        DISPLAY=screen,
    )
    assert out.strip() == "(1024, 768)"


def test_the_screen_stays_awake_and_the_cursor_hidden(screen: str) -> None:
    """Also when the focus comes back; a full screen stays when another display is clicked."""
    out = run(
        "import os, sys, pygame\nsys.path.insert(0, 'tests/picture')\nimport picture_rig\n"
        "from dataclasses import replace\nrig = picture_rig.Rig(size=(320, 180))\n"
        "config = rig.picture.config\n"
        "rig.picture.config = replace(config, window=replace(config.window, headless=False))\n"
        "rig.picture.open()\npygame.mouse.set_visible(True)\n"
        "pygame.event.post(pygame.event.Event(pygame.WINDOWFOCUSGAINED))\nrig.picture.draw()\n"
        "print(pygame.mouse.get_visible(), pygame.display.get_allow_screensaver(),\n"
        "      os.environ['SDL_VIDEO_MINIMIZE_ON_FOCUS_LOSS'])\nrig.picture.close()\n",
        DISPLAY=screen,
    )
    assert out.split() == ["False", "False", "0"]


def test_what_sdl_was_told_by_somebody_else_stays() -> None:
    """Hints are a default, not an order."""
    out = run(
        "import os\nfrom instrument.picture.displays import prepare_driver\nprepare_driver()\n"
        "print(os.environ['SDL_WINDOWS_DPI_AWARENESS'], os.environ['SDL_VIDEO_MINIMIZE_ON_FOCUS_LOSS'])",
        SDL_VIDEO_MINIMIZE_ON_FOCUS_LOSS="1",
    )
    assert out.split() == ["permonitorv2", "1"]


def test_the_tables_need_no_gl() -> None:
    """Looks and controls can be read by a process that must not load pygame, moderngl or torch."""
    out = run(
        "import sys\nfrom instrument.picture.controls import picture_groups\n"
        "from instrument.picture.looks import load_looks\nfrom pathlib import Path\n"
        "print(len(picture_groups(load_looks([Path('shaders')]))))\n"
        "print([m for m in ('pygame', 'moderngl', 'torch', 'pyo') if m in sys.modules])\n"
    )
    assert out.splitlines()[1] == "[]"
