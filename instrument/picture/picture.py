"""`Picture`: the room of the picture as the wiring sees it. Main thread, except where said."""

import contextlib
import time
from collections import deque
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np

from instrument.clock import Clock
from instrument.picture.data import PictureData
from instrument.picture.events import CLOSE, FOCUS, RESIZE, Events, KeyEvent
from instrument.picture.inner import InnerSize
from instrument.picture.lights import Lights
from instrument.picture.look_painter import PATIENCE_S
from instrument.picture.looks import Look
from instrument.picture.moment import Moment
from instrument.picture.moments import Moments
from instrument.picture.overlay import Overlay, Panel, Place, plain_lines
from instrument.picture.pacing import Pacer
from instrument.picture.painter import Painter
from instrument.picture.readback import Readback, Taker
from instrument.picture.sayings import Sayings
from instrument.picture.screenshot import ScreenshotWriter, Shot
from instrument.picture.shader_watch import ShaderWatch
from instrument.picture.shutter import Shutter, check_interval
from instrument.picture.taps import Tap
from instrument.picture.textures import DataTextures
from instrument.picture.uniforms import uniforms
from instrument.picture.window import Window, WindowConfig
from instrument.signals import places
from instrument.signals.bus import Bus
from instrument.signals.controls import Bank
from instrument.signals.mistake import Mistake
from instrument.signals.show import SHOW, ShowControls
from instrument.signals.streams import StreamSpec, stream_numbers

Modulate = Callable[[np.ndarray, np.ndarray, float], np.ndarray]

WAITING_TEXT = "waiting for the first step"
AT_LEAST_S = 0.002


@dataclass(frozen=True)
class PictureConfig:
    """What picture is asked for.

    `lines`: height of the inner picture in hard pixels (as near as whole enlargement allows).
    `screenshot_every_s` and `screenshot_folder`: a screenshot by itself, None for none.
    `flash_guard`: only an explicit flag may turn it off. `hot_reload`: take looks that are saved.
    `to_window`: whether anybody looks at the window; the taps see every picture anyway. `patience_s`: a
    look that takes longer for a picture of 32x18 is left out.
    """

    window: WindowConfig = field(default_factory=WindowConfig)
    rate: float = 60.0
    lines: int = 360
    flash_guard: bool = True
    hot_reload: bool = True
    to_window: bool = True
    patience_s: float = PATIENCE_S
    screenshot_every_s: float | None = None
    screenshot_folder: Path | None = None

    def __post_init__(self) -> None:
        check_interval(self.screenshot_every_s, self.screenshot_folder)


class Picture:
    """Open window, draw one picture after the other. Nothing raises once `open` has returned.

    `events`: keys, to be drained by the wiring. `closed`: the window was closed by hand.
    `panels`: text over the picture, one panel for each place; what is taken of it does not have them.
    `taps`: who sees every picture besides the audience.
    """

    def __init__(
        self,
        config: PictureConfig,
        looks: Sequence[Look],
        bank: Bank,
        streams: Sequence[StreamSpec],
        modulate: Modulate,
        bus: Bus,
        clock: Clock,
        sleep: Callable[[float], None] = time.sleep,
    ) -> None:
        """`sleep` waits seconds of `clock` until a picture is due."""
        self.taps: list[Tap] = []
        self.config, self.looks, self.clock = config, tuple(looks), clock
        self.events: deque[KeyEvent] = deque(maxlen=256)
        self.closed = False
        self.panels: Sequence[Panel] = ()
        self.faults = 0
        self.look_faults: dict[str, str] = {}
        """What is wrong with looks as they were saved last, by their names."""
        self.left_out: dict[str, str] = {}
        """What is wrong with looks that could not be compiled when the show began, by their names."""
        self._rows = stream_numbers(streams)
        self._modulate = modulate
        self.data = PictureData(bus, bank, streams)
        self._sayings = Sayings(bus)
        self._say, self._say_once = self._sayings.say, self._sayings.say_once
        self._values = np.array([spec.default for spec in bank], np.float64)
        self._moments = Moments(self.looks, bank, self._values)
        self._show: ShowControls | None = None
        if SHOW.specs[0].path in bank:
            self._show = bank.bind(SHOW, self._values)
        self._pacer = Pacer(config.rate, clock, sleep)
        self._writer = ScreenshotWriter(lambda text: self._say(text, grave=True))
        self._readback: Readback | None = None
        self._window: Window | None = None
        self._watch: ShaderWatch | None = None
        self._shutter = Shutter(config.screenshot_every_s, config.screenshot_folder)
        self._lights = Lights()
        self._window_size = (0, 0)
        self._frame = 0
        self._began_s = 0.0
        self._last_s = 0.0
        self.work_s = 0.0

    def open(self) -> str:
        """Make the window, compile every look, show the first picture; the window in words.

        A look with a fault is in `left_out`, and is not shown until it was mended. Raises `Mistake` when
        there can be no window, or none of the looks can be played.
        """
        self._window = window = Window(self.config.window)
        self._window_size = window.size
        ctx = window.ctx
        self._textures = DataTextures(ctx, self.data, list(self._rows))
        self._inner = InnerSize(window.size, self.config.lines, self._pacer.period_s)
        self._painter = Painter(
            ctx, self.looks, self._rows, self._inner.size, window.finish,
            self.config.flash_guard, places.folders("shaders"), window.software,
        )  # fmt: skip
        self._painter.look_painter.patience_s = self.config.patience_s
        self._overlay = Overlay(ctx)
        self._events = Events()
        self._began_s = self._last_s = self.clock()
        self._shutter.begin(self._began_s)
        self._draw(self._began_s)
        window.flip()
        try:
            self.left_out = self._painter.compile()
        except Mistake:
            self.close()
            raise
        if self.config.hot_reload:
            self._watch = ShaderWatch(lambda: dict(self._painter.looks))
            self._watch.start()
        return window.words

    def draw(self) -> None:
        """One picture: events, data, modulation, looks, guard, text, window; waits only for its time.

        It is drawn ahead and shown when it is due: how long a picture took does not show as unrest.
        """
        now_s = self.clock()
        try:
            self._draw(now_s)
        except Exception as error:
            self.faults += 1
            self._say_once(f"the picture stumbled ({type(error).__name__}: {error}); it goes on")
        self.work_s = self.clock() - now_s
        self._pacer.wait()
        self._open_window().flip()
        self._pacer.shown()
        news = self._inner.took(self.work_s)
        if news is not None:
            self._say(news)

    def _draw(self, now_s: float) -> None:
        window = self._open_window()
        since_s = min(0.25, max(0.0, now_s - self._last_s))
        elapsed_s = max(AT_LEAST_S, since_s)
        self._last_s = now_s
        self._take_saved()
        self._read_events(window)
        self.data.take(now_s)
        self._stand(elapsed_s)
        with contextlib.suppress(KeyError):
            self._textures.upload(self.data)
        self._textures.bind()
        self._painter.paint(self._moment(now_s, elapsed_s, since_s))
        self._let_taps_see(now_s)
        if self.config.to_window:
            self._painter.present(window.screen(), window.size, self._inner.scale)
            self._write_text(window)
        self._shoot(window, now_s)
        self._sayings.speak(now_s)
        window.finish()
        window.collect()
        self._frame += 1

    def _take_saved(self) -> None:
        """One look that was saved, compiled between two pictures."""
        if self._watch is not None and self._watch.changed:
            self.reload(self._watch.changed.popleft())

    def _let_taps_see(self, now_s: float) -> None:
        for tap in tuple(self.taps):
            try:
                tap.see(self._painter.shown, now_s)
            except Exception as error:
                self.taps.remove(tap)
                self.faults += 1
                self._say(f"{type(tap).__name__.lower()} ends ({error}); the picture goes on", True)

    def hand_pixels_to(self, taker: Taker) -> None:
        """From now on `taker` gets the pixels of every picture, and when it is shown. After `open`."""
        if self._readback is None:
            window = self._open_window()
            self._readback = Readback(window.ctx, window.software)
            self.taps.append(self._readback)
        self._readback.takers.append(taker)

    def hand_the_rest_over(self) -> None:
        """The takers get what is still on its way, and nothing more."""
        if self._readback is not None:
            self._readback.finish()
            self._readback.takers.clear()

    def _read_events(self, window: Window) -> None:
        resized = False
        for event in self._events.read():
            if isinstance(event, KeyEvent):
                self.events.append(event)
            elif event == CLOSE:
                self.closed = True
            elif event == RESIZE:
                resized = True
            elif event == FOCUS:
                window.hide_cursor()
        if resized and window.resized():
            self._inner.resize(window.size)
            self._window_size = window.size

    def _stand(self, elapsed_s: float) -> None:
        """What every control stands at now; what is not finite keeps its last good value."""
        values = self._modulate(self.data.positions, self.data.streams, elapsed_s)
        np.copyto(self._values, values, where=np.isfinite(values))
        blackout = self._show is not None and self._show.blackout >= 0.5
        self._lights.advance(elapsed_s, blackout, self.data.waiting)

    def _moment(self, now_s: float, elapsed_s: float, since_s: float) -> Moment:
        waiting = self.data.waiting
        self._inner.choose("" if waiting else "+".join(self._moments.seen))
        self._painter.resize(self._inner.size)
        told = uniforms(
            self.data,
            self._painter.size,
            self._frame,
            now_s - self._began_s,
            since_s,
            now_s,
            self._moments.accent,
        )
        self._moments.happened = self.data.acts()
        black = self._lights.black
        if waiting:
            return self._moments.waiting(told, elapsed_s, black)
        return self._moments.moment(told, elapsed_s, black, self._lights.opening_s)

    def _write_text(self, window: Window) -> None:
        panels = list(self.panels)
        if self.data.waiting and all(panel.place is not Place.LOW_LEFT for panel in panels):
            panels.append(Panel(plain_lines([WAITING_TEXT])))
        try:
            self._overlay.draw(panels, window.size, window.screen(), self._moments.accent)
        except Exception as error:
            self.faults += 1
            self._say_once(f"text cannot be shown over the picture ({error})")

    def screenshot(self, path: Path | None = None) -> Path:
        """Write the next picture (without the text over it) as PNG; returns at once where it goes.

        Without a path: named by time and step, into the folder for screenshots or the present one.
        """
        return self._shutter.ask(path, self._shot_name(self.clock()))

    def _shot_name(self, now_s: float) -> str:
        return f"{max(0.0, now_s - self._began_s):07.1f}s_step{self.data.step:07d}.png"

    def _shoot(self, window: Window, now_s: float) -> None:
        for path in self._shutter.due(now_s, self._shot_name(now_s)):
            self._take(window, path)

    def _take(self, window: Window, path: Path) -> None:
        if not self._writer.free:
            self._writer.dropped += 1
            return
        window.finish()
        pixels = self._painter.shown.read(components=4, alignment=1)
        words = f"twos and sevens, {self._painter.look or 'waiting'}, step {self.data.step}"
        self._writer.put(
            Shot(path, pixels, self._painter.size, self._inner.scale, window.size, words)
        )

    def toggle_fullscreen(self) -> None:
        """From window to full screen and back."""
        self._open_window().toggle_fullscreen()

    def reload(self, name: str) -> None:
        """Compile a look's file anew; a fault is said with file and line, the last good one stays."""
        try:
            fresh = self._painter.reload(name)
        except Mistake as mistake:
            self.look_faults[name] = str(mistake)
            now = (
                "the last good one goes on"
                if name in self._painter.look_painter
                else "it is not shown"
            )
            self._say(f"{mistake}; {now}", grave=True)
            return
        self.look_faults.pop(name, None)
        self.left_out.pop(name, None)
        more = f"; {', '.join(fresh)}: at the default until the next start" if fresh else ""
        self._say(f"{name}, as saved{more}")

    @property
    def lost(self) -> int:
        """Metric frames that gave way because the picture was slow."""
        return self.data.lost

    @property
    def fps(self) -> float:
        """Pictures per second so far."""
        return self._pacer.fps

    @property
    def late_frames(self) -> int:
        """Pictures that came more than one and a half periods after the one before."""
        return self._pacer.late

    @property
    def pictures(self) -> int:
        """Pictures shown so far."""
        return self._pacer.pictures

    @property
    def pictures_held(self) -> int:
        """Pictures so far in which the flash guard held something."""
        return self._painter.guard.pictures_held

    @property
    def look(self) -> str:
        """Name of the look that is shown; '' while it waits."""
        return self._painter.look

    @property
    def window_size(self) -> tuple[int, int]:
        """Width and height of the window in pixels."""
        return self._window_size

    @property
    def inner_size(self) -> tuple[int, int]:
        """Width and height of the picture before it is enlarged."""
        return self._painter.size

    def fade_out(self, seconds: float) -> None:
        """From now on fade to black in `seconds`, for good: the end of the show."""
        self._lights.end(seconds)

    def report(self) -> dict[str, Any]:
        """How the picture went, counted."""
        width, height = self._window_size
        return {
            "width": width,
            "height": height,
            "frames": self._pacer.pictures,
            "fps": round(self._pacer.fps, 2),
            "frame_ms_p50": self._pacer.percentile_ms(0.5),
            "frame_ms_p99": self._pacer.percentile_ms(0.99),
            "late_frames": self._pacer.late,
        }

    def _open_window(self) -> Window:
        assert self._window is not None, "open() comes first"
        return self._window

    def close(self) -> None:
        """Write the screenshots that wait, take the window away."""
        self._writer.close()
        if self._watch is not None:
            self._watch.stop()
        self.data.close()
        self._sayings.close()
        if self._window is not None:
            self._window.close()
            self._window = None
