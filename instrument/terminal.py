"""The terminal while playing: one status line, and above it what the show has to say (rich)."""

import contextlib
import time

from rich.console import Console
from rich.live import Live
from rich.text import Text

from instrument.health import Health
from instrument.signals.spoken import GAP, Line, Tone
from instrument.signals.worker import Worker

LISTEN_S = 0.1
LINE_S = 0.5
STYLES = {
    Tone.PLAIN: "",
    Tone.QUIET: "dim",
    Tone.STRONG: "bold",
    Tone.GRAVE: "bold red",
    Tone.FAINT: "dim",
}


class Terminal:
    """Prints the status line twice a second from a thread of its own, in the words of its `Health`.

    Without a terminal (a pipe, a log) only the sentences are printed, not the line. One that is closed
    while the show goes on (nohup) is told nothing more; `status` and `rows` are kept up for the others.
    """

    def __init__(self, health: Health, console: Console | None = None) -> None:
        """`health` belongs to the terminal's thread from `start` on."""
        self.console = console or Console(stderr=True, highlight=False)
        self.health = health
        self.status: Line = ()
        """The status line as it is now. Any thread."""
        self.rows: tuple[tuple[str, Line], ...] = ()
        """What there is to say of the show's health, as a table. Any thread."""
        self._worker = Worker("terminal", self._run)

    def start(self) -> None:
        self._worker.start()

    def stop(self) -> None:
        """Say what is left to say, then take the line away."""
        self._worker.stop()

    def _run(self) -> None:
        live = Live(console=self.console, auto_refresh=False, transient=True)
        shown = live if self.console.is_terminal else contextlib.nullcontext()
        with contextlib.suppress(OSError), shown:
            line_s = time.monotonic()
            while True:
                last = self._worker.ending.wait(LISTEN_S)
                self._listen()
                if self.console.is_terminal and time.monotonic() >= line_s:
                    with contextlib.suppress(OSError):
                        live.update(_text(self.status), refresh=True)
                    line_s += LINE_S
                if last:
                    return

    def _listen(self) -> None:
        for notice in self.health.listen():
            style = "bold red" if notice.grave else "dim"
            said = Text(f"{notice.where}: {notice.text}", style=style)
            with contextlib.suppress(OSError):
                self.console.print(said, soft_wrap=True)
        self.status, self.rows = self.health.status(), self.health.rows()


def _text(line: Line) -> Text:
    text = Text(" ")
    for word in line:
        text.append(word.text, style=STYLES[word.tone])
        text.append(GAP)
    return text
