"""`LinkHand`: Ableton Link, one tempo and one bar for all programs in a network.

Link speaks by multicast to every network that the machine is in, and lets anybody there set the tempo;
it cannot be kept to this machine. So it is opened only where the performer asks for it (``--link``),
never by a control. While ``show.clock`` is ``link``:

| what happens                              | what follows                                             |
|-------------------------------------------|----------------------------------------------------------|
| the session goes on                       | `BeatHeard`, 20 per second                               |
| somebody there changes the tempo          | the same, with that tempo                                |
| `show.bpm` moves (hand, tap, scene)       | the tempo of the session                                 |
| `show.beats_per_bar` moves                | bars of the session so long: a bar begins when theirs do |

While it is another clock, the session is heard and not touched.
"""

import asyncio
import contextlib
import importlib
from collections.abc import Callable
from typing import Any

from instrument.clock import Clock
from instrument.signals.beat import HIGHEST_BPM, LOWEST_BPM, BeatHeard
from instrument.signals.bus import Bus
from instrument.signals.controls import Bank
from instrument.signals.frames import CONTROLS, ControlFrame
from instrument.signals.mistake import Mistake
from instrument.signals.show import CLOCKS
from instrument.signals.worker import Worker

SAY_EVERY_S = 0.05
LINK = float(CLOCKS.index("link"))
ALONE_S = 3.0
"""So long after it is opened nobody was found, it is said that nobody is there."""
SAME_BPM = 0.005
"""Closer than this is the same tempo; Link rounds to whole microseconds a beat."""


class LinkHand:
    """Takes part in the Link session of the network, in a thread with an asyncio loop."""

    def __init__(
        self,
        bank: Bank,
        bus: Bus,
        heard: Callable[[BeatHeard], None],
        say: Callable[[str, bool], None],
        clock: Clock,
    ) -> None:
        """`heard` and `say` are called in the thread of Link. Raises `Mistake` where aalink is missing."""
        self.others = 0
        """How many other programs are in the session."""
        self._link_type: Any = _library().Link
        self._heard, self._say, self._clock = heard, say, clock
        self._specs = {
            name: (bank.number[f"show.{name}"], bank.spec(f"show.{name}"))
            for name in ("bpm", "beats_per_bar", "clock")
        }
        self._standing = {name: spec.default for name, (_, spec) in self._specs.items()}
        self._controls = bus.listener(CONTROLS)
        self._frame = ControlFrame()
        self._silent_until_s = float("inf")
        self._worker = Worker("link", self._run)

    def start(self) -> None:
        """Open the network and begin."""
        self._worker.start()

    def stop(self) -> None:
        """Leave the session; returns when the thread has ended."""
        self._worker.stop()
        self._controls.close()

    def _run(self) -> None:
        try:
            asyncio.run(self._take_part())
        except Exception as error:
            self._say(f"Link is gone ({type(error).__name__}: {error}); the show goes on", True)

    async def _take_part(self) -> None:
        self._read()
        link = self._link_type(self._standing["bpm"])
        link.quantum = self._standing["beats_per_bar"]
        link.enabled = True
        self._silent_until_s = self._clock() + ALONE_S
        self._say("Link is open: everybody in this network may set the tempo", False)
        try:
            while not self._worker.ending.is_set():
                self._turn(link)
                await asyncio.sleep(SAY_EVERY_S)
        finally:
            link.enabled = False

    def _turn(self, link: Any) -> None:
        """One look at both sides."""
        before = dict(self._standing)
        self._read()
        link.quantum = self._standing["beats_per_bar"]
        asked = self._standing["bpm"]
        moved = asked != before["bpm"] and self._standing["clock"] == LINK
        if moved and abs(asked - link.tempo) > SAME_BPM:
            link.tempo = asked
        self._count_others(link.num_peers)
        bpm = min(HIGHEST_BPM, max(LOWEST_BPM, link.tempo))
        with contextlib.suppress(Exception):
            self._heard(BeatHeard("link", link.beat, bpm, self._clock(), True))

    def _read(self) -> None:
        """What the controls say by now."""
        frame = self._controls.latest(self._frame)
        if frame is None or frame.count <= max(number for number, _ in self._specs.values()):
            return
        for name, (number, spec) in self._specs.items():
            self._standing[name] = spec.map(frame.positions[number])

    def _count_others(self, others: int) -> None:
        if others == self.others:
            if self._clock() >= self._silent_until_s:
                self._silent_until_s = float("inf")
                self._say("Link: nobody else is there yet", False)
            return
        self.others, self._silent_until_s = others, float("inf")
        count = {0: "nobody else is there", 1: "one other is there"}
        self._say(f"Link: {count.get(others, f'{others} others are there')}", False)


def _library() -> Any:
    try:
        return importlib.import_module("aalink")
    except ImportError as error:
        raise Mistake(
            "--link needs the package aalink, which is not installed; "
            "pip install 'twos-and-sevens[link]' brings it"
        ) from error
