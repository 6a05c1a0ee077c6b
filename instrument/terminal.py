"""The terminal while playing: one status line, and above it what the show has to say (rich)."""

import contextlib
import threading
import time
from collections.abc import Callable, Sequence

from rich.console import Console
from rich.live import Live
from rich.text import Text

from instrument.signals.bus import Bus
from instrument.signals.frames import METRICS, NOTICES, SILENT_LUFS, SOUND, MetricFrame, SoundFrame
from instrument.signals.notices import notice_of
from instrument.signals.streams import StreamSpec, stream_numbers
from instrument.units import gain_to_db, seconds_to_text

LISTEN_S = 0.1
LINE_S = 0.5
AUDIBLE = 1e-3
STATE = "state"


class Terminal:
    """Prints the status line twice a second from a thread of its own, with listeners of its own.

    Without a terminal (a pipe, a log) only the sentences are printed, not the line.
    """

    def __init__(
        self,
        bus: Bus,
        streams: Sequence[StreamSpec],
        picture_state: Callable[[], tuple[float, int]],
        console: Console | None = None,
    ) -> None:
        """`picture_state` gives pictures per second and late pictures so far.

        `first_step_s` and `first_sound_s` are on the wall clock; None while there was none.
        """
        self.console = console or Console(stderr=True, highlight=False)
        self._metrics = bus.listener(METRICS)
        self._sound = bus.listener(SOUND)
        self._notices = bus.listener(NOTICES)
        self._place = stream_numbers(streams)
        self._states = next((s.choices for s in streams if s.name == STATE), ())
        self._picture_state = picture_state
        self._metric: MetricFrame | None = None
        self._tallies: SoundFrame | None = None
        self.first_step_s: float | None = None
        self.first_sound_s: float | None = None
        self._stopping = threading.Event()
        self._thread = threading.Thread(target=self._run, name="terminal", daemon=True)
        self._began_s = time.monotonic()

    def start(self) -> None:
        self._thread.start()

    def stop(self) -> None:
        """Say what is left to say, then take the line away."""
        self._stopping.set()
        if self._thread.is_alive():
            self._thread.join(timeout=2.0)

    @property
    def state(self) -> str:
        """The present state of the training in a word."""
        number = self._place.get(STATE)
        if self._metric is None or number is None or not self._states:
            return "waiting"
        value = self._metric.streams[number]
        known = 0 <= value < len(self._states)
        return self._states[int(value)] if known else "unknown"

    def _run(self) -> None:
        live = Live(console=self.console, auto_refresh=False, transient=True)
        with live if self.console.is_terminal else contextlib.nullcontext():
            line_s = time.monotonic()
            while True:
                last = self._stopping.wait(LISTEN_S)
                self._listen()
                if self.console.is_terminal and time.monotonic() >= line_s:
                    live.update(self._line(), refresh=True)
                    line_s += LINE_S
                if last:
                    return

    def _listen(self) -> None:
        self._metric = self._metrics.latest() or self._metric
        if self._metric is not None and self.first_step_s is None:
            self.first_step_s = self._metric.time_s
        for frame in self._sound.drain():
            self._tallies = frame
            if self.first_sound_s is None and frame.peak >= AUDIBLE:
                self.first_sound_s = frame.time_s
        for said in self._notices.drain():
            notice = notice_of(said)
            style = "bold red" if notice.grave else "dim"
            self.console.print(Text(f"{notice.where}: {notice.text}", style=style), soft_wrap=True)

    def _stream(self, name: str) -> float:
        number = self._place.get(name)
        return 0.0 if self._metric is None or number is None else self._metric.streams[number]

    def _line(self) -> Text:
        fps, late = self._picture_state()
        step = self._metric.step if self._metric else 0
        line = Text()
        line.append(f" {seconds_to_text(time.monotonic() - self._began_s)} ", style="reverse")
        line.append(f"  step {step:>6}  {self._stream('steps_per_s'):5.0f}/s  ")
        line.append(f"{self.state:<9}", style="bold")
        if self._tallies is not None:
            level = gain_to_db(float(self._tallies.peak))
            short_term = float(self._tallies.short_term)
            loudness = f"{short_term:6.1f}" if short_term > SILENT_LUFS else "     -"
            line.append(f"  {level:6.1f} dBFS {loudness} LUFS  ")
            dropouts = int(self._tallies.dropouts)
            line.append(f"{dropouts} dropouts", style="bold red" if dropouts else "")
        line.append(f"  {fps:4.1f} fps  {late} late")
        return line
