"""What the keys of the window ask for, and what is written over the picture then."""

from collections.abc import Callable

from instrument.captions import Captions
from instrument.conductor import Conductor
from instrument.hands.keys import Command
from instrument.performer_view_process import PerformerViewProcess
from instrument.picture.picture import Picture
from instrument.table import Table


class Front:
    """The window under the performer's hand. Main thread."""

    def __init__(
        self,
        picture: Picture,
        table: Table,
        captions: Captions,
        view: PerformerViewProcess | None,
        conductor: Conductor,
        leave: Callable[[str], None],
    ) -> None:
        """`view`: a second screen, which then shows what concerns the performer alone. `leave` gets why."""
        self._picture, self._table, self._captions = picture, table, captions
        self._view, self._conductor, self._leave = view, conductor, leave

    def attend(self) -> None:
        """Do what was asked by key, and put together what is written over the next picture."""
        events = self._picture.events
        while events:
            event = events.popleft()
            if not event.pressed:
                self._table.keyboard.release(event.name)
                continue
            command = self._table.press(event.name)
            if command is not None:
                self.obey(command)
        picture = self._picture
        faults = () if self._performer_sees() else tuple(picture.look_faults.values())
        self._captions.faults = faults
        picture.panels = self._captions.panels(
            picture.window_size, picture.look, picture.data.streams
        )

    def obey(self, command: Command) -> None:
        """Do what a key means."""
        if command is Command.LEAVE:
            self._leave("esc twice")
        elif command is Command.LEAVE_ASKED:
            self._conductor.say("esc again leaves")
            if not self._performer_sees():
                self._captions.hint("esc again leaves")
        elif command is Command.SCREENSHOT:
            self._conductor.say(f"screenshot {self._picture.screenshot()}", where="picture")
        elif command is Command.FULLSCREEN:
            self._picture.toggle_fullscreen()
        elif command is Command.HELP and self._view is not None and self._performer_sees():
            self._view.toggle_help()
        elif command is not Command.HEALTH or not self._performer_sees():
            self._captions.obey(command)

    def _performer_sees(self) -> bool:
        """Whether what concerns the performer alone is read elsewhere than over the picture."""
        return self._view is not None and self._view.alive
