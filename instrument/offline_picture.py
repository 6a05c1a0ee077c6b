"""The picture of a recorded run, drawn as fast as it goes: no device, no waiting, the clock turned by hand.

The same `Picture`, playback, conductor and mapping as on stage, on a bus inside this thread; the same run,
preset and size give the same pixels. Time 0 is the first frame of the run.
"""

import math
from collections.abc import Iterable, Iterator
from pathlib import Path
from types import TracebackType
from typing import Self

import moderngl
import numpy as np

from instrument import presets
from instrument.clock import HandClock
from instrument.conductor import Conductor
from instrument.house import House
from instrument.mapping import LiveModulator, Modulator, RouteDesk
from instrument.picture.picture import Picture, PictureConfig
from instrument.picture.screenshot import Shot, enlarged
from instrument.picture.window import WindowConfig
from instrument.runs.playback import Playback
from instrument.runs.reel import Reel
from instrument.show_house import house_of_show
from instrument.signals.frames import NOTICES, SOUND, SoundFrame
from instrument.signals.local_bus import LocalBus
from instrument.signals.mistake import Mistake
from instrument.signals.notices import notice_of
from instrument.signals.show import END_FADE_S

LOOK = "picture.look"
PATIENCE_S = 1.0
"""Hardly a look is too slow for a file, and other programs must not decide what is seen in it."""


def recorded_sound(run: Path) -> Iterator[SoundFrame]:
    """How the sound stood in a run, frame by frame, `time_s` from its first frame on. Raises `Mistake`."""
    reel = Reel(run)
    try:
        for recorded in reel.frames(topics=(SOUND.name,)):
            recorded.frame.time_s = recorded.at_s
            yield recorded.frame
    finally:
        reel.close()


class Catch:
    """The tap that keeps hold of what was drawn."""

    shown: moderngl.Framebuffer

    def see(self, shown: moderngl.Framebuffer, now_s: float) -> None:
        """A picture was painted."""
        self.shown = shown


class EndedOutside(Mistake):
    """SIGTERM: nothing is wrong with what was asked for."""


class OfflinePicture:
    """One run drawn from its beginning, picture by picture. One thread, one at a time in a process."""

    def __init__(
        self,
        run: Path,
        preset: str,
        size: tuple[int, int],
        rate: float = 60.0,
        look: str | None = None,
        sound: Iterable[SoundFrame] | None = None,
        house: House | None = None,
    ) -> None:
        """`size`: width and height of the inner picture. Raises `Mistake`.

        `rate` in pictures per second. `look`: this one all the time, instead of what preset and hand
        choose. `sound`: how the sound stood, `time_s` from the beginning, asked for one frame ahead of the
        pictures; None: as it was recorded.
        """
        if not (math.isfinite(rate) and 0.1 <= rate <= 1000.0):
            raise Mistake(f"{rate:g} pictures per second are not possible; 0.1 to 1000 are")
        house = house or house_of_show(preset)
        self.size, self.rate = size, rate
        self.clock = HandClock()
        self.bus = LocalBus()
        bank = house.bank
        self._playback = Playback(
            run, self.bus, bank, lambda act: self._conductor.take(act), self.clock
        )
        streams = self._playback.streams
        scene = presets.load(preset, house.vocabulary(streams))
        self._house, self._scene = house, scene
        routes = RouteDesk(scene.routes, streams, bank)
        self._conductor = Conductor(bank, scene.positions(bank), self.bus, self.clock, routes)
        self._playback.follow_mapping(scene.name, self._conductor.take)
        self._modulator = LiveModulator(Modulator(scene.routes, streams, bank), self.bus)
        self._look = None if look is None else (bank.number[LOOK], bank.spec(LOOK).parse(look))
        self.seconds = self._playback.reel.length_s + END_FADE_S
        """How long it is with its last fade, about."""
        self._sound = iter(recorded_sound(run) if sound is None else sound)
        self._next_sound = next(self._sound, None)
        self._ear = self.bus.publisher(SOUND)
        self._notices = self.bus.listener(NOTICES)
        self.said: list[str] = []
        """What was to be said of the run, as that it is cut short."""
        self.picture = Picture(
            PictureConfig(
                window=WindowConfig(*size, headless=True),
                rate=rate,
                lines=max(120, size[1]),
                hot_reload=False,
                to_window=False,
                patience_s=PATIENCE_S,
            ),
            house.looks,
            bank,
            streams,
            self._values,
            self.bus,
            self.clock,
            self.clock.advance,
        )
        self._catch = Catch()
        self.picture.taps.append(self._catch)

    def _values(self, positions: np.ndarray, streams: np.ndarray, elapsed_s: float) -> np.ndarray:
        values = self._modulator.values(positions, streams, elapsed_s)
        if self._look is not None:
            number, value = self._look
            values[number] = value
        return values

    def __enter__(self) -> Self:
        """Make the window and compile the looks. Raises `Mistake`."""
        self.clock.now_s = -1.0 / self.rate
        self.picture.open()
        self._check_looks()
        self.clock.now_s = 0.0
        self._conductor.open()
        self._playback.open()
        return self

    def _check_looks(self) -> None:
        house, positions = self._house, self._scene.positions(self._house.bank)
        who = f"the preset {self._scene.name}"
        if self._look is not None:
            who = "--look"
            positions[self._look[0]] = house.bank.spec(LOOK).unmap(self._look[1])
        house.check_looks(who, positions, self.picture.left_out)

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        """Take the window away, let go of the run."""
        self.picture.close()
        self._playback.stop()
        self.bus.close()

    def draw(self) -> Iterator[tuple[float, moderngl.Framebuffer]]:
        """Every picture with its time in seconds, to its last fade; valid until the next is asked for.

        Raises `Mistake` when a picture cannot be drawn.
        """
        number, last = 0, math.inf
        while number < last:
            now_s = self.clock.now_s = number / self.rate
            if self._playback.advance() and last == math.inf:
                last = number + math.ceil(END_FADE_S * self.rate)
                self.picture.fade_out(END_FADE_S)
            self._hear(now_s)
            self.picture.draw()
            self._check()
            if self.picture.closed:
                # The window's library takes SIGTERM for itself and says so by this.
                raise EndedOutside("the rendering was ended from outside")
            yield now_s, self._catch.shown
            number += 1

    def _hear(self, now_s: float) -> None:
        while self._next_sound is not None and self._next_sound.time_s <= now_s:
            self._ear.send(self._next_sound)
            self._next_sound = next(self._sound, None)

    def _check(self) -> None:
        """On stage a fault is said and the show goes on; a file must not hold a picture that is wrong."""
        for frame in self._notices.drain():
            notice = notice_of(frame)
            if notice.grave:
                raise Mistake(notice.text)
            self.said.append(notice.text)


def inner_size(size: tuple[int, int], lines: int | None) -> tuple[tuple[int, int], int]:
    """The inner picture for a window of `size`, and by how many whole pixels it is enlarged.

    `lines`: the height wished for; None: as high as the window.
    """
    scale = 1 if lines is None else max(1, round(size[1] / max(1, lines)))
    return (max(1, size[0] // scale), max(1, size[1] // scale)), scale


def pictures(
    run: Path,
    preset: str = "glitch_organ",
    size: tuple[int, int] = (640, 360),
    rate: float = 60.0,
    look: str | None = None,
    lines: int | None = None,
    seconds: float = math.inf,
) -> Iterator[tuple[float, np.ndarray]]:
    """(time in seconds, uint8 (height, width, 3) top row first) of a run, from its beginning.

    `size`: width and height. `lines`: height of the inner picture, which is enlarged by whole pixels as
    the window does it (None: as high as `size`). `look`: this one all the time.
    `seconds`: no picture from there on. Raises `Mistake`.
    """
    inner, scale = inner_size(size, lines)
    with OfflinePicture(run, preset, inner, rate, look) as offline:
        for now_s, shown in offline.draw():
            if now_s >= seconds:
                return
            pixels = shown.read(components=4, alignment=1)
            yield now_s, enlarged(Shot(Path(), pixels, inner, scale, size, ""))
