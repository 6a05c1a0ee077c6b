"""The performer's window: a plain pygame surface on a display of its own. No GL. One thread."""

import os
from collections.abc import Iterator

import pygame

from instrument.picture.displays import check_display, prepare_driver
from instrument.picture.events import Events, KeyEvent
from instrument.picture.strokes import HEIGHT, WIDTH
from instrument.signals.mistake import Mistake
from instrument.signals.quiet import quiet

TITLE = "twos and sevens, for the performer"


class PerformerWindow:
    """An open window; `surface` is drawn into and shown by `flip`."""

    def __init__(self, display: int | None = None, headless: bool = False) -> None:
        """On the whole of `display` when it is given, else a window on the first.

        `headless`: nobody sees it. Raises `Mistake` when there is no screen or no such display.
        """
        prepare_driver()
        if headless:
            os.environ["SDL_VIDEODRIVER"] = "dummy"
        try:
            with quiet():
                pygame.display.init()
            if pygame.display.get_driver() in ("dummy", "offscreen") and not headless:
                raise pygame.error("no screen here")
            check_display(display)
            if display is None:
                pygame.display.set_mode((WIDTH, HEIGHT), pygame.RESIZABLE)
            else:
                size = pygame.display.get_desktop_sizes()[display]
                pygame.display.set_mode(size, pygame.NOFRAME, display=display)
        except pygame.error as error:
            raise Mistake(f"no window for the performer ({error})") from error
        pygame.display.set_caption(TITLE)
        pygame.display.set_allow_screensaver(False)
        pygame.key.set_repeat()
        self._events = Events()

    @property
    def surface(self) -> pygame.Surface:
        """What the next `flip` shows; another one after a resize."""
        return pygame.display.get_surface()

    @property
    def words(self) -> str:
        """The window in one line."""
        width, height = self.surface.get_size()
        return f"performer's view {width}x{height}, {pygame.display.get_driver()}"

    def read(self) -> Iterator[KeyEvent | str]:
        """Keys and the words of `events.py`."""
        return self._events.read()

    def flip(self) -> None:
        """Show what was drawn."""
        pygame.display.flip()

    def close(self) -> None:
        """Take the window away."""
        pygame.display.quit()
