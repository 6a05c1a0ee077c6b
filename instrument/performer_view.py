"""The performer's view: a process of its own with a window that the audience does not see.

``python -m instrument.performer_view`` reads one JSON line on stdin (show, streams, controls, routes,
things, cues, display, headless), says ``{"ready": "..."}`` or ``{"error": "..."}`` on stdout, and draws
some fifteen pages a second until stdin closes. Keys pressed in its window are said as
``{"key": "a", "pressed": true}``; the keys that ask for help or health concern this window alone. Further
lines on stdin toggle something: ``{"toggle": "help"}``. It draws on the processor, without GL, and gives
way to everything else.
"""

import json
import os
import signal
import sys
import threading
import time
from collections.abc import Mapping
from typing import Any, TextIO

import numpy as np

from instrument.clock import Clock, wall_clock
from instrument.cue_words import then_lines
from instrument.hands.keyboard import Keyboard
from instrument.hands.keys import COMMANDS, Command
from instrument.health import Health, notice_word
from instrument.legend import Legend, LegendRow
from instrument.mapping import LiveModulator, Modulator, Route
from instrument.picture.events import CLOSE, KeyEvent
from instrument.picture.performer_page import Moving, PageView, PerformerPage, Trace
from instrument.picture.performer_score import Score
from instrument.picture.performer_window import PerformerWindow
from instrument.signals.bus import Bus
from instrument.signals.controls import Bank
from instrument.signals.frames import (
    TILE_COUNT,
    TILES,
    MetricFrame,
    TileFrame,
)
from instrument.signals.mistake import Mistake
from instrument.signals.reading import images_of, put_streams
from instrument.signals.spec import Spec
from instrument.signals.spoken import Word, cut, stream_words
from instrument.signals.streams import StreamSpec, stream_numbers
from instrument.signals.texts import text_of
from instrument.traces import Traces
from instrument.units import seconds_to_text

PAGES_PER_S = 15.0
NICENESS = 10
LOSSES = ("loss_g", "loss_d")
SPARKS = ("accuracy", "reject", "similarity_centred", "diversity", "modes", "grad_norm_d")
"""Streams that are drawn over the last minute, where the show has them."""
NEXT_LETTERS = 28
"""So much of the next cue's name is told: what it waits for needs the room."""
OWN_KEYS = {row.key for row in COMMANDS if row.command in (Command.HELP, Command.HEALTH)}


class PerformerView:
    """What it hears, and the page that it makes of it. One thread."""

    def __init__(self, config: Mapping[str, Any], bus: Bus, clock: Clock = wall_clock) -> None:
        self._clock = clock
        self.streams = [StreamSpec.from_dict(record) for record in config["streams"]]
        self.bank = Bank([Spec.from_dict(record) for record in config["controls"]])
        routes = [Route.from_dict(record) for record in config["routes"]]
        self._place = stream_numbers(self.streams)
        self._traces = Traces(len(self.streams))
        self._metric = np.zeros(len(self.streams), np.float32)
        self.health = Health(bus, self.streams, self.bank.specs, clock, self._take_step)
        self._tiles, self._tile = bus.listener(TILES), TileFrame()
        self.positions = self.health.positions
        self._cues = [(str(name), str(goes)) for name, goes in config.get("cues", ())]
        self._modulator = LiveModulator(Modulator(routes, self.streams, self.bank), bus)
        self._legend = Legend(self.streams, config.get("things", {}))
        self._moving: tuple[LegendRow, ...] = ()
        self._keyboard = Keyboard(self.bank, self._position, lambda gesture: None, clock)
        self.shows_help = False
        self._samples: np.ndarray | None = None
        self._heard_s = clock()

    def _position(self, path: str) -> float:
        return float(self.positions[self.bank.number[path]])

    def _take_step(self, frame: MetricFrame) -> None:
        self._traces.take(frame)
        put_streams(frame, self._metric)

    def listen(self) -> None:
        """Take what waits on the bus, let the routes move. Never waits."""
        now_s = self._clock()
        self.health.listen()
        self._traces.advance(now_s)
        if self._tiles.latest(self._tile) is not None:
            images = images_of(self._tile, self._tile.tiles, self._tile.count, TILE_COUNT)
            if images is not None:
                self._samples = images.copy()
        elapsed_s, self._heard_s = now_s - self._heard_s, now_s
        self._modulator.values(self.positions, self._metric, max(1e-3, elapsed_s))
        pulse = self.health.pulse
        look = text_of(pulse.look) if pulse else ""
        if self._legend.see(self._modulator.modulator, self._metric, look, now_s):
            self._moving = self._legend.strongest(5)

    def page(self) -> PageView:
        """Everything as it stands now."""
        health = self.health
        if self.shows_help:
            return PageView(help_lines=self._keyboard.help_lines())
        rows = dict(health.rows())
        return PageView(
            status=health.status(deck=False),
            asides=tuple(rows[name] for name in ("look", "hands") if name in rows),
            state=health.state,
            states=health.states,
            state_history=self._state_history(),
            peak_dbfs=health.peak_dbfs,
            lufs=health.lufs,
            losses=self._drawn(LOSSES),
            sparks=self._drawn(SPARKS),
            tiles=self._samples,
            moving=tuple(
                Moving(row.thing, row.stream, row.at or 0.0, row.push or 0.0)
                for row in self._moving
            ),
            gestures=tuple(
                (self._ago(act.time_s), act.who, act.words) for act in reversed(health.gestures)
            ),
            waits=(*health.deck_rows(), *health.hand_rows()),
            score=self._score(),
            notices=tuple(
                (self._ago(said.time_s), said.notice.where, notice_word(said.notice))
                for said in reversed(health.notices)
            ),
        )

    def _score(self) -> Score:
        health = self.health
        if health.standing is None:
            return Score()
        rows = dict(health.standing_rows())
        upcoming = rows.get("next", ())
        shown = [Word(cut(word.text, NEXT_LETTERS), word.tone) for word in upcoming[1:2]]
        return Score(
            (*upcoming[:1], *shown, *upcoming[2:3]),
            upcoming[3].text if len(upcoming) > 3 else "",
            then_lines(self._cues, health.standing),
            rows.get("cue", ()),
            rows.get("scene", ()),
            health.beat() if health.beat_is_used else (),
        )

    def _ago(self, time_s: float) -> str:
        return seconds_to_text(self._clock() - time_s)

    def _state_history(self) -> np.ndarray:
        number = self._place.get("state")
        if number is None:
            return np.zeros(0, np.int8)
        means = self._traces.of(number)
        return np.where(np.isfinite(means), np.rint(np.nan_to_num(means)), -1).astype(np.int8)

    def _drawn(self, names: tuple[str, ...]) -> tuple[Trace, ...]:
        return tuple(
            Trace(stream_words(name), self._traces.of(number), spec.low, spec.high)
            for name in names
            if (number := self._place.get(name)) is not None
            for spec in (self.streams[number],)
        )

    def close(self) -> None:
        """Leave the bus."""
        self.health.close()


class Order(threading.Thread):
    """Waits for lines on stdin, and for its end."""

    def __init__(self, pipe: TextIO) -> None:
        super().__init__(name="orders", daemon=True)
        self._pipe = pipe
        self.over = threading.Event()
        self.toggles = 0
        """How often help was asked for so far."""

    def run(self) -> None:
        for line in self._pipe:
            try:
                record = json.loads(line)
            except ValueError:
                continue
            if isinstance(record, dict) and record.get("toggle") == "help":
                self.toggles += 1
        self.over.set()


def say(**message: object) -> None:
    """One line to the stage; where nobody reads any more, the end is near anyway."""
    try:
        print(json.dumps(message), flush=True)
    except OSError:
        sys.stdout = open(os.devnull, "w")  # noqa: SIM115


def play(view: PerformerView, window: PerformerWindow, orders: Order) -> str:
    """Draw until it is over; returns why it ended by itself ('' when it was told to)."""
    page, toggled = PerformerPage(), 0
    due_s = wall_clock()
    while not orders.over.is_set():
        for event in window.read():
            if event == CLOSE:
                return "closed"
            if not isinstance(event, KeyEvent):
                continue
            if event.name in OWN_KEYS:
                view.shows_help ^= event.pressed and event.name == "h"
            else:
                say(key=event.name, pressed=event.pressed)
        if orders.toggles != toggled:
            view.shows_help ^= bool((orders.toggles - toggled) % 2)
            toggled = orders.toggles
        view.listen()
        page.draw(window.surface, view.page())
        window.flip()
        due_s = max(due_s + 1.0 / PAGES_PER_S, wall_clock())
        time.sleep(max(0.005, due_s - wall_clock()))
    return ""


def main(source: TextIO = sys.stdin) -> int:
    """The process; its exit code."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    if hasattr(os, "nice"):
        os.nice(NICENESS)
    config = json.loads(source.readline())
    try:
        window = PerformerWindow(config.get("display"), bool(config.get("headless")))
        bus = Bus(config["show"])
        view = PerformerView(config, bus)
    except Mistake as mistake:
        say(error=str(mistake))
        return 2
    orders = Order(source)
    orders.start()
    say(ready=window.words)
    why = play(view, window, orders)
    if why:
        say(ended=why)
    view.close()
    window.close()
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
