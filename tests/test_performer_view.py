"""The performer's view: a process of its own on a real bus; whatever becomes of it, the show goes on."""

import ctypes
import ctypes.util
import os
import signal
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pygame
import pytest
from free_port import free_port
from perform_stand import PERFORM
from shown import shown

from instrument.clock import HandClock, wall_clock
from instrument.performer_view import PerformerView
from instrument.performer_view_process import PerformerViewProcess
from instrument.picture.performer_page import (
    Moving,
    PageView,
    PerformerPage,
    Trace,
    tile_sheet,
)
from instrument.picture.performer_score import Score
from instrument.picture.strokes import ACCENT, TRACK
from instrument.signals.bus import Bus, new_show_name
from instrument.signals.controls import Bank, Control, Controls, Group
from instrument.signals.frames import (
    CONTROLS,
    HANDS,
    METRICS,
    NOTICES,
    STANDING,
    TILES,
    ControlFrame,
    HandsFrame,
    MetricFrame,
    StandingFrame,
    TileFrame,
)
from instrument.signals.notices import Notice, notice_frame
from instrument.signals.show import SHOW
from instrument.signals.spec import number
from instrument.signals.spoken import Tone, Word, line_text
from instrument.signals.streams import StreamSpec
from instrument.traces import BINS, SECONDS, Traces

pytestmark = pytest.mark.slow

ROOT = Path(__file__).resolve().parents[1]
STREAMS = (
    StreamSpec("loss_g", 0, 6, "g"),
    StreamSpec("reject", 0, 1, "r"),
    StreamSpec("state", 0, 2, "state", choices=("noise", "digits", "collapse")),
)


class Hands(Controls):
    heat = Control(number(0.0, 2.0, 1.0, "heat"))


class Organ(Controls):
    level = Control(number(0.0, 1.0, 0.5, "level"))


BANK = Bank.of((SHOW, Group("learning", Hands), Group("sound.organ", Organ)))
ROUTE = {"stream": "reject", "control": "sound.organ.level", "depth": 0.5, "lag_up": 0.0}


def config_of(bus: Bus, **more: Any) -> dict[str, Any]:
    return {
        "show": bus.show,
        "streams": [stream.to_dict() for stream in STREAMS],
        "controls": [spec.to_dict() for spec in BANK],
        "routes": [ROUTE],
        "things": {},
        "display": None,
        "headless": True,
        **more,
    }


@pytest.fixture
def bus() -> Iterator[Bus]:
    bus = Bus(new_show_name())
    yield bus
    bus.close()


class Stage:
    """The stage as the view's other end sees it: what it was told, in order, and a way to wait for more."""

    def __init__(self, bus: Bus, **more: Any) -> None:
        self.keys: list[tuple[str, bool]] = []
        self.told: list[tuple[str, bool]] = []
        self._more = threading.Condition()
        self.view = PerformerViewProcess(config_of(bus, **more), self._key, self._say)

    def _key(self, name: str, pressed: bool) -> None:
        with self._more:
            self.keys.append((name, pressed))
            self._more.notify()

    def _say(self, text: str, grave: bool) -> None:
        with self._more:
            self.told.append((text, grave))
            self._more.notify()

    def wait(self, until: Callable[[], bool], timeout_s: float = 20.0) -> None:
        with self._more:
            assert self._more.wait_for(until, timeout_s), (self.told, self.keys)


@pytest.fixture
def stage(bus: Bus) -> Iterator[Stage]:
    stage = Stage(bus)
    stage.view.start()
    yield stage
    stage.view.stop()


def test_it_comes_up_says_its_window_and_leaves_with_the_show(stage: Stage) -> None:
    """Closing its input is enough; nothing is said of an end that was wanted."""
    stage.wait(lambda: bool(stage.told))
    assert stage.told == [("performer's view 1280x720, dummy", False)]
    assert stage.view.alive
    stage.view.stop()
    assert not stage.view.alive
    assert len(stage.told) == 1


def test_its_death_is_said_once_and_touches_nothing(stage: Stage) -> None:
    """Killed in the middle of a show: one grave sentence, and orders to it go nowhere."""
    stage.wait(lambda: bool(stage.told))
    os.kill(stage.view.pid or 0, signal.SIGKILL)
    stage.wait(lambda: len(stage.told) == 2)
    assert stage.told[1] == ("the performer's view ended (signal 9); the show goes on", True)
    stage.view.toggle_help()
    stage.view.stop()
    assert len(stage.told) == 2 and not stage.view.alive


def test_ctrl_c_in_the_terminal_leaves_its_end_to_the_show(stage: Stage) -> None:
    """The signal reaches every process of the terminal; the view waits for the end of its input."""
    stage.wait(lambda: bool(stage.told))
    os.kill(stage.view.pid or 0, signal.SIGINT)
    stage.view.toggle_help()
    assert stage.view.alive
    stage.view.stop()
    assert len(stage.told) == 1


def test_without_a_screen_it_says_so_and_the_show_goes_on(bus: Bus, monkeypatch: Any) -> None:
    """One sentence, not two."""
    for name in ("DISPLAY", "WAYLAND_DISPLAY", "SDL_VIDEODRIVER"):
        monkeypatch.delenv(name, raising=False)
    stage = Stage(bus, headless=False)
    stage.view.start()
    stage.wait(lambda: bool(stage.told))
    stage.view.stop()
    ((text, grave),) = stage.told
    assert grave and "no window for the performer" in text and "goes on without" in text


def test_it_loads_no_torch_no_gl_and_no_sound() -> None:
    """It gives way to everything else, and has nothing to give back."""
    done = subprocess.run(
        [sys.executable, "-c", "import sys, instrument.performer_view;"
         "print([m for m in ('torch', 'moderngl', 'pyo', 'mcap') if m in sys.modules])"],
        capture_output=True, text=True, check=True, cwd=ROOT,
    )  # fmt: skip
    assert done.stdout.splitlines()[-1] == "[]"


# -- keys, on a real screen ---------------------------------------------------------------------


@pytest.fixture
def screen(real_screen: Callable[..., AbstractContextManager[str]]) -> Iterator[str]:
    """A real X screen of 1400x800."""
    if ctypes.util.find_library("Xtst") is None:
        pytest.skip("needs libXtst")
    with real_screen("1400x800") as display:
        yield display


class Fingers:
    """Types on an X screen, as a keyboard does (XTEST)."""

    def __init__(self, display: str) -> None:
        self._x, self._test = ctypes.CDLL("libX11.so.6"), ctypes.CDLL("libXtst.so.6")
        self._x.XOpenDisplay.restype = ctypes.c_void_p
        self._display = ctypes.c_void_p(self._x.XOpenDisplay(display.encode()))
        assert self._display
        self._test.XTestFakeMotionEvent(self._display, -1, 640, 360, 0)
        self._x.XFlush(self._display)

    def move(self, symbol: str, pressed: bool) -> None:
        keysym = self._x.XStringToKeysym(symbol.encode())
        code = self._x.XKeysymToKeycode(self._display, keysym)
        self._test.XTestFakeKeyEvent(self._display, code, int(pressed), 0)
        self._x.XFlush(self._display)


def test_keys_pressed_there_reach_the_stage_and_its_own_stay(
    bus: Bus, screen: str, monkeypatch: Any
) -> None:
    """A key down and up; H is for this window alone; what was held when it dies is let go."""
    monkeypatch.setenv("DISPLAY", screen)
    monkeypatch.delenv("SDL_VIDEODRIVER", raising=False)
    monkeypatch.delenv("WAYLAND_DISPLAY", raising=False)
    stage = Stage(bus, headless=False)
    stage.view.start()
    stage.wait(lambda: bool(stage.told))
    assert stage.told[0][0].startswith("performer's view 1280x720, x11")
    fingers = Fingers(screen)
    for symbol, pressed in (("h", True), ("h", False), ("x", True), ("x", False), ("v", True)):
        fingers.move(symbol, pressed)
    stage.wait(lambda: len(stage.keys) == 3)
    assert stage.keys == [("x", True), ("x", False), ("v", True)]
    os.kill(stage.view.pid or 0, signal.SIGKILL)
    stage.wait(lambda: len(stage.told) == 2)
    assert stage.keys[3:] == [("v", False)]
    stage.view.stop()


@pytest.mark.slow
def test_a_whole_show_plays_with_a_view_and_a_warning() -> None:
    """The command as a performer calls it; the view leaves with the show."""
    done = subprocess.run(
        [*PERFORM, "--headless",
         "--sound", "null", "--size", "320x180", "--no-standby", "--seconds", "6",
         "--performer-view", "--no-flash-guard", "--osc-port", str(free_port())],
        capture_output=True, text=True, timeout=90, cwd=ROOT,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    assert "view: performer's view 1280x720, dummy" in done.stderr
    assert "picture: FLASH GUARD IS OFF, as asked" in done.stderr
    assert "performer's view ended" not in done.stderr


# -- what it hears ------------------------------------------------------------------------------


def test_a_view_hears_the_show(bus: Bus) -> None:
    """Steps, samples, positions and notices end up on the page; routes move with the streams."""
    ports = {topic.name: bus.publisher(topic) for topic in (METRICS, TILES, CONTROLS, NOTICES)}
    clock = HandClock(1000.0)
    view = PerformerView(config_of(bus), bus, clock)
    for step in range(40):
        clock.advance(0.25)
        frame = MetricFrame(time_s=clock(), step=step, count=3)
        frame.streams[:3] = [2.0 + step, step % 2, 1.0]
        ports["metrics"].send(frame)
        view.listen()
    tile = TileFrame(count=1, height=2, width=2, channels=1)
    tile.tiles[:4] = [9, 8, 7, 6]
    ports["tiles"].send(tile)
    control = ControlFrame(count=len(BANK))
    control.positions[: len(BANK)] = [0.25] * len(BANK)
    ports["controls"].send(control)
    ports["notices"].send(notice_frame(Notice("sound", "gone", grave=True), clock()))
    clock.advance(0.25)
    view.listen()
    page = view.page()
    assert page.state == "digits"
    assert page.losses[0].now == 41.0 and page.sparks[0].name == "reject"
    assert page.tiles is not None and page.tiles.ravel().tolist() == [9, 8, 7, 6]
    assert [(row.thing, row.stream, row.at) for row in page.moving] == [
        ("organ level", "reject", 1)
    ]
    assert page.moving[0].push == pytest.approx(0.125), "half of calm .25"
    assert page.notices[0][1:] == ("sound", Word("gone", Tone.GRAVE))
    assert (page.state_history == 1).sum() >= 35
    view.shows_help = True
    assert any("heat" in line and "0.5" in line for line in view.page().help_lines)
    view.close()


def test_frames_that_are_nonsense_change_nothing(bus: Bus) -> None:
    """A tile frame of impossible size, a metric frame of NaN."""
    tiles, metrics = bus.publisher(TILES), bus.publisher(METRICS)
    view = PerformerView(config_of(bus), bus)
    tiles.send(TileFrame(count=64, height=60_000, width=60_000, channels=3))
    frame = MetricFrame(time_s=wall_clock(), step=1, count=128)
    frame.streams[:] = [float("nan")] * 128
    metrics.send(frame)
    view.listen()
    page = view.page()
    assert page.tiles is None and page.state == "noise"
    PerformerPage().draw(pygame.Surface((640, 360)), page)
    view.close()


CUES = [
    ["a", "GO"],
    ["b", "after 0:12"],
    ["c", "at 5:20"],
    ["d" * 30, "GO"],
    ["e", "GO"],
    ["f", "GO"],
]


def score_of(bus: Bus, frame: StandingFrame, **shows: float) -> Score:
    """What the page says of cues and beat with these values of the group ``show``."""
    control, standing = bus.publisher(CONTROLS), bus.publisher(STANDING)
    view = PerformerView(config_of(bus, cues=CUES), bus, HandClock(1000.0))
    control.send(shown(BANK, **shows))
    standing.send(frame)
    view.listen()
    score = view.page().score
    view.close()
    return score


def test_the_three_cues_after_the_next_are_told_with_how_they_go(bus: Bus) -> None:
    """In their order; a long name is cut; fewer where the list ends, none where it is over."""
    frame = StandingFrame(
        time_s=1000.0, morph=1.0, cue=1, next_cue=2, cue_count=6, cue_name=b"a", next_name=b"b",
        waits=b"in 0:12", next_note=b"listen",
    )  # fmt: skip
    score = score_of(bus, frame)
    assert line_text(score.next) == "2/6  b  in 0:12" and score.note == "listen"
    assert [line_text(line) for line in score.then] == [
        "3/6  c  at 5:20", "4/6  " + "d" * 18 + "..  GO", "5/6  e  GO",
    ]  # fmt: skip
    frame.next_cue = 5
    assert [line_text(line) for line in score_of(bus, frame).then] == ["6/6  f  GO"]
    frame.next_cue, frame.waits = 0, b"the piece is over"
    score = score_of(bus, frame)
    assert line_text(score.next) == "the piece is over" and score.then == ()


def test_the_beat_is_told_as_soon_as_anybody_uses_it(bus: Bus) -> None:
    """Bar and beat from one, the tempo, whose clock; nothing of it in a show that has none."""
    frame = StandingFrame(time_s=1000.0, morph=1.0, beat=46.5, bpm=96.0, scene=b"weights")
    assert score_of(bus, frame).beat == () and line_text(score_of(bus, frame).scene) == "weights"
    assert line_text(score_of(bus, frame, bpm=96.0).beat) == "12.3  96 bpm  internal"
    assert line_text(score_of(bus, frame, clock=2.0).beat) == "12.3  96 bpm  link"
    frame.pending = 2
    words = line_text(score_of(bus, frame, quantise=2.0).beat)
    assert words == "12.3  96 bpm  internal  2 acts wait, 0.9 s", "1.5 beats at 96 bpm"


def test_a_fader_that_waits_is_on_the_page_and_goes_from_it(bus: Bus) -> None:
    """As the MIDI hand said last."""
    hands = bus.publisher(HANDS)
    view = PerformerView(config_of(bus), bus, HandClock(1000.0))
    frame = HandsFrame(waiting=1, learned=-1)
    frame.controls[0] = BANK.number["learning.heat"]
    frame.hardware[0], frame.stands[0] = 0.2, 0.6
    hands.send(frame)
    view.listen()
    ((heading, line),) = view.page().waits
    assert (heading, line_text(line)) == ("waits", "heat  fader at 20%, stands at 60%  ^")
    hands.send(HandsFrame(learned=-1))
    view.listen()
    assert view.page().waits == ()
    view.close()


# -- traces -------------------------------------------------------------------------------------


def metric(time_s: float, value: float) -> MetricFrame:
    frame = MetricFrame(time_s=time_s, count=1)
    frame.streams[0] = value
    return frame


def test_a_bin_is_the_mean_of_what_came_in_it() -> None:
    """Bins of a quarter of a second; what is not finite is left out."""
    assert SECONDS / BINS == 0.25
    traces = Traces(1)
    for time_s, value in ((8.0, 1.0), (8.1, 3.0), (8.2, np.nan), (8.25, 7.0)):
        traces.take(metric(time_s, value))
    traces.advance(8.5)
    assert traces.of(0)[-2:].tolist() == [2.0, 7.0]


def test_where_nothing_came_the_trace_has_a_hole() -> None:
    """One second of silence is four bins of NaN; a minute of it empties the trace."""
    traces = Traces(1)
    traces.take(metric(8.0, 1.0))
    traces.take(metric(9.25, 2.0))
    traces.advance(9.5)
    assert np.isnan(traces.of(0)[-5:-1]).all()
    assert traces.of(0)[[-6, -1]].tolist() == [1.0, 2.0]
    traces.advance(9.5 + SECONDS)
    assert np.isnan(traces.of(0)).all()


# -- the page -----------------------------------------------------------------------------------

FULL = PageView(
    status=(Word("3:12", Tone.STRONG), Word("step 12345  44/s"), Word("2 dropouts", Tone.GRAVE)),
    asides=((Word("tile wall"),), (Word("5 gestures"),)),
    state="digits",
    states=("noise", "digits", "collapse"),
    state_history=np.array([0] * 120 + [1] * 120, np.int8),
    peak_dbfs=-12.0,
    lufs=-18.0,
    losses=(Trace("loss g", np.full(240, 1.0), 0, 6), Trace("loss d", np.full(240, 2.0), 0, 3)),
    sparks=(Trace("reject", np.linspace(0, 1, 240), 0, 1),),
    tiles=np.full((64, 28, 28, 1), 200, np.uint8),
    moving=(Moving("organ level", "reject", 0.5, -0.5),),
    gestures=(("0:04", "key", "heat 1.5"),),
    waits=(("waits", (Word("fog", Tone.STRONG), Word("fader at 20%, stands at 60%  ^"))),),
    score=Score(
        next=(Word("4/22"), Word("ten", Tone.STRONG), Word("until modes >= 9")),
        note="the note",
        then=tuple((Word(f"{number}/22"), Word("rest"), Word("GO")) for number in (5, 6, 7)),
        now=(Word("3/22"), Word("by chance", Tone.STRONG)),
        scene=(Word("2 cathedral"),),
        beat=(Word("12.3", Tone.STRONG), Word("96 bpm")),
    ),
    notices=(("0:09", "sound", Word("the device is gone", Tone.GRAVE)),),
)


LONG = Score(
    next=(Word("14/23"), Word("n" * 28, Tone.STRONG), Word("until " + "x" * 90)),
    note="a note that is long " * 8,
    then=((Word("15/23"), Word("m" * 20), Word("when " + "y" * 60)),) * 3,
    now=(Word("13/23"), Word("g" * 63, Tone.STRONG), Word("0:15 ago")),
    scene=(Word("6 " + "q" * 70), Word("39%, 0:07 left")),
    beat=(Word("112.3"), Word("96.35 bpm"), Word("internal"), Word("2 acts wait, 10.2 s")),
)


def drawn(view: PageView, size: tuple[int, int] = (1280, 720)) -> np.ndarray:
    """uint8 (height, width, 3)."""
    surface = pygame.Surface(size)
    PerformerPage().draw(surface, view)
    return pygame.surfarray.array3d(surface).swapaxes(0, 1)


def accents(pixels: np.ndarray) -> np.ndarray:
    return (pixels == np.array(ACCENT)).all(axis=2)


@pytest.mark.parametrize("size", [(1280, 720), (1920, 1080), (1024, 768), (640, 360), (200, 900)])
def test_every_part_of_the_page_has_something_on_it(size: tuple[int, int]) -> None:
    """At any size: head, lanes, meters, traces, samples, routes, gestures, notices."""
    pixels = drawn(FULL, size)
    scale = min(size[0] / 1280, size[1] / 720)
    empty = drawn(PageView(), size)
    parts = {
        "state": (24, 8, 250, 60), "time": (1150, 8, 1256, 60), "status": (24, 70, 900, 95),
        "asides": (900, 16, 1086, 60), "lanes": (144, 112, 1256, 160), "meters": (144, 216, 518, 260),
        "losses": (144, 286, 518, 384), "sparks": (224, 400, 518, 420), "tiles": (640, 216, 864, 440),
        "moving": (880, 235, 1256, 275), "waits": (640, 456, 1256, 474), "gestures": (640, 476, 1256, 494),
        "next cue": (24, 554, 900, 578), "note": (80, 581, 400, 599), "now": (80, 599, 400, 616),
        "scene": (80, 617, 400, 635), "then": (724, 581, 1256, 599), "the third": (780, 617, 1256, 635),
        "beat": (724, 635, 1256, 653), "notices": (24, 663, 600, 681),
    }  # fmt: skip
    for name, box in parts.items():
        left, top, right, bottom = (round(edge * scale) for edge in box)
        part = pixels[top:bottom, left:right]
        assert (part != empty[top:bottom, left:right]).any(), name


def test_without_cues_their_room_belongs_to_the_notices() -> None:
    """Six notices; with cues three, and a long note goes on in a second line beside the cues after."""
    said = tuple(("0:01", "show", Word(f"notice {number}")) for number in range(6))
    without = drawn(PageView(notices=said))
    assert (without[694:714] > 100).any(), "the sixth"
    long = replace(LONG, note="long words " * 14)
    with_cues = drawn(PageView(notices=said, score=long))
    assert (with_cues[581:599, 600:708] > 100).any() and (with_cues[600:616, 80:400] > 100).any()
    assert not (with_cues[581:652, 712:722] > 100).any(), "the two columns keep apart"
    assert not (with_cues[:, 1257:] > 100).any(), "nothing runs off the page"


def test_however_long_names_are_nothing_crosses_a_line() -> None:
    """The lines above the cues and above the notices are untouched, over their whole length."""
    act = ("0:00", "w" * 60, "g" * 60)
    word = (Word("fog " * 20, Tone.STRONG), Word("fader at 100%, stands at 0%  v"))
    pixels = drawn(
        replace(
            FULL, score=LONG, gestures=(act,) * 8, waits=(("waits", word),) * 4,
            notices=(("0:09", "sound", Word("j" * 200)),) * 8,
        )
    )  # fmt: skip
    for row in (549, 657):
        assert (pixels[row, 24:1256] == np.array(TRACK)).all(), row
    assert not (pixels[:, 1257:] > 100).any()


def test_faders_that_wait_take_the_room_of_the_oldest_gestures() -> None:
    """Six rows in all; where nothing waits they are all gestures."""
    acts = tuple(("0:01", "key", f"heat {number}") for number in range(8))
    waits = (("waits", (Word("fog", Tone.STRONG), Word("fader at 20%, stands at 60%  ^"))),) * 2
    alone, both = drawn(PageView(gestures=acts)), drawn(PageView(gestures=acts, waits=waits))
    assert (both[496:576, 640:] == alone[456:536, 640:]).all(), "the first four, two rows below"
    assert not (both[577:581, 640:] > 0).any()


def test_the_ground_is_black_and_only_one_colour_is_used() -> None:
    """White, greys, and the accent."""
    pixels = drawn(FULL).reshape(-1, 3).astype(int)
    assert (pixels.max(axis=1) == 0).mean() > 0.7
    coloured = pixels[np.ptp(pixels, axis=1) > 60]
    assert len(coloured) and (coloured[:, 0] > coloured[:, 1]).all()
    assert (coloured[:, 2] < 140).all()


def test_a_push_that_takes_away_leans_to_the_left() -> None:
    """The middle of the bar is no push."""
    left = accents(drawn(PageView(moving=(Moving("a", "b", 0.5, -0.5),))))[259:264]
    right = accents(drawn(PageView(moving=(Moving("a", "b", 0.5, 0.5),))))[259:264]
    middle = 880 + (1256 - 880 - 16) / 4
    assert np.flatnonzero(left.any(axis=0)).max() <= middle
    assert np.flatnonzero(right.any(axis=0)).min() >= middle - 1


def test_a_louder_peak_fills_more_and_the_top_is_in_the_accent() -> None:
    """-60 dBFS is nothing, -1 and above is too hot."""
    widths = [
        (drawn(PageView(peak_dbfs=level))[224, 144:518].max(axis=1) > 200).sum()
        for level in (-120.0, -60.0, -30.0, -6.0)
    ]
    assert widths[0] == widths[1] == 0 and 170 < widths[2] < 200 and widths[3] > 320
    assert accents(drawn(PageView(peak_dbfs=-0.5)))[224, 144:518].sum() > 300


def test_a_rising_trace_rises_and_a_hole_stays_a_hole() -> None:
    """Oldest left; NaN draws nothing."""
    values = np.linspace(0.0, 1.0, 240)
    values[100:140] = np.nan
    pixels = drawn(PageView(sparks=(Trace("x", values, 0, 1),)))[400:424, 224:518].max(axis=2) > 200
    heights = [np.flatnonzero(pixels[:, column]).mean() for column in (20, 270)]
    assert heights[0] > 18 and heights[1] < 6
    assert not pixels[:, 126:168].any()


def test_the_map_of_keys_takes_the_page() -> None:
    """All of it fits, however many lines."""
    lines = [f"key {n}  does something with a word or two" for n in range(60)]
    pixels = drawn(PageView(help_lines=lines))
    rows = np.flatnonzero(pixels.max(axis=(1, 2)) > 100)
    columns = np.flatnonzero(pixels.max(axis=(0, 2)) > 100)
    assert rows[0] >= 24 and rows[-1] < 720 - 20 and columns[-1] < 1256


def test_samples_hang_in_eight_rows_of_eight() -> None:
    """Grey or in colour; fewer than 64 leave the rest black."""
    tiles = np.arange(10, dtype=np.uint8).reshape(10, 1, 1, 1) + 1
    sheet = tile_sheet(tiles)
    assert sheet.shape == (8, 8, 3)
    assert sheet[0, :, 0].tolist() == [1, 2, 3, 4, 5, 6, 7, 8] and sheet[1, :3, 2].tolist() == [
        9,
        10,
        0,
    ]
    assert tile_sheet(np.zeros((64, 28, 28, 3), np.uint8)).shape == (224, 224, 3)
