"""`MidiHand`: every MIDI controller of this machine, heard, learned and lit, beside the show.

Its thread sees what is plugged in, sends lights, and in JACK fetches the messages; elsewhere rtmidi calls
back in threads of its own. All of them take one lock for the time of one message.
"""

import contextlib
import queue
import threading
import time
from collections.abc import Callable, Sequence
from typing import Any

from instrument.clock import Clock
from instrument.hands.midi.clock_in import SONG_POSITION, STOP
from instrument.hands.midi.lights import EVERY_S as LIGHTS_EVERY_S
from instrument.hands.midi.lights import Lights, Scenery
from instrument.hands.midi.ports import Ports
from instrument.hands.midi.profile import ANY
from instrument.hands.midi.table import Table
from instrument.hands.midi.waits import EVERY_S as WAITS_EVERY_S
from instrument.hands.midi.waits import Waits
from instrument.signals import places
from instrument.signals.bus import Bus, Listener
from instrument.signals.controls import Bank
from instrument.signals.frames import GESTURES, STANDING, GestureFrame, StandingFrame
from instrument.signals.gesture import Gesture
from instrument.signals.niceness import answer_hands
from instrument.signals.texts import text_of
from instrument.signals.worker import Worker

LOOK_EVERY_S = 0.5
"""How often ports and the map's file are looked at."""
READ_EVERY_S = 0.001
IDLE_S = 0.25
ALONE_S = 0.002
MOVED_LATELY_S = 60.0
CLOCK_SILENT_S = 2.0
LAST_WORDS_S = 0.05
"""So long the lights that go out get on their way: JACK sends with its next period."""
JOIN_S = 3.0
REAL_TIME = 0xF8
"""From this first byte on a message is of one byte, and of time."""
MAP_NAME = "midi.toml"
NO_MIDI = "no MIDI here (no ALSA sequencer, no JACK server); it is taken up when there is"

ClockHeard = Callable[[int, float, Sequence[int]], None]


class MidiHand:
    """The MIDI hand. `accepted` counts the gestures posted, `refused` the messages not taken."""

    def __init__(
        self,
        bank: Bank,
        post: Callable[[Gesture], None],
        say: Callable[[str, bool], None],
        clock: Clock,
        position: Callable[[str], float],
        bus: Bus | None = None,
        *,
        clock_heard: ClockHeard | None = None,
        only: Sequence[str] = (),
        system: str = "auto",
        virtual: bool = False,
    ) -> None:
        """`position`: where the conductor has a path, 0..1. `bus`: for the scene, the control moved
        last, and to say which faders wait.

        `clock_heard` gets the messages of MIDI clock: status byte, time, data. `only`: parts of the names
        of the devices to hear. `system`: auto, alsa or jack. `virtual`: an input for other programs.
        """
        self.bank = bank
        self._say, self._clock, self._position = say, clock, position
        self._bus = bus
        self._lock = threading.RLock()
        self._table = Table(bank, post, say, clock, position, places.home() / MAP_NAME)
        self._ports = Ports(self._heard, say, only, system, virtual)
        self._clock_heard = clock_heard
        self._clock_device, self._clock_s = "", float("-inf")
        self._lights: dict[str, Lights] = {}
        self._outputs: tuple[str, ...] = ()
        self._wants_outputs = False
        self._seen: set[str] = set()
        self._scene = 0
        self._gestures: Listener[GestureFrame] | None = None
        self._standing: Listener[StandingFrame] | None = None
        self._waits: Waits | None = None
        self._asked: queue.SimpleQueue[Callable[[], None]] = queue.SimpleQueue()
        self._wake = threading.Event()
        self._worker = Worker("midi", self._run)

    @property
    def accepted(self) -> int:
        """Gestures posted."""
        return self._table.accepted

    @property
    def refused(self) -> int:
        """Messages not taken."""
        return self._table.complaints.count

    @property
    def devices(self) -> tuple[str, ...]:
        """Names of the devices that are heard. Any thread."""
        return self._ports.inputs

    @property
    def learning(self) -> str | None:
        """The control that is learned now. Any thread."""
        return self._table.session.path

    def start(self) -> None:
        """Begin; devices are opened in the hand's thread, so nothing is waited for but the library."""
        self._ports.load()
        if self._bus is not None:
            self._gestures = self._bus.listener(GESTURES)
            self._standing = self._bus.listener(STANDING)
            self._waits = Waits(self._bus)
        self._worker.start()

    def stop(self) -> None:
        """Lights off, ports closed; returns when the thread has ended."""
        self._worker.ending.set()
        self._wake.set()
        self._worker.stop(JOIN_S)

    def report(self) -> dict[str, Any]:
        """What was counted, and every device that was heard."""
        return {
            "devices": sorted(self._seen), "accepted": self.accepted, "refused": self.refused,
        }  # fmt: skip

    def learn(self, path: str | None = None) -> None:
        """Learn what is moved next for `path`, else see `session`. Any thread; never waits."""
        plain = None if not path else path.strip("/").replace("/", ".")
        self._ask(lambda: self._table.learn(plain, None if plain else self._moved_lately()))

    def forget(self, path: str) -> None:
        """No controller moves `path` any more. Any thread; never waits."""
        self._ask(lambda: self._table.forget(path.strip("/").replace("/", ".")))

    def end_learning(self) -> None:
        """Learning is over. Any thread; never waits."""
        self._ask(self._table.end_learning)

    def obey_learn(self, gesture: Gesture) -> None:
        """The act ``midi.learn``, its word a control. Conductor thread."""
        self.learn(gesture.word or None)

    def obey_forget(self, gesture: Gesture) -> None:
        """The act ``midi.forget``. Conductor thread."""
        if gesture.word:
            self.forget(gesture.word)
        else:
            self._say('forget which control? /midi/forget "learning.heat"', False)

    def send_clock(self, message: Sequence[int]) -> None:
        """One message of our clock to every output, opened on the first. Any thread; never waits."""
        if not self._wants_outputs:
            self._wants_outputs = True
            self._ask(self._open_outputs)
        for device in self._outputs:
            self._ports.send(device, message)

    def _ask(self, act: Callable[[], None]) -> None:
        self._asked.put(act)
        self._wake.set()

    def _heard(self, device: str, message: Sequence[int]) -> None:
        """One whole message. rtmidi's thread, or the hand's; never raises."""
        if not message or self._worker.ending.is_set():
            return
        if message[0] >= REAL_TIME or message[0] == SONG_POSITION:
            self._hear_clock(device, message)
            return
        with self._lock:
            self._table.guarded(device, message)
            waits = device in self._table.desks and self._table.desks[device].incoming.waits
        if waits:
            self._wake.set()

    def _hear_clock(self, device: str, message: Sequence[int]) -> None:
        """The clock of one device at a time: of the first that has one, until it is silent."""
        if self._clock_heard is None or message[0] > STOP:
            return
        now_s = self._clock()
        if device != self._clock_device and now_s - self._clock_s < CLOCK_SILENT_S:
            return
        self._clock_device, self._clock_s = device, now_s
        with contextlib.suppress(Exception):
            self._clock_heard(message[0], now_s, message[1:])

    def _run(self) -> None:
        answer_hands()
        look_s = lights_s = waits_s = float("-inf")
        said = False
        while not self._worker.ending.is_set():
            now_s = self._clock()
            if now_s >= look_s:
                look_s = now_s + LOOK_EVERY_S
                self._guarded(self._look)
                if self._ports.system is None and not said:
                    said = True
                    self._say(NO_MIDI, False)
            self._obey()
            self._guarded(self._due)
            if self._lights and now_s >= lights_s:
                lights_s = now_s + LIGHTS_EVERY_S
                self._guarded(self._show)
            if now_s >= waits_s:
                waits_s = now_s + WAITS_EVERY_S
                self._guarded(self._tell_waits)
            self._wait(min(look_s, waits_s) if self._table.desks else look_s, lights_s)
        self._guarded(self._close)

    def _tell_waits(self) -> None:
        if self._waits is not None:
            with self._lock:
                self._waits.tell(self._table, self._clock())

    def _wait(self, wake_s: float, lights_s: float) -> None:
        now_s = self._clock()
        until_s = min(now_s + IDLE_S, wake_s)
        if self._lights:
            until_s = min(until_s, lights_s)
        if any(desk.incoming.waits for desk in tuple(self._table.desks.values())):
            until_s = min(until_s, now_s + ALONE_S)
        if self._ports.polled and self._ports.inputs:
            self._guarded(lambda: self._read(until_s))
        else:
            self._wake.wait(max(0.0005, until_s - now_s))
        self._wake.clear()

    def _read(self, until_s: float) -> None:
        """Fetch messages again and again, and do nothing else: this runs a thousand times a second."""
        while not self._wake.is_set():
            self._ports.read()
            if self._clock() >= until_s:
                return
            time.sleep(READ_EVERY_S)

    def _guarded(self, act: Callable[[], None]) -> None:
        """Whatever goes wrong at one thing ends there, and is said once a second at most."""
        try:
            act()
        except Exception as error:
            text = f"{act.__name__.strip('_')} failed ({type(error).__name__}: {error})"
            with self._lock:
                self._table.complaints.add(lambda: text)

    def _obey(self) -> None:
        with contextlib.suppress(queue.Empty):
            while True:
                act = self._asked.get_nowait()
                with self._lock:
                    self._guarded(act)

    def _due(self) -> None:
        with self._lock:
            self._table.turn_page()
            self._table.due()

    def _look(self) -> None:
        came, gone = self._ports.look()
        with self._lock:
            for device in gone:
                self._table.clear(device)
                self._lights.pop(device, None)
                self._say(f"{device} is gone; it is taken up again when it is back", False)
            for device in came:
                self._welcome(device)
            if self._table.map.changed():
                self._table.read_map()
                self._say(f"{MAP_NAME} is read anew", False)
        if self._wants_outputs:
            self._open_outputs()
        if self._waits is not None:
            self._waits.meet()

    def _welcome(self, device: str) -> None:
        self._seen.add(device)
        desk = self._table.desk(device)
        profile = desk.profile
        known = "no profile" if profile is None else profile.title
        hint = "; `,` in the window learns" if profile is None or ANY in profile.match else ""
        self._say(f"{device} is here ({known}){hint}", False)
        words = () if profile is None else tuple(w for w in profile.match if w != ANY)
        lights = Lights(desk, self._table.acting, lambda message: self._ports.send(device, message))
        if lights.any and self._ports.open_out(device, words):
            self._lights[device] = lights

    def _show(self) -> None:
        if self._standing is not None:
            frame = self._standing.latest()
            if frame is not None:
                self._scene = int(frame.scene_number)
        scenery = Scenery(self._scene, self._position)
        with self._lock:
            for lights in self._lights.values():
                lights.show(scenery, self._clock())

    def _moved_lately(self) -> str | None:
        """The control that another hand moved last, if that was not long ago."""
        if self._gestures is None:
            return None
        moved: str | None = None
        for frame in self._gestures.drain():
            who = text_of(frame.who)
            late = self._clock() - frame.time_s > MOVED_LATELY_S
            if late or who.startswith(("midi", "recording")) or frame.control >= len(self.bank):
                continue
            path = self.bank.specs[frame.control].path
            if not path.startswith("midi."):
                moved = path
        return moved

    def _open_outputs(self) -> None:
        self._outputs = self._ports.open_all_outputs()

    def _close(self) -> None:
        for lights in self._lights.values():
            lights.dark()
        if self._lights:
            time.sleep(LAST_WORDS_S)
        self._ports.close()
        for port in (self._gestures, self._standing, self._waits):
            if port is not None:
                port.close()
